"""Pipes of Zephyr 4.1 and later: counts, errors, order, from threads and from interrupts."""

import pytest
from rows import BOARDS, Row, printed, table

from llext import GuestFault

COMMON = """
static uint8_t buffer[4];
static struct k_pipe p;
K_PIPE_DEFINE(defined, 4, 4);
static char out[16];
static void fresh(const char *text)
{
	k_pipe_init(&p, buffer, sizeof(buffer));
	k_pipe_write(&p, (const uint8_t *)text, strlen(text), K_NO_WAIT);
}
static int put(const char *text, int ms) { return k_pipe_write(&p, (const uint8_t *)text, strlen(text), within(ms)); }
static int get(size_t n, int ms)
{
	memset(out, 0, sizeof(out));
	return k_pipe_read(&p, (uint8_t *)out, n, within(ms));
}
static void reads4(void *name, void *ms, void *unused)
{
	char mine[5] = "....";
	const int result = k_pipe_read(&p, (uint8_t *)mine, 4, within(POINTER_TO_INT(ms)));
	printk("%s %d %s\\n", (const char *)name, result, mine);
}
static void reads2(void *name, void *ms, void *unused)
{
	char mine[3] = "..";
	const int result = k_pipe_read(&p, (uint8_t *)mine, 2, within(POINTER_TO_INT(ms)));
	printk("%s %d %s\\n", (const char *)name, result, mine);
}
static void writes(void *name, void *ms, void *unused)
{
	printk("%s %d\\n", (const char *)name, k_pipe_write(&p, name, strlen(name), within(POINTER_TO_INT(ms))));
}
static void isr_write(const void *text) { printk("isr %d\\n", put(text, 0)); }
static void isr_waits(const void *unused) { get(3, -1); }
void waits_in_isr(void) { fresh(""); irq_offload(isr_waits, NULL); }
EXPORT_SYMBOL(waits_in_isr);
static void bad(void *p1, void *p2, void *p3) { k_pipe_write(&p, (const uint8_t *)4, 8, K_FOREVER); }
void bad_pointer_later(void)
{
	fresh("");
	k_pipe_init(&p, buffer, 0);
	k_thread_create(&threads[0], stacks[0], 1024, bad, NULL, NULL, NULL, 3, 0, K_NO_WAIT);
	k_thread_name_set(&threads[0], "culprit");
	settle();
	get(2, -1);
}
EXPORT_SYMBOL(bad_pointer_later);
"""

ROWS = [
    Row("bytes", "3: byte count", 'fresh("abc"); int r = get(2, 0); printk("%d %s ", r, out); r = get(1, 0); printk("%d %s\\n", r, out);', "2 ab 1 c"),
    Row("across the wrap", "3", 'fresh("abc"); get(2, 0); printk("%d ", put("def", 0)); int r = get(4, 0); printk("%d %s\\n", r, out);', "3 4 cdef"),
    Row("full, no wait", "0, 3: -EAGAIN", 'fresh("abcd"); printk("%d\\n", put("e", 0));', "-11"),
    Row("some, no wait", "3: partial", 'fresh("abc"); printk("%d ", put("def", 0)); int r = get(9, 0); printk("%d %s\\n", r, out);', "1 4 abcd"),
    Row("empty, no wait", "0, 3: -EAGAIN", 'fresh(""); printk("%d\\n", get(1, 0));', "-11"),
    Row("none in time", "3: -EAGAIN", 'fresh(""); watch(); int r = get(1, 5); printk("%d %d\\n", r, passed());', "-11 51"),
    Row("some in time", "3: TO with some: partial", 'fresh("ab"); watch(); int r = get(4, 5); printk("%d %d %s\\n", r, passed(), out);', "2 51 ab"),
    Row("some written in time", "3: TO with some: partial", 'fresh("ab"); watch(); int r = put("cdef", 5); printk("%d %d\\n", r, passed());', "2 51"),
    Row(
        "who goes on when its time is over does not wait once more",
        "3: TO",
        'fresh("abcd"); watch(); struct k_thread *t = start(writes, "ef", 3, 1); k_sleep(K_TICKS(1)); get(1, 0); put("x", 0);\n'
        'k_busy_wait(5000); k_thread_join(t, K_FOREVER); printk("%d\\n", passed()); finish();',
        "ef -11\n52",
    ),
    Row("no bytes", "3", 'fresh(""); int r = put("", 0); printk("%d %d\\n", r, get(0, 0));', "0 0"),
    Row(
        "a reader waits for all",
        "0, 3: direct hand-over, waits for all",
        'fresh(""); start(reads4, "a", 3, -1); settle(); printk("%d ", put("xy", 0)); settle(); printk("- %d\\n", put("zw1", 0));\n'
        'finish(); int r = get(4, 0); printk("%d %s\\n", r, out);',
        "2 - 3\na 4 xyzw\n1 1",
    ),
    Row(
        "readers wake by priority, equals in order",
        "0: wake order",
        'fresh(""); start(reads2, "a", 5, -1); start(reads2, "b", 3, -1); start(reads2, "c", 5, -1); settle();\n'
        'printk("%d\\n", put("123456", 0)); finish();',
        "6\nb 2 12\na 2 34\nc 2 56",
    ),
    Row(
        "a more urgent reader runs at once",
        "0",
        'fresh(""); start(reads2, "a", -1, -1); put("hi", 0); printk("back\\n"); finish();',
        "a 2 hi\nback",
    ),
    Row(
        "the time of a reader that has some is over",
        "3: TO with some: partial",
        'fresh(""); start(reads4, "a", 3, 5); settle(); put("xy", 0); finish();',
        "a 2 xy..",
    ),
    Row(
        "a writer waits for room",
        "3: waits for all",
        'fresh("abcd"); start(writes, "efg", 3, -1); settle(); int r = get(2, 0); printk("%d %s\\n", r, out); settle();\n'
        'r = get(4, 0); printk("%d %s\\n", r, out); finish(); r = get(4, 0); printk("%d %s\\n", r, out);',
        "2 ab\n4 cdef\nefg 3\n1 g",
    ),
    Row(
        "writers come by priority",
        "0: wake order",
        'fresh("abcd"); start(writes, "1", 5, -1); start(writes, "2", 3, -1); settle(); get(4, 0); finish(); get(4, 0);\n'
        'printk("%s\\n", out);',
        "2 1\n1 1\n21",
    ),
    Row(
        "no buffer at all",
        "3",
        'k_pipe_init(&p, NULL, 0); start(writes, "abcd", 3, -1); settle(); int r = get(2, 5); printk("%d %s ", r, out);\n'
        'r = get(2, 5); printk("%d %s\\n", r, out); finish(); printk("%d %d\\n", put("x", 0), get(1, 0));',
        "2 ab 2 cd\nabcd 4\n-11 -11",
    ),
    Row(
        "closed",
        "3: -EPIPE; reads drain first",
        'fresh("ab"); k_pipe_close(&p); printk("%d ", put("c", -1)); int r = get(4, -1); printk("%d %s %d ", r, out, get(1, -1));\n'
        'fresh("z"); r = get(1, 0); printk("%d %s\\n", r, out);',
        "-32 2  -32 1 z",
    ),
    Row(
        "closed while they wait",
        "3: -EPIPE",
        'fresh(""); start(reads4, "a", 3, -1); start(reads4, "b", 5, -1); settle(); k_pipe_close(&p); finish();\n'
        'fresh("abcd"); start(writes, "c", 3, -1); settle(); k_pipe_close(&p); finish();',
        "a -32 ....\nb -32 ....\nc -32",
    ),
    Row(
        "reset",
        "3: waiters -ECANCELED, emptied",
        'fresh("abcd"); start(writes, "a", 3, -1); settle(); k_pipe_reset(&p); printk("%d ", put("x", 0)); finish();\n'
        'printk("%d ", put("y", 0)); int r = get(4, 0); printk("%d %s\\n", r, out);',
        "-140 a -140\n1 1 y",
    ),
    Row("reset with nobody", "3: emptied", 'fresh("abc"); k_pipe_reset(&p); printk("%d\\n", get(1, 0));', "-11"),
    Row(
        "an interrupt writes",
        "0",
        'fresh(""); start(reads2, "a", -1, -1); irq_offload(isr_write, "ok"); printk("back\\n"); finish();',
        "isr 2\na 2 ok\nback",
    ),
    Row(
        "defined statically",
        "3: K_PIPE_DEFINE",
        'printk("%d ", k_pipe_write(&defined, (const uint8_t *)"hello", 5, K_NO_WAIT));\n'
        'printk("%d ", k_pipe_read(&defined, (uint8_t *)out, 5, K_NO_WAIT)); printk("%c%c\\n", out[0], out[3]);',
        "4 4 hl",
    ),
]  # fmt: skip


@pytest.fixture(scope="module", params=BOARDS)
def made(request, tmp_path_factory):
    yield from table(tmp_path_factory, request.param, "pipes", COMMON, ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_pipe_does_what_its_row_says(made, row):
    assert printed(made, ROWS, row) == row.printed


def test_waiting_in_an_interrupt_is_a_fault_that_names_it(made):
    with pytest.raises(GuestFault, match="k_pipe_read would wait in an interrupt handler"):
        made[1].call("waits_in_isr")


def test_a_fault_in_a_threads_own_turn_is_that_threads(made):
    with pytest.raises(GuestFault, match=r"load from 0x00000004[^\n]*in culprit"):
        made[1].call("bad_pointer_later")
