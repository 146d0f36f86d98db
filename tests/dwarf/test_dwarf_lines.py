"""Source lines of code, for clang and gcc, DWARF 4 and 5; binutils' addr2line is asked too where it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import need
from dwarf_files import SOURCE, VARIANTS, compile_debug, debug_file_of
from elftools.elf.elffile import ELFFile

from llext.dwarf import source_line


@pytest.fixture(params=VARIANTS, ids=lambda variant: f"{variant[0]}-dwarf{variant[1]}")
def debug_file(request: pytest.FixtureRequest) -> Path:
    return debug_file_of(*request.param)


def start_of(file: Path, function: str) -> int:
    """Its offset in .text."""
    with file.open("rb") as stream:
        symbol = ELFFile(stream).get_section_by_name(".symtab").get_symbol_by_name(function)[0]
    return symbol["st_value"] & ~1


def line_of(text: str) -> int:
    return 1 + SOURCE.split("\n").index(next(line for line in SOURCE.split("\n") if line.startswith(text)))


@pytest.mark.parametrize("function", ["flags", "wide", "vlog", "mix"])
def test_a_function_begins_at_its_line(debug_file: Path, function: str) -> None:
    begins = {"flags": "_Bool", "wide": "unsigned long long", "vlog": "int vlog", "mix": "float mix"}
    assert source_line(debug_file, ".text", start_of(debug_file, function)) == ("codec.c", line_of(begins[function]))


def test_every_instruction_has_the_line_that_addr2line_says(debug_file: Path) -> None:
    need("arm-none-eabi-addr2line")
    offsets = range(0, start_of(debug_file, "flags") + 4, 2)
    command = ["arm-none-eabi-addr2line", "-s", "-j", ".text", "-e", str(debug_file), *map(hex, offsets)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    # A question mark for the line is code that the compiler made up: for that we say nothing.
    expected = [None if "?" in text else text.split(" ")[0] for text in said if text]
    found = [source_line(debug_file, ".text", offset) for offset in offsets]
    assert [place and f"{place[0]}:{place[1]}" for place in found] == expected


def test_an_offset_beyond_the_code_has_no_line(debug_file: Path) -> None:
    assert source_line(debug_file, ".text", 1 << 20) is None


def test_a_section_that_is_not_there_has_no_line(debug_file: Path) -> None:
    assert source_line(debug_file, ".nothing", 0) is None


@pytest.mark.parametrize("version", [4, 5])
def test_sections_of_one_file_are_told_apart(tmp_path: Path, version: int) -> None:
    source = "int one(int a)\n{ return a + 1; }\n\nint two(int a)\n{ return a + 2; }\n"
    made = compile_debug(source, tmp_path, "zig", version, "-ffunction-sections")
    assert [source_line(made, f".text.{name}", 0) for name in ("one", "two")] == [("codec.c", 2), ("codec.c", 5)]


def test_a_file_in_a_folder_is_named_with_it(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "inner.h").write_text("int inner(int a) { return a + 1; }\n")
    made = compile_debug('#include "include/inner.h"\n', tmp_path, "zig", 5)
    assert source_line(made, ".text", 0) == ("include/inner.h", 1)


def test_a_file_without_debug_information_has_no_lines(tmp_path: Path) -> None:
    assert source_line(compile_debug("int f(int a) { return a; }", tmp_path, "zig", 5, "-g0"), ".text", 0) is None


def test_a_damaged_file_has_no_lines() -> None:
    assert source_line(b"\x7fELF, or not", ".text", 0) is None


MIXED = """\
static const int table[4] = {3, 5, 7, 11};
int *last;

int sum(const int *data, int n)
{
    int all = 0;
    for (int i = 0; i < n; i++) {
        if (data[i] & 1) { all += data[i] * table[i & 3]; } else { all -= data[i] >> 2; }
    }
    return all;
}

static inline int scaled(int a, int b) { return a > b ? a * table[b & 3] : a / (b | 1); }

int mix(int a, int b)
{
    int found = scaled(a, b);
    while (found > 100) { found = scaled(found, a) - 7; last = &found; }
    return found + sum(&found, 1);
}

int pick(int kind)
{
    switch (kind) { case 0: return 9; case 1: return mix(1, 2); case 2: return sum(table, 4); case 3: return 77; default: return -1; }
}
"""


@pytest.mark.parametrize("flags", [("-Os",), ("-O2",), ("-Os", "-ffunction-sections")], ids=" ".join)
@pytest.mark.parametrize(("compiler", "version"), VARIANTS)
def test_lines_of_optimised_code_are_those_that_addr2line_says(tmp_path, compiler, version, flags):
    """GNU as sets the address in the midst of a sequence: the line goes on from the one before."""
    need("arm-none-eabi-addr2line")
    made = compile_debug(MIXED, tmp_path, compiler, version, "-ffreestanding", *flags)
    with made.open("rb") as stream:
        sections = {each.name: each.data_size for each in ELFFile(stream).iter_sections() if each["sh_flags"] & 4}
    for name, size in sections.items():
        command = ["arm-none-eabi-addr2line", "-s", "-j", name, "-e", str(made), *map(hex, range(0, size, 2))]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
        expected = [None if "?" in text else text.split(" ")[0] for text in said if text]
        found = [source_line(made, name, offset) for offset in range(0, size, 2)]
        assert [place and f"{place[0]}:{place[1]}" for place in found] == expected
