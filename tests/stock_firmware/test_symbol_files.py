"""llext symbolize: which of several debug files of a name is taken, and files that cannot be right."""

import os
import shutil

import pytest
from crashed_device import device
from test_crash_logs import loaded, place, told

from llext.debug.symbolize import Symbolizer


@pytest.fixture(scope="module")
def arm(tmp_path_factory):
    return device(tmp_path_factory.mktemp("arm"), "arm")


@pytest.fixture(scope="module")
def riscv(tmp_path_factory):
    return device(tmp_path_factory.mktemp("riscv"), "riscv")


def test_files_for_another_cpu_than_the_firmware_are_left_out(arm, riscv, tmp_path):
    shutil.copytree(riscv.symbols, tmp_path / "a_first")
    shutil.copytree(arm.symbols, tmp_path / "b_second")
    reader = Symbolizer(arm.firmware, [tmp_path])
    assert told(reader, *loaded()) == []
    assert place(reader, 0x20001C40 + arm.load).endswith("bad.c:4")
    lines = told(Symbolizer(arm.firmware, [tmp_path / "a_first"]), *loaded())
    assert lines[0].endswith("a_first/bad_ext_debug.elf is for RISC-V, the firmware is not")
    assert lines[1].startswith("extension bad: no debug file of that name")


def test_several_files_of_a_name_that_differ_are_all_named(arm, tmp_path):
    for name in ("one", "same", "two"):
        shutil.copytree(arm.symbols, tmp_path / name)
    assert told(Symbolizer(arm.firmware, [tmp_path]), *loaded()) == []  # all the same
    with (tmp_path / "two" / "bad_ext_debug.elf").open("ab") as file:
        file.write(b"\0")
    (line,) = told(Symbolizer(arm.firmware, [tmp_path]), *loaded())
    first, second = (tmp_path / name / "bad_ext_debug.elf" for name in ("one", "two"))
    assert line.startswith(f"extension bad: taken for {first}, one of 2 files of that name that differ, the others: {second};")


def test_the_file_with_the_sections_of_the_log_is_taken(arm, tmp_path):
    for name in ("one", "two"):
        shutil.copytree(arm.symbols, tmp_path / name)
    path = tmp_path / "one" / "bad_ext_debug.elf"
    path.write_bytes(path.read_bytes().replace(b".text\0", b".tixt\0").replace(b".rel.text", b".rel.tixt"))
    reader = Symbolizer(arm.firmware, [tmp_path])
    assert told(reader, *loaded()) == []
    assert place(reader, 0x20001C40 + arm.load).endswith("bad.c:4")


def test_a_fifo_in_a_folder_of_symbols_is_passed_over(arm, tmp_path):
    shutil.copytree(arm.symbols, tmp_path / "llext")
    os.mkfifo(tmp_path / "llext" / "bad_debug.elf")  # which is what an extension bad would have
    reader = Symbolizer(arm.firmware, [tmp_path / "llext"])
    assert told(reader, *loaded()) == []
