"""What fails on the way of a load from C leaves nothing behind: custom loaders, the heap at each step, loads within calls."""

import pytest

from llext import Board

EXT = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
extern void more(void);
int table[40] = {7};
static int zeroed[20];
__attribute__((constructor)) static void up(void) { printk("<"); more(); printk(">"); }
int seven(void) { return table[0] + zeroed[3]; }
EXPORT_SYMBOL(seven);
EXPORT_SYMBOL(table);
"""
OTHER = """#include <zephyr/llext/symbol.h>
extern int seven(void);
int fourteen(void) { return 2 * seven(); }
EXPORT_SYMBOL(fourteen);
"""
CMAKE = "".join(
    f"add_llext_target({name} OUTPUT ${{ZEPHYR_BINARY_DIR}}/{name}.llext SOURCES src/{name}.c)\n"
    f"generate_inc_file_for_target(app ${{ZEPHYR_BINARY_DIR}}/{name}.llext ${{ZEPHYR_BINARY_DIR}}/include/generated/{name}.inc)\n"
    for name in ("ext", "other")
)
MAIN = """#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
static const uint8_t image[] __aligned(4096) = {
#include "ext.inc"
};
static const uint8_t other_image[] __aligned(4) = {
#include "other.inc"
};
static struct llext *ext, *other;
static struct llext_buf_loader other_loader = LLEXT_TEMPORARY_BUF_LOADER(other_image, sizeof(other_image));
void more(void)
{
	if (other == NULL && llext_by_name("ext") != NULL) {
		printk("%d", llext_load(&other_loader.loader, "other", &other, NULL));
	}
}
EXPORT_SYMBOL(more);
static int (*function(struct llext *of, const char *name))(void) { return (int (*)(void))llext_find_sym(&of->exp_tab, name); }

/* A loader whose n-th call fails, waits a tick each time, and counts what it is asked and how often it is closed. */
static int left, calls, opened, closed;
static int step(void) { calls++; k_sleep(K_TICKS(1)); return left-- == 0 ? -121 : 0; }
static int failing_prepare(struct llext_loader *ldr) { int result = step(); opened += result == 0; return result ? result : llext_buf_prepare(ldr); }
static int failing_read(struct llext_loader *ldr, void *out, size_t len) { int result = step(); return result ? result : llext_buf_read(ldr, out, len); }
static int failing_seek(struct llext_loader *ldr, size_t pos) { int result = step(); return result ? result : llext_buf_seek(ldr, pos); }
static void *failing_peek(struct llext_loader *ldr, size_t pos) { return step() ? NULL : llext_buf_peek(ldr, pos); }
static void finalize(struct llext_loader *ldr) { closed++; }
static struct llext_buf_loader failing = {
	{failing_prepare, failing_read, failing_seek, NULL, finalize, LLEXT_STORAGE_TEMPORARY}, image, sizeof(image), 0};
"""
CONF = "CONFIG_BOOT_BANNER=n\nCONFIG_LLEXT=y\nCONFIG_MAIN_STACK_SIZE=4096\n"
BOARDS = ["mps2/an385", "qemu_riscv32"]


def run(application, board, main, conf="CONFIG_LLEXT_HEAP_SIZE=32\n"):
    """What it printed, and how much of the LLEXT heap was in use before and after."""
    elf = application(MAIN + main, CONF + conf, files={"src/ext.c": EXT, "src/other.c": OTHER}, cmake=CMAKE, board=board)
    with Board(app=elf) as powered:
        before = powered.heap.allocated_bytes
        powered.boot()
        powered.run()
        return powered.console, powered.kernel.extensions.loader.heap.allocated_bytes - before


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("peeks", [False, True], ids=["reads", "peeks"])
def test_a_loader_that_fails_at_any_of_its_calls_leaves_nothing(application, board, peeks):
    peek = "failing.loader.peek = failing_peek; failing.loader.storage = LLEXT_STORAGE_PERSISTENT;" if peeks else ""
    main = """
int main(void)
{
	int failed = 0, loaded = 0, wrong = 0, result;
	for (int at = 0; at < 200; at++) {
		ext = (struct llext *)1;
		left = at;
		calls = opened = closed = 0;
		result = llext_load(&failing.loader, "ext", &ext, NULL);
		wrong += result != 0 && (ext != NULL || llext_by_name("ext") != NULL);
		wrong += closed != 1;
		if (result == 0) {
			loaded++;
			wrong += function(ext, "seven")() != 7;
			llext_unload(&ext);
			if (calls <= at) {
				break;
			}
		} else {
			failed += result == -121;
			wrong += result != -121;
		}
	}
	printk("%d %d %d", failed > 8, loaded >= 1, wrong);
	return 0;
}
""".replace("PEEK", peek)
    assert run(application, board, main) == ("1 1 0", 0)


@pytest.mark.parametrize("board", BOARDS)
def test_a_heap_that_is_too_small_by_any_amount_leaves_nothing(application, board):
    main = """
static uint8_t heap[32768] __aligned(8);
int main(void)
{
	int refused = 0, wrong = 0, result = -1;

	for (size_t size = 256; size <= sizeof(heap) && result != 0; size += 40) {
		wrong += llext_heap_init(heap, size) != 0;
		left = -1;
		result = llext_load(&failing.loader, "ext", &ext, NULL);
		refused += result == -ENOMEM;
		wrong += result != 0 && (result != -ENOMEM || ext != NULL);
		if (result == 0) {
			wrong += function(ext, "seven")() != 7;
			wrong += llext_heap_uninit() != -EBUSY;
			wrong += llext_unload(&ext) != 0;
		}
		wrong += llext_heap_uninit() != 0;
	}
	printk("%d %d %d", refused > 20, result, wrong);
	return 0;
}
"""
    assert run(application, board, main, "CONFIG_LLEXT_HEAP_DYNAMIC=y\n")[0] == "1 0 0"


@pytest.mark.parametrize("board", BOARDS)
def test_an_extension_is_loaded_while_another_is_brought_up(application, board):
    main = """
int main(void)
{
	left = -1;
	printk("%d ", llext_load(&failing.loader, "ext", &ext, NULL));
	printk("%d ", llext_bringup(ext));
	printk("%d ", function(other, "fourteen")());
	printk("%d %d ", ext->use_count, llext_unload(&ext)); /* the other one needs it */
	printk("%d %d", llext_unload(&other), llext_by_name("ext") == NULL);
	return 0;
}
"""
    assert run(application, board, main) == ("0 <0>0 14 2 1 0 1", 0)
