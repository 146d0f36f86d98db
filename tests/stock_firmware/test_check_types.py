"""What debug information of both sides tells llext check: sources of exports, types that differ, the loader's own structures."""

import json
import random
from dataclasses import replace

import pytest
from conftest import GNU, PROLOGUE, need
from stand_in import stand_in

from llext.build import BuildOptions, build_extension
from llext.cli.app import run
from llext.elf import ElfFile
from llext.firmware import Firmware
from llext.target import load_target

CONFIG = ("LLEXT", "LLEXT_HEAP_SIZE=8")
VENDOR = """struct frame { int width; int height; short depth; };
int vendor_frame(struct frame *frame, short line, double gain) { return frame->width + line; }
unsigned char vendor_mode = 3;
void vendor_log(const char *text, ...) { }
int vendor_same(const void *data, unsigned size) { return (int)size; }
"""
EXPORTS = ("vendor_frame", "vendor_mode", "vendor_log", "vendor_same", "printk", "k_malloc")
USER = """struct frame { int width; int height; };
extern int vendor_frame(struct frame *frame, int line, double gain);
extern unsigned vendor_mode;
extern void vendor_log(const char *text);
extern int vendor_same(const void *data, size_t size);
int go(void) { struct frame frame = {1, 2}; vendor_log("go"); return vendor_frame(&frame, 3, 1.0) + vendor_mode + vendor_same(&frame, 4); }
EXPORT_SYMBOL(go);
"""
DIFFERENCES = [
    ("vendor_frame", "argument 2 is an integer of 4 bytes for the extension and an integer of 2 bytes in the firmware"),
    ("vendor_frame", "struct frame has 8 bytes for the extension and 12 in the firmware"),
    ("vendor_log", "it takes 1 argument for the extension and 1 argument and more in the firmware"),
    ("vendor_mode", "it is an integer of 4 bytes for the extension and an integer of 1 byte in the firmware"),
]


def built(folder, text, toolchain="zig", board="mps2/an385", **choices):
    source = folder / "user.c"
    source.write_text(PROLOGUE + text)
    options = replace(BuildOptions(toolchain, types=True), **choices)
    return build_extension([source], folder / "user.llext", load_target(board), options).output


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize(("isa", "board"), [("arm", "mps2/an385"), ("riscv", "qemu_riscv32")])
@pytest.mark.parametrize(
    ("gnu", "form"), [(False, "-gdwarf-4"), (False, "-gdwarf-5"), (True, "-gdwarf-4"), (True, "-gdwarf-5")]
)
def test_types_that_differ_are_told_with_both_sides(tmp_path, isa, board, toolchain, gnu, form):
    if gnu or toolchain == "gcc":
        need(*GNU)
    of_vendor = {"sources": {"vendor.c": VENDOR}, "flags": (form,), "gnu": gnu}
    firmware = Firmware(stand_in(tmp_path, isa=isa, exports=EXPORTS, config=CONFIG, **of_vendor))
    extension = built(tmp_path, USER, toolchain, board)
    (both,) = firmware.check(extension).compared()
    assert sorted((each.name, each.what) for each in both.differences) == DIFFERENCES
    assert "vendor_same" in both.told
    frame = next(each for each in both.differences if each.name == "vendor_frame")
    assert frame.extension.text == "int vendor_frame(struct frame *, int, double)"
    assert frame.firmware.text == "int vendor_frame(struct frame *frame, short line, double gain)"
    assert {name: source.rpartition("/")[2] for name, source in both.sources.items()} == dict.fromkeys(EXPORTS[:4], "vendor.c")


def test_the_answer_has_them(tmp_path, capfd):
    firmware = stand_in(tmp_path, exports=EXPORTS, sources={"vendor.c": VENDOR}, config=(*CONFIG, "CPU_CORTEX_M4"))
    extension = built(tmp_path, USER)
    assert run(["check", str(extension), "--firmware", str(firmware)]) == 0
    text = capfd.readouterr().out
    assert "vendor_mode   firmware, 0x" in text
    assert f", {tmp_path}/vendor.c\n" in text
    assert (
        "  warning: types of vendor_log differ: it takes 1 argument for the extension and 1 argument and more in the firmware\n"
        "    extension: void vendor_log(const char *);\n"
        "    firmware:  void vendor_log(const char *text, ...);\n"
    ) in text
    assert run(["check", str(extension), "--firmware", str(firmware), "--json"]) == 0
    types = json.loads(capfd.readouterr().out)["extensions"][0]["types"]
    assert len(types["differ"]) == len(DIFFERENCES)
    assert sorted(types["compared"]) == ["vendor_frame", "vendor_log", "vendor_mode", "vendor_same"]


def test_the_firmware_is_read_once(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("LLEXT_CACHE_DIR", str(tmp_path / "cache"))
    others = {f"other{number}.c": f"int other{number}(void) {{ return {number}; }}\n" for number in range(12)}
    names = tuple(f"other{number}" for number in range(12))
    firmware = stand_in(tmp_path, exports=(*EXPORTS, *names), sources={"vendor.c": VENDOR, **others}, config=CONFIG)
    extension = built(tmp_path, USER)
    said = []
    for _ in range(2):
        run(["check", str(extension), "--firmware", str(firmware)])
        said.append(capfd.readouterr())
    assert "reading the firmware's debug information, this once" in said[0].err
    assert said[1].err == ""
    assert said[0].out == said[1].out


LOADER = "struct llext { char bytes[%d]; };\nstruct llext_loader { int some[4]; };\nint llext_load(struct llext *ext, struct llext_loader *loader) { return ext->bytes[loader->some[0]]; }\n"


def test_the_size_of_its_struct_llext_is_read(tmp_path, build):
    sources = {"llext.c": LOADER % 212}
    firmware = Firmware(stand_in(tmp_path, exports=("printk", "llext_load"), sources=sources, config=CONFIG))
    assert (firmware.struct_bytes.value, firmware.struct_bytes.source) == (212, "its debug information")
    request = firmware.check(build("int f(void) { return 1; }\nEXPORT_SYMBOL(f);\n")).results[0].heap.requests[0]
    assert (request.wanted.purpose, request.wanted.size) == ("struct llext", 212)


@pytest.mark.parametrize(("size", "version"), [(144, "3.7.0"), (188, "4.0.0")])
def test_a_firmware_without_banner_shows_its_version_by_its_structures(tmp_path, size, version):
    elf = stand_in(tmp_path, version="", exports=("printk", "llext_load"), sources={"llext.c": LOADER % size}, config=CONFIG)
    assert Firmware(elf).version.value == version
    assert Firmware(elf).version.source == f"the {size} bytes of its struct llext"


def test_an_export_under_another_name_is_found(tmp_path):
    """EXPORT_SYMBOL_NAMED: the table's name is not that of the source."""
    sources = {"inner.c": "int inner(int a) { return a; }\n"}
    elf = stand_in(tmp_path, exports=("printk", "outer"), sources=sources, named={"outer": "inner"}, config=CONFIG)
    assert Firmware(elf).declarations()["outer"].text == "int inner(int a)"


@pytest.mark.parametrize("section", [".debug_info", ".debug_abbrev", ".debug_str", ".debug_addr", ".debug_line"])
def test_damaged_debug_information_leaves_the_rest_of_the_answer(tmp_path, section):
    elf = stand_in(tmp_path, exports=EXPORTS, sources={"vendor.c": VENDOR, "llext.c": LOADER % 188}, config=CONFIG)
    data = bytearray(elf.read_bytes())
    found = ElfFile.parse(data).section(section)
    generator = random.Random(section)
    extension = built(tmp_path, USER)
    for _ in range(20):
        damaged = bytearray(data)
        for _ in range(8):
            damaged[found.offset + generator.randrange(found.size)] = generator.randrange(256)
        elf.write_bytes(damaged)
        verdict = Firmware(elf).check(extension)
        verdict.compared()
        assert verdict.loads


def test_a_debug_file_that_is_damaged_or_absent_means_no_types(tmp_path):
    firmware = Firmware(stand_in(tmp_path, exports=EXPORTS, sources={"vendor.c": VENDOR}, config=CONFIG))
    extension = built(tmp_path, USER)
    twin = extension.with_name("user_debug.elf")
    twin.write_bytes(twin.read_bytes()[:700])
    assert firmware.check(extension).compared()[0].told == ()
    twin.unlink()
    assert firmware.check(extension).compared()[0].told == ()
    assert set(firmware.check(extension).compared()[0].untold.values()) == {
        "the extension has no debug information on its imports: NAME_debug.elf of 'llext build', or gcc's, has it"
    }


def test_what_is_not_compared_is_told_with_the_reason(tmp_path, capfd):
    elf = stand_in(tmp_path, exports=EXPORTS, sources={"vendor.c": VENDOR}, config=CONFIG, link=("-S",))
    assert run(["check", str(built(tmp_path, USER)), "--firmware", str(elf)]) == 0
    line = next(line for line in capfd.readouterr().out.splitlines() if "not compared" in line)
    names = line.removeprefix("  types not compared of ").removesuffix(": the firmware has no debug information")
    assert sorted(names.split(", ")) == ["vendor_frame", "vendor_log", "vendor_mode", "vendor_same"]


@pytest.mark.parametrize("form", ["-gdwarf-4", "-gdwarf-5"])
def test_a_unit_of_variables_only_is_found(tmp_path, form):
    sources = {"data.c": "unsigned char mode = 3;\n", "code.c": "int code(void) { return 1; }\n"}
    elf = stand_in(tmp_path, exports=("printk", "mode", "code"), sources=sources, config=CONFIG, flags=(form,))
    assert Firmware(elf).declarations()["mode"].text == "unsigned char mode"
