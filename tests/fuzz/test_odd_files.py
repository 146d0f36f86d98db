"""Odd but valid files load, and alike from whatever source and whichever way relocations are done."""

import re
import shutil
import subprocess
import sys

import pytest
from conftest import need
from hypothesis import HealthCheck, given, settings
from valid_files import ARM, files

from llext import Board, LlextError
from llext.elf import ElfFile, packed
from llext.loader import BufferSource

SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def boards():
    """A board of each instruction set, with room for what the files ask for."""
    return {ARM: Board("mps2/an385", heap_size=1 << 20), 243: Board("qemu_riscv32", heap_size=1 << 20)}


@pytest.fixture
def _either_way():
    before = packed.WORTHWHILE
    yield
    packed.WORTHWHILE = before


def loaded(board, source):
    """What a load gave: bytes of every region, or the error in words without addresses."""
    free = board.heap.free_chunks()
    try:
        extension = board.load(source, "odd")
    except LlextError as error:
        assert board.heap.free_chunks() == free
        return type(error).__name__, re.sub("^.*?: ", "", error.message)
    regions = {name: (each.address, board.memory.read(each.address, each.size)) for name, each in extension.regions.items()}
    found = regions, extension.relocations, list(extension.exports), extension.symbols
    board.unload(extension)
    assert board.heap.free_chunks() == free
    return found


def outline(found):
    """The same without what depends on where the regions lie."""
    if isinstance(found[0], str):
        return found
    regions, relocations, exports, symbols = found
    return {name: len(data) for name, (_, data) in regions.items()}, relocations, exports, sorted(row[1:] for row in symbols)


def board_for(boards, data):
    return boards[ElfFile.parse(data).header.machine]


@SETTINGS
@given(data=files())
def test_an_odd_file_loads(boards, data):
    found = loaded(board_for(boards, data), BufferSource(data))
    assert not isinstance(found[0], str), found


@SETTINGS
@given(data=files())
def test_an_odd_file_loads_alike_from_memory_and_from_a_file(boards, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("odd") / "odd.llext"
    path.write_bytes(data)
    board = board_for(boards, data)
    assert outline(loaded(board, BufferSource(data))) == outline(loaded(board, path))


@pytest.mark.usefixtures("_either_way")
@SETTINGS
@given(data=files())
def test_an_odd_file_loads_to_the_same_bytes_with_arrays_and_one_by_one(boards, data):
    pytest.importorskip("numpy")
    assert "numpy" in sys.modules
    board = board_for(boards, data)
    packed.WORTHWHILE = 1
    arrays = loaded(board, BufferSource(data))
    packed.WORTHWHILE = 1 << 30
    assert loaded(board, BufferSource(data)) == arrays


@pytest.mark.tools
@settings(SETTINGS, max_examples=60)
@given(data=files())
def test_other_tools_find_the_valid_files_valid_too(data, tmp_path_factory):
    need("readelf", "arm-none-eabi-ld", "riscv64-unknown-elf-ld")
    path = tmp_path_factory.mktemp("odd") / "odd.o"
    path.write_bytes(data)
    shown = subprocess.run([shutil.which("readelf"), "-aW", path], capture_output=True, check=False)
    assert shown.stderr == b""
    arm = ElfFile.parse(data).header.machine == ARM
    linker = ["arm-none-eabi-ld"] if arm else ["riscv64-unknown-elf-ld", "-m", "elf32lriscv"]
    joined = subprocess.run([*linker, "-r", path, "-o", path.with_suffix(".out")], capture_output=True, check=False)
    assert joined.returncode == 0, joined.stderr
