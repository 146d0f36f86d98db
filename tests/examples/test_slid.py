"""The example that exports by number: what CMake computes, and what of one build loads into the other."""

import re

import pytest
from conftest import ROOT

from llext import Board, LoadError
from llext.abi.slid import slid
from llext.build.firmware import Project, build_application
from llext.elf import ElfFile

FOLDER = ROOT / "examples" / "slid"
HUB = re.findall(r"(hub_\w+)\(", (FOLDER / "src" / "hub.h").read_text())

IMPORTED = set(re.findall(r"hub_\w+", (FOLDER / "src" / "comfort.c").read_text()))
"""Names that stand in the extension's file, which is part of the image."""


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_riscv32"])
def both(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slid")
    option = "-DCONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID=y"
    return [
        build_application(Project.of(FOLDER, folder / name, request.param, defines))
        for name, defines in (("names", ()), ("numbers", (option,)))
    ]


def test_the_number_that_cmake_computes_is_the_slid(both):
    with Board(app=both[1]) as board:
        board.boot()
        board.run()
        assert f"by the number {slid('hub_temperature_get'):08x}: found" in board.console


def test_the_names_of_exports_are_in_one_image_only(both):
    for elf, there in zip(both, (True, False), strict=True):
        parsed = ElfFile.parse(elf.read_bytes(), "zephyr.elf")
        loaded = b"".join(bytes(parsed.contents(each)) for each in parsed.sections if each.flags & 2 and each.type != 8)
        others = [name for name in HUB if name not in IMPORTED]
        assert [name.encode() + b"\0" in loaded for name in others] == [there] * 8


def test_the_names_are_more_than_2000_bytes_of_flash(both):
    """As the page says."""
    sizes = []
    for elf in both:
        parsed = ElfFile.parse(elf.read_bytes(), "zephyr.elf")
        sizes.append(sum(each.size for each in parsed.sections if each.flags & 2 and each.type != 8))
    assert sizes[0] - sizes[1] > 2000


def test_what_was_built_by_names_does_not_load_by_number(both):
    files = [elf.parents[1] / "llext" / "comfort_ext.llext" for elf in both]
    with Board(app=both[1]) as board, pytest.raises(LoadError, match="SLID"):
        board.load(files[0])
    with Board(app=both[0]) as board:
        board.load(files[1]).call("comfort")
        assert "22.40 degrees" in board.console
