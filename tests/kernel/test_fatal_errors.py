"""Fatal errors of threads and handlers, and the guest's own k_sys_fatal_error_handler: kernel.md section 8."""

import re

import pytest
from kernel_rows import TWO

from llext import Board, GuestFault, LogOptions

WILD = """
#include <zephyr/irq_offload.h>
static struct k_thread threads[3];
K_THREAD_STACK_ARRAY_DEFINE(stacks, 3, 2048);
static void wild(void *a, void *b, void *c) { *(volatile int *)0x60000000 = 1; }
static void oops(void *a, void *b, void *c) { k_oops(); }
static void panic(void *a, void *b, void *c) { k_panic(); }
static void given(void *a, void *b, void *c) { z_fatal_error(17, NULL); }
static void returns(void *a, void *b, void *c) { }
static void counts(void *a, void *b, void *c) { for (int i = 0; i < 3; i++) { printk("tick %d\\n", i); k_sleep(K_MSEC(1)); } }
static void isr(const void *p) { *(volatile int *)0x60000000 = 1; }
static void offloads(void *a, void *b, void *c) { irq_offload(isr, NULL); printk("not reached\\n"); }
static k_thread_entry_t const entries[] = {wild, oops, panic, given, returns, offloads};
int go(int which, int options)
{
    k_thread_create(&threads[0], stacks[0], 2048, entries[which], 0, 0, 0, 2, options, K_FOREVER);
    k_thread_name_set(&threads[0], "victim");
    k_thread_create(&threads[1], stacks[1], 2048, counts, 0, 0, 0, 3, 0, K_NO_WAIT);
    k_thread_start(&threads[0]);
    k_thread_join(&threads[0], K_FOREVER);
    printk("joined\\n");
    k_thread_join(&threads[1], K_FOREVER);
    return 5;
}
void own(void) { wild(0, 0, 0); }
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(own);
"""
HANDLER = """
void k_sys_fatal_error_handler(unsigned int reason, const struct arch_esf *esf)
{
    printk("handler %u %d %d\\n", reason, k_is_in_isr(), esf != NULL);
    END;
}
EXPORT_SYMBOL(k_sys_fatal_error_handler);
"""
OS = r"\[00:00:00\.\d{3},000\] <err> os: "
WILD_AT, OOPS, PANIC, GIVEN, RETURNS, OFFLOADS = range(6)


def go(board, build, which, options=0, handler=None):
    text = WILD + (HANDLER.replace("END", handler) if handler is not None else "")
    return board.load(build(text, board=board.target.name)).fn("go")(which, options)


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize(
    ("which", "reason", "words"),
    [(WILD_AT, None, "store to"), (OOPS, 3, "kernel oops"), (PANIC, 4, "kernel panic"), (GIVEN, 17, "fatal error 17")],
)
def test_a_fault_in_a_thread_ends_the_call_and_names_the_thread(build, name, which, reason, words):
    with Board(name) as board:
        with pytest.raises(GuestFault, match=f"{words}.*, in victim") as caught:
            go(board, build, which)
        assert caught.value.thread == "victim"
        last = rf"{OS}>>> ZEPHYR FATAL ERROR (\d+): .* on CPU 0\n{OS}Current thread: 0x[0-9a-f]+ \(victim\)\n"
        found = re.search(last, board.console)
        assert found
        assert reason is None or int(found[1]) == reason


def test_other_threads_go_on_in_the_next_call(build, board):
    with pytest.raises(GuestFault):
        go(board, build, WILD_AT)
    before = board.console.count("tick")
    board.run_for(ms=10)
    assert (before, board.console.count("tick")) == (0, 3)


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("which", [WILD_AT, OOPS, GIVEN])
def test_if_the_guests_handler_returns_the_thread_ends_and_the_rest_goes_on(build, name, which):
    with Board(name) as board:
        assert go(board, build, which, handler="") == 5
        told = re.findall(r"handler (\d+) 1 1\n", board.console)
        dumped = re.findall(r"FATAL ERROR (\d+)", board.console)
        assert told == dumped
        assert len(told) == 1
        assert board.console.endswith("joined\ntick 0\ntick 1\ntick 2\n")


@pytest.mark.parametrize("name", TWO)
def test_nobody_recovers_from_a_panic(build, name):
    with (
        Board(name) as board,
        pytest.raises(GuestFault, match="kernel panic.*; Attempted to recover from a kernel panic condition"),
    ):
        go(board, build, PANIC, handler="")


@pytest.mark.parametrize("name", TWO)
def test_a_handler_that_halts_ends_the_call_by_the_fault(build, name):
    with Board(name) as board:
        with pytest.raises(GuestFault, match=r"store to 0x60000000.*, in victim"):
            go(board, build, WILD_AT, handler="k_fatal_halt(reason)")
        assert board.console.count("handler") == 1
        board.run_for(ms=10)
        assert board.console.endswith("tick 0\ntick 1\ntick 2\n")


@pytest.mark.parametrize("name", TWO)
def test_a_fault_in_the_handler_itself_ends_the_call(build, name):
    with Board(name) as board, pytest.raises(GuestFault, match="store to 0x60000004.*in an interrupt handler"):
        go(board, build, WILD_AT, handler="*(volatile int *)0x60000004 = 1")


@pytest.mark.parametrize("name", TWO)
def test_a_fault_in_an_interrupt_takes_the_interrupted_thread_along(build, name):
    with Board(name) as board:
        assert go(board, build, OFFLOADS, handler="") == 5
        assert re.search(rf"{OS}Fault during interrupt handling\n\n{OS}Current thread: ", board.console)
        assert "not reached" not in board.console


def test_the_call_from_python_does_not_outlive_its_own_fault(build, board):
    ext = board.load(build(WILD + HANDLER.replace("END", "")))
    with pytest.raises(GuestFault, match="store to 0x60000000"):
        ext.call("own")
    assert board.console.count("FATAL ERROR") == board.console.count("handler") == 1
    assert "(main)" in board.console


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("which", [RETURNS, WILD_AT])
def test_an_essential_thread_that_ends_is_a_panic(build, name, which):
    """kernel.md section 1: aborted, then ``aborted essential thread %p`` and panic."""
    with Board(name) as board, pytest.raises(GuestFault, match=r"aborted essential thread 0x[0-9a-f]+|store to"):
        go(board, build, which, options=1, handler="" if which == WILD_AT else None)


def test_an_essential_threads_end_is_told_as_a_panic(build, board):
    with pytest.raises(GuestFault, match=r"aborted essential thread 0x[0-9a-f]+ \(victim\)"):
        go(board, build, RETURNS, options=1)
    assert ">>> ZEPHYR FATAL ERROR 4: Kernel panic on CPU 0\n" in board.console


def test_an_exception_of_python_takes_the_thread_along_that_it_was_called_from(build, board):
    @board.export
    def fail() -> None:
        raise KeyError("x")

    text = WILD.replace("{ k_oops(); }", "{ extern void fail(void); fail(); }")
    ext = board.load(build(text))
    with pytest.raises(KeyError):
        ext.fn("go")(OOPS, 0)
    board.run_for(ms=5)
    assert board.console == "tick 0\ntick 1\ntick 2\n"


BUSY = """
static struct k_thread threads[2];
K_THREAD_STACK_ARRAY_DEFINE(stacks, 2, 1024);
static volatile int done;
static void sets(void *a, void *b, void *c) { k_sleep(K_MSEC(5)); done = 1; }
static void other(void *a, void *b, void *c) { }
int go(void)
{
    k_thread_name_set(k_thread_create(&threads[0], stacks[0], 1024, sets, 0, 0, 0, -1, 0, K_NO_WAIT), "setter");
    k_thread_name_set(k_thread_create(&threads[1], stacks[1], 1024, other, 0, 0, 0, 5, 0, K_NO_WAIT), "other");
    while (!done) {
    }
    return done;
}
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize("name", TWO)
def test_a_busy_loop_that_waits_for_another_thread_says_what_is_due_and_the_way_out(build, name):
    path = build(BUSY, board=name)
    with Board(name, timeout=0.2) as board:
        with pytest.raises(GuestFault, match="still running") as caught:
            board.load(path).fn("go")()
        notes = "\n".join(caught.value.notes)
        assert re.search(r"setter is due at 0\.0051 s, and it is 0\.0000 s", notes)
        assert "other could run, with priority 5" in notes
        assert 'clock="counted" (--clock counted)' in notes
        assert caught.value.place.line
    with Board(name, clock="counted") as board:
        assert board.load(path).fn("go")() == 1


FRAME = """
#ifdef __arm__
#define REGISTERS esf->basic.pc, esf->basic.r0, esf->basic.a2, esf->basic.xpsr >> 24 & 1
#define TRAP __asm__ volatile("mov r0, %0; mov r1, %1; .globl here; here: udf #1" : : "r"(a), "r"(b) : "r0", "r1")
#else
#define REGISTERS esf->mepc, esf->a0, esf->a1, 1
#define TRAP __asm__ volatile("mv a0, %0; mv a1, %1; .globl here; here: .2byte 0" : : "r"(a), "r"(b) : "a0", "a1")
#endif
extern const char here[];
void k_sys_fatal_error_handler(unsigned int reason, const struct arch_esf *esf)
{
    const unsigned int own[] = {REGISTERS};
    printk("%d %x %x %d\\n", own[0] == ((unsigned int)here & ~1u), own[1], own[2], own[3]);
}
void go(unsigned int a, unsigned int b) { TRAP; }
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(k_sys_fatal_error_handler);
"""


@pytest.mark.parametrize("name", [*TWO, "qemu_cortex_m0", "qemu_riscv32e"])
def test_the_guests_handler_sees_the_registers_of_who_caused_it(build, name):
    with Board(name) as board:
        with pytest.raises(GuestFault, match="undefined instruction"):
            board.load(build(FRAME, board=name)).fn("go")(0x1234, 0xBEEF)
        assert board.console.endswith("\n1 1234 beef 1\n")


@pytest.mark.parametrize(("mode", "prefix"), [("minimal", "E: "), ("immediate", "<err> os: "), ("deferred", "<err> os: ")])
def test_the_dump_is_written_as_the_log_is(build, mode, prefix):
    """Section 8: LOG_ERR lines of module os; minimal ``E: ...``."""
    with Board(logging=LogOptions(mode, stamps="none")) as board:
        assert go(board, build, OOPS, handler="") == 5
        assert f"{prefix}>>> ZEPHYR FATAL ERROR 3: Kernel oops on CPU 0\n{prefix}Current thread: 0x" in board.console
        assert board.console.index("handler 3 1 1") > board.console.index(">>> ZEPHYR")
