"""The ends of the call stack: what misses it is told as that, from the first byte on."""

import pytest
from conftest import BOARDS

from llext import Board, GuestFault
from llext.build import build_extension
from llext.target import load_target

SOURCE = """
#include <stdint.h>
#include <zephyr/llext/symbol.h>
int deep(int n)
{
	volatile char frame[64];
	frame[0] = (char)n;
	return n == 0 ? frame[0] : deep(n - 1) + frame[0];
}
int endless(int n) { volatile char frame[16]; frame[0] = (char)n; return endless(n + 1) + frame[0]; }
int large(uint32_t size, uint32_t index)
{
	volatile char *frame = __builtin_alloca(size);
	frame[index] = 1;
	return frame[index];
}
int ninth(int a, int b, int c, int d, int e, int f, int g, int h, int i) { return i; }
#ifdef __arm__
__attribute__((naked)) void pushes(void) { __asm__ volatile("1: push {r0-r7}\\nb 1b"); }
__attribute__((naked)) void pops(void) { __asm__ volatile("pop {r0-r3}\\nbx lr"); }
#else
__attribute__((naked)) void pushes(void) { __asm__ volatile("1: addi sp, sp, -32\\nsw a0, 0(sp)\\nj 1b"); }
__attribute__((naked)) void pops(void) { __asm__ volatile("lw a0, 0(sp)\\nret"); }
#endif
EXPORT_SYMBOL(deep);
EXPORT_SYMBOL(endless);
EXPORT_SYMBOL(large);
EXPORT_SYMBOL(ninth);
EXPORT_SYMBOL(pushes);
EXPORT_SYMBOL(pops);
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    source = folder / "stack.c"
    source.write_text(SOURCE)
    return {
        name: build_extension([source], folder / f"{name.replace('/', '_')}.llext", load_target(name)).output for name in BOARDS
    }


@pytest.fixture(params=BOARDS)
def loaded(request, files):
    with Board(request.param) as board:
        yield board, board.load(files[request.param], "stack")


def missed(function, *values):
    """What two calls are told, which is the same: reason, address, registers."""
    told = []
    for _ in range(2):
        with pytest.raises(GuestFault) as caught:
            function(*values)
        told.append((caught.value.reason, caught.value.address, caught.value.registers))
    assert told[0] == told[1]
    return told[0]


def test_a_push_onto_a_full_stack_overflows_at_the_first_word_below_it(loaded):
    board, extension = loaded
    reason, address, registers = missed(extension.fn("pushes", "void (void)"))
    assert (reason, address) == ("stack overflow", board.layout.stack - 32)
    assert extension.find_sym("pushes") & ~1 <= registers["pc"] < (extension.find_sym("pushes") & ~1) + 8


@pytest.mark.parametrize("name", ["deep", "endless"])
def test_a_deep_recursion_overflows_within_one_frame_below_the_stack(loaded, name):
    board, extension = loaded
    reason, address, _ = missed(extension.fn(name, "int (int)"), 1 << 20)
    assert reason == "stack overflow"
    assert board.layout.stack - 128 <= address < board.layout.stack


@pytest.mark.parametrize("size", [64 << 10, 100 << 10, 1 << 20, 8 << 20])
def test_a_frame_that_jumps_over_the_guard_overflows_too(loaded, size):
    board, extension = loaded
    large = extension.fn("large", "int (uint32_t, uint32_t)")
    for index in (0, 4, size // 2, size - board.layout.stack_top + board.layout.stack - 64):
        reason, address, registers = missed(large, size, index)
        assert (reason, address) == ("stack overflow", registers["sp"] + index)
        assert address < board.layout.stack
    assert large(16, 3) == 1


def test_a_pop_from_an_empty_stack_underflows_at_its_top(loaded):
    board, extension = loaded
    reason, address, registers = missed(extension.fn("pops", "void (void)"))
    assert (reason, address) == ("stack underflow", board.layout.stack_top)
    assert registers["pc"] == extension.find_sym("pops") & ~1


def test_an_argument_that_was_not_passed_is_an_underflow(loaded):
    board, extension = loaded
    reason, address, _ = missed(extension.fn("ninth", "int (int)"), 1)
    assert reason == "stack underflow"
    assert board.layout.stack_top <= address < board.layout.thread
    assert extension.fn("ninth", "int (int, int, int, int, int, int, int, int, int)")(*range(9)) == 8


def test_a_wild_stack_pointer_is_no_overflow(build, board):
    text = """
__attribute__((naked)) void wild(void) { __asm__ volatile("mov sp, r0\\npush {r0-r3}\\nbx lr"); }
EXPORT_SYMBOL(wild);
"""
    wild = board.load(build(text)).fn("wild", "void (uint32_t)")
    for pointer in (0x60000010, 0x40010, 0x10):
        assert missed(wild, pointer)[:2] == ("write", pointer - 16 if pointer > 16 else 0)


@pytest.mark.parametrize(("address", "words"), [(-4, "stack overflow at"), (0, "stack underflow at")])
def test_a_service_that_is_handed_such_an_address_tells_it_so(build, board, address, words):
    text = "void say(const char *text) { printk(text); }\nEXPORT_SYMBOL(say);"
    end = board.layout.stack if address else board.layout.stack_top
    with pytest.raises(GuestFault, match=words):
        board.load(build(text)).fn("say", "void (uint32_t)")(end + address)


def test_without_rights_an_overflow_is_told_and_what_is_above_the_stack_is_everybodys(files):
    for name in BOARDS:
        with Board(name, mpu=False) as board:
            extension = board.load(files[name], "stack")
            reason, address, _ = missed(extension.fn("pushes", "void (void)"))
            assert (reason, address) == ("stack overflow", board.layout.stack - 32)
            extension.fn("pops", "void (void)")()
