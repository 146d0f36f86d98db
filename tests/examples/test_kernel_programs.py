"""Textbook programs with threads print what their page says; with POSIX threads on the host, what is determined there too."""

import re
import subprocess

import pytest
from conftest import ROOT, need

from llext import Board
from llext.build import BuildOptions, build_extension

FOLDER = ROOT / "examples" / "kernel"
TWO = ["mps2/an385", "qemu_riscv32"]
PAGE = dict(
    re.findall(r"^\$ llext run (\w+)\.c\n(.*?)^```$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
)
ENTRIES = {"dining_philosophers": "dine", "producer_consumer": "consume"}


def test_every_program_has_its_output_on_the_page():
    assert sorted(PAGE) == sorted(path.stem for path in FOLDER.glob("*.c"))


@pytest.mark.parametrize("clock", ["free", "counted"])
@pytest.mark.parametrize("toolchain", ["zig", pytest.param("gcc", marks=pytest.mark.tools)])
@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("program", PAGE)
def test_a_program_prints_what_its_page_says(tmp_path, program, name, toolchain, clock):
    if toolchain == "gcc":
        need("arm-none-eabi-gcc", "riscv64-unknown-elf-gcc")
    with Board(name, clock=clock) as board:
        options = BuildOptions(toolchain, cflags=("-Wall", "-Wextra", "-Werror"))
        extension = board.load(build_extension([FOLDER / f"{program}.c"], tmp_path / "x.llext", board.target, options).output)
        extension.bringup()
        functions = [found for found, symbol in extension.exports.items() if symbol.code]
        extension.call(functions[0])
        assert board.console == PAGE[program]


def each_ones(text):
    """What a program prints, by who: the words in front of a colon. Between them the host's scheduler is free."""
    lines = {}
    for line in text.splitlines():
        lines.setdefault(line.partition(":")[0], []).append(line)
    return lines


@pytest.mark.parametrize("program", ENTRIES)
def test_on_the_host_everybody_does_the_same_in_the_same_order(tmp_path, program):
    need("gcc")
    shims = [f"-I{ROOT / 'tests' / folder}" for folder in ("host_threads", "host_shim")]
    sources = [FOLDER / f"{program}.c", ROOT / "tests" / "host_shim" / "run.c"]
    command = ["gcc", "-pthread", *shims, f"-DENTRY={ENTRIES[program]}", *sources, "-o", tmp_path / program]
    subprocess.run([str(word) for word in command], check=True)
    printed = subprocess.run([tmp_path / program], capture_output=True, check=True, timeout=60).stdout.decode()
    assert each_ones(printed) == each_ones(PAGE[program])
