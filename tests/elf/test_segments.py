"""Program headers: what is read of the files of others is what pyelftools reads, what is written keeps the format's rules."""

import io
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from llext.build.toolchain import zig_program
from llext.elf import ElfFile, ElfWriter, physical_address, read_segments
from llext.elf import constants as c
from llext.errors import ElfError

NAMES = ("p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz", "p_flags", "p_align")


def theirs(data):
    return [tuple(each[name] for name in NAMES) for each in ELFFile(io.BytesIO(data)).iter_segments()]


def ours(data):
    return [tuple(each)[1:] for each in read_segments(ElfFile.parse(data))]


@pytest.mark.parametrize("target", ["arm-none-eabi", "riscv32-unknown-elf", "x86_64-linux-gnu"])
def test_segments_are_those_that_pyelftools_reads(tmp_path, target):
    (tmp_path / "t.s").write_text(
        '.section .text,"ax"\n.long 1\n.section .data,"aw"\n.long 2, 3\n.section .bss,"aw",%nobits\n.skip 12\n'
    )
    (tmp_path / "t.ld").write_text(
        "SECTIONS { .text 0x1000 : {*(.text)} .data 0x8000 : AT(0x1100) {*(.data)} .bss : {*(.bss)} }\n"
    )
    zig = str(zig_program())
    subprocess.run([zig, "clang", f"--target={target}", "-c", "t.s", "-o", "t.o"], check=True, cwd=tmp_path)
    subprocess.run([zig, "ld.lld", "-e", "0", "-T", "t.ld", "t.o", "-o", "t.elf"], check=True, cwd=tmp_path)
    data = (tmp_path / "t.elf").read_bytes()
    assert ours(data) == theirs(data)
    elf = ElfFile.parse(data)
    stored = {each.name: physical_address(read_segments(elf), each.address, each.offset) for each in elf.sections}
    assert (stored[".text"], stored[".data"]) == (0x1000, 0x1100)


def test_the_program_that_runs_this_has_segments():
    data = Path(sys.executable).read_bytes()
    if data[:4] != b"\x7fELF":
        pytest.skip("needs a Python that is an ELF file")
    assert ours(data) == theirs(data) != []


def written(gap=0):
    writer = ElfWriter(c.EM_ARM, c.ET_EXEC)
    first = writer.section(".text", b"abcde", address=0x1010, alignment=4)
    second = writer.section(".more", b"fg", address=0x1018 + gap, alignment=2)
    zero = writer.section(".bss", type_=c.SHT_NOBITS, size=9, address=0x101C + gap, alignment=4)
    writer.segment([first, second, zero], flags=5, physical=0x8000, alignment=16)
    return writer.build()


@pytest.mark.parametrize("gap", [0, 256])
def test_sections_of_a_segment_are_as_far_apart_as_their_addresses(gap):
    data = written(gap)
    elf = ELFFile(io.BytesIO(data))
    (segment,) = elf.iter_segments()
    assert (segment["p_vaddr"], segment["p_paddr"], segment["p_flags"]) == (0x1010, 0x8000, 5)
    assert segment.data() == b"abcde" + bytes(3 + gap) + b"fg"
    assert segment["p_memsz"] == 0x101C + gap + 9 - 0x1010
    assert segment["p_offset"] % 16 == 0
    assert all(segment.section_in_segment(elf.get_section_by_name(name)) for name in (".text", ".more", ".bss"))


@pytest.mark.parametrize(("at", "value", "words"), [(28, 1 << 20, "truncated"), (42, 31, "program headers of 31 bytes")])
def test_damaged_program_headers_are_told(at, value, words):
    data = bytearray(written())
    struct.pack_into("<I" if at == 28 else "<H", data, at, value)
    with pytest.raises(ElfError, match=words):
        read_segments(ElfFile.parse(bytes(data)))


def test_a_file_without_program_headers_has_no_segments():
    writer = ElfWriter(40)
    writer.section(".text", b"code", flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
    assert read_segments(ElfFile.parse(writer.build())) == ()
