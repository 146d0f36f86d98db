"""Linked bytes equal those that ld.lld and GNU ld write for the same file at the same addresses."""

import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, need

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.build.toolchain import zig_program
from llext.elf import ElfFile
from llext.elf import constants as c

SOURCES = sorted((Path(__file__).parent / "sources").glob("*.c")) + [
    ROOT / "examples" / "hello_world" / "hello_world.c",
    ROOT / "examples" / "audio_codec",
]


def without_merge(data):
    """The file with SHF_MERGE cleared: GNU ld would merge strings, which is not placement."""
    elf, out = ElfFile.parse(data), bytearray(data)
    for section in elf.sections:
        at = elf.header.section_offset + section.index * elf.header.section_entry_size + 8
        out[at : at + 4] = (section.flags & ~(c.SHF_MERGE | c.SHF_STRINGS)).to_bytes(4, "little")
    return bytes(out)


def linked_by(linker, folder, data, sections, symbols):
    """Section bytes as a linker writes them with each section at its address and each import at its."""
    (folder / "in.o").write_bytes(data)
    lines = [f"  {name} {address:#x} : {{ KEEP(*({name})) }}" for name, address in sorted(sections.items(), key=lambda x: x[1])]
    (folder / "t.ld").write_text("SECTIONS {\n" + "\n".join(lines) + "\n  /DISCARD/ : { *(.ARM.exidx*) }\n}\n")
    words = [word for name, address in symbols.items() for word in ("--defsym", f"{name}={address:#x}")]
    command = [*linker, "-T", str(folder / "t.ld"), *words, str(folder / "in.o"), "-o", str(folder / "out.elf")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    elf = ElfFile.parse((folder / "out.elf").read_bytes())
    return {section.name: bytes(elf.contents(section)) for section in elf.sections if section.name in sections}


def linked_by_us(board, extension):
    """Section bytes as they lie in the board's memory."""
    elf = ElfFile.parse(extension.path.read_bytes())
    found = {}
    for region in extension.regions.values():
        if region.kind.name not in ("SYMTAB", "STRTAB", "SHSTRTAB", "BSS"):
            for name, address in region.sections.items():
                found[name] = (address, board.memory.read(address, elf.section(name).size))
    return found


def check(tmp_path, source, target, toolchain, optimize, linker):
    sources = sorted(source.glob("*.c")) if source.is_dir() else [source]
    options = BuildOptions(toolchain, optimize)
    with Board(target) as board:
        result = build_extension(sources, tmp_path / "x.llext", board.target, options)
        extension = board.load(result.output)
        ours = linked_by_us(board, extension)
        symbols = {wanted.name: wanted.symbol.address for wanted in extension.imports if wanted.symbol}
        sections = {
            name: address
            for region in extension.regions.values()
            if region.kind < 5 or region.kind > 7
            for name, address in region.sections.items()
        }
        theirs = linked_by(linker, tmp_path, without_merge(result.output.read_bytes()), sections, symbols)
    assert theirs.keys() >= ours.keys()
    for name, (address, data) in ours.items():
        assert data == theirs[name], f"{name} at {address:#x}"


@pytest.mark.parametrize("optimize", ["0", "s", "2"])
@pytest.mark.parametrize("toolchain", ["zig", pytest.param("gcc", marks=pytest.mark.tools)])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_linked_bytes_equal_those_of_ld_lld(tmp_path, source, toolchain, optimize):
    if toolchain == "gcc":
        need("arm-none-eabi-gcc", "arm-none-eabi-ld")
    check(tmp_path, source, "mps2/an386", toolchain, optimize, [str(zig_program()), "ld.lld", "-O0", "--no-relax"])


@pytest.mark.tools
@pytest.mark.parametrize("optimize", ["0", "s", "2"])
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_linked_bytes_equal_those_of_gnu_ld(tmp_path, source, toolchain, optimize):
    need("arm-none-eabi-gcc", "arm-none-eabi-ld")
    linker = ["arm-none-eabi-ld", "--no-warn-rwx-segments", "--no-warn-mismatch"]
    check(tmp_path, source, "mps2/an385", toolchain, optimize, linker)


@pytest.mark.parametrize("target", ["mps2/an385", "mps2/an521"])
def test_linked_bytes_do_not_depend_on_the_board(tmp_path, target):
    source = ROOT / "examples" / "audio_codec"
    check(tmp_path, source, target, "zig", "s", [str(zig_program()), "ld.lld", "-O0", "--no-relax"])


def test_the_comparison_would_notice_a_wrong_byte(tmp_path):
    with Board() as board:
        source = ROOT / "examples" / "hello_world" / "hello_world.c"
        extension = board.load(build_extension([source], tmp_path / "x.llext", board.target).output)
        address, before = linked_by_us(board, extension)[".text"]
        board.memory.write(address, bytes([before[0] ^ 1]))
        assert linked_by_us(board, extension)[".text"][1] != before
