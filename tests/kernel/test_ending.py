"""Threads that end while nobody else can run."""

import pytest

from llext import Board

ENDS = """
K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_thread thread;
static void short_life(void *a, void *b, void *c) { }
int run(void)
{
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), short_life, NULL, NULL, NULL, 1, 0, K_NO_WAIT);
	k_sleep(K_TICKS(5));
	return (int)k_uptime_ticks();
}
EXPORT_SYMBOL(run);
"""


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_a_thread_may_end_while_all_others_wait(build, name):
    """kernel.md 1: entry returns = k_thread_abort(self), which does not return."""
    with Board(name, timeout=3) as board:
        assert board.load(build(ENDS, board=name)).fn("run")() == 6
