"""Faults in extensions that an application has embedded: the build folder has their debug files."""

import pytest

from llext import Board, GuestFault

CMAKE = """foreach(name IN ITEMS near bad)
  add_llext_target(${name}_ext OUTPUT ${ZEPHYR_BINARY_DIR}/${name}.llext SOURCES src/${name}.c)
  generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/${name}.llext ${ZEPHYR_BINARY_DIR}/include/generated/${name}.inc)
endforeach()
"""
BAD = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
static int calls;
int bad(int *p)
{
	calls++;
	printk("bad\\n");
	return *p + calls + %d;
}
EXPORT_SYMBOL(bad);
"""
MAIN = """#include <zephyr/kernel.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/buf_loader.h>
static const uint8_t blob[] __aligned(4) = {
#include <bad.inc>
};
static const uint8_t other[] __aligned(4) = {
#include <near.inc>
};
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext = NULL;

	printk("%d\\n", other[0]);
	llext_load(&loader.loader, "any name", &ext, NULL);
	((int (*)(int *))llext_find_sym(&ext->exp_tab, "bad"))((int *)0xfffffff0);
	return 0;
}
"""


@pytest.fixture(params=["OBJECT", "RELOCATABLE"])
def elf(application, request):
    conf = f"CONFIG_LLEXT=y\nCONFIG_LLEXT_TYPE_ELF_{request.param}=y\n"
    return application(MAIN, conf, files={"src/bad.c": BAD % 1, "src/near.c": BAD % 1000}, cmake=CMAKE)


def fault_of(elf):
    with Board(app=elf) as board:
        board.boot()
        with pytest.raises(GuestFault) as caught:
            board.run()
    return caught.value


def test_the_fault_is_told_with_the_line_of_its_source(elf):
    frame = fault_of(elf).place
    assert (frame.extension, frame.symbol, frame.line) == ("any name", "bad", 8)
    assert frame.file.endswith("src/bad.c")


@pytest.mark.parametrize("damage", [b"", b"\x7fELF"])
def test_debug_files_that_are_damaged_are_passed_over(elf, damage):
    folder = elf.parent.parent / "llext"
    (folder / "a_debug.elf").write_bytes(damage)
    (folder / "b_debug.elf").mkdir()
    assert fault_of(elf).place.line == 8


def test_debug_files_of_other_code_are_none_of_it(elf):
    folder = elf.parent.parent / "llext"
    (folder / "bad_ext_debug.elf").unlink()
    assert fault_of(elf).place is None


def test_a_debug_file_without_code_is_none_of_it(elf, build):
    folder = elf.parent.parent / "llext"
    path = build("const int table[] = {1, 2, 3};\nEXPORT_SYMBOL(table);\n", "table", board="mps2/an385")
    (folder / "bad_ext_debug.elf").write_bytes(path.read_bytes())
    assert fault_of(elf).place is None
