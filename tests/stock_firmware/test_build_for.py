"""llext build --firmware: CPU, ABI, options and helpers as the firmware's ELF tells them, and the check at the end."""

import json
import re
import subprocess

import pytest
from conftest import PROLOGUE, need
from stand_in import stand_in

from llext import Board
from llext.abi.slid import slid
from llext.build import BuildOptions
from llext.cli.app import run
from llext.elf import ElfFile
from llext.errors import UsageError
from llext.firmware import Firmware

CONFIG = ("LLEXT", "LLEXT_HEAP_SIZE=8")
ADD = PROLOGUE + 'int add(int a, int b) { printk("adding\\n"); return a + b; }\nEXPORT_SYMBOL(add);\n'


def made(folder, text, firmware, **options):
    source = folder / "some code.c"
    source.write_text(text)
    return firmware.build([source], folder / "made.llext", BuildOptions(**options))


def attributes(path):
    listed = subprocess.run(["readelf", "-Ah", path], capture_output=True, text=True, check=True).stdout
    return dict(
        re.findall(r"(Tag_CPU_arch|Tag_ABI_VFP_args|Tag_FP_arch|Tag_RISCV_arch|Flags|Tag_ABI_enum_size): +(.*)", listed)
    )


CHIPS = {
    "cortex-m0": ("-mcpu=cortex-m0", "-mfloat-abi=soft"),
    "cortex-m4, soft": ("-mcpu=cortex-m4", "-mfloat-abi=soft"),
    "cortex-m4, softfp": ("-mcpu=cortex-m4", "-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16"),
    "cortex-m4, hard": ("-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"),
    "cortex-m33": ("-mcpu=cortex-m33", "-mfloat-abi=soft"),
    "small enums": ("-mcpu=cortex-m4", "-mfloat-abi=soft", "-fshort-enums"),
}
_ENUMS = "-fno-short-enums"
"""gcc for Arm has small ones unless it is told."""
FLOATS = PROLOGUE + "float half(float x) { return x / 2; }\nEXPORT_SYMBOL(half);\n"


@pytest.mark.parametrize("chip", CHIPS)
def test_the_cpu_and_the_float_abi_are_the_firmwares(tmp_path, chip):
    """Read back by readelf on both sides; the firmware's sources were compiled by gcc."""
    need("readelf", "arm-none-eabi-gcc")
    sources = {"own.c": "enum color { RED, BLUE }; float printk(float x, enum color c) { return c == RED ? x : x; }\n"}
    common = {"exports": ("printk", "k_malloc"), "sources": sources, "gnu": True, "cpu": (_ENUMS, *CHIPS[chip])}
    elf = stand_in(tmp_path, config=CONFIG, **common)
    firmware = Firmware(elf)
    result = made(tmp_path, FLOATS, firmware)
    theirs, ours = attributes(elf), attributes(result.output)
    for tag in ("Tag_CPU_arch", "Tag_ABI_VFP_args"):
        assert ours.get(tag) == theirs.get(tag)
    assert bool(ours.get("Tag_FP_arch")) == bool(theirs.get("Tag_FP_arch"))
    assert ours["Tag_ABI_enum_size"] == ("small" if chip == "small enums" else "int")
    (found,) = firmware.check(result.output).results
    assert (found.verdict, found.warnings) == ("loads", ())


def test_riscv_is_built_for_too(tmp_path):
    need("readelf")
    elf = stand_in(tmp_path, isa="riscv", version="4.4.0", config=CONFIG)
    result = made(tmp_path, ADD, Firmware(elf))
    letters = re.findall(r"([a-z]+)\d", attributes(result.output)["Tag_RISCV_arch"])
    assert {"m", "a", "c"} <= set(letters)
    assert Firmware(elf).check(result.output).loads


DIVIDES = (
    PROLOGUE
    + "uint64_t a(uint64_t x, uint64_t y) { return x / y; }\nint64_t b(int64_t x, int64_t y) { return x / y; }\nEXPORT_SYMBOL(a);\nEXPORT_SYMBOL(b);\n"
)


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize(
    ("isa", "has", "lacks"), [("arm", "__aeabi_uldivmod", "__aeabi_ldivmod"), ("riscv", "__udivdi3", "__divdi3")]
)
def test_helpers_that_the_firmware_exports_are_left_to_it(tmp_path, isa, has, lacks, toolchain):
    need("nm", "arm-none-eabi-gcc", "riscv64-unknown-elf-gcc")
    elf = stand_in(tmp_path, isa=isa, exports=("printk", "k_malloc", has), config=CONFIG)
    result = made(tmp_path, DIVIDES, Firmware(elf), toolchain=toolchain)
    listed = subprocess.run(["nm", "-u", result.output], capture_output=True, text=True, check=True).stdout
    assert has in listed
    assert lacks not in listed
    assert "__wrap" not in listed
    assert Firmware(elf).check(result.output).loads
    plain = made(tmp_path, DIVIDES, Firmware(stand_in(tmp_path, isa=isa, name="poor", config=CONFIG)), toolchain=toolchain)
    assert plain.file_size > result.file_size


def test_a_helper_of_the_firmware_is_called(tmp_path):
    """On a board whose firmware is Python: the extension's division is the board's export."""
    elf = stand_in(tmp_path, exports=("printk", "k_malloc", "__aeabi_uldivmod"), config=(*CONFIG, "CPU_CORTEX_M3"))
    result = made(tmp_path, DIVIDES, Firmware(elf))
    asked = []
    with Board() as board:
        board.export(name="__aeabi_uldivmod", prototype="uint64_t __aeabi_uldivmod(uint64_t a, uint64_t b)")(
            lambda a, b: asked.append((a, b)) or a // b
        )
        extension = board.load(result.output)
        assert extension.fn("a")(1 << 40, 3) == (1 << 40) // 3
        assert asked == [(1 << 40, 3)]
        assert extension.fn("b")(-(1 << 40), 3) == -((1 << 40) // 3)


def test_the_firmwares_clock_and_priorities_reach_the_headers(tmp_path):
    text = (
        PROLOGUE
        + "#include <zephyr/kernel.h>\nint ticks(void) { return k_ms_to_ticks_ceil32(5); }\nint lowest(void) { return K_LOWEST_APPLICATION_THREAD_PRIO; }\nEXPORT_SYMBOL(ticks);\nEXPORT_SYMBOL(lowest);\n"
    )
    options = ("SYS_CLOCK_TICKS_PER_SEC=1000", "NUM_PREEMPT_PRIORITIES=31", "CPU_CORTEX_M3")
    result = made(tmp_path, text, Firmware(stand_in(tmp_path, config=(*CONFIG, *options))))
    with Board() as board:
        extension = board.load(result.output)
        assert (extension.fn("ticks")(), extension.fn("lowest")()) == (5, 30)


def test_users_flags_count_more_than_the_firmwares(tmp_path):
    text = PROLOGUE + "int rate(void) { return CONFIG_SYS_CLOCK_TICKS_PER_SEC; }\nEXPORT_SYMBOL(rate);\n"
    firmware = Firmware(stand_in(tmp_path, config=(*CONFIG, "SYS_CLOCK_TICKS_PER_SEC=1000", "CPU_CORTEX_M3")))
    flags = ("-UCONFIG_SYS_CLOCK_TICKS_PER_SEC", "-DCONFIG_SYS_CLOCK_TICKS_PER_SEC=32")
    result = made(tmp_path, text, firmware, cflags=flags)
    with Board() as board:
        assert board.load(result.output).fn("rate")() == 32


def test_exports_by_number_get_their_numbers(tmp_path):
    """Zephyr's: the first four bytes of the name's SHA-256, big endian, in st_value."""
    numbers = {name: slid(name) for name in ("printk", "k_malloc")}
    elf = stand_in(tmp_path, slids=numbers, config=(*CONFIG, "LLEXT_EXPORT_BUILTINS_BY_SLID"))
    result = made(tmp_path, ADD, Firmware(elf))
    values = {symbol.name: symbol.value for symbol in ElfFile.parse(result.output.read_bytes()).symbols if symbol.undefined}
    assert values["printk"] == 0x87B31052
    assert Firmware(elf).check(result.output).loads


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "add.c"
    path.write_text(ADD)
    return path


def test_one_command_builds_and_checks(tmp_path, source, capfd):
    elf = stand_in(tmp_path, config=(*CONFIG, "CPU_CORTEX_M4", "LLEXT_LOG_LEVEL=1"))
    output = tmp_path / "add.llext"
    assert run(["build", "--firmware", str(elf), str(source), "-o", str(output)]) == 0
    text = capfd.readouterr().out
    assert text.startswith(f"{output} (zig, ")
    assert f"\n{output}: loads\n" in text
    assert f"\nimports of {output}\n  printk  firmware, 0x0800" in text


def test_what_will_not_load_is_built_and_exit_code_1(tmp_path, source, capfd):
    elf = stand_in(tmp_path, exports=("k_malloc",), config=CONFIG)
    output = tmp_path / "add.llext"
    assert run(["build", "--firmware", str(elf), str(source), "-o", str(output)]) == 1
    assert "nothing provides 'printk'" in capfd.readouterr().out
    assert output.exists()


def test_the_answer_is_for_programs_too(tmp_path, source, capfd):
    elf = stand_in(tmp_path, config=CONFIG)
    assert run(["build", "--firmware", str(elf), str(source), "-o", str(tmp_path / "add.llext"), "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert (facts["check"]["loads"], facts["compiler"]) == (True, "zig")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--board", "mps2/an385"), "--board and --firmware"),
        (("--cpu", "cortex-m4"), "--cpu and --firmware"),
        (("--float-abi", "hard"), "--float-abi goes with --cpu"),
    ],
)
def test_two_things_to_build_for_are_refused(tmp_path, source, capfd, words, message):
    elf = stand_in(tmp_path, config=CONFIG)
    assert run(["build", str(source), "--firmware", str(elf), *words]) == 2
    assert message in capfd.readouterr().err


def test_options_without_a_firmware_are_refused(tmp_path, source, capfd):
    assert run(["build", str(source), "--config", str(source)]) == 2
    assert "--config goes with --firmware" in capfd.readouterr().err


def test_a_firmware_that_does_not_tell_its_cpu_is_said(tmp_path):
    elf = stand_in(tmp_path, config=CONFIG)
    data = elf.read_bytes().replace(b"aeabi", b"gone!")
    elf.write_bytes(data)
    with pytest.raises(UsageError, match="does not tell its CPU"):
        made(tmp_path, ADD, Firmware(elf))
