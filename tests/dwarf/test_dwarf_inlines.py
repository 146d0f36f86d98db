"""Inlined functions, for clang and gcc, Arm and RISC-V, DWARF 4 and 5, relocatable and linked: against addr2line -i or llvm-symbolizer."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from conftest import need

from llext.build.toolchain import zig_program
from llext.dwarf import DebugFile, Inlines, Lines

SOURCE = """\
int sink(int);
static inline __attribute__((always_inline)) int inner(int *p, int a)
{
	int b = *p + a;
	if (b > 3) {
		int c = sink(b);
		b += c * a;
	}
	return b;
}
static inline __attribute__((always_inline)) int middle(int *p, int a)
{
	int sum = 0;
	for (int i = 0; i < a; i++)
		sum += inner(p, i);
	return sum;
}
int lonely(int a) { return sink(a) * 2; }
int outer(int *p, int a)
{
	if (a > 2)
		return middle(p, a) + inner(p, 7);
	return sink(a) + middle(p + 1, 3);
}
"""
ARM, RISCV = ("-mcpu=cortex-m4", "-mthumb"), ("-march=rv32imac", "-mabi=ilp32", "-mno-relax")
COMPILERS = {
    "gcc arm": ("arm-none-eabi-gcc", *ARM),
    "gcc riscv": ("riscv64-unknown-elf-gcc", *RISCV),
    "zig arm": ("zig", "--target=arm-none-eabi", *ARM),
    "zig riscv": ("zig", "--target=riscv32-unknown-elf", *RISCV),
}
START = 0x08000400


def compiled(folder: Path, compiler: str, version: int, *, linked: bool = False, sections: bool = False) -> Path:
    program, *flags = COMPILERS[compiler]
    command = [str(zig_program()), "clang"] if program == "zig" else [program]
    if program != "zig":
        need(program)
    (folder / "calls.c").write_text(SOURCE)
    split = ["-ffunction-sections"] if sections else []
    made = ["-g", f"-gdwarf-{version}", "-O2", *split, "-c", "calls.c", "-o", "calls.o"]
    subprocess.run([*command, *flags, *made], check=True, cwd=folder)
    if not linked:
        return folder / "calls.o"
    (folder / "at.ld").write_text(f"sink = 0x8000000; SECTIONS {{ . = {START:#x}; text : {{ *(.text*) }} }}")
    emulation = "armelf" if "arm" in compiler else "elf32lriscv"
    linker = "arm-none-eabi-ld" if "arm" in compiler else "riscv64-unknown-elf-ld"
    need(linker)
    subprocess.run([linker, "-m", emulation, "-T", "at.ld", "calls.o", "-o", "calls.elf"], check=True, cwd=folder)
    return folder / "calls.elf"


def told_by_us(file: Path, section: str) -> dict[int, list[str]]:
    """Offset -> functions and places, the innermost first, of what was inlined."""
    debug = DebugFile(file)
    lines = Lines(debug)
    inlines, code = Inlines(lines), debug.code(section)
    told = {}
    for offset in range(0, code.size, 2):
        found, line = inlines.find(section, offset), lines.find(section, offset)
        if found is not None:
            places = [f"{line.file}:{line.line}" if line else "?", *(f"{call.file}:{call.line}" for call in found.calls)]
            functions = [found.function, *(call.caller for call in found.calls)]
            told[offset] = [f"{function} {place}" for function, place in zip(functions, places, strict=True)]
    return told


def told_by_addr2line(file: Path, section: str, prefix: str) -> dict[int, list[str]]:
    """Of an instruction without a line GNU says a file and a question mark: then we say nothing."""
    debug = DebugFile(file)
    code = debug.code(section)
    command = [f"{prefix}-addr2line", "-a", "-i", "-f", "-s", "-e", str(file)] + (["-j", section] if debug.relocatable else [])
    addresses = [hex((0 if debug.relocatable else code.address) + offset) for offset in range(0, code.size, 2)]
    said = subprocess.run([*command, *addresses], capture_output=True, text=True, check=True).stdout.split("\n0x")
    told = {}
    for offset, block in zip(range(0, code.size, 2), said, strict=True):
        rows = block.strip().split("\n")[1:]
        if len(rows) > 2:
            pairs = zip(rows[::2], (row.split(" ")[0] for row in rows[1::2]), strict=True)
            told[offset] = [f"{function} {'?' if place.endswith(':?') else place}" for function, place in pairs]
    return told


# Binutils before 2.41 take the ranges of clang's DWARF 5 (DW_FORM_rnglistx) from the wrong place: that one is asked of llvm-symbolizer.
CASES = [
    (compiler, version) for compiler in COMPILERS for version in (4, 5) if not (compiler.startswith("zig") and version == 5)
]


@pytest.mark.parametrize(("compiler", "version"), CASES)
@pytest.mark.parametrize("linked", [False, True], ids=["relocatable", "linked"])
def test_every_instruction_has_the_calls_that_addr2line_says(tmp_path: Path, compiler: str, version: int, linked: bool) -> None:
    prefix = "arm-none-eabi" if "arm" in compiler else "riscv64-unknown-elf"
    need(f"{prefix}-addr2line")
    file = compiled(tmp_path, compiler, version, linked=linked)
    section = "text" if linked else ".text"
    expected = told_by_addr2line(file, section, prefix)
    assert len(expected) > 30
    assert told_by_us(file, section) == expected


@pytest.mark.parametrize("compiler", ["zig arm", "zig riscv"])
@pytest.mark.parametrize("linked", [False, True], ids=["relocatable", "linked"])
def test_every_instruction_has_the_calls_that_llvm_symbolizer_says(tmp_path: Path, compiler: str, linked: bool) -> None:
    need("llvm-symbolizer")
    file = compiled(tmp_path, compiler, 5, linked=linked)
    section = "text" if linked else ".text"
    code = DebugFile(file).code(section)
    addresses = [hex(code.address + offset) for offset in range(0, code.size, 2)]
    command = ["llvm-symbolizer", "--basenames", f"--obj={file}", *addresses]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().split("\n\n")
    expected = {}
    for offset, block in zip(range(0, code.size, 2), said, strict=True):
        rows = block.split("\n")
        places = [row.rpartition(":")[0] for row in rows[1::2]]
        if len(places) > 1:
            expected[offset] = ["?" if place.endswith(":0") else place for place in places]
    assert len(expected) > 30
    # Its names come from the symbol table, where RISC-V has local labels: places only.
    ours = {offset: [row.partition(" ")[2] for row in rows] for offset, rows in told_by_us(file, section).items()}
    assert ours == expected


@pytest.mark.parametrize("version", [4, 5])
def test_sections_of_one_file_are_told_apart(tmp_path: Path, version: int) -> None:
    file = compiled(tmp_path, "zig arm", version, sections=True)
    assert told_by_us(file, ".text.lonely") == {}
    assert {rows[-1].partition(" ")[0] for rows in told_by_us(file, ".text.outer").values()} == {"outer"}


@pytest.mark.parametrize("compiler", ["gcc arm", "zig arm"])  # with .debug_aranges, and without
def test_of_the_units_of_a_file_the_one_that_is_asked_for_is_read(tmp_path: Path, compiler: str) -> None:
    file = compiled(tmp_path, compiler, 5, linked=True)
    (tmp_path / "one.o").write_bytes((tmp_path / "calls.o").read_bytes())
    subprocess.run(["sed", "-i", "s/outer/other/; s/lonely/alone/", "calls.c"], check=True, cwd=tmp_path)
    program, *flags = COMPILERS[compiler]
    command = [str(zig_program()), "clang"] if program == "zig" else [program]
    made = ["-g", "-gdwarf-5", "-O2", "-c", "calls.c", "-o", "two.o"]
    subprocess.run([*command, *flags, *made], check=True, cwd=tmp_path)
    linker = ["arm-none-eabi-ld", "-m", "armelf", "-T", "at.ld", "one.o", "two.o", "-o", str(file)]
    subprocess.run(linker, check=True, cwd=tmp_path)
    whole = told_by_us(file, "text")
    debug = DebugFile(file)
    info = debug.elf.section(".debug_info")
    data = bytearray(file.read_bytes())
    second = info.offset + 4 + int.from_bytes(data[info.offset : info.offset + 4], "little")
    body = range(second + 120, info.offset + info.size)
    data[body.start : body.stop] = b"\xff" * len(body)
    lines = Lines(DebugFile(bytes(data)))
    half = [offset for offset in whole if offset < debug.code("text").size // 2 - 8]
    assert len(half) > 20
    assert [Inlines(lines).find("text", offset).calls[-1].caller for offset in half] == ["outer"] * len(half)


def test_a_damaged_file_raises_what_readers_expect_and_ends(tmp_path: Path) -> None:
    from random import Random

    from llext.dwarf import unreadable
    from llext.errors import LlextError

    whole = compiled(tmp_path, "zig arm", 5).read_bytes()
    dice = Random(9)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(dice.randrange(1, 12)):
            data[dice.randrange(52, len(data))] = dice.randrange(256)
        begin = time.monotonic()
        try:
            lines = Lines(DebugFile(bytes(data)))
            for offset in (0, 0x20, 0x60):
                try:
                    Inlines(lines).find(".text", offset)
                except unreadable():
                    continue
        except (LlextError, *unreadable()):
            pass
        assert time.monotonic() - begin < 10
