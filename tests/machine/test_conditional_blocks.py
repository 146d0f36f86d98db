"""Blocks of conditional instructions (Armv7-M A7.7.38) whose load is the first to touch its page."""

import pytest

from llext import Board

CODE = """
static int cells[4], others[4];
EXPORT_SYMBOL(cells);
EXPORT_SYMBOL(others);

/* The second instruction of a block of the caller's would not branch, and both would not set flags. */
__attribute__((__naked__)) static int is_zero(int value)
{
	__asm__("cmp r0, #0\\n" "beq.n 1f\\n" "movs r0, #0\\n" "bx lr\\n" "1: movs r0, #1\\n" "bx lr");
}

__attribute__((__naked__)) int called_in_a_block(int *cell, int yes)
{
	__asm__("push {r3, lr}\\n" "cmp r1, #0\\n" "ittee le\\n" "movle r0, #5\\n" "movle r1, #0\\n" "ldrgt.w r0, [r0]\\n"
		"blgt %0\\n" "pop {r3, pc}" : : "i"(is_zero));
}
EXPORT_SYMBOL(called_in_a_block);

__attribute__((__naked__)) int called_behind_a_block(int *cell, int yes)
{
	__asm__("push {r3, lr}\\n" "cmp r1, #0\\n" "it gt\\n" "ldrgt.w r0, [r0]\\n" "b.w 2f\\n" "2: bl %0\\n" "pop {r3, pc}" : : "i"(is_zero));
}
EXPORT_SYMBOL(called_behind_a_block);

__attribute__((__naked__)) int stored_in_a_block(int *cell, int yes)
{
	__asm__("push {r3, lr}\\n" "cmp r1, #0\\n" "itt gt\\n" "strgt.w r1, [r0]\\n" "movgt r0, #0\\n" "bl %0\\n" "pop {r3, pc}" : : "i"(is_zero));
}
EXPORT_SYMBOL(stored_in_a_block);
"""


@pytest.mark.parametrize("name", ["mps2/an385", "mps2/an386", "mps2/an521"])
@pytest.mark.parametrize("function", ["called_in_a_block", "called_behind_a_block", "stored_in_a_block"])
def test_what_follows_a_first_access_in_a_block_runs_as_it_should(build, name, function):
    with Board(name) as board:
        extension = board.load(build(CODE, board=name))
        for cell in ("cells", "others"):
            assert extension.fn(function, "int f(int, int)")(extension.find_sym(cell), 1) == 1
