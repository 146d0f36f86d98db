"""An access in a block of conditional instructions (Thumb's IT) leaves nothing behind, also where it is a page's first."""

import pytest

from llext import Board

TEXT = """
static int cells[4096] = {7};
__attribute__((naked)) int through(int *p)
{
	__asm__ volatile("cmp r0, #0; ite ne; ldrne r1, [r0]; moveq r1, #0; b 1f; 1: "
		"movs r0, #1; adds r0, #2; adds r0, #4; adds r0, r1; bx lr");
}
int run(void) { return through(cells); }
EXPORT_SYMBOL(run);
"""


@pytest.mark.parametrize("name", ["mps2/an385", "mps2/an386", "mps2/an521"])
def test_what_follows_a_conditional_load_is_not_conditional(build, name):
    with Board(name) as board:
        extension = board.load(build(TEXT, board=name))
        assert [extension.fn("run")() for _ in range(2)] == [14, 14]
