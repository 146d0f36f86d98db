"""What llext check advises: how a missing name gets into a firmware, what would save memory, what veneers take."""

import re
import subprocess

import pytest
from conftest import PROLOGUE, need
from stand_in import stand_in

from llext.abi.slid import slid
from llext.build import BuildOptions, build_extension
from llext.build.firmware.slids import inject
from llext.build.toolchain import include_flags, zig_program
from llext.firmware import Firmware
from llext.target import load_target

CONFIG = ("LLEXT", "LLEXT_HEAP_SIZE=8", "CPU_CORTEX_M4")


def hint_for(tmp_path, build, name, **choices):
    text = f"extern int {name}(int a);\nint go(int a) {{ return {name}(a); }}\nEXPORT_SYMBOL(go);\n"
    firmware = stand_in(tmp_path, **({"exports": ("k_malloc",), "config": CONFIG} | choices))
    return Firmware(firmware).check(build(text, prologue="#include <zephyr/llext/symbol.h>\n")).results[0].hint


GROUPS = ("LLEXT_EXPORT_SYMBOL_GROUP_SYSCALL", "LLEXT_EXPORT_SYMBOL_GROUP_UNASSIGNED")


@pytest.mark.parametrize(
    ("name", "choices", "hint"),
    [
        ("frobnicate", {}, "A line in the firmware gives it: EXPORT_SYMBOL(frobnicate);"),
        ("gpio_pin_set_raw", {}, "CONFIG_GPIO=y may bring it; else a line in the firmware: EXPORT_SYMBOL(gpio_pin_set_raw);"),
        (
            "gpio_pin_set_raw",
            {"config": (*CONFIG, "GPIO")},
            "A line in the firmware gives it: EXPORT_SYMBOL(gpio_pin_set_raw);",
        ),
        (
            "z_impl_adc_read",
            {"missing": ("z_impl_adc_read",)},
            "The table has it without an implementation: CONFIG_ADC=y brings one.",
        ),
        ("k_poll_event_init", {}, "CONFIG_POLL=y may bring it; else a line in the firmware: EXPORT_SYMBOL(k_poll_event_init);"),
        ("strnlen", {"config": (*CONFIG, *GROUPS)}, "CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_LIBC=y exports it with its kind."),
        (
            "__aeabi_uldivmod_",
            {"exports": ("k_malloc", "__aeabi_uldivmod_x")},
            "did you mean __aeabi_uldivmod_x? It is a helper of the compiler: 'llext build' links those, unless --helpers import; the firmware has others.",
        ),
        (
            "printf",
            {"exports": ("printk",)},
            "did you mean printk? The firmware exports printk. A line in the firmware gives it: EXPORT_SYMBOL(printf);",
        ),
    ],
)
def test_a_missing_name_is_told_with_what_brings_it(tmp_path, build, name, choices, hint):
    assert hint_for(tmp_path, build, name, **choices) == hint


def test_what_is_in_the_firmware_and_not_exported_is_told_so(tmp_path, build):
    sources = {"own.c": "int own(int a) { return a; }\n"}
    hint = hint_for(tmp_path, build, "own", sources=sources)
    assert re.fullmatch(
        r"It is in the firmware, at 0x0800\w{4}, and not exported. A line in the firmware gives it: EXPORT_SYMBOL\(own\);", hint
    )


def test_numbers_whose_names_are_lost_are_found_by_the_names_of_imports(tmp_path, build):
    names = {name: slid(name) for name in ("printk", "k_malloc")}
    elf = stand_in(tmp_path, slids=names, config=(*CONFIG, "LLEXT_EXPORT_BUILTINS_BY_SLID"))
    elf.write_bytes(elf.read_bytes().replace(b"llext_exports_strtab", b"llext_exports_gone__"))
    firmware = Firmware(elf)
    assert [each.name for each in firmware.exports.entries] == [f"{number:#010x}" for number in names.values()]
    path = build('int f(void) { return printk("x"), 1; }\nEXPORT_SYMBOL(f);\n')
    path.write_bytes(inject(path.read_bytes(), path.name))
    assert firmware.check(path).loads


def near_calls(tmp_path):
    source = tmp_path / "near.c"
    source.write_text(
        PROLOGUE
        + 'static int seen[9];\nint twice(int a) { printk("a"); printk("b"); return seen[a]++ + k_uptime_get_32(); }\nEXPORT_SYMBOL(twice);\n'
    )
    options = BuildOptions(cflags=("-mno-long-calls",))
    return build_extension([source], tmp_path / "near.llext", load_target("mps2/an385"), options).output


def test_veneers_take_a_slot_for_each_call(tmp_path):
    """Zephyr with CONFIG_LLEXT_VENEERS: 8 bytes for each relocation of a call to an undefined symbol, behind the constants."""
    path = near_calls(tmp_path)
    exports = ("printk", "k_malloc", "z_impl_k_uptime_ticks")
    options = {"exports": exports, "version": "4.4.0"}
    without = Firmware(stand_in(tmp_path, **options, config=CONFIG)).check(path).results[0]
    assert without.verdict == "probably -ENOEXEC (-8)"
    firmware = Firmware(stand_in(tmp_path, **options, config=(*CONFIG, "LLEXT_VENEERS")))
    result = firmware.check(path, storage="temporary").results[0]
    need("readelf")
    listed = subprocess.run(["readelf", "-rW", path], capture_output=True, text=True, check=True).stdout
    calls = sum(1 for line in listed.splitlines() if re.search(r"R_ARM_THM_(CALL|JUMP24)\s+00000000\s+(printk|z_impl)", line))
    asked = [(each.wanted.purpose, each.wanted.size) for each in result.heap.requests]
    assert calls >= 3
    assert ("veneers", 8 * calls) in asked
    purposes = [purpose for purpose, _ in asked]
    assert purposes.index("rodata") < purposes.index("veneers") < purposes.index("bss") < purposes.index("export")
    assert result.verdict == "probably loads"
    assert (
        dict(asked)["struct llext"] > {each.wanted.purpose: each.wanted.size for each in without.heap.requests}["struct llext"]
    )


def test_local_symbols_are_what_ld_x_drops(tmp_path):
    need("arm-none-eabi-gcc", "readelf")
    source = tmp_path / "locals.c"
    names = "".join(
        f"static int hidden_number_{n} = {n};\nstatic int __attribute__((noinline)) quiet_{n}(int a) {{ return a * hidden_number_{n}++; }}\n"
        for n in range(12)
    )
    calls = " + ".join(f"quiet_{n}(a)" for n in range(12))
    source.write_text(f"{PROLOGUE}{names}int go(int a) {{ return {calls}; }}\nEXPORT_SYMBOL(go);\n")
    full = tmp_path / "full.llext"
    flags = ("-mcpu=cortex-m3", "-mthumb", "-mlong-calls", "-ffreestanding", "-fno-common", "-Os", "-DLL_EXTENSION_BUILD")
    subprocess.run(["arm-none-eabi-gcc", *flags, *include_flags(), "-c", source, "-o", full], check=True)
    bare = tmp_path / "bare.llext"
    subprocess.run([str(zig_program()), "ld.lld", "-r", "-x", full, "-o", bare], check=True)
    gone = [name for name in _local_names(full) if name not in _local_names(bare)]
    firmware = Firmware(stand_in(tmp_path, version="4.4.0", config=CONFIG))
    saving = next(each for each in firmware.check(full, storage="temporary").savings if "local symbols" in each.what)
    assert saving.bytes == 16 * len(gone) + sum(len(name) + 1 for name in set(gone))
    assert not [each for each in firmware.check(bare, storage="temporary").savings if "local symbols" in each.what]


def _local_names(path):
    listed = subprocess.run(["readelf", "-sW", path], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [row[7] for row in rows if len(row) == 8 and row[4] == "LOCAL" and row[3] != "SECTION"]


def test_what_user_mode_rounds_away_is_told(tmp_path, build):
    """The sum is that of two firmwares, with and without it."""
    text = "static int some[70];\nint go(int a) { return some[a]++; }\nEXPORT_SYMBOL(go);\n"
    path = build(text)
    common = {
        "version": "4.4.0",
        "exports": ("printk", "llext_load"),
        "sources": {"llext.c": "struct llext { char b[260]; };\nint llext_load(struct llext *e) { return e->b[0]; }\n"},
    }
    rounded = ("USERSPACE", "ARM_MPU", "MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT")
    with_it = Firmware(stand_in(tmp_path, **common, config=(*CONFIG, *rounded))).check(path, storage="temporary")
    without = Firmware(stand_in(tmp_path, **common, config=CONFIG)).check(path, storage="temporary")
    saving = next(each for each in with_it.savings if "CONFIG_USERSPACE" in each.what)
    assert saving.bytes == with_it.results[0].heap.used - without.results[0].heap.used
    assert with_it.results[0].lost["bss"] == 512 - 280
    assert not any("CONFIG_USERSPACE" in each.what for each in without.savings)
