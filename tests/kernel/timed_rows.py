"""Rows of a table as functions of one extension, built once for each board; each runs on a board of its own, from tick 0."""

from conftest import PROLOGUE

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.target import load_target

BOARDS_OF_ROWS = ("mps2/an385", "qemu_riscv32")
COMMON = """
#include <zephyr/irq_offload.h>
#define NOW() ((int)k_uptime_ticks())
#define STACKS 3
K_THREAD_STACK_ARRAY_DEFINE(stacks, STACKS, 1024);
static struct k_thread threads[STACKS];
static inline k_tid_t thread(int n, void (*entry)(void *, void *, void *), int prio)
{
	return k_thread_create(&threads[n], stacks[n], K_THREAD_STACK_SIZEOF(stacks[n]), entry, (void *)n, NULL, NULL, prio, 0, K_NO_WAIT);
}
"""


def built(folder, common, rows):
    """The extension's path for each board."""
    text = PROLOGUE + COMMON + common
    for number, row in enumerate(rows):
        text += f"void row_{number}(void) {{ {row.body} }}\nEXPORT_SYMBOL(row_{number});\n"
    source = folder / "rows.c"
    source.write_text(text)
    made = {}
    for name in BOARDS_OF_ROWS:
        output = folder / f"{name.replace('/', '_')}.llext"
        options = BuildOptions("zig", "s", ("-Wno-int-to-void-pointer-cast",))
        made[name] = build_extension([source], output, load_target(name), options).output
    return made


def said(path, name, number, **options):
    """What a row prints, its lines joined by spaces."""
    with Board(name, heap_size=1 << 17, **options) as board:
        board.load(path, "rows").call(f"row_{number}")
        return " ".join(board.console.split())
