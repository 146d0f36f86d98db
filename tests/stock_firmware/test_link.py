"""llext link: where things go, what collides, what the device has to do, what is refused."""

import hashlib
import io
import struct
import subprocess
from dataclasses import replace

import pytest
from elftools.elf.elffile import ELFFile
from other_linkers import AT, BOARDS, CONFIG, VARIABLES, firmware_for, places, sections
from stand_in import FLASH, RAM, TRIPLES, stand_in

from llext.build import BuildOptions, build_extension
from llext.build.toolchain import zig_program
from llext.errors import ElfError, Errno, LinkError, LoadError, UsageError
from llext.firmware import Copy, Firmware, Zeroed
from llext.target import load_target

COUNTER = """static int total = 40;
static int calls[10];
const char *const texts[] = {"none", "one"};
int count(int n) { calls[n % 10]++; printk("%s\\n", texts[n & 1]); return total += n; }
EXPORT_SYMBOL(count);
__attribute__((constructor)) static void up(void) { total += 2; printk("up\\n"); }
"""
MEMORIES = ("FLASH_BASE_ADDRESS=0x08000000", "FLASH_SIZE=512", "SRAM_BASE_ADDRESS=0x20000000", "SRAM_SIZE=64")


@pytest.fixture
def counter(build):
    return build(COUNTER, "counter")


def region(made, name):
    return next(each for each in made.regions if each.name == name)


def test_regions_lie_one_behind_the_other(tmp_path, counter):
    made = firmware_for(tmp_path, "arm", counter).link(counter, at=AT["arm"])
    assert [each.name for each in made.regions] == ["text", "rodata", "export", "init", "data", "bss"]
    assert made.regions[0].address == made.load_address == AT["arm"]
    for before, behind in zip(made.regions, made.regions[1:], strict=False):
        assert before.address + before.size <= behind.address < before.address + before.size + 8
    assert made.load_address + len(made.image) == region(made, "data").address + region(made, "data").size
    assert made.copies == ()
    assert made.zeroed == (Zeroed(region(made, "bss").address, 40),)


def test_with_ram_the_first_values_stand_in_the_image(tmp_path, counter):
    made = firmware_for(tmp_path, "arm", counter).link(counter, at=AT["arm"], ram=VARIABLES["arm"])
    data, bss = region(made, "data"), region(made, "bss")
    assert (data.address, bss.address) == (VARIABLES["arm"], VARIABLES["arm"] + data.size)
    assert made.copies == (Copy(data.stored, data.address, data.size),)
    assert made.image[data.stored - AT["arm"] :] == sections(made.elf)[".data"][1] == struct.pack("<I", 40)
    assert made.zeroed == (Zeroed(bss.address, 40),)


def test_exports_and_arrays_are_addresses_of_functions(tmp_path, counter):
    """As the symbols of the ELF say, read by pyelftools: bit 0 is Thumb's."""
    made = firmware_for(tmp_path, "arm", counter).link(counter, at=AT["arm"])
    table = ELFFile(io.BytesIO(made.elf)).get_section_by_name(".symtab")
    values = {each.name: each["st_value"] for each in table.iter_symbols()}
    assert made.exports == {"count": values["count"]}
    assert values["count"] & 1
    (array,) = made.init
    assert (array.name, array.address, array.functions) == ("init", region(made, "init").address, (values["up"],))
    assert made.fini == ()


def test_imports_have_the_addresses_of_the_export_table(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    with firmware.image.path.open("rb") as file:
        symbol = ELFFile(file).get_section_by_name(".symtab").get_symbol_by_name("printk")[0]
    assert firmware.link(counter, at=AT["arm"]).imports == {"printk": symbol["st_value"]}


def test_the_image_is_the_same_each_time(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    first, second = (firmware.link(counter, at=AT["arm"], ram=VARIABLES["arm"]) for _ in range(2))
    assert first == second


def test_a_path_with_blanks_and_letters_that_are_not_ascii(tmp_path, counter):
    folder = tmp_path / "meine Prüfung"
    folder.mkdir()
    path = folder / "ein Zähler.llext"
    path.write_bytes(counter.read_bytes())
    made = firmware_for(folder, "arm", path).link(str(path), at=AT["arm"])
    assert made.image == firmware_for(tmp_path, "arm", counter).link(counter, at=AT["arm"]).image


# Imports ------------------------------------------------------------------------------------------------------------------


def test_what_nobody_exports_is_the_error_of_check(tmp_path, build):
    path = build('extern int odd(void);\nint f(void) { printk("x"); return odd(); }\nEXPORT_SYMBOL(f);\n')
    firmware = Firmware(stand_in(tmp_path, exports=("printk_", "k_malloc"), config=CONFIG))
    with pytest.raises(LinkError) as caught:
        firmware.link(path, at=AT["arm"])
    assert caught.value.errno is Errno.ENODATA
    assert "does not provide" in caught.value.message
    assert {"'odd'", "'printk'"} <= set(caught.value.message.replace(",", "").split())
    hints = {each.name: each.hint for each in firmware.check(path).results[0].imports}
    assert set(caught.value.hint.split("\n  ")) == set(hints.values())
    assert caught.value.details == {"missing": list(hints)}


def test_an_export_without_implementation_is_refused(tmp_path, counter):
    firmware = Firmware(stand_in(tmp_path, exports=("k_malloc",), missing=("printk",), config=CONFIG))
    with pytest.raises(LinkError, match="does not provide 'printk'"):
        firmware.link(counter, at=AT["arm"])


def test_a_weak_symbol_that_nobody_has_is_null(tmp_path, build):
    weak = "extern __attribute__((weak)) int perhaps(void);\nint ask(void) { return perhaps ? perhaps() : 3; }\nEXPORT_SYMBOL(ask);\n"
    made = Firmware(stand_in(tmp_path, config=CONFIG)).link(build(weak), at=AT["arm"])
    assert made.imports == {"perhaps": None}


def test_another_isa_is_refused(tmp_path, counter):
    with pytest.raises(LoadError, match="is built for Arm, and the firmware .* for RISC-V"):
        firmware_for(tmp_path, "riscv", counter).link(counter, at=AT["riscv"])


@pytest.mark.parametrize(("board", "runs"), [("mps2/an385", True), ("mps2/an386", True), ("mps2/an521", False)])
def test_code_for_another_cpu_is_refused_where_the_firmware_tells_its_own(tmp_path, build, board, runs):
    """Cortex-M3, M4 with an FPU, M33, for a Cortex-M4; ISA v8-M is not what that executes."""
    path = build("int twice(int n) { return 2 * n; }\nEXPORT_SYMBOL(twice);\n", board=board)
    firmware = firmware_for(tmp_path, "arm", path, config=(*CONFIG, "CPU_CORTEX_M4"))
    if runs:
        assert firmware.link(path, at=AT["arm"]).exports
        return
    with pytest.raises(LoadError, match=r"is built for Arm v8-M.main, the firmware for v7E-M"):
        firmware.link(path, at=AT["arm"])


def test_another_float_abi_is_told(tmp_path, build):
    text = "float half(float x) { return x / 2; }\nEXPORT_SYMBOL(half);\n"
    hard = build(text, "hard", board="mps2/an386")
    (warning,) = firmware_for(tmp_path, "arm", hard).link(hard, at=AT["arm"]).warnings
    assert "by the hard-float ABI, the firmware by the soft-float ABI" in warning
    assert firmware_for(tmp_path, "arm", soft := build(text, "soft")).link(soft, at=AT["arm"]).warnings == ()


# Places -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def memories(tmp_path, counter):
    """A firmware whose configuration tells its memories, and what it answers."""
    firmware = firmware_for(tmp_path, "arm", counter, config=(*CONFIG, *MEMORIES))

    def refused(**where):
        with pytest.raises(UsageError) as caught:
            firmware.link(counter, **where)
        return caught.value

    return firmware, refused


def test_a_collision_names_section_range_and_the_next_free_address(memories, counter):
    firmware, refused = memories
    at = next(each for each in firmware.image.elf.sections if each.name == ".text")
    error = refused(at=at.address)
    assert error.errno is Errno.EADDRINUSE
    assert f"the firmware's section .text ({at.address:#010x} to {at.address + at.size - 1:#010x})" in error.message
    free = error.details["next_free"]
    assert error.hint == f"the next free address behind it: --at {free:#010x}"
    assert firmware.link(counter, at=free, ram=VARIABLES["arm"]).load_address == free


@pytest.mark.parametrize("name", ["rodata", "llext_const_symbol_area", "k_heap_area"])
def test_every_section_with_memory_is_in_the_way(memories, name):
    firmware, refused = memories
    section = next(each for each in firmware.image.elf.sections if each.name == name)
    start = (section.address + section.size - 1) // 8 * 8
    assert f"section {name} (" in refused(at=start, ram=VARIABLES["arm"]).message


def test_the_llext_heap_and_the_rest_of_noinit_are_in_the_way(memories):
    _, refused = memories
    assert "the firmware's LLEXT heap (0x20001040 to 0x2000303f)" in refused(at=AT["arm"], ram=0x20003000).message
    assert "the firmware's section noinit (0x20001000 to 0x2000303f)" in refused(at=AT["arm"], ram=0x20000FE0).message


def test_zeroed_memory_counts_although_the_image_has_none_of_it(memories):
    """20 bytes of data and 40 of bss: the bss alone reaches into noinit."""
    _, refused = memories
    assert "--ram 0x20000ff8: data, bss of" in refused(at=AT["arm"], ram=0x20000FF8).message


def test_first_values_of_a_section_are_in_the_way_where_they_are_stored(tmp_path, counter):
    """The firmware's .data: used in RAM, stored in flash behind the code. Only program headers tell that."""
    (tmp_path / "f.s").write_text(
        '.section .text,"ax",%progbits\n.globl printk\n.thumb_func\nprintk: bx lr\n'
        '.section rodata,"a",%progbits\nname: .asciz "printk"\n'
        '.section llext_const_symbol_area,"a",%progbits\n.word name, printk\n.section datas,"aw",%progbits\n.skip 64, 1\n'
    )
    (tmp_path / "f.ld").write_text(
        "SECTIONS { .text 0x08000000 : { *(.text) } rodata : { *(rodata) } llext_const_symbol_area : { KEEP(*(llext_const_symbol_area)) }\n"
        "datas 0x20000000 : AT(0x08000100) { *(datas) } }\n"
    )
    zig = str(zig_program())
    subprocess.run([zig, "clang", *TRIPLES["arm"], "-c", "f.s", "-o", "f.o"], check=True, cwd=tmp_path)
    subprocess.run([zig, "ld.lld", "-e", "0", "-T", "f.ld", "f.o", "-o", "f.elf"], check=True, cwd=tmp_path)
    with pytest.raises(UsageError) as caught:
        Firmware(tmp_path / "f.elf").link(counter, at=0x08000120)
    assert "first values of section datas (0x08000100 to 0x0800013f)" in caught.value.message
    assert caught.value.details["next_free"] == 0x08000140


@pytest.mark.parametrize("option", ["at", "ram"])
def test_an_address_that_is_not_aligned_says_which_alignment(tmp_path, build, option):
    path = build("__attribute__((aligned(64))) int table[16] = {1};\nint f(int n) { return table[n]; }\nEXPORT_SYMBOL(f);\n")
    firmware = firmware_for(tmp_path, "arm", path)
    where = {"at": AT["arm"], "ram": VARIABLES["arm"]}
    with pytest.raises(UsageError, match="data of .* wants 64 bytes") as caught:
        firmware.link(path, **(where | {option: where[option] + 32}))
    assert caught.value.hint == f"the next address that is: --{option} {where[option] + 64:#010x}"
    made = firmware.link(path, **where)
    assert places(made.elf)[".data"] % 64 == 0
    assert made.copies[0].source % 64 == 0


@pytest.mark.parametrize(
    ("at", "words"), [(1 << 32, "addresses have 32 bits"), (-4, "addresses have 32 bits"), (0xFFFFFFF0, "behind the end")]
)
def test_addresses_have_32_bits(memories, at, words):
    _, refused = memories
    assert words in refused(at=at).message


def test_data_in_the_image_itself_are_refused(memories):
    _, refused = memories
    assert "data and bss would lie in the image" in refused(at=AT["arm"], ram=AT["arm"] + 8).message


def test_warnings_tell_what_is_not_known_or_goes_wrong(memories, counter):
    firmware, _ = memories
    ram = VARIABLES["arm"] - 0x8000
    assert firmware.link(counter, at=AT["arm"], ram=ram).warnings == ()
    (flash,) = firmware.link(counter, at=AT["arm"]).warnings
    assert flash.startswith("data and bss lie in flash (0x08000000 to 0x0807ffff)")
    (far,) = firmware.link(counter, at=0x90000000, ram=ram).warnings
    assert far == "--at 0x90000000: nothing is known of memory there, no section of the firmware is near"
    (outside,) = firmware.link(counter, at=AT["arm"], ram=0x20010000).warnings
    assert outside.startswith(
        "--ram 0x20010000: that is not in flash (0x08000000 to 0x0807ffff) and RAM (0x20000000 to 0x2000ffff)"
    )


def test_without_a_configuration_only_what_is_far_is_told(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    assert firmware.link(counter, at=AT["arm"], ram=VARIABLES["arm"]).warnings == ()
    assert len(firmware.link(counter, at=0x60000000, ram=VARIABLES["arm"]).warnings) == 1


def test_memory_that_malloc_takes_is_told(tmp_path, counter):
    """The common C library takes all RAM that is left if the size of its arena is -1 (Zephyr's documentation)."""
    config = (*CONFIG, *MEMORIES, "COMMON_LIBC_MALLOC_ARENA_SIZE=0xffffffff")
    firmware = firmware_for(tmp_path, "arm", counter, config=config)
    (warning,) = firmware.link(counter, at=AT["arm"], ram=0x20004000).warnings
    assert "for malloc (0x20003040 to 0x2000ffff)" in warning


def test_branches_that_do_not_reach_go_through_veneers(tmp_path, build):
    """Compiled for near calls: an image 64 MiB from the firmware needs them, one beside it has none."""
    source = tmp_path / "near.c"
    source.write_text("#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n" + COUNTER)
    path = build_extension(
        [source], tmp_path / "near.llext", load_target("mps2/an385"), BuildOptions(cflags=("-mno-long-calls",))
    ).output
    firmware = firmware_for(tmp_path, "arm", path)
    assert firmware.link(path, at=AT["arm"]).veneers == 0
    far = firmware.link(path, at=0x10000000)
    assert far.veneers > 0
    assert ".veneers" in places(far.elf)


# What it says of the firmware and the device ------------------------------------------------------------------------------


def note_of(elf):
    (note,) = ELFFile(io.BytesIO(elf)).get_section_by_name(".note.llext.firmware").iter_notes()
    return note


def test_without_a_build_id_the_identity_is_a_hash_of_what_is_loaded(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    made = firmware.link(counter, at=AT["arm"])
    digest = hashlib.sha256()
    with firmware.image.path.open("rb") as file:
        rows = [each for each in ELFFile(file).iter_sections() if each["sh_flags"] & 2 and each["sh_type"] != "SHT_NOBITS"]
        for each in sorted((each for each in rows if each["sh_size"]), key=lambda each: each["sh_addr"]):
            digest.update(struct.pack("<II", each["sh_addr"], each["sh_size"]) + each.data())
    assert made.identity.value == digest.digest()
    note = note_of(made.elf)
    assert (note["n_name"], note["n_descdata"]) == ("llext", digest.digest())


def test_symbols_and_debug_information_do_not_change_the_identity_and_code_does(tmp_path, counter):
    made = firmware_for(tmp_path, "arm", counter).link(counter, at=AT["arm"])
    more = firmware_for(tmp_path, "arm", counter, config=(*CONFIG, "SHELL")).link(counter, at=AT["arm"])
    assert made.identity == more.identity
    other = firmware_for(tmp_path, "arm", counter, version="4.0.1").link(counter, at=AT["arm"])
    assert made.identity != other.identity


def test_a_build_id_is_the_identity(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    words = [
        str(zig_program()),
        "ld.lld",
        "-Ttext=0x08000000",
        "--section-start=noinit=0x20001000",
        "-e",
        "0",
        "--build-id=0x0123456789abcdef",
    ]
    subprocess.run([*words, tmp_path / "zephyr.o", "-o", firmware.image.path], check=True)
    made = Firmware(firmware.image.path).link(counter, at=0x08100000)
    assert made.identity.value.hex() == "0123456789abcdef"
    assert made.identity.source == "its GNU build id"
    assert note_of(made.elf)["n_descdata"].hex() == "0123456789abcdef"


def test_what_is_saved_is_what_the_tables_of_the_file_and_the_heap_take(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    saved = firmware.link(counter, at=AT["arm"]).saved
    with counter.open("rb") as file:
        rows = [(each["sh_type"], each["sh_size"], each) for each in ELFFile(file).iter_sections()]
        relocations = sum(each.num_relocations() for kind, _, each in rows if kind == "SHT_REL")
    sizes = {kind: sum(size for each, size, _ in rows if each == kind) for kind in ("SHT_SYMTAB", "SHT_STRTAB", "SHT_REL")}
    assert (saved.symbols, saved.strings, saved.relocations) == tuple(sizes.values())
    assert saved.relocated == relocations
    assert saved.file == counter.stat().st_size
    heap = firmware.check(counter).results[0].heap
    assert (saved.heap, saved.peak) == (heap.used, heap.peak)


# Bad input ----------------------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_or_is_none(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    with pytest.raises(FileNotFoundError):
        firmware.link(tmp_path / "none.llext", at=AT["arm"])
    (tmp_path / "text.llext").write_text("text")
    with pytest.raises(ElfError, match="this looks like text"):
        firmware.link(tmp_path / "text.llext", at=AT["arm"])
    (tmp_path / "cut.llext").write_bytes(counter.read_bytes()[:1000])
    with pytest.raises(ElfError, match="truncated"):
        firmware.link(tmp_path / "cut.llext", at=AT["arm"])


def test_an_image_cannot_be_linked_again(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    made = firmware.link(counter, at=AT["arm"])
    (tmp_path / "made.elf").write_bytes(made.elf)
    with pytest.raises(LoadError, match="ET_EXEC"):
        firmware.link(tmp_path / "made.elf", at=AT["arm"])


def test_a_debug_file_that_was_named_must_be_one(tmp_path, counter):
    firmware = firmware_for(tmp_path, "arm", counter)
    (tmp_path / "text.elf").write_text("text")
    with pytest.raises(ElfError):
        firmware.link(counter, at=AT["arm"], debug=tmp_path / "text.elf")
    damaged = counter.with_name("counter_debug.elf")
    damaged.write_bytes(b"\x7fELF")
    assert firmware.link(counter, at=AT["arm"]).debug is None


@pytest.mark.parametrize("isa", ["arm", "riscv"])
def test_an_extension_without_variables_needs_nothing(tmp_path, build, isa):
    path = build("int twice(int n) { return 2 * n; }\nEXPORT_SYMBOL(twice);\n", board=BOARDS[isa])
    made = firmware_for(tmp_path, isa, path).link(path, at=FLASH[isa] + 0x40000, ram=RAM[isa] + 0x10000)
    assert (made.copies, made.zeroed, made.init, made.fini, made.imports) == ((), (), (), (), {})
    assert replace(made, elf=b"", regions=()).warnings == ()


def test_a_system_call_that_nobody_implements_is_no_import(tmp_path, build):
    """Zephyr 3.7 has an address for it, which is that of data."""
    text = "extern int z_impl_adc_read(int a);\nint go(int a) { return z_impl_adc_read(a); }\nEXPORT_SYMBOL(go);\n"
    sources = {"stub.c": "const int z_impl_adc_read = 0;\n"}
    elf = stand_in(tmp_path, version="3.7.0", exports=("printk", "z_impl_adc_read"), sources=sources, config=CONFIG)
    with pytest.raises(LoadError, match="does not provide 'z_impl_adc_read'"):
        Firmware(elf).link(build(text), at=AT["arm"])
