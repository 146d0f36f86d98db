"""CONFIG_LLEXT_IMPORT_ALL_GLOBALS: what an extension exports need not be said."""

import pytest

MAIN = """
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext;

	printk("load %d\\n", llext_load(&loader.loader, "ext", &ext, NULL));
	printk("hello %d\\n", llext_call_fn(ext, "hello"));
	printk("local %d\\n", llext_call_fn(ext, "local"));
	printk("named %d\\n", llext_call_fn(ext, "named"));
	const int *counter = llext_find_sym(&ext->exp_tab, "counter");

	printk("counter %d\\n", counter == NULL ? -1 : *counter);
	printk("printk %d\\n", llext_find_sym(&ext->exp_tab, "printk") != NULL);
	printk("unload %d\\n", llext_unload(&ext));
	return 0;
}
"""
EXT = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
int counter = 41;
static __used void local(void) { printk("never\\n"); }
void hello(void) { counter++; }
EXPORT_SYMBOL_NAMED(hello, named);
"""
PRJ = "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_LLEXT_HEAP_SIZE=64\n"


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_all_global_functions_and_objects_are_exported(ran, board):
    said = "load 0\nhello 0\nlocal -2\nnamed -2\ncounter 42\nprintk 0\nunload 0\n"
    assert ran(PRJ + "CONFIG_LLEXT_IMPORT_ALL_GLOBALS=y\n", MAIN, EXT, prologue="", board=board) == said


def test_without_it_the_export_table_counts(ran):
    said = "load 0\nhello -2\nlocal -2\nnamed 0\ncounter -1\nprintk 0\nunload 0\n"
    assert ran(PRJ, MAIN, EXT, prologue="") == said


def test_extensions_that_python_loads_have_them_too(powered, build):
    board = powered(PRJ + "CONFIG_LLEXT=y\nCONFIG_LLEXT_IMPORT_ALL_GLOBALS=y\n", "int main(void) { return 0; }\n")
    extension = board.load(build("int other(int n) { return n + 1; }\n"))
    assert extension.fn("other")(41) == 42
