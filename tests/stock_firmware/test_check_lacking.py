"""Stand-ins that lack something that a firmware may lack, and what llext check answers; docs/check.md has the table."""

import struct
from pathlib import Path

import pytest
from stand_in import RAM, stand_in

from llext.abi.slid import slid
from llext.build.firmware.slids import inject
from llext.errors import UsageError
from llext.firmware import Firmware, HeapPlace, given_heap

ADD = 'int add(int a, int b) { printk("adding\\n"); return a + b; }\nEXPORT_SYMBOL(add);\n'
CONFIG = ("LLEXT", "LLEXT_HEAP_SIZE=8", "CPU_CORTEX_M4", "LLEXT_LOG_LEVEL=1")
OPTIONS = "its options: --config .config tells them"
ADDRESS = "the address of the LLEXT heap: a firmware with symbols tells it, or --heap BYTES@ADDRESS"
LOADER = "struct llext { char bytes[%d]; };\nint llext_load(struct llext *ext) { return ext->bytes[0]; }\n"
NUMBERS = {name: slid(name) for name in ("printk", "k_malloc")}
STRIPPED = {"link": ("-s",), "heaps": (4096,), "table": "llext_const_symbol_area"}
MEMBLK = "the LLEXT heap: blocks of a fixed size; --heap BYTES@ADDRESS tells one"
TABLE = {
    "nothing": ({}, "loads", ()),
    "debug information, with exports by number": (
        {"slids": NUMBERS, "config": (*CONFIG, "LLEXT_EXPORT_BUILTINS_BY_SLID"), "link": ("-S",)},
        "loads",
        (),
    ),
    "the boot banner": (
        {"version": ""},
        "probably loads",
        ("the Zephyr version: a firmware with its boot banner tells it",),
    ),
    "the boot banner, not its debug information": (
        {"version": "", "exports": ("printk", "llext_load"), "sources": {"llext.c": LOADER % 188}},
        "loads",
        (),
    ),
    "symbols of its configuration": ({"config": ()}, "probably loads", (OPTIONS,)),
    "all symbols": ({**STRIPPED, "config": ()}, "probably loads", (OPTIONS, ADDRESS)),
    "all symbols, and the second heap": (
        {**STRIPPED, "config": (), "heaps": ()},
        "probably loads",
        (OPTIONS, "the LLEXT heap: a k_heap; --heap BYTES@ADDRESS tells one"),
    ),
    "a measured version": (
        {"version": "4.3.0"},
        "probably loads",
        ("Zephyr 4.3.0 on Arm: its loader was never measured, what it does is from source",),
    ),
    "the size of struct llext with user mode": (
        {"config": (*CONFIG, "USERSPACE")},
        "probably loads",
        (
            "sizeof(struct llext): its size with CONFIG_USERSPACE is not known for Zephyr 4.0; a firmware with debug information tells it",
        ),
    ),
    "nothing, with user mode and debug information": (
        {"config": ("LLEXT", "CPU_CORTEX_M4", "USERSPACE", "LLEXT_HEAP_SIZE=16"), "exports": ("printk", "llext_load"), "sources": {"llext.c": LOADER % 6348}, "heap": 16384},
        "loads",
        (),
    ),
    "one heap of a fixed place": (
        {"config": (*CONFIG, "LLEXT_HEAP_MEMBLK"), "heap": 0, "version": "4.4.0"},
        "probably loads",
        ("Zephyr 4.4.0 on Arm: its loader was never measured, what it does is from source", MEMBLK),
    ),
    "the import": ({"exports": ("k_malloc",)}, "-ENODATA (-61)", ()),
    "an implementation of the import": ({"exports": ("k_malloc",), "missing": ("printk",)}, "-ENODATA (-61)", ()),
    "room in its heap": ({"heap": 512, "config": ("LLEXT", "CPU_CORTEX_M4")}, "-ENOMEM (-12)", ()),
    "a release, being of a commit between two": (
        {"version": "3.7.0-8117-gabc"},
        "probably loads",
        ("Zephyr 3.7.0-8117-gabc on Arm: its loader was never measured, what it does is from source",),
    ),
    "a release, not its debug information": (
        {"version": "3.7.0-8117-gabc", "exports": ("printk", "llext_load"), "sources": {"llext.c": LOADER % 188}},
        "loads",
        (),
    ),
    "debug information, with an MPU": (
        {"config": (*CONFIG, "ARM_MPU")},
        "probably loads",
        ("sizeof(struct llext): with an MPU, Zephyr 4.0 may have a memory domain in it; a firmware with debug information tells it",),
    ),
    "agreement on its heap": (
        {"config": (*CONFIG[:1], "LLEXT_HEAP_SIZE=64", "CPU_CORTEX_M4")},
        "probably loads",
        ("the size of the LLEXT heap: 8192 bytes by symbol llext_heap, its init_mem and init_bytes, 64 KiB by symbol CONFIG_LLEXT_HEAP_SIZE; the former counts",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("lacking", TABLE)
def test_what_a_firmware_lacks_is_said_and_no_more(tmp_path, build, lacking):
    choices, answer, unknown = TABLE[lacking]
    path = build(ADD)
    if "slids" in choices:
        path.write_bytes(inject(path.read_bytes(), path.name))
    verdict = Firmware(stand_in(tmp_path, **({"config": CONFIG} | choices))).check(path)
    assert (verdict.results[0].verdict, verdict.unknown) == (answer, unknown)


def test_the_page_has_this_table():
    page = (Path(__file__).parents[2] / "docs" / "check.md").read_text()
    rows = [f"| {lacking} | {answer} | {'; '.join(unknown)} |" for lacking, (_, answer, unknown) in TABLE.items()]
    assert "\n".join(rows) in page


def test_a_heap_that_a_user_tells_settles_what_was_not_known(tmp_path, build):
    elf = stand_in(tmp_path, config=("X",), link=("-s",), heaps=())
    heap = HeapPlace(RAM["arm"] + 0x1040, 8192)
    told = Firmware(elf, heap=heap).check(build(ADD))
    assert told.unknown == (OPTIONS,)
    with_symbols = Firmware(stand_in(tmp_path, config=CONFIG)).check(build(ADD))
    assert told.results[0].heap == with_symbols.results[0].heap


@pytest.mark.parametrize(
    ("text", "place"), [("8192@0x20001000", (0x20001000, 8192)), ("8K", (0, 8192)), ("0x400@16", (16, 1024))]
)
def test_heaps_as_users_write_them(text, place):
    assert given_heap(text) == HeapPlace(*place)


@pytest.mark.parametrize("text", ["", "8 K", "0", "-4", "8192@", "@0x20000000", "x"])
def test_what_is_no_heap_is_said(text):
    with pytest.raises(UsageError, match="is no heap"):
        given_heap(text)


def test_the_log_level_is_told_by_the_loaders_texts(tmp_path):
    elf = stand_in(tmp_path, config=("LLEXT",), link=("-s",))
    assert not Firmware(elf).facts()["log level"].known
    data = elf.read_bytes().replace(b"*** Booting Zephyr OS", b"Loading ELF data\0\0\0\0\0")
    elf.write_bytes(data)
    fact = Firmware(elf).facts()["log level"]
    assert (fact.value, fact.source) == ("dbg", "its text 'Loading ELF data'")


def _attributes(*pairs):
    """A section .ARM.attributes with file-scope tags (ADDENDA32 3.3.6)."""
    body = b"".join(bytes(pair) for pair in pairs)
    scope = b"\x01" + struct.pack("<I", 5 + len(body)) + body
    vendor = b"aeabi\0" + scope
    return b"A" + struct.pack("<I", 4 + len(vendor)) + vendor


CASES = {
    "hard float": (((6, 13), (7, 77), (10, 6), (28, 1)), False, "it passes floats by the soft-float ABI, the firmware by the hard-float ABI"),
    "small enums": (((6, 13), (7, 77), (26, 1)), False, "it has enums as an int, the firmware as small as they can be"),
    "16-bit wchar_t": (((6, 13), (7, 77), (18, 2)), False, "it has wchar_t 4 bytes, the firmware 2 bytes"),
    "a smaller CPU": (((6, 11), (7, 77)), True, "it is built for Arm v7, the firmware for v6-M"),
    "a larger CPU": (((6, 13), (7, 77)), False, ""),
    "the same": (((6, 10), (7, 77)), False, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_attributes_that_differ_are_told(tmp_path, build, case):
    """Tags by ADDENDA32: 6 CPU_arch, 7 profile, 10 FP_arch, 18 wchar_t, 26 enum size, 28 VFP arguments."""
    tags, fatal, words = CASES[case]
    elf = stand_in(tmp_path, config=CONFIG)
    data = elf.read_bytes()
    path = tmp_path / "with.elf"
    path.write_bytes(_with_attributes(data, _attributes(*tags)))
    (result,) = Firmware(path).check(build(ADD)).results
    assert (result.verdict, bool(result.warnings)) == ("may crash" if fatal else "loads", bool(words) and not fatal)
    assert words in (result.reason if fatal else " ".join(result.warnings))


def _with_attributes(data, attributes):
    """The file with another .ARM.attributes: its section header shows bytes behind the end."""
    from llext.elf import ElfFile

    elf = ElfFile.parse(data)
    section = next(each for each in elf.sections if each.type == 0x70000003)
    out = bytearray(data)
    header = elf.header.section_offset + section.index * elf.header.section_entry_size
    out[header + 16 : header + 24] = struct.pack("<2I", len(out), len(attributes))
    return bytes(out + attributes)


def test_riscv_firmware_with_float_registers_is_told(tmp_path, build):
    """e_flags of the psABI: 0x4 is the double-float ABI."""
    elf = stand_in(tmp_path, isa="riscv", config=CONFIG, version="4.4.0")
    data = bytearray(elf.read_bytes())
    data[0x24] |= 0x4
    elf.write_bytes(data)
    (result,) = Firmware(elf).check(build(ADD, board="qemu_riscv32")).results
    assert result.warnings == (
        "it passes floats by ilp32, the firmware by ilp32d: no loader looks at that, and values go wrong",
    )
    assert Firmware(elf).facts()["float ABI"].value == "ilp32d"
