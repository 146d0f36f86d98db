"""What the reader finds in a file: of every class and byte order the same as pyelftools does, and nothing behind its end."""

import io
import subprocess

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.enums import ENUM_ST_INFO_BIND, ENUM_ST_INFO_TYPE, ENUM_ST_SHNDX

from llext import ElfError
from llext.build.toolchain import zig_program
from llext.elf import ElfFile, ElfWriter
from llext.elf import constants as c

TARGETS = ("i386", "x86_64", "aarch64", "powerpc", "powerpc64", "mips")
"""Both classes, both byte orders, SHT_REL and SHT_RELA."""
PROGRAM = """
extern int there(int *); static int own = 5; int shared[3]; int *pointer = &shared[2]; static int *other = &own;
int go(int n) { return there(&own) + shared[n] + *other; }
"""


@pytest.fixture(params=TARGETS)
def data(request, tmp_path):
    (tmp_path / "t.c").write_text(PROGRAM)
    words = [zig_program(), "clang", f"--target={request.param}-unknown-elf", "-ffreestanding", "-O0", "-c", "t.c", "-o", "t.o"]
    subprocess.run([str(word) for word in words], check=True, cwd=tmp_path)
    return (tmp_path / "t.o").read_bytes()


def test_symbols_are_those_that_pyelftools_reads(data):
    expected = [
        (
            symbol.name or None,
            symbol["st_value"],
            symbol["st_size"],
            ENUM_ST_INFO_BIND[symbol["st_info"]["bind"]],
            ENUM_ST_INFO_TYPE[symbol["st_info"]["type"]],
            ENUM_ST_SHNDX.get(symbol["st_shndx"], symbol["st_shndx"]),
        )
        for symbol in ELFFile(io.BytesIO(data)).get_section_by_name(".symtab").iter_symbols()
    ]
    found = [
        (symbol.name if expected[symbol.index][0] else None, *symbol[2:])  # a section's symbol has its name
        for symbol in ElfFile.parse(data).symbols
    ]
    assert len(found) > 5
    assert found == expected


def test_relocations_are_those_that_pyelftools_reads(data):
    elf = ElfFile.parse(data)
    theirs = ELFFile(io.BytesIO(data))
    for section in elf.relocation_sections:
        table = theirs.get_section(section.index)
        expected = [
            (entry["r_offset"], entry["r_info_type"], entry["r_info_sym"], entry["r_addend"] if entry.is_RELA() else None)
            for entry in table.iter_relocations()
        ]
        assert elf.relocations(section) == expected
    assert any(section.name.endswith(".text") for section in elf.relocation_sections)


def test_contents_behind_the_end_of_a_file_are_refused():
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes(8))
    elf = ElfFile.parse(writer.build())
    size = len(writer.build())
    assert len(elf.contents(elf.sections[text]._replace(offset=size - 8))) == 8
    with pytest.raises(ElfError, match=f"truncated: 8 bytes at offset {size - 7:#x} lie behind the end of the file"):
        elf.contents(elf.sections[text]._replace(offset=size - 7))


def test_a_file_without_sections_has_no_symbols_and_no_relocations():
    data = bytearray(ElfWriter(c.EM_ARM).build())
    data[48:50] = bytes(2)  # e_shnum
    elf = ElfFile.parse(bytes(data))
    assert (elf.sections, elf.symbols, elf.relocation_sections) == ((), (), ())
