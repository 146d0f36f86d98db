"""A thread that ends while all others wait is gone at once."""

import pytest

from llext import Board

TEXT = """
static K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_thread thread;
static int runs;
static void ends(void *p1, void *p2, void *p3) { runs++; k_thread_abort(k_current_get()); runs += 100; }
int go(void)
{
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), ends, NULL, NULL, NULL, 5, 0, K_NO_WAIT);
	k_msleep(1);
	return runs;
}
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_a_thread_that_ends_while_all_others_wait_does_not_go_on(build, name):
    with Board(name) as board:
        path = build(TEXT, board=name, cflags=[f"-DCONFIG_LLEXT_GRANULE={board.target.granule}"])
        assert board.load(path).fn("go")() == 1
