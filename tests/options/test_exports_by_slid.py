"""CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID: exports of the firmware are found by numbers that are made of their names."""

import shutil

import pytest

from llext import LoadError
from llext.abi.slid import slid
from llext.build.firmware import Project, build_application
from llext.build.firmware.slids import DONE, prepare
from llext.elf import ElfFile
from llext.errors import BuildError

PRJ = "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID=y\n"
MAIN = """
int twice(int n) { return 2 * n; }
EXPORT_SYMBOL(twice);
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext;

	printk("by name %p by slid %d\\n", llext_find_sym(NULL, "twice"), llext_find_sym(NULL, (char *)SLID) == (void *)twice);
	printk("load %d\\n", llext_load(&loader.loader, "ext", &ext, NULL));
	printk("call %d\\n", llext_call_fn(ext, "hello"));
	return 0;
}
""".replace("SLID", hex(slid("twice")))
EXT = 'int twice(int n);\nvoid hello(void) { printk("hello %d\\n", twice(21)); }\nEXPORT_SYMBOL(hello);\n'


def test_slids_are_zephyrs():
    assert slid("printk") == 0x87B31052
    assert slid("printk", 8) == 0x87B3105268827052
    assert slid("z_impl_ext_syscall_fail") == 0xD58BC0E7


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_names_are_numbers_in_the_table_and_in_extensions(powered, build, name):
    board = powered(PRJ + "CONFIG_LLEXT_HEAP_SIZE=64\n", MAIN, EXT, board=name)
    board.boot()
    board.run()
    assert board.console == "by name (nil) by slid 1\nload 0\nhello 42\ncall 0\n"
    elf = board.firmware.image.elf
    table = elf.section("llext_const_symbol_area")
    numbers = [int.from_bytes(elf.contents(table)[at : at + 4], "little") for at in range(0, table.size, 8)]
    assert numbers == sorted(numbers)
    assert {slid("twice"), slid("printk"), slid("strcpy")} <= set(numbers)
    assert table.flags & DONE
    names = elf.section("llext_exports_strtab")
    assert (names.address, names.flags & 2) == (0, 0)
    with pytest.raises(LoadError, match="nothing provides 'printk' by the SLID that the file has for it"):
        board.load(build('void hello(void) { printk("hello"); }\nEXPORT_SYMBOL(hello);\n', "plain", board=name))


def test_the_second_build_does_nothing(application):
    elf = application("int main(void) { return 0; }\n", "CONFIG_LLEXT=y\n" + PRJ)
    data, made = elf.read_bytes(), elf.stat().st_mtime_ns
    assert prepare(data, "zephyr.elf") == data
    assert build_application(Project.of(elf.parents[2])) == elf
    assert elf.stat().st_mtime_ns == made


def test_an_export_that_comes_twice_is_refused(application):
    main = """#include <zephyr/llext/symbol.h>
int first, second;
EXPORT_SYMBOL_NAMED(first, both);
int main(void) { return 0; }
"""
    other = "#include <zephyr/llext/symbol.h>\nextern int second;\n#define __llext_sym_both other\nEXPORT_SYMBOL_NAMED(second, both);\n"
    with pytest.raises(BuildError) as told:
        application(main, "CONFIG_LLEXT=y\n" + PRJ, files={"src/b.c": other}, cmake="target_sources(app PRIVATE src/b.c)\n")
    assert "'both' is exported twice" in f"{told.value}{told.value.diagnostics}"


def test_two_names_of_one_number_are_refused(application, monkeypatch):
    elf = application("int main(void) { return 0; }\n", "CONFIG_LLEXT=y\n" + PRJ.replace("_BY_SLID=y", "_BY_SLID=n"))
    monkeypatch.setattr("llext.build.firmware.slids.slid", len)
    data = elf.read_bytes()
    parsed = ElfFile.parse(data, "zephyr.elf")
    table, rodata = parsed.section("llext_const_symbol_area"), parsed.section("rodata")
    changed = bytearray(data)
    for at in range(table.offset, table.offset + table.size, 8):
        name = int.from_bytes(changed[at : at + 4], "little") - rodata.address
        changed[at : at + 4] = name.to_bytes(4, "little")
    monkeypatch.setattr("llext.build.firmware.slids.NAMES", "rodata")
    with pytest.raises(BuildError, match="have the same SLID"):
        prepare(bytes(changed), "zephyr.elf")
    shutil.rmtree(elf.parent)
