"""llext symbolize and addr2line: files, places and lines that cannot be right are told, with their name."""

import io
import os
import struct
import sys

import pytest
from crashed_device import device
from test_crash_logs import loaded, reader_of, told

from llext.cli.app import run


@pytest.fixture(scope="module")
def arm(tmp_path_factory):
    return device(tmp_path_factory.mktemp("arm"), "arm")


@pytest.fixture(scope="module")
def riscv(tmp_path_factory):
    return device(tmp_path_factory.mktemp("riscv"), "riscv")


def patched(chip, path, offset, value):
    """The firmware with a 16-bit field of its ELF header changed."""
    data = bytearray(chip.firmware.read_bytes())
    struct.pack_into("<H", data, offset, value)
    path.write_bytes(data)


def odd_files(chip, folder):
    """Name -> words of the message."""
    whole = chip.firmware.read_bytes()
    (folder / "fw.bin").write_bytes(b"\x00\x20\x00\x20" * 64)
    (folder / "empty.elf").write_bytes(b"")
    (folder / "cut.elf").write_bytes(whole[: len(whole) // 2])
    big = struct.pack(">4s5B7xHHIIIIIHHHHHH", b"\x7fELF", 1, 2, 1, 0, 0, 2, 40, 1, 0, 0, 0, 0, 52, 0, 0, 40, 0, 0)
    (folder / "big.elf").write_bytes(big)
    patched(chip, folder / "core.elf", 16, 4)
    patched(chip, folder / "x86.elf", 18, 62)
    os.mkfifo(folder / "fifo.elf")
    return {
        "fw.bin": "not an ELF file", "empty.elf": "empty.elf", "cut.elf": "cut.elf", "big.elf": "big-endian",
        "core.elf": "is a core dump", "x86.elf": "e_machine 62", "fifo.elf": "is no regular file",
    }  # fmt: skip


def test_files_that_are_no_firmware_are_refused_by_name(arm, tmp_path, capfd):
    log = tmp_path / "log.txt"
    log.write_text("x\n")
    for name, words in odd_files(arm, tmp_path).items():
        for command in (["symbolize", str(log), "--firmware"], ["addr2line"]):
            assert run([*command, str(tmp_path / name), *(["0x10"] if command == ["addr2line"] else [])]) == 2, name
            said = capfd.readouterr().err
            assert f"{name}: " in said
            assert words in said
            assert "zephyr.elf" in said


def test_a_log_alone_and_a_folder_as_a_log_are_refused(arm, tmp_path, capfd):
    log = tmp_path / "log.txt"
    log.write_text("x\n")
    assert run(["symbolize", str(log)]) == 2
    assert "neither --firmware nor --symbols" in capfd.readouterr().err
    assert run(["symbolize", str(tmp_path), "--firmware", str(arm.firmware)]) == 2
    assert f"{tmp_path}: is a folder" in capfd.readouterr().err
    os.mkfifo(tmp_path / "x_debug.elf")
    assert run(["symbolize", str(log), "--symbols", str(tmp_path / "x_debug.elf")]) == 2
    assert "x_debug.elf: is no regular file" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("worse", ".text=0x20001c40", "no debug file of an extension worse"),
        ("bad", ".tixt=0x20001c40", "has no section .tixt"),
        ("bad", ".text=-0x10", "lie from 0 to 0xffffffff"),
        ("bad", ".text=0x100000000", "lie from 0 to 0xffffffff"),
        ("bad", ".text=0xfffffffe", "lie from 0 to 0xffffffff"),
        ("bad", ".text=0x20001c41", "an odd address has the Thumb bit"),
    ],
)
def test_a_place_by_hand_that_cannot_be_is_refused(arm, tmp_path, capfd, name, place, words):
    log = tmp_path / "log.txt"
    log.write_text("x\n")
    files = ["--firmware", str(arm.firmware), "--symbols", str(arm.symbols)]
    assert run(["symbolize", str(log), *files, "--at", f"{name}:{place}"]) == 2
    said = capfd.readouterr().err
    assert f"--at {name}:.t" in said
    assert words in said
    if name == "bad":
        assert run(["addr2line", str(arm.symbols / "bad_ext_debug.elf"), "0x10", "--at", place]) == 2
        assert words in capfd.readouterr().err


def test_lines_of_standard_input_that_are_no_address_are_answered(arm, capfd, monkeypatch):
    main = hex(arm.addresses["main"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{main}\nr0 is odd\n{main} {main}\n"))
    assert run(["addr2line", str(arm.firmware)]) == 1
    first, odd, *rest = capfd.readouterr().out.splitlines()
    assert odd == "r0 is odd: not an address"
    assert all("<main+0x0>" in line for line in (first, *rest))
    assert len(rest) == 2


def test_a_crash_of_another_cpu_than_the_firmware_is_told_once(arm, riscv):
    reader = reader_of(riscv)
    pc = f"E: Faulting instruction address (r15/pc): 0x{arm.addresses['main']:08x}"
    said = [text for text in told(reader, pc, pc) if "a crash of" in text]
    assert said == ["a crash of Arm, but the firmware is for RISC-V: --firmware wants the one that wrote the log"]
    assert not any("a crash of" in text for text in told(reader_of(arm), pc))


def test_inlined_calls_of_what_was_unloaded_are_told(arm):
    reader = reader_of(arm)
    told(reader, *loaded(), "I: Unloaded extension bad")
    first, second = told(reader, f"E: Faulting instruction address (r15/pc): 0x{0x20001C40 + arm.load:08x}")
    assert first.endswith("in member at bad.c:4: bad has been unloaded")
    assert second == "inlined into bad at bad.c:8"
