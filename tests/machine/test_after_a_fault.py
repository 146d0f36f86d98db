"""After every kind of fault the board works on: its extension goes, all memory comes back, others run, it runs again."""

import pytest
from conftest import BOARDS

from llext import Board, GuestFault
from llext.target import load_target

BODIES = {
    "read": "(void)*(volatile int *)0x60000000;",
    "write": "*(volatile int *)16 = 1;",
    "write to text": "*(volatile int *)((uintptr_t)&good & ~3u) = 1;",
    "execute": "((void (*)(void))0x60000001)();",
    "invalid state": "((void (*)(void))((uintptr_t)&good & ~3u))();",
    "undefined instruction": "UNDEFINED;",
    "unaligned access": "UNALIGNED;",
    "supervisor call": "SUPERVISOR;",
    "breakpoint": "BREAK;",
    "halted": '__asm__ volatile("wfi");',
    "stack overflow": "deep(1 << 20);",
    "stack underflow": "UNDERFLOW;",
    "k_panic": "k_panic();",
    "k_oops": "k_oops();",
    "assertion": '__ASSERT(good(1) == 1, "two");',
    "a block freed twice": "void *block = k_malloc(16); k_free(block); k_free(block);",
    "a service with a bad pointer": "printk((const char *)0x60000000);",
    "timeout": "for (;;) { }",
    "timeout while printing": 'for (;;) { printk("more"); }',
    "interrupt": "stop(); for (;;) { }",
    "endless recursion": "again();",
    "a fault in a call from Python": "inside(0x60000000);",
}
REASONS = {
    "write to text": "write", "k_panic": "kernel panic (k_panic)", "k_oops": "kernel oops (k_oops)",
    "assertion": "kernel panic (k_panic)", "a service with a bad pointer": "read", "timeout while printing": "timeout",
    "interrupt": "interrupted", "endless recursion": "nesting", "a fault in a call from Python": "read",
}  # fmt: skip
"""Where the reason has another name than the kind."""
SOURCE = """
#define CONFIG_ASSERT 1
#include <zephyr/kernel.h>
#include <zephyr/sys/__assert.h>
#include <zephyr/llext/symbol.h>
#ifdef __arm__
#define UNDEFINED __asm__ volatile("udf #1")
#define SUPERVISOR __asm__ volatile("svc #9")
#define BREAK __asm__ volatile("bkpt #0")
#define UNDERFLOW __asm__ volatile("add sp, #256\\nldr r0, [sp]" : : : "r0")
#if __ARM_ARCH == 6
#define UNALIGNED (void)*(volatile int *)0x20000001
#else
#define UNALIGNED __asm__ volatile("ldrex r1, [%0]" : : "r"(buffer + 1) : "r1")
#endif
#else
#define UNDEFINED __asm__ volatile("unimp")
#define SUPERVISOR __asm__ volatile("li t0, 1999\\necall" : : : "t0")
#define BREAK __asm__ volatile("ebreak")
#define UNDERFLOW __asm__ volatile("addi sp, sp, 1024\\nlw a0, 0(sp)" : : : "a0")
#define UNALIGNED __asm__ volatile("lr.w t0, (%0)" : : "r"(buffer + 1) : "t0")
#endif
extern int again(void);
extern int stop(void);
extern int inside(unsigned int address);
static volatile char buffer[300] __aligned(4) = {1};
int good(int x) { return 2 * x + buffer[0]; }
int load(unsigned int address) { return *(volatile int *)address; }
int deep(int n) { volatile char frame[64]; frame[0] = (char)n; return n == 0 ? frame[0] : deep(n - 1) + frame[0]; }
void bad(void) { BODY }
EXPORT_SYMBOL(good);
EXPORT_SYMBOL(load);
EXPORT_SYMBOL(bad);
"""
OTHER = "int twice(int x) { return 2 * x; }\nEXPORT_SYMBOL(twice);"
KINDS = [
    pytest.param(board, kind, id=f"{board}-{kind}")
    for board in BOARDS
    for kind in BODIES
    if kind != "invalid state" or load_target(board).arch.code_symbol_bit
]


def _firmware(board):
    """What the extension calls in Python."""

    @board.export
    def stop() -> int:
        board.interrupt()
        return 0

    @board.export
    def again() -> int:
        board.by_name("broken").call("bad")
        return 0

    @board.export
    def inside(address: int) -> int:
        return board.by_name("broken").fn("load", "int (uint32_t)")(address)


def _state(board):
    """The free pieces of the LLEXT heap and of the memory for arguments, and who may touch which granule."""
    layout, of = board.layout, board.machine.rights.of
    rights = [of(address) for address in range(layout.stack, layout.end, board.target.granule)]
    return board.heap.free_chunks(), board.caller.buffers.free_chunks(), rights


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_after_a_fault_all_memory_comes_back_and_all_code_runs(build, name, kind):
    other = build(OTHER, "other", board=name)
    broken = build(SOURCE.replace("BODY", BODIES[kind]), "broken", board=name, prologue="")
    with Board(name) as board:
        _firmware(board)
        before = _state(board)
        places = set()
        for _ in range(2):
            extension = board.load(broken)
            places.add(tuple(region.address for region in extension.regions.values()))
            board.timeout = 0.05 if "timeout" in kind else 60
            with pytest.raises(GuestFault) as caught:
                extension.call("bad")
            assert caught.value.reason.startswith(REASONS.get(kind, kind if "freed" not in kind else "free of"))
            assert board.machine.nesting == 0
            board.timeout = 60
            assert extension.fn("good", "int (int)")(4) == 9  # its own memory is as it was
            beside = board.load(other)
            assert beside.fn("twice", "int (int)")(21) == 42
            board.unload(beside)
            assert board.unload(extension) == 0
            assert _state(board) == before
        assert len(places) == 1
