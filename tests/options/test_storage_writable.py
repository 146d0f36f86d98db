"""CONFIG_LLEXT_STORAGE_WRITABLE, and what loaders say of their storage: regions stay where they are, as in Zephyr."""

import pytest

from llext import Board

MAIN = """
#include <string.h>
static uint8_t copy[sizeof(blob)] __aligned(4096);
int main(void)
{
	struct llext_buf_loader loader = LOADER(copy, sizeof(copy));
	struct llext *ext;

	for (int round = 0; round < 2; round++) {
		memcpy(copy, blob, sizeof(blob));
		printk("load %d ", llext_load(&loader.loader, "ext", &ext, NULL));
		printk("call %d", llext_call_fn(ext, "hello"));
		for (int i = 0; i < LLEXT_MEM_COUNT; i++) {
			const uintptr_t at = (uintptr_t)ext->mem[i];

			if (at >= (uintptr_t)copy && at < (uintptr_t)copy + sizeof(copy)) {
				printk(" %d%s", i, ext->mem_on_heap[i] ? "!" : "");
			}
		}
		printk(" heap %d headers %d\\n", (int)ext->alloc_size, ext->sect_hdrs_on_heap);
		printk("unload %d\\n", llext_unload(&ext));
	}
	return 0;
}
"""
EXT = """
int zeros;
int counter = 41;
const int table[4] = {1, 2, 3, 4};
int sum(const int *numbers);
void hello(void) { counter++; zeros++; printk("hello %d %d %d", counter, zeros, sum(table)); }
int sum(const int *numbers) { return numbers[0] + numbers[3]; }
EXPORT_SYMBOL(hello);
"""
PRJ = "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_LLEXT_HEAP_SIZE=64\n"
SMALL = "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n"
EVERYTHING = " 0 1 2 4 5 6 7"


def rounds(console):
    """What a round said: where regions were in place, and how much heap they took."""
    first, _, second, last = console.splitlines()
    assert first == second
    assert last == "unload 0"
    said, _, rest = first.partition(" heap ")
    return said, int(rest.partition(" ")[0])


@pytest.fixture
def says(ran):
    def go(prj, loader="LLEXT_BUF_LOADER", board="mps2/an385", ext=EXT):
        return rounds(ran(PRJ + prj, MAIN.replace("LOADER(copy", loader + "(copy", 1), ext, board=board))

    return go


def no_mpu(board):
    return "CONFIG_RISCV_PMP=n\n" if "riscv" in board else "CONFIG_ARM_MPU=n\n"


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_everything_but_zeros_stays_in_storage_that_may_be_changed(says, board):
    said, heap = says("CONFIG_LLEXT_STORAGE_WRITABLE=y\n" + no_mpu(board), board=board)
    assert said == "load 0 hello 42 1 5call 0" + EVERYTHING
    plain, all_of_it = says(no_mpu(board), "LLEXT_TEMPORARY_BUF_LOADER", board)
    assert plain == "load 0 hello 42 1 5call 0"
    assert heap < all_of_it / 2


def test_tables_and_constants_stay_in_storage_that_lasts(says):
    said, _ = says(no_mpu(""))
    assert said == "load 0 hello 42 1 5call 0 2 5 6 7"
    assert says(no_mpu(""), "LLEXT_PERSISTENT_BUF_LOADER") == says(no_mpu(""))


def test_with_rights_only_what_owns_its_granules_stays(says):
    said, _ = says("CONFIG_LLEXT_STORAGE_WRITABLE=y\n")
    assert said == "load 0 hello 42 1 5call 0 1 4 5 6 7"


def test_what_is_not_aligned_is_copied(ran):
    main = MAIN.replace("LOADER(copy, sizeof(copy))", "LLEXT_BUF_LOADER(copy + 1, sizeof(blob))")
    main = main.replace("copy[sizeof(blob)]", "copy[sizeof(blob) + 1]").replace("memcpy(copy,", "memcpy(copy + 1,")
    prj = (
        PRJ
        + no_mpu("")
        + "CONFIG_LLEXT_STORAGE_WRITABLE=y\nCONFIG_LOG=y\nCONFIG_LOG_MODE_MINIMAL=y\nCONFIG_LLEXT_LOG_LEVEL_WRN=y\n"
    )
    console = ran(prj, main, EXT)
    assert "W: Cannot reuse ELF buffer for region 0: " in console
    assert "not aligned to 0x4" in console
    assert "load 0 hello 42 1 5call 0 6 7" in console


def test_storage_in_rom_is_not_changed(ran):
    main = MAIN.replace("static uint8_t copy[sizeof(blob)]", "static int unused").replace(
        "memcpy(copy, blob, sizeof(blob));", ""
    )
    main = main.replace("copy", "blob").replace("LOADER(", "LLEXT_WRITABLE_BUF_LOADER(", 1)
    assert rounds(ran(PRJ, main, EXT))[0] == "load 0 hello 42 1 5call 0 2 5 6 7"


def test_what_stayed_is_usable_when_it_is_unloaded(powered):
    main = MAIN.replace("LOADER(copy", "LLEXT_WRITABLE_BUF_LOADER(copy", 1)
    board = powered(PRJ, main, EXT)
    assert isinstance(board, Board)
    board.boot()
    board.run()
    assert board.heap.allocated_bytes == 0
    assert board.extensions == ()


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_code_that_no_relocation_changes_runs_in_rom(ran, board):
    main = """
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext;

	for (int round = 0; round < 2; round++) {
		printk("load %d ", llext_load(&loader.loader, "ext", &ext, NULL));
		int (*add)(int n) = llext_find_sym(&ext->exp_tab, "add");

		printk("%d in place %d ", add(41), (uintptr_t)add - (uintptr_t)blob < sizeof(blob));
		printk("unload %d\\n", llext_unload(&ext));
	}
	return 0;
}
"""
    ext = "int add(int n) { return n + 1; }\nEXPORT_SYMBOL(add);\n"
    assert ran(SMALL, main, ext, board=board) == "load 0 42 in place 1 unload 0\n" * 2


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_an_extension_fits_the_heap_that_nobody_configured(ran, board):
    assert ran(SMALL, MAIN.replace("LOADER(", "LLEXT_TEMPORARY_BUF_LOADER(", 1), EXT, board=board).startswith("load 0 hello")


WHOLE = """
__asm__(".section .text.whole, \\"ax\\", %progbits\\n.balign 512\\n.global add\\n.thumb_func\\n.type add, %function\\n"
	"add: adds r0, #1\\nbx lr\\n.balign 512\\n.previous\\n");
int add(int n);
EXPORT_SYMBOL(add);
"""
SHARED = """
#include <string.h>
static uint8_t copy[sizeof(blob)] __aligned(4096);
static int (*add[2])(int n);
int main(void)
{
	static const char *const names[] = {"a", "b"};
	struct llext *ext[2];

	memcpy(copy, blob, sizeof(blob));
	for (int i = 0; i < 2; i++) {
		struct llext_buf_loader loader = LLEXT_PERSISTENT_BUF_LOADER(copy, sizeof(copy));

		printk("load %d ", llext_load(&loader.loader, names[i], &ext[i], NULL));
		add[i] = llext_find_sym(&ext[i]->exp_tab, "add");
		printk("in place %d ", (uintptr_t)add[i] - (uintptr_t)copy < sizeof(copy));
	}
	for (int i = 0; i < 2; i++) {
		printk("%d unload ", add[1](41));
		printk("%d ", llext_unload(&ext[i]));
	}
	memset(copy, 0, sizeof(copy));
	printk("free\\n");
	return 0;
}
"""


def test_code_that_owns_its_granules_stays_and_keeps_its_rights_while_somebody_uses_it(ran):
    said = "load 0 in place 1 load 0 in place 1 42 unload 0 42 unload 0 free\n"
    assert ran(PRJ, SHARED, WHOLE) == said
