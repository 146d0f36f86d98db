"""Loads from C that do not come to their end: boards that go, threads that end; and loads within the functions of a loader."""

import subprocess
import sys

import pytest

from llext import Board, GuestFault

EXT = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
int seven(void) { return 7; }
EXPORT_SYMBOL(seven);
"""
HEAD = """#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
static const uint8_t image[] __aligned(4) = {
#include "ext.inc"
};
static struct llext *ext, *inner;
static int waits = 1000;
static int slow_read(struct llext_loader *ldr, void *out, size_t len)
{
	if (--waits == 0) {
		k_sleep(K_FOREVER);
	}
	k_msleep(1);
	return llext_buf_read(ldr, out, len);
}
static struct llext_buf_loader slow = {
	{llext_buf_prepare, slow_read, llext_buf_seek, NULL, NULL, LLEXT_STORAGE_TEMPORARY}, image, sizeof(image), 0};
static struct llext_buf_loader plain = LLEXT_TEMPORARY_BUF_LOADER(image, sizeof(image));
static int (*function(struct llext *of))(void) { return (int (*)(void))llext_find_sym(&of->exp_tab, "seven"); }
"""
CONF = "CONFIG_BOOT_BANNER=n\nCONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_SIZE=48\nCONFIG_MAIN_STACK_SIZE=4096\n"
BOARDS = ["mps2/an385", "qemu_riscv32"]
CMAKE = """add_llext_target(ext OUTPUT ${ZEPHYR_BINARY_DIR}/ext.llext SOURCES src/ext.c)
generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/ext.llext ${ZEPHYR_BINARY_DIR}/include/generated/ext.inc)
"""
LOADS = 'int main(void)\n{\n\treturn llext_load(&slow.loader, "ext", &ext, NULL);\n}\n'


@pytest.fixture(params=BOARDS)
def made(application, request):
    def go(main):
        return application(HEAD + main, CONF, files={"src/ext.c": EXT}, cmake=CMAKE, board=request.param)

    return go


@pytest.mark.parametrize("ending", ["with Board(app=sys.argv[1]) as board:\n    board.boot()\n    board.run_for(ms={ms})\n",
                                    "board = Board(app=sys.argv[1])\nboard.boot()\nboard.run_for(ms={ms})\ndel board\nimport gc\ngc.collect()\n"],
                         ids=["with", "garbage"])  # fmt: skip
def test_a_board_that_goes_in_the_midst_of_a_load_takes_the_process_nowhere(made, ending):
    elf = made(LOADS)
    for ms in (0.5, 3, 6, 9):
        text = "import sys\nfrom llext import Board\n" + ending.format(ms=ms) + 'print("well")\n'
        done = subprocess.run([sys.executable, "-c", text, str(elf)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "well\n", "")


def test_a_thread_that_ends_in_the_midst_of_a_load_gives_it_up(made):
    main = """
static struct k_thread worker;
K_THREAD_STACK_DEFINE(stack, 4096);
static void work(void *p1, void *p2, void *p3) { llext_load(&slow.loader, "lost", &inner, NULL); }
int main(void)
{
	for (int at = 1; at < 6; at++) {
		waits = at;
		k_thread_create(&worker, stack, K_THREAD_STACK_SIZEOF(stack), work, NULL, NULL, NULL, 5, 0, K_NO_WAIT);
		k_msleep(50);
		k_thread_abort(&worker);
		waits = 1000;
		printk("%d %d ", llext_by_name("lost") == NULL, llext_load(&slow.loader, "ext", &ext, NULL));
		printk("%d ", function(ext)());
		printk("%d;", llext_unload(&ext));
	}
	return 0;
}
"""
    with Board(app=made(main)) as board:
        before = board.heap.allocated_bytes
        board.boot()
        board.run()
        assert board.console == "1 0 7 0;" * 5
        assert board.heap.allocated_bytes == before


@pytest.mark.parametrize("where", ["prepare", "read", "seek", "finalize"])
def test_the_functions_of_a_loader_may_load(made, where):
    main = """
static int depth;
static int other(void)
{
	if (depth++ == 0) {
		printk("<%d %d>", llext_load(&plain.loader, "inner", &inner, NULL), function(inner)());
	}
	return 0;
}
static int own_prepare(struct llext_loader *ldr) { return "WHERE"[0] == 'p' ? other() : 0; }
static int own_read(struct llext_loader *ldr, void *out, size_t len) { return "WHERE"[0] == 'r' && other() ? -5 : llext_buf_read(ldr, out, len); }
static int own_seek(struct llext_loader *ldr, size_t pos) { return "WHERE"[0] == 's' && other() ? -5 : llext_buf_seek(ldr, pos); }
static void own_finalize(struct llext_loader *ldr) { if ("WHERE"[0] == 'f') { other(); } }
static struct llext_buf_loader own = {
	{own_prepare, own_read, own_seek, NULL, own_finalize, LLEXT_STORAGE_TEMPORARY}, image, sizeof(image), 0};
int main(void)
{
	printk("%d ", llext_load(&own.loader, "outer", &ext, NULL));
	printk("%d ", function(ext)());
	printk("%d %d", llext_unload(&ext), llext_unload(&inner));
	return 0;
}
""".replace("WHERE", where)
    with Board(app=made(main)) as board:
        board.boot()
        board.run()
        assert board.console == "<0 7>0 7 0 0"


def test_a_loader_is_left_alone_for_what_is_loaded_already(made):
    main = """
int main(void)
{
	printk("%d ", llext_load(&plain.loader, "ext", &ext, NULL));
	printk("%d", llext_load(NULL, "ext", &ext, NULL));
	return 0;
}
"""
    with Board(app=made(main)) as board:
        board.boot()
        board.run()
        assert board.console == "0 1"


WILD = """
static int beyond(struct llext_loader *ldr, void *out, size_t len)
{
	for (int i = 0; i < 256; i++) {
		((volatile char *)out)[len + i] = 0xff;
	}
	return llext_buf_read(ldr, out, len);
}
static struct llext_buf_loader wild = {{llext_buf_prepare, beyond, llext_buf_seek, NULL, NULL, LLEXT_STORAGE_TEMPORARY}, image, sizeof(image), 0};
int main(void)
{
	return CALL;
}
"""


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ('llext_load(&wild.loader, "ext", &ext, NULL)', "the loader's read wrote beyond the "),
        ('llext_load(&plain.loader, "ext", &ext, (void *)0x70000000)', "0x70000000"),
        ('llext_load((void *)0x70000000, "ext", &ext, NULL)', "0x70000014"),
        ("llext_load(&plain.loader, NULL, &ext, NULL)", "0x00000000"),
    ],
)
def test_wild_arguments_are_faults_with_a_place(made, call, words):
    with Board(app=made(WILD.replace("CALL", call))) as board:
        board.boot()
        with pytest.raises(GuestFault) as caught:
            board.run()
        assert words in caught.value.message
        assert caught.value.chain or caught.value.place
