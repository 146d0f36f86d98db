"""How fast the kernel is: switching, a service without a switch, the console, many threads, and power-on."""

from __future__ import annotations

import gc
from pathlib import Path

from measuring import Rows, median, row

from llext import Board
from llext.build import build_extension
from llext.loader import BufferSource

THREADS = 1000
PROGRAM = """
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
K_SEM_DEFINE(sem, 0, 1);
static struct k_thread other;
K_THREAD_STACK_DEFINE(stack, 1024);
static void yields(void *count, void *p2, void *p3) { for (int n = (int)(intptr_t)count; n--; ) k_yield(); }
void yield(int n)
{
	k_thread_create(&other, stack, 1024, yields, (void *)(intptr_t)n, NULL, NULL, 0, 0, K_NO_WAIT);
	yields((void *)(intptr_t)n, NULL, NULL);
	k_thread_join(&other, K_FOREVER);
}
void give_take(int n) { while (n--) { k_sem_give(&sem); k_sem_take(&sem, K_FOREVER); } }
void print(int n) { while (n--) printk("%08x: forty characters in a line, all\\n", n); }
int nothing(void) { return 5; }
EXPORT_SYMBOL(yield);
EXPORT_SYMBOL(give_take);
EXPORT_SYMBOL(print);
EXPORT_SYMBOL(nothing);
"""
MANY = """
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
static struct k_thread threads[THREADS];
K_THREAD_STACK_ARRAY_DEFINE(stacks, THREADS, 256);
static int woken;
static void sleeps(void *number, void *p2, void *p3) { for (;;) { k_msleep(10); woken++; } }
void start(void)
{
	for (int i = 0; i < THREADS; i++)
		k_thread_create(&threads[i], stacks[i], 256, sleeps, NULL, NULL, NULL, 5, 0, K_NO_WAIT);
	k_msleep(1);
}
int wake(void) { const int before = woken; k_msleep(10); return woken - before; }
EXPORT_SYMBOL(start);
EXPORT_SYMBOL(wake);
"""


def kernel(folder: Path, rows: Rows) -> None:
    """The rows of the kernel."""
    (folder / "kernel.c").write_text(PROGRAM)
    with Board() as board:
        path = build_extension([folder / "kernel.c"], folder / "kernel.llext", board.target).output
        extension = board.load(path)
        count = 2000
        for name, what, calls, reach in (
            ("yield", "k_yield to another thread", 2 * count, 15),
            ("give_take", "k_sem_give or k_sem_take without a switch", 2 * count, 2),
            ("print", "printk of 40 characters", count, 20),
        ):
            function = extension.fn(name)
            function(10)
            seconds = median(lambda function=function: function(count)) / calls
            rows.append(row(what, seconds * 1e6, "us", reach))
    boot(path.read_bytes(), rows)
    many(folder, rows)


def many(folder: Path, rows: Rows) -> None:
    """A thousand threads that sleep, and all wake at once."""
    (folder / "many.c").write_text(MANY.replace("THREADS", str(THREADS)))
    with Board(heap_size=2 << 20) as board:
        extension = board.load(build_extension([folder / "many.c"], folder / "many.llext", board.target).output)
        extension.call("start")
        wake = extension.fn("wake", "int wake(void)")
        assert wake() == THREADS
        rows.append(row(f"{THREADS} threads wake once", median(wake) * 1e3, "ms"))


def boot(data: bytes, rows: Rows) -> None:
    """From nothing to the first call of a bare board, imports and the runtime's build aside."""

    def first_call() -> None:
        with Board() as board:
            board.load(BufferSource(data), "kernel").call("nothing")

    def bare() -> None:
        with Board() as board:
            board.run_for(ms=0)

    first_call()
    gc.collect()  # the boards before are not put away meanwhile
    rows.append(row("power a bare board on, to its first call", median(bare, 31) * 1e3, "ms", 5))
    rows.append(row("the same with loading an extension", median(first_call, 31) * 1e3, "ms"))
