"""Interrupts, locks and atomics as C code sees them: kernel.md sections 5 and 6, and what Python does to raise one."""

import pytest
from conftest import BOARDS, GNU, need
from kernel_rows import TWO, rows, rows_of  # noqa: F401 - a fixture

from llext import Board, GuestFault, UsageError


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("row", rows_of("interrupts.c"))
def test_interrupts_do_as_zephyrs_do(rows, row, board):  # noqa: F811 - the fixture
    assert rows.run("interrupts.c", row, board) == 0


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("row", rows_of("locks.c"))
def test_locks_and_atomics_do_as_zephyrs_do(rows, row, board):  # noqa: F811 - the fixture
    assert rows.run("locks.c", row, board) == 0


@pytest.mark.tools
@pytest.mark.parametrize("board", TWO)
@pytest.mark.parametrize("row", [*rows_of("locks.c"), "locked_interrupts_wait", "lines_are_connected_by_macros"])
def test_gccs_code_does_the_same(rows, row, board):  # noqa: F811 - the fixture
    need(*GNU)
    name = "locks.c" if row in rows_of("locks.c") else "interrupts.c"
    assert rows.run(name, row, board, toolchain="gcc") == 0


HANDLER = """
#include <zephyr/irq.h>
static void isr(const void *p) { printk("line %d\\n", (int)p); }
void go(void) { IRQ_CONNECT(7, 1, isr, (void *)7, 0); irq_enable(7); }
void off(void) { irq_disable(7); }
static struct k_thread thread;
K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_sem sem;
static void give(const void *p) { k_sem_give(&sem); }
static void body(void *a, void *b, void *c) { k_sem_take(&sem, K_FOREVER); printk("woken\\n"); }
void wait(int priority) {
    k_sem_init(&sem, 0, 1);
    k_thread_create(&thread, stack, 1024, body, 0, 0, 0, priority, 0, K_NO_WAIT);
    IRQ_CONNECT(8, 1, give, 0, 0);
    irq_enable(8);
}
static void wild(const void *p) { *(volatile int *)0x60000000 = 1; }
void bad(void) { IRQ_CONNECT(9, 1, wild, 0, 0); irq_enable(9); }
void nobody(void) { irq_enable(10); }
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(off);
EXPORT_SYMBOL(wait);
EXPORT_SYMBOL(bad);
EXPORT_SYMBOL(nobody);
"""


@pytest.mark.parametrize("name", TWO)
def test_python_raises_an_interrupt_and_its_handler_runs_at_once(build, name):
    with Board(name) as board:
        ext = board.load(build(HANDLER, board=name))
        ext.call("go")
        board.raise_irq(7)
        assert board.console == "line 7\n"
        ext.call("off")
        board.raise_irq(7)
        assert board.console == "line 7\n"
        ext.call("go")
        assert board.console == "line 7\nline 7\n"


@pytest.mark.parametrize(("priority", "expected"), [(-1, "woken\n"), (3, "")])
@pytest.mark.parametrize("name", TWO)
def test_a_thread_that_such_an_interrupt_wakes_runs_if_it_is_more_urgent(build, name, priority, expected):
    with Board(name) as board:
        board.load(build(HANDLER, board=name)).fn("wait")(priority)
        board.raise_irq(8)
        assert board.console == expected
        board.run_for(ms=1)
        assert board.console == "woken\n"


@pytest.mark.parametrize("name", TWO)
def test_a_fault_in_a_handler_ends_what_raised_it_and_says_so(build, name):
    with Board(name) as board:
        ext = board.load(build(HANDLER, board=name))
        ext.call("bad")
        with pytest.raises(GuestFault, match=r"store to 0x60000000 .*, in an interrupt handler") as caught:
            board.raise_irq(9)
        assert caught.value.thread == "an interrupt handler"
        assert "<err> os: Fault during interrupt handling\n\n[" in board.console
        ext.call("go")
        board.raise_irq(7)
        assert board.console.endswith("line 7\n")


@pytest.mark.parametrize(
    ("name", "words"),
    [("mps2/an385", "***** Spurious interrupt (IRQ  10) *****\n"), ("qemu_riscv32", "Spurious interrupt detected! IRQ: 10\n")],
)
def test_an_interrupt_that_nobody_has_connected_is_a_fault(build, name, words):
    with Board(name) as board:
        board.load(build(HANDLER, board=name)).call("nobody")
        with pytest.raises(GuestFault, match="interrupt 10 has no handler"):
            board.raise_irq(10)
        assert words in board.console
        assert ">>> ZEPHYR FATAL ERROR 1: Unhandled interrupt on CPU 0\n" in board.console


def test_a_number_that_no_line_has_is_refused(board, load):
    for number in (-1, 1024):
        with pytest.raises(UsageError, match="there are 0 to 1023"):
            board.raise_irq(number)
    ext = load("#include <zephyr/irq.h>\nvoid go(void) { irq_enable(1024); }\nEXPORT_SYMBOL(go);")
    with pytest.raises(GuestFault, match="irq_enable: there is no interrupt 1024"):
        ext.call("go")


MISUSE = """
#include <zephyr/irq_offload.h>
static struct k_thread thread;
static void isr(const void *p) { CALL; }
void go(void) { irq_offload(isr, NULL); }
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("k_yield()", "k_yield would wait in an interrupt handler"),
        ("k_sleep(K_MSEC(1))", "k_sleep would wait in an interrupt handler"),
        ("k_thread_join(k_current_get(), K_FOREVER)", "k_thread_join is not for interrupt handlers"),
        ("k_sched_lock()", "k_sched_lock is not for interrupt handlers"),
        ("k_thread_priority_set(k_current_get(), 1)", "k_thread_priority_set is not for interrupt handlers"),
        ("k_thread_create(&thread, NULL, 0, NULL, 0, 0, 0, 0, 0, K_NO_WAIT)", "Threads may not be created in ISRs"),
        ("irq_offload(isr, NULL)", "irq_offload called in an interrupt handler"),
    ],
)
def test_what_is_not_for_interrupt_handlers_is_a_fault_there(load, call, words):
    """kernel.md sections 1 and 5: asserts of Zephyr."""
    with pytest.raises(GuestFault, match=words):
        load(MISUSE.replace("CALL", call)).call("go")


def test_irq_offload_under_a_lock_is_a_fault(load):
    text = MISUSE.replace("CALL", "").replace("irq_offload(isr, NULL);", "(void)irq_lock(); irq_offload(isr, NULL);")
    with pytest.raises(GuestFault, match="irq_offload called with interrupts locked"):
        load(text).call("go")


def test_irq_offload_of_nothing_is_a_fault(load):
    text = MISUSE.replace("CALL", "").replace("irq_offload(isr, NULL);", "irq_offload(NULL, isr);")
    with pytest.raises(GuestFault, match="irq_offload called without a function"):
        load(text).call("go")


HELD = """
#include <zephyr/irq.h>
static struct k_thread urgent, equal;
K_THREAD_STACK_DEFINE(stack, 1024);
K_THREAD_STACK_DEFINE(other, 1024);
K_SEM_DEFINE(sem, 0, 1);
static volatile int ran;
static void body(void *a, void *b, void *c) { if (a) { k_sem_take(&sem, K_FOREVER); } ran++; }
static void turn(volatile int loops) { while (loops-- > 0) { } }
int held(void) {
    k_sched_time_slice_set(1, 0);
    k_thread_create(&urgent, stack, 1024, body, &sem, 0, 0, -1, 0, K_NO_WAIT);
    k_thread_create(&equal, other, 1024, body, 0, 0, 0, 0, 0, K_NO_WAIT);
    unsigned int key = irq_lock();
    k_sem_give(&sem);
    turn(100000);
    int alone = ran;
    irq_unlock(key);
    turn(100000);
    return 10 * alone + ran;
}
void give(void) {
    k_thread_create(&urgent, stack, 1024, body, &sem, 0, 0, -1, 0, K_NO_WAIT);
    unsigned int key = irq_lock();
    k_sem_give(&sem);
    irq_unlock(key);
}
int count(void) { return ran; }
EXPORT_SYMBOL(held);
EXPORT_SYMBOL(give);
EXPORT_SYMBOL(count);
"""


@pytest.mark.parametrize("name", TWO)
def test_a_lock_keeps_the_cpu_when_a_slice_is_over(build, name):
    with Board(name, clock="counted") as board:
        assert board.load(build(HELD, board=name)).fn("held", "int held(void)")() == 2


@pytest.mark.parametrize("name", TWO)
def test_who_was_woken_under_a_lock_runs_before_the_next_call(build, name):
    with Board(name) as board:
        extension = board.load(build(HELD, board=name))
        extension.call("give")
        assert extension.fn("count", "int count(void)")() == 1
