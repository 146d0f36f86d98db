"""Where the virtual board is not the hardware: docs/where-it-runs.md says so, and this keeps it true."""

import pytest
from conftest import BOARDS

from llext import Board
from llext.target import load_target

DIVIDING = """
int divide(int a, int b) { return a / b; }
int rest(int a, int b) { return a % b; }
unsigned int udivide(unsigned int a, unsigned int b) { return a / b; }
unsigned int urest(unsigned int a, unsigned int b) { return a % b; }
EXPORT_SYMBOL(divide); EXPORT_SYMBOL(rest); EXPORT_SYMBOL(udivide); EXPORT_SYMBOL(urest);
"""
ARM = [board for board in BOARDS if load_target(board).arch.name == "Arm"]
MAINLINE = [board for board in ARM if load_target(board).cpu.architecture != "v6-M"]
RISCV = [board for board in BOARDS if board not in ARM]


@pytest.mark.parametrize("name", BOARDS)
def test_division_by_zero_does_not_trap(build, name):
    """RISC-V asks for all ones (ISA manual, M extension). Armv7-M gives 0 too, where it is not told to trap."""
    with Board(name) as board:
        extension = board.load(build(DIVIDING, board=name))
        signed = [extension.fn(each, "int (int, int)") for each in ("divide", "rest")]
        unsigned = [extension.fn(each, "uint32_t (uint32_t, uint32_t)") for each in ("udivide", "urest")]
        quotient = 0 if name in ARM else -1
        assert [function(7, 0) for function in signed] == [quotient, 7]
        assert [function(7, 0) for function in unsigned] == [quotient & 0xFFFFFFFF, 7]
        assert [function(-(1 << 31), -1) for function in signed] == [-(1 << 31), 0]


SEVERAL = """
static unsigned char bytes[32] __aligned(4);
__attribute__((naked)) static void two(void *at) { __asm__ volatile("strd r0, r1, [r0]\\nbx lr"); }
__attribute__((naked)) static void many(void *at) { __asm__ volatile("stmia r0, {r0-r3}\\nbx lr"); }
int go(int distance) { two(bytes + distance); many(bytes + distance); return bytes[distance]; }
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize("name", MAINLINE)
def test_several_words_at_an_unaligned_address_are_let_through(build, name):
    with Board(name) as board:
        board.load(build(SEVERAL, board=name)).fn("go", "int (int)")(1)


@pytest.mark.parametrize("name", RISCV)
def test_riscv_takes_unaligned_loads_and_stores(build, name):
    text = "unsigned int words[2];\nunsigned int go(void) { unsigned int *at = (unsigned int *)((char *)words + 1);\n"
    text += '__asm__ volatile("sw %0, 0(%1)" : : "r"(0x01020304), "r"(at) : "memory"); unsigned int got;\n'
    text += '__asm__ volatile("lw %0, 0(%1)" : "=r"(got) : "r"(at)); return got; }\nEXPORT_SYMBOL(go);'
    with Board(name) as board:
        assert board.load(build(text, board=name)).fn("go", "uint32_t (void)")() == 0x01020304
