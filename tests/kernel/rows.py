"""Tables of what services do: each row is a piece of C, where its behaviour is from, and what it prints."""

from dataclasses import dataclass

from llext import Board
from llext.build import BuildOptions, build_extension

BOARDS = ["mps2/an385", "qemu_riscv32"]

COMMON = """
#include <zephyr/kernel.h>
#include <zephyr/irq_offload.h>
#include <zephyr/llext/symbol.h>
#include <string.h>
#define THREADS 4
static K_THREAD_STACK_ARRAY_DEFINE(stacks, THREADS, 1024);
static struct k_thread threads[THREADS];
static int started;
static k_timeout_t within(int ms) { return ms < 0 ? K_FOREVER : K_MSEC(ms); }
static struct k_thread *start(k_thread_entry_t entry, const char *name, int priority, int ms)
{
	struct k_thread *made = &threads[started];
	k_thread_create(made, stacks[started], K_THREAD_STACK_SIZEOF(stacks[started]), entry, (void *)name, INT_TO_POINTER(ms), NULL, priority, 0, K_NO_WAIT);
	k_thread_name_set(made, name);
	started++;
	return made;
}
static void settle(void) { k_msleep(1); }
static void finish(void)
{
	while (started > 0) k_thread_join(&threads[--started], K_FOREVER);
}
static int64_t begun;
static void watch(void) { k_msleep(1); begun = k_uptime_ticks(); }
static int passed(void) { return (int)(k_uptime_ticks() - begun); }
"""


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        name: Of the behaviour.
        section: Of the reference of the kernel's semantics.
        code: Body of a C function.
        printed: What it prints, lines without the last newline.
    """

    name: str
    section: str
    code: str
    printed: str


def table(factory, board_name, name, common, rows):
    """A board with an extension that has all rows as functions; yields the two."""
    functions = "".join(f"void row_{i}(void)\n{{\n{row.code}\n}}\nEXPORT_SYMBOL(row_{i});\n" for i, row in enumerate(rows))
    folder = factory.mktemp(name)
    source = folder / f"{name}.c"
    source.write_text(COMMON + common + functions)
    with Board(board_name, heap_size=1 << 17) as board:
        options = BuildOptions(cflags=(f"-DCONFIG_LLEXT_GRANULE={board.target.granule}", "-Wno-unused-function"))
        yield board, board.load(build_extension([source], folder / f"{name}.llext", board.target, options).output)


def printed(made, rows, row):
    """What a row prints."""
    board, extension = made
    before = len(board.console)
    extension.call(f"row_{rows.index(row)}")
    return board.console[before:].strip("\n")
