"""The runtime's sources as guest objects: one section per function, no function that calls itself."""

import re

import pytest
from conftest import BOARDS, GNU, TOOLCHAINS, need
from elftools.elf.elffile import ELFFile

from llext.build.compile import compile_source
from llext.build.runtime import SOURCES
from llext.build.toolchain import find_toolchain, include_flags
from llext.target import load_target

STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wmissing-prototypes")


@pytest.fixture(params=TOOLCHAINS)
def objects(request):
    """All objects of one toolchain, for every board, as files."""
    if request.param == "gcc":
        need(*GNU)
    made = []
    for board in BOARDS:
        target = load_target(board)
        tools = find_toolchain(request.param, target.arch, target.cpu)
        for source in sorted(SOURCES.glob("*.c")):
            for level in ("-Os", "-O2"):
                flags = (level, "-fno-builtin", *STRICT, *include_flags())
                made.append(compile_source(source, tools, flags).path)
    return made


def functions(elf):
    return [s for s in elf.get_section_by_name(".symtab").iter_symbols() if s["st_info"]["type"] == "STT_FUNC"]


def test_each_function_has_a_section_of_its_own(objects):
    for path in objects:
        with path.open("rb") as file:
            elf = ELFFile(file)
            places = [elf.get_section(symbol["st_shndx"]).name for symbol in functions(elf)]
            assert len(places) == len(set(places))


def test_no_function_calls_itself(objects):
    """A compiler that recognises a copying loop writes a call of memcpy, also inside memcpy."""
    for path in objects:
        with path.open("rb") as file:
            elf = ELFFile(file)
            symbols = elf.get_section_by_name(".symtab")
            for function in functions(elf):
                name = elf.get_section(function["st_shndx"]).name
                table = elf.get_section_by_name(f".rel{name}") or elf.get_section_by_name(f".rela{name}")
                called = [symbols.get_symbol(r["r_info_sym"]) for r in table.iter_relocations()] if table else []
                used = {symbol["st_shndx"] for symbol in called if symbol["st_info"]["type"] != "STT_NOTYPE"}  # but labels
                assert function["st_shndx"] not in used, f"{function.name} in {path}"


HELPER = re.compile(
    r"__aeabi_\w+|__(?:add|sub|mul|div|eq|ne|lt|le|gt|ge|unord)[sd]f[23]|__fix\w+|__(?:u?div|u?mod|mul)di[34]|__\w+truncdfsf2"
)
ELSEWHERE = {"trunc", "truncf", "round", "roundf"}
"""In compiler-rt, which is joined in."""


def test_nothing_is_needed_but_the_runtime_errno_and_arithmetic(objects):
    wanted, defined = set(), set()
    for path in objects:
        with path.open("rb") as file:
            for symbol in ELFFile(file).get_section_by_name(".symtab").iter_symbols():
                if symbol["st_info"]["bind"] != "STB_LOCAL":
                    (wanted if symbol["st_shndx"] == "SHN_UNDEF" else defined).add(symbol.name)
    others = {name for name in wanted - defined if not HELPER.fullmatch(name)}
    assert others <= ELSEWHERE | {"z_impl_z_errno"}
