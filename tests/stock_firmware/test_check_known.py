"""What llext check takes for known, and what it does with firmware and files that mislead it."""

import os
import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace

import pytest
from conftest import GNU, PROLOGUE, need
from stand_in import stand_in

from llext.arch import arch_of_machine
from llext.build import BuildOptions, build_extension
from llext.cli.app import run
from llext.elf import ElfFile, ElfWriter, decompressed
from llext.errors import Errno, UsageError
from llext.firmware import Firmware
from llext.target import load_target

CONFIG = ("LLEXT", "LLEXT_HEAP_SIZE=8", "CPU_CORTEX_M4")
ADD = 'int add(int a, int b) { printk("adding\\n"); return a + b; }\nEXPORT_SYMBOL(add);\n'
LOADER = "struct llext { char bytes[%d]; };\nint llext_load(struct llext *ext) { return ext->bytes[0]; }\n"


# Debug information -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["zlib", "zlib-gnu"])
def test_compressed_debug_information_is_read(tmp_path, form):
    need("arm-none-eabi-objcopy")
    elf = stand_in(tmp_path, exports=("printk", "llext_load"), sources={"llext.c": LOADER % 333}, config=CONFIG)
    packed = tmp_path / "packed.elf"
    subprocess.run(["arm-none-eabi-objcopy", f"--compress-debug-sections={form}", elf, packed], check=True)
    assert ElfFile.parse(packed.read_bytes()).section(".debug_info" if form == "zlib" else ".zdebug_info") is not None
    assert Firmware(packed).struct_bytes.value == 333
    plain = decompressed(packed.read_bytes())
    for name in (".debug_info", ".debug_str", ".debug_line"):
        theirs, ours = (ElfFile.parse(data) for data in (elf.read_bytes(), plain))
        assert bytes(ours.contents(ours.section(name))) == bytes(theirs.contents(theirs.section(name)))


def test_what_cannot_be_decompressed_is_left_alone(tmp_path):
    need("arm-none-eabi-objcopy")
    elf = stand_in(tmp_path, exports=("printk", "llext_load"), sources={"llext.c": LOADER % 333}, config=CONFIG)
    packed = tmp_path / "packed.elf"
    subprocess.run(["arm-none-eabi-objcopy", "--compress-debug-sections=zlib", elf, packed], check=True)
    data = bytearray(packed.read_bytes())
    section = ElfFile.parse(data).section(".debug_info")
    data[section.offset + 14 : section.offset + 30] = bytes(16)
    with pytest.raises(zlib.error):
        zlib.decompress(data[section.offset + 12 : section.offset + section.size])
    packed.write_bytes(data)
    firmware = Firmware(packed)
    assert firmware.struct_bytes.source == "that of Zephyr 4.0"
    assert "its debug information: it is there and cannot be read" in firmware.check(_made(tmp_path, ADD)).unknown


def _made(folder, text, name="ext", board="mps2/an385", **choices):
    source = folder / f"{name}.c"
    source.write_text(PROLOGUE + text)
    options = replace(BuildOptions(types=True), **choices)
    return build_extension([source], folder / f"{name}.llext", load_target(board), options).output


USER = """typedef struct { int a; int b; } nameless;
extern int vendor(nameless *one, int two);
extern char message[];
extern int counter;
int go(void) { nameless one = {0}; return vendor(&one, 2) + message[0] + counter; }
EXPORT_SYMBOL(go);
"""
VENDOR = """typedef struct { int a; int b; int c; } nameless;
int vendor(nameless *one, int two) { return one->c + two; }
const char * message = "text";
int counter;
"""


def test_structs_that_only_a_typedef_names_and_arrays_are_compared(tmp_path):
    exports = ("vendor", "message", "counter", "printk")
    firmware = Firmware(stand_in(tmp_path, exports=exports, sources={"v.c": VENDOR}, config=CONFIG))
    (both,) = firmware.check(_made(tmp_path, USER)).compared()
    assert sorted((each.name, each.what) for each in both.differences) == [
        ("message", "it is an array of 0 bytes for the extension and a pointer in the firmware"),
        ("vendor", "nameless has 8 bytes for the extension and 12 in the firmware"),
    ]


@pytest.mark.parametrize("gnu", [False, True])
def test_debug_information_without_types_says_nothing_of_types(tmp_path, gnu):
    """-g1 has functions and lines, and no types (gcc's manual, "Debugging Options")."""
    if gnu:
        need(*GNU)
    exports = ("vendor", "message", "counter", "printk")
    firmware = Firmware(stand_in(tmp_path, exports=exports, sources={"v.c": VENDOR}, config=CONFIG, flags=("-g1",), gnu=gnu))
    (both,) = firmware.check(_made(tmp_path, USER)).compared()
    assert both.differences == ()


def test_a_debug_file_of_another_build_is_not_believed(tmp_path):
    exports = ("vendor", "message", "counter", "printk")
    firmware = Firmware(stand_in(tmp_path, exports=exports, sources={"v.c": VENDOR}, config=CONFIG))
    path = _made(tmp_path, USER)
    kept = path.read_bytes()
    _made(tmp_path, USER.replace("vendor(&one, 2)", "vendor(&one, 7)"))
    path.write_bytes(kept)
    assert firmware.check(path).compared()[0].told == ()


def test_a_file_of_debug_information_only_is_no_firmware(tmp_path):
    need("arm-none-eabi-objcopy")
    elf = stand_in(tmp_path, config=CONFIG)
    only = tmp_path / "only.elf"
    subprocess.run(["arm-none-eabi-objcopy", "--only-keep-debug", elf, only], check=True)
    with pytest.raises(UsageError, match="has debug information only"):
        Firmware(only)


# Imports ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", [(), ("-s",)])
def test_a_system_call_that_nobody_implements_loads_and_may_crash(tmp_path, link):
    """Zephyr 3.7: all of them share the address of a small object in flash; with symbols or without."""
    sources = {"stub.c": "const int z_impl_adc_read = 0;\n"}
    elf = stand_in(tmp_path, version="3.7.0", exports=("printk", "z_impl_adc_read"), sources=sources, config=CONFIG, link=link)
    text = "extern int z_impl_adc_read(int a);\nint go(int a) { return z_impl_adc_read(a); }\nEXPORT_SYMBOL(go);\n"
    (result,) = Firmware(elf).check(_made(tmp_path, text)).results
    assert result.verdict.removeprefix("probably ") == "may crash"
    assert result.reason.startswith("it loads, and a call of 'z_impl_adc_read' runs data")


def test_who_comes_later_is_told(tmp_path):
    first = _made(tmp_path, "extern int two(void);\nint one(void) { return two(); }\nEXPORT_SYMBOL(one);\n", "first")
    second = _made(tmp_path, "int two(void) { return 2; }\nEXPORT_SYMBOL(two);\n", "second")
    result = Firmware(stand_in(tmp_path, config=CONFIG)).check(first, second).results[0]
    assert result.hint == f"{second} exports it, and comes later: give it first."


@pytest.mark.parametrize(
    ("version", "hint"), [("4.0.0", "EXPORT_SYMBOL(perhaps);"), ("4.4.0", "it is weak, so that it is NULL.")]
)
def test_what_weak_means_is_told_by_version(tmp_path, version, hint):
    text = "extern __attribute__((weak)) int perhaps(void);\nint ask(void) { return perhaps ? perhaps() : 3; }\nEXPORT_SYMBOL(ask);\n"
    (result,) = Firmware(stand_in(tmp_path, version=version, config=CONFIG)).check(_made(tmp_path, text)).results
    assert result.imports[0].hint.endswith(hint)


def test_helpers_by_number_are_global_imports_with_their_number(tmp_path):
    need("nm")
    from llext.abi.slid import slid

    names = ("printk", "k_malloc", "__aeabi_uldivmod")
    slids = {name: slid(name) for name in names}
    elf = stand_in(tmp_path, exports=names, slids=slids, config=(*CONFIG, "LLEXT_EXPORT_BUILTINS_BY_SLID"))
    source = tmp_path / "d.c"
    source.write_text(PROLOGUE + "uint64_t d(uint64_t a, uint64_t b) { return a / b; }\nEXPORT_SYMBOL(d);\n")
    made = Firmware(elf).build([source], tmp_path / "d.llext")
    listed = subprocess.run(["nm", made.output], capture_output=True, text=True, check=True).stdout
    assert re.search(r" U __aeabi_uldivmod$", listed, re.MULTILINE)
    assert Firmware(elf).check(made.output).loads


# CPU ----------------------------------------------------------------------------------------------------------------------


FLOATS = (
    PROLOGUE
    + "double half(double x) { return x / 2; }\nfloat quarter(float x) { return x / 4; }\nEXPORT_SYMBOL(half);\nEXPORT_SYMBOL(quarter);\n"
)
CHIPS = {
    "single precision only": ("-mcpu=cortex-m7", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"),
    "double precision": ("-mcpu=cortex-m7", "-mfloat-abi=hard", "-mfpu=fpv5-d16"),
    "without DSP": ("-mcpu=cortex-m33+nodsp", "-mfloat-abi=soft"),
}


def _chip(folder, chip):
    need("arm-none-eabi-gcc", "arm-none-eabi-objdump")
    sources = {"own.c": "float printk(float x) { return x; }\n"}
    core = "CPU_CORTEX_M33" if "DSP" in chip else "CPU_CORTEX_M7"
    cpu = ("-fno-short-enums", *CHIPS[chip])
    return Firmware(stand_in(folder, exports=("printk",), sources=sources, gnu=True, cpu=cpu, config=(*CONFIG[:2], core)))


def _code(path):
    return subprocess.run(["arm-none-eabi-objdump", "-d", path], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("chip", CHIPS)
def test_built_code_has_no_instructions_that_the_firmware_was_built_without(tmp_path, chip):
    firmware = _chip(tmp_path, chip)
    source = tmp_path / "f.c"
    source.write_text(FLOATS + "int mla(int a, short b, short c) { return a + b * c; }\nEXPORT_SYMBOL(mla);\n")
    made = firmware.build([source], tmp_path / "f.llext")
    code = _code(made.output)
    assert (".f64" in code) == (chip == "double precision")
    assert ("smlabb" in code) == (chip != "without DSP")
    assert firmware.check(made.output).results[0].verdict == "loads"


@pytest.mark.parametrize(
    ("built_for", "runs_on", "reason"),
    [
        ("double precision", "single precision only", "the firmware's has single precision only"),
        ("without DSP", "without DSP", ""),
        ("single precision only", "double precision", ""),
    ],
)
def test_units_that_the_firmware_does_not_have_are_told(tmp_path, built_for, runs_on, reason):
    (tmp_path / "a").mkdir()
    firmware = _chip(tmp_path / "a", built_for)
    source = tmp_path / "f.c"
    source.write_text(FLOATS)
    path = firmware.build([source], tmp_path / "f.llext").output
    (result,) = _chip(tmp_path, runs_on).check(path).results
    assert (result.verdict == "may crash", reason in result.reason) == (bool(reason), True)


def _riscv(text):
    """An ELF with Tag_RISCV_arch (5) among the attributes of the file (psABI, "Attributes")."""
    body = b"\x05" + text.encode() + b"\0"
    scope = b"riscv\0\x01" + struct.pack("<I", 5 + len(body)) + body
    writer = ElfWriter(243, flags=1)
    writer.section(".riscv.attributes", b"A" + struct.pack("<I", 4 + len(scope)) + scope, flags=0)
    return ElfFile.parse(writer.build())


@pytest.mark.parametrize(
    ("extension", "firmware", "missing"),
    [
        ("rv32i2p1_m2p0_f2p2_c2p0_zca1p0_zcf1p0", "rv32i2p1_m2p0_f2p2_c2p0", ""),
        ("rv32i2p1_f2p2_d2p2_c2p0_zcd1p0_zcf1p0", "rv32i2p1_f2p2_d2p2_c2p0", ""),
        ("rv32i2p1_c2p0_zcf1p0", "rv32i2p1_c2p0", "zcf"),
        ("rv32i2p1_m2p0_zmmul1p0", "rv32i2p1_m2p0", ""),
        ("rv32i2p1_zba1p0", "rv32i2p1_m2p0", "zba"),
    ],
)
def test_extensions_of_riscv_contain_others(extension, firmware, missing):
    """Zcf and Zcd are what C has for F and D on RV32 ("Zc" in the ISA manual): compilers of before 2023 do not name them."""
    found = [each.text for each in arch_of_machine(243).misfits(_riscv(extension), _riscv(firmware))]
    words = f"it uses the extensions {missing}, and the firmware is built without them"
    assert found == ([words] if missing else [])


def test_floats_in_registers_are_built_for(tmp_path):
    need("riscv64-unknown-elf-gcc", "readelf")
    cpu = ("-march=rv32imafc", "-mabi=ilp32f")
    sources = {"own.c": "float printk(float x) { return x; }\n"}
    common = {"isa": "riscv", "version": "4.4.0", "sources": sources, "gnu": True, "cpu": cpu}
    elf = stand_in(tmp_path, exports=("printk",), config=CONFIG[:2], **common)
    source = tmp_path / "f.c"
    source.write_text(FLOATS)
    made = Firmware(elf).build([source], tmp_path / "f.llext")
    flags = subprocess.run(["readelf", "-h", made.output], capture_output=True, text=True, check=True).stdout
    assert "single-float ABI" in flags
    assert Firmware(elf).check(made.output).results[0].verdict == "probably loads"


def test_firmware_of_another_profile_was_never_measured(tmp_path):
    need("arm-none-eabi-gcc")
    cpu = ("-mcpu=cortex-a7",)
    sources = {"own.c": "int printk(int x) { return x; }\n"}
    elf = stand_in(tmp_path, exports=("printk",), sources=sources, gnu=True, cpu=cpu, config=CONFIG[:2])
    assert not Firmware(elf).measured
    with pytest.raises(UsageError, match="does not tell its CPU"):
        Firmware(elf).build([tmp_path / "own.c"], tmp_path / "x.llext")


# Memory -------------------------------------------------------------------------------------------------------------------


def test_pages_of_an_mmu_round_regions(tmp_path):
    """Zephyr from 4.1 on: with CONFIG_MMU sizes and alignments are whole pages; tables stay as they are."""
    elf = stand_in(tmp_path, version="4.4.0", heap=65536, config=("LLEXT", "MMU", "MMU_PAGE_SIZE=4096"))
    (result,) = Firmware(elf).check(_made(tmp_path, ADD), storage="temporary").results
    sizes = {each.purpose: (each.size, each.alignment) for each in result.wants}
    assert (sizes["text"], sizes["rodata"], sizes["strtab"][1]) == ((4096, 4096), (4096, 4096), 1)


def test_user_mode_without_a_protection_that_the_loader_knows_is_enotsup(tmp_path):
    elf = stand_in(tmp_path, version="4.4.0", config=(*CONFIG, "USERSPACE"))
    (result,) = Firmware(elf).check(_made(tmp_path, ADD)).results
    assert (result.errno, result.verdict) == (Errno.ENOTSUP, "probably -ENOTSUP (-134)")


def test_a_region_beyond_every_power_of_two_never_ends(tmp_path):
    path = _made(tmp_path, "static char some[100];\nint go(int a) { return some[a]++; }\nEXPORT_SYMBOL(go);\n")
    data = bytearray(path.read_bytes())
    elf = ElfFile.parse(data)
    header = elf.header.section_offset + elf.section(".bss").index * elf.header.section_entry_size
    data[header + 20 : header + 24] = (0xF0000000).to_bytes(4, "little")
    path.write_bytes(data)
    elf = stand_in(tmp_path, config=(*CONFIG, "MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT"))
    (result,) = Firmware(elf).check(path).results
    assert result.may_crash
    assert "looks for ever for a power of two" in result.reason


@pytest.mark.parametrize("size", [0xFFFFFFF0, 0x40000000, 8])
def test_a_heap_that_no_device_has_is_not_believed(tmp_path, size):
    elf = stand_in(tmp_path, config=("LLEXT",))
    data = elf.read_bytes().replace((8192).to_bytes(4, "little") + bytes(8), size.to_bytes(4, "little") + bytes(8))
    elf.write_bytes(data)
    firmware = Firmware(elf)
    assert firmware.heap is None or firmware.heap.value.size == 8192


# Files ---------------------------------------------------------------------------------------------------------------------


def test_a_config_that_contradicts_the_elf_is_told(tmp_path):
    config = tmp_path / ".config"
    config.write_text("CONFIG_LLEXT=y\nCONFIG_LLEXT_LOG_LEVEL=4\n")
    elf = stand_in(tmp_path, config=(*CONFIG, "LLEXT_LOG_LEVEL=1"))
    verdict = Firmware(elf, config=config).check(_made(tmp_path, ADD))
    assert f"which is right: {config} says something else of CONFIG_LLEXT_LOG_LEVEL than the ELF; it counts" in verdict.unknown


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("place", ["firmware", "config", "file"])
def test_a_pipe_is_no_file(tmp_path, capfd, place):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words = {"firmware": stand_in(tmp_path, config=CONFIG), "config": tmp_path / ".config", "file": _made(tmp_path, ADD)} | {
        place: pipe
    }
    (tmp_path / ".config").write_text("CONFIG_LLEXT=y\n")
    assert run(["check", str(words["file"]), "--firmware", str(words["firmware"]), "--config", str(words["config"])]) == 2
    assert f"{pipe}: is no regular file" in capfd.readouterr().err


def test_the_firmware_is_not_written_over(tmp_path, capfd):
    elf = stand_in(tmp_path, config=CONFIG)
    kept = elf.read_bytes()
    (tmp_path / "a.c").write_text(PROLOGUE + ADD)
    assert run(["build", str(tmp_path / "a.c"), "-o", str(elf), "--firmware", str(elf)]) == 2
    assert elf.read_bytes() == kept
    assert "would be overwritten, and it is the firmware's" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [(5, 2, "big endian|section headers"), (18, 62, "64-bit|that is not known here|machine")],
)
def test_firmware_of_another_kind_is_refused(tmp_path, place, value, message):
    elf = stand_in(tmp_path, config=CONFIG)
    data = bytearray(elf.read_bytes())
    data[place] = value
    elf.write_bytes(data)
    with pytest.raises(UsageError, match=message):
        Firmware(elf)


def test_a_name_that_is_no_utf_8_is_checked_too(tmp_path):
    path = _made(tmp_path, ADD)
    odd = os.fsencode(tmp_path) + b"/n\xff.llext"
    shutil.copy(path, odd)
    (result,) = Firmware(stand_in(tmp_path, config=CONFIG)).check(os.fsdecode(odd)).results
    assert (result.verdict, result.reason) == ("loads", "")


@pytest.mark.parametrize(("choices", "message"), [({"storage": "foo"}, "there is no storage 'foo'")])
def test_wrong_choices_in_python_are_said(tmp_path, choices, message):
    firmware = Firmware(stand_in(tmp_path, config=CONFIG))
    with pytest.raises(UsageError, match=message):
        firmware.check(_made(tmp_path, ADD), **choices)
    with pytest.raises(UsageError, match="nothing to check"):
        firmware.check()
    with pytest.raises(UsageError, match="the LLEXT heap"):
        Firmware(tmp_path / "zephyr.elf", heap=8192)
