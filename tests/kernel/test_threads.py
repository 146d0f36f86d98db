"""Threads as C code sees them: kernel.md sections 0, 1 and 4, one row a behaviour; the sections stand at the rows."""

import pytest
from kernel_rows import TWO, rows, rows_of  # noqa: F401 - a fixture


@pytest.mark.parametrize("board", TWO)
@pytest.mark.parametrize("row", rows_of("threads.c"))
def test_threads_do_as_zephyrs_do(rows, row, board):  # noqa: F811 - the fixture
    assert rows.run("threads.c", row, board) == 0
