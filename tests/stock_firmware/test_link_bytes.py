"""llext link: the bytes of an image are those of ld.lld and GNU ld, its ELF is one for the tools of others, its lines are the source's."""

import io
import shutil
import struct
import subprocess

import pytest
from conftest import ROOT, need
from elftools.elf.elffile import ELFFile
from other_linkers import AT, BOARDS, GNU, LLD, VARIABLES, firmware_for, linked_by, places, sections

from llext.build import BuildOptions, build_extension
from llext.elf import ElfFile
from llext.target import load_target

SOURCES = [*sorted((ROOT / "tests" / "link" / "sources").glob("*.c")), ROOT / "examples" / "audio_codec"]
TOOLCHAINS = ["zig", pytest.param("gcc", marks=pytest.mark.tools)]


def image_of(folder, source, isa, toolchain="zig", optimize="s", ram=True, **options):
    """An extension that is built and linked: its file, its debug file, the image."""
    if toolchain == "gcc":
        need("arm-none-eabi-gcc", "riscv64-unknown-elf-gcc")
    files = sorted(source.glob("*.c")) if source.is_dir() else [source]
    board = load_target(BOARDS[isa])
    built = build_extension(files, folder / "x.llext", board, BuildOptions(toolchain, optimize, **options))
    firmware = firmware_for(folder, isa, built.output)
    return built, firmware.link(built.output, at=AT[isa], ram=VARIABLES[isa] if ram else None)


def same(ours, theirs):
    """Every section of ours is in theirs, at the same address with the same bytes."""
    assert ours
    for name, found in ours.items():
        assert found == theirs[name], name


@pytest.mark.parametrize("ram", [True, False], ids=["ram", "together"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("isa", ["arm", "riscv"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_bytes_are_those_of_ld_lld(tmp_path, source, isa, toolchain, ram):
    built, made = image_of(tmp_path, source, isa, toolchain, ram=ram)
    same(sections(made.elf), sections(linked_by(LLD, tmp_path, built.output, made)))


@pytest.mark.tools
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("isa", ["arm", "riscv"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_bytes_are_those_of_gnu_ld(tmp_path, source, isa, toolchain):
    need(GNU[isa][0])
    built, made = image_of(tmp_path, source, isa, toolchain)
    same(sections(made.elf), sections(linked_by(GNU[isa], tmp_path, built.output, made)))


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("isa", ["arm", "riscv"])
@pytest.mark.parametrize("source", SOURCES[::3], ids=lambda path: path.stem)
def test_the_debug_sections_are_those_of_ld_lld(tmp_path, source, isa, toolchain):
    built, made = image_of(tmp_path, source, isa, toolchain)
    assert made.debug == built.debug
    ours, theirs = sections(made.elf, debug=True), sections(linked_by(LLD, tmp_path, built.debug, made), debug=True)
    assert {".debug_info", ".debug_line"} <= ours.keys()
    for name, (_, data) in ours.items():
        other = theirs[name][1]
        assert len(data) == len(other)
        # ld.lld leaves the bit of Thumb in the low_pc of libgcc's assembler functions, where DWARF has addresses without it.
        assert all(a == b or a | 1 == b for a, b in zip(data, other, strict=True)), name
        assert sum(a != b for a, b in zip(data, other, strict=True)) <= 2 * (toolchain == "gcc"), name


@pytest.mark.parametrize("isa", ["arm", "riscv"])
def test_the_image_is_what_objcopy_makes_of_the_elf(tmp_path, isa):
    """Its program headers say where the bytes are stored: load addresses, not run addresses."""
    objcopy = {"arm": "arm-none-eabi-objcopy", "riscv": "riscv64-unknown-elf-objcopy"}[isa]
    need(objcopy)
    _, made = image_of(tmp_path, SOURCES[0].with_name("pointers.c"), isa)
    (tmp_path / "made.elf").write_bytes(made.elf)
    subprocess.run([objcopy, "-O", "binary", tmp_path / "made.elf", tmp_path / "theirs.bin"], check=True)
    assert (tmp_path / "theirs.bin").read_bytes() == made.image


@pytest.mark.parametrize("isa", ["arm", "riscv"])
def test_readelf_finds_nothing_wrong_with_the_elf(tmp_path, isa):
    need("readelf")
    _, made = image_of(tmp_path, ROOT / "examples" / "audio_codec", isa)
    (tmp_path / "made.elf").write_bytes(made.elf)
    done = subprocess.run(["readelf", "-aW", tmp_path / "made.elf"], capture_output=True, text=True, check=True)
    assert not done.stderr
    assert "EXEC (Executable file)" in done.stdout
    assert ".note.llext.firmware" in done.stdout


def test_llvm_verifies_the_dwarf(tmp_path):
    need("llvm-dwarfdump")
    for isa in BOARDS:
        _, made = image_of(tmp_path, ROOT / "examples" / "audio_codec", isa)
        (tmp_path / "made.elf").write_bytes(made.elf)
        done = subprocess.run(["llvm-dwarfdump", "--verify", tmp_path / "made.elf"], capture_output=True, text=True)
        assert "No errors." in done.stdout, done.stdout + done.stderr


def test_segments_are_where_their_sections_are(tmp_path):
    """The ELF format's own rules: offsets and addresses agree modulo the alignment, and sections lie in their segments."""
    for isa in BOARDS:
        _, made = image_of(tmp_path, ROOT / "examples" / "audio_codec", isa)
        elf = ELFFile(io.BytesIO(made.elf))
        segments = list(elf.iter_segments())
        assert segments
        for segment in segments:
            assert segment["p_offset"] % segment["p_align"] == segment["p_vaddr"] % segment["p_align"]
        for section in elf.iter_sections():
            if section["sh_flags"] & 2:
                assert sum(segment.section_in_segment(section) for segment in segments) == 1, section.name


# Lines --------------------------------------------------------------------------------------------------------------------

LINED = """#include <zephyr/llext/symbol.h>
static int total = 5;
__attribute__((noinline)) int first(int n)
{
    return n * total;  /* 5 */
}
int second(int n)
{
    total += first(n);  /* 9 */
    return total;
}
EXPORT_SYMBOL(second);
"""


@pytest.fixture
def lined(tmp_path):
    """An image of LINED, written: the ELF's path and the image, by ISA and compiler."""

    def make(isa, toolchain):
        source = tmp_path / "lined.c"
        source.write_text(LINED)
        _, made = image_of(tmp_path, source, isa, toolchain)
        (tmp_path / "lined.elf").write_bytes(made.elf)
        return tmp_path / "lined.elf", made

    return make


def symbols(made):
    """Symbols of its ELF by name, as pyelftools reads them."""
    table = ELFFile(io.BytesIO(made.elf)).get_section_by_name(".symtab")
    return {each.name: each for each in table.iter_symbols()}


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize(("isa", "prefix"), [("arm", "arm-none-eabi-"), ("riscv", "riscv64-unknown-elf-")])
def test_addr2line_finds_functions_and_lines(lined, isa, prefix, toolchain):
    need(prefix + "addr2line")
    path, made = lined(isa, toolchain)
    first = symbols(made)["first"]["st_value"] & ~1
    words = [prefix + "addr2line", "-f", "-e", path, hex(first), hex(made.exports["second"] & ~1)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0] == "first"
    assert said[1].endswith("lined.c:4") or said[1].endswith("lined.c:5")
    assert said[2] == "second"
    assert said[3].endswith("lined.c:8") or said[3].endswith("lined.c:9")


@pytest.mark.tools
@pytest.mark.parametrize("isa", ["arm", "riscv"])
def test_gdb_knows_lines_types_and_values(lined, isa):
    need("gdb-multiarch")
    path, made = lined(isa, "zig")
    asked = [f"info line *{made.exports['second'] & ~1:#x}", "ptype second", "print total", "info symbol &total"]
    words = ["gdb-multiarch", "-q", "-batch", *(word for each in asked for word in ("-ex", each)), path]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "lined.c" in done.stdout
    assert f"starts at address {made.exports['second'] & ~1:#x} <second>" in done.stdout
    assert "type = int (int)" in done.stdout
    assert "$1 = 5" in done.stdout
    assert "total in section .data" in done.stdout


def test_lines_are_found_by_pyelftools(lined):
    for isa in BOARDS:
        _, made = lined(isa, "zig")
        info = ELFFile(io.BytesIO(made.elf)).get_dwarf_info(relocate_dwarf_sections=False)
        rows = [
            entry.state
            for unit in info.iter_CUs()
            for entry in info.line_program_for_CU(unit).get_entries()
            if entry.state and not entry.state.end_sequence
        ]
        second = made.exports["second"] & ~1
        assert min(row.line for row in rows if row.address == second) in (8, 9)
        assert places(made.elf)[".text"] <= min(row.address for row in rows)


def test_a_debug_file_with_its_sections_in_another_order_is_used(tmp_path):
    """An object is stripped by another tool than a joined file."""
    built, made = image_of(tmp_path, SOURCES[0], "arm", kind="object")
    assert made.debug == built.debug
    orders = []
    for path in (built.output, built.debug):
        with path.open("rb") as file:
            orders.append([each.name for each in ELFFile(file).iter_sections() if each["sh_flags"] & 2 and each["sh_size"]])
    assert [name for name in orders[1] if name in orders[0]] != orders[0]
    same(sections(made.elf), sections(linked_by(LLD, tmp_path, built.output, made)))


def test_a_debug_file_of_another_build_is_not_used(tmp_path):
    built, _ = image_of(tmp_path, SOURCES[0], "arm")
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(image_of(other, SOURCES[1], "arm")[0].debug, built.debug)
    made = firmware_for(tmp_path, "arm", built.output).link(built.output, at=AT["arm"])
    assert made.debug is None
    assert made.warnings[-1] == f"{built.debug} is of another build than {built.output}: no lines in the ELF"
    assert not sections(made.elf, debug=True)


def test_without_a_debug_file_there_are_symbols_and_a_warning(tmp_path):
    built, _ = image_of(tmp_path, SOURCES[0], "arm")
    built.debug.unlink()
    made = firmware_for(tmp_path, "arm", built.output).link(built.output, at=AT["arm"])
    assert made.warnings[-1] == f"no DWARF in {built.output}, and no debug file beside it: no lines in the ELF, symbols only"
    assert set(made.exports) <= symbols(made).keys()


@pytest.mark.tools
def test_compressed_debug_sections_are_expanded_and_relocated(tmp_path):
    """gcc -gz: relocations count the bytes that are in them."""
    need("arm-none-eabi-gcc", "arm-none-eabi-addr2line")
    (tmp_path / "packed.c").write_text("int triple(int n)\n{\n    return 3 * n;\n}\n")
    words = ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "-g", "-gz=zlib", "-c", "packed.c", "-o", "packed.llext"]
    subprocess.run(words, check=True, cwd=tmp_path)
    with (tmp_path / "packed.llext").open("rb") as file:
        assert ELFFile(file).get_section_by_name(".debug_info")["sh_flags"] & 0x800
    made = firmware_for(tmp_path, "arm").link(tmp_path / "packed.llext", at=AT["arm"])
    (tmp_path / "made.elf").write_bytes(made.elf)
    words = ["arm-none-eabi-addr2line", "-f", "-e", tmp_path / "made.elf", hex(symbols(made)["triple"]["st_value"] & ~1)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert (said[0], said[1].endswith(("packed.c:2", "packed.c:3"))) == ("triple", True)


@pytest.mark.parametrize("isa", ["arm", "riscv"])
def test_common_symbols_and_a_global_offset_table_have_sections(tmp_path, build, isa):
    text = "int shared[5];\nextern int other(void);\nint *where(void) { return shared + k_uptime_get_32(); }\nEXPORT_SYMBOL(where);\n"
    path = build(text, board=BOARDS[isa], cflags=("-fcommon", "-fPIC"))
    made = firmware_for(tmp_path, isa, path).link(path, at=AT[isa], ram=VARIABLES[isa])
    found = places(made.elf)
    assert ".got" in found
    address = symbols(made)["shared"]["st_value"]
    (zeroed,) = made.zeroed
    assert found["COMMON"] <= address < zeroed.address + zeroed.size
    got = sections(made.elf)[".got"][1]
    assert address in [int.from_bytes(got[at : at + 4], "little") for at in range(0, len(got), 4)]


@pytest.mark.tools
def test_addresses_of_code_have_no_bit_of_thumb_in_dwarf(tmp_path):
    """libgcc's assembler functions are described by symbols that have it, and ld.lld leaves it in."""
    _, made = image_of(tmp_path, SOURCES[0].with_name("wide.c"), "arm", "gcc")
    info = ELFFile(io.BytesIO(made.elf)).get_dwarf_info(relocate_dwarf_sections=False)
    entries = [die for unit in info.iter_CUs() for die in unit.iter_DIEs() if "DW_AT_low_pc" in die.attributes]
    assert {"__aeabi_ldiv0"} <= {
        die.attributes["DW_AT_name"].value.decode() for die in entries if "DW_AT_name" in die.attributes
    }
    assert not [die for die in entries if die.attributes["DW_AT_low_pc"].value & 1]


ULEB = """.globl first
.type first, @function
first: .skip 300
second: nop
.section .debug_info, ""
.long 0
.section .debug_loclists, ""
.byte 1
.reloc ., R_RISCV_SET_ULEB128, second + 4
.reloc ., R_RISCV_SUB_ULEB128, first + 2
.byte 0x80, 0, 7
.reloc ., R_RISCV_ADD32, second
.reloc ., R_RISCV_SUB32, first
.long 0
"""


def test_differences_in_debug_sections_are_stored(tmp_path):
    """R_RISCV_SET_ULEB128 and SUB_ULEB128 are one number, in as many bytes as are there."""
    (tmp_path / "d.s").write_text(ULEB)
    words = [LLD[0], "clang", "--target=riscv32-unknown-elf", "-march=rv32imac", "-mabi=ilp32", "-c", "d.s", "-o", "d.llext"]
    subprocess.run(words, check=True, cwd=tmp_path)
    made = firmware_for(tmp_path, "riscv").link(tmp_path / "d.llext", at=AT["riscv"])
    ours = sections(made.elf, debug=True)
    assert ours[".debug_loclists"][1] == bytes([1, 0x80 | 302 & 0x7F, 302 >> 7, 7]) + struct.pack("<I", 300)
    same(ours, sections(linked_by(LLD, tmp_path, tmp_path / "d.llext", made), debug=True))


NOWHERE = """.globl first
.type first, %function
.thumb_func
first: bx lr
.section .extra, ""
.globl nowhere
nowhere: .long 0
.section .debug_info, ""
.long unknown
.long nowhere + 8
.long first
"""


def test_what_is_nowhere_is_no_symbol_and_no_address(tmp_path):
    """A symbol in a section that is not loaded, and one that only debug information names."""
    (tmp_path / "n.s").write_text(NOWHERE)
    words = [LLD[0], "clang", "--target=arm-none-eabi", "-mcpu=cortex-m4", "-mthumb", "-c", "n.s", "-o", "n.llext"]
    subprocess.run(words, check=True, cwd=tmp_path)
    made = firmware_for(tmp_path, "arm").link(tmp_path / "n.llext", at=AT["arm"])
    assert sections(made.elf, debug=True)[".debug_info"][1] == struct.pack("<3I", 0, 8, AT["arm"])
    names = {symbol.name for symbol in ElfFile.parse(made.elf).symbols}
    assert "first" in names
    assert not names & {"nowhere", "unknown"}
