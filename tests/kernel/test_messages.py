"""Message queues, queues of items and stacks: results, order of waking, times, from threads and from interrupts."""

import pytest
from rows import BOARDS, Row, printed, table

from llext import GuestFault

COMMON = """
static char ring[8];
static struct k_msgq q;
K_MSGQ_DEFINE(defined, sizeof(int), 2, 4);
static void fresh(int n)
{
	k_msgq_init(&q, ring, 4, 2);
	for (int i = 1; i <= n; i++) k_msgq_put(&q, &i, K_NO_WAIT);
}
static int put(int value, int ms) { return k_msgq_put(&q, &value, within(ms)); }
static int got;
static int get(int ms) { got = 0; return k_msgq_get(&q, &got, within(ms)); }
static void drain(void) { while (k_msgq_get(&q, &got, K_NO_WAIT) == 0) printk("%d ", got); printk("\\n"); }
static void gets(void *name, void *ms, void *unused)
{
	int value = 0;
	const int result = k_msgq_get(&q, &value, within(POINTER_TO_INT(ms)));
	printk("%s %d %d\\n", (const char *)name, result, value);
}
static void puts_(void *name, void *ms, void *unused)
{
	int value = *(const char *)name;
	const int result = k_msgq_put(&q, &value, within(POINTER_TO_INT(ms)));
	printk("%s %d\\n", (const char *)name, result);
}
static void isr_put(const void *value) { printk("isr %d\\n", k_msgq_put(&q, value, K_NO_WAIT)); }
static void isr_get(const void *unused) { printk("isr %d", get(0)); printk(" %d\\n", got); }
static void isr_waits(const void *unused) { get(-1); }

struct item { void *link; int number; };
static struct item a = {NULL, 1}, b = {NULL, 2}, c = {NULL, 3}, d = {NULL, 4};
static struct k_queue queue;
K_QUEUE_DEFINE(defined_queue);
K_FIFO_DEFINE(fifo);
K_LIFO_DEFINE(lifo);
static int number(const void *at) { return at ? ((const struct item *)at)->number : 0; }
static void all(void) { while (!k_queue_is_empty(&queue)) printk("%d ", number(k_queue_get(&queue, K_NO_WAIT))); printk("\\n"); }
static void takes(void *name, void *ms, void *unused)
{
	const int result = number(k_queue_get(&queue, within(POINTER_TO_INT(ms))));
	printk("%s %d\\n", (const char *)name, result);
}
static void isr_append(const void *at) { k_queue_append(&queue, (void *)at); printk("isr\\n"); }

static stack_data_t words[2];
static struct k_stack stack;
K_STACK_DEFINE(defined_stack, 2);
static stack_data_t popped;
static void pops(void *name, void *ms, void *unused)
{
	stack_data_t value = 0;
	const int result = k_stack_pop(&stack, &value, within(POINTER_TO_INT(ms)));
	printk("%s %d %d\\n", (const char *)name, result, (int)value);
}
static void isr_push(const void *value) { printk("isr %d\\n", k_stack_push(&stack, (stack_data_t)value)); }
static char pool_memory[128] __aligned(8);
static struct k_heap pool;
"""

ROWS = [
    Row("put and get", "3", 'fresh(2); printk("%d ", get(0)); printk("%d\\n", got); drain();', "0 1\n2"),
    Row("full, no wait", "0, 3: -ENOMSG", 'fresh(2); printk("%d\\n", put(3, 0));', "-35"),
    Row("empty, no wait", "0, 3: -ENOMSG", 'fresh(0); printk("%d\\n", get(0));', "-35"),
    Row("full, time over", "0, 4: -EAGAIN", 'fresh(2); watch(); int r = put(3, 5); printk("%d %d\\n", r, passed());', "-11 51"),
    Row("empty, time over", "0, 4: -EAGAIN", 'fresh(0); watch(); int r = get(5); printk("%d %d\\n", r, passed());', "-11 51"),
    Row("front", "3: head insert", 'fresh(1); int v = 9; printk("%d ", k_msgq_put_front(&q, &v)); drain();', "0 9 1"),
    Row("front of a full one", "3: -ENOMSG", 'fresh(2); int v = 9; printk("%d\\n", k_msgq_put_front(&q, &v));', "-35"),
    Row(
        "front across the wrap",
        "3",
        "fresh(2); get(0); get(0); put(5, 0); int v = 6; k_msgq_put_front(&q, &v); get(0); int w = got; put(7, 0);\n"
        'printk("%d ", w); drain();',
        "6 5 7",
    ),
    Row(
        "peek",
        "3: 0/-ENOMSG",
        'fresh(2); int v = 0; printk("%d ", k_msgq_peek(&q, &v)); printk("%d ", v); printk("%d ", k_msgq_peek_at(&q, &v, 1));\n'
        'printk("%d %d ", v, k_msgq_peek_at(&q, &v, 2)); fresh(0); printk("%d\\n", k_msgq_peek(&q, &v));',
        "0 1 0 2 -35 -35",
    ),
    Row(
        "peek across the wrap",
        "3",
        'fresh(2); get(0); put(3, 0); int v; k_msgq_peek_at(&q, &v, 1); printk("%d\\n", v);',
        "3",
    ),
    Row(
        "attributes",
        "3, 11",
        "struct k_msgq_attrs at; fresh(1); k_msgq_get_attrs(&q, &at);\n"
        'printk("%d %d %d ", (int)at.msg_size, at.max_msgs, at.used_msgs);\n'
        'printk("%d %d %d\\n", k_msgq_num_free_get(&q), k_msgq_num_used_get(&q), q.used_msgs);',
        "4 2 1 1 1 1",
    ),
    Row(
        "readers wake by priority, equals in order",
        "0: wake order, direct hand-over",
        'fresh(0); start(gets, "a", 5, -1); start(gets, "b", 3, -1); start(gets, "c", 3, -1); settle();\n'
        'put(1, 0); put(2, 0); put(3, 0); printk("%d\\n", q.used_msgs); finish();',
        "0\nb 0 1\nc 0 2\na 0 3",
    ),
    Row(
        "a more urgent reader runs at once",
        "0: when the switch happens",
        'fresh(0); start(gets, "a", -1, -1); put(1, 0); printk("back\\n"); finish();',
        "a 0 1\nback",
    ),
    Row(
        "a front message goes to who waits",
        "0: direct hand-over",
        'fresh(0); start(gets, "a", -1, -1); int v = 4; k_msgq_put_front(&q, &v); printk("%d\\n", q.used_msgs); finish();',
        "a 0 4\n0",
    ),
    Row(
        "a writer's message follows",
        "3: a waiting writer's message is then appended",
        'fresh(2); start(puts_, "a", 5, -1); start(puts_, "b", 3, -1); settle(); get(0); printk("%d %d\\n", got, q.used_msgs);\n'
        "get(0); finish(); drain();",
        "1 2\nb 0\na 0\n98 97",
    ),
    Row(
        "purge",
        "3: writers leave with -ENOMSG",
        'fresh(2); start(puts_, "a", 5, -1); start(puts_, "b", 5, -1); settle(); k_msgq_purge(&q); printk("%d\\n", q.used_msgs);\n'
        "finish(); put(8, 0); drain();",
        "0\na -35\nb -35\n8",
    ),
    Row("a waiting writer's time is over", "0", 'fresh(2); start(puts_, "a", 5, 2); finish(); drain();', "a -11\n1 2"),
    Row(
        "a suspended reader keeps what it was given",
        "0, 1: grant and resume",
        'fresh(0); struct k_thread *t = start(gets, "a", 3, -1); settle(); k_thread_suspend(t); put(5, 0); settle();\n'
        'printk("%d\\n", q.used_msgs); k_thread_resume(t); finish();',
        "0\na 0 5",
    ),
    Row(
        "an interrupt puts",
        "0: from ISR the switch comes on exit",
        'fresh(0); start(gets, "a", -1, -1); int v = 7; irq_offload(isr_put, &v); printk("back\\n"); finish();',
        "isr 0\na 0 7\nback",
    ),
    Row("an interrupt gets", "0", "fresh(1); irq_offload(isr_get, NULL); irq_offload(isr_get, NULL);", "isr 0 1\nisr -35 0"),
    Row(
        "defined statically",
        "3: K_MSGQ_DEFINE",
        "int v = 3; int r = k_msgq_put(&defined, &v, K_NO_WAIT); r += k_msgq_put(&defined, &v, K_NO_WAIT);\n"
        'printk("%d %d", r, k_msgq_put(&defined, &v, K_NO_WAIT)); v = 0; k_msgq_get(&defined, &v, K_NO_WAIT);\n'
        'k_msgq_get(&defined, &got, K_NO_WAIT); printk(" %d %d\\n", v, k_msgq_get(&defined, &v, K_NO_WAIT));',
        "0 -35 3 -35",
    ),
    Row(
        "allocated",
        "3: alloc_init -ENOMEM/-EINVAL, cleanup -EBUSY if waiters",
        'static struct k_msgq m; printk("%d ", k_msgq_alloc_init(&m, 0x10000, 0x10000));\n'
        'printk("%d ", k_msgq_alloc_init(&m, 0x10000, 0x1000)); printk("%d ", k_msgq_alloc_init(&q, 4, 2));\n'
        'printk("%d %d\\n", put(3, 0), q.flags & K_MSGQ_FLAG_ALLOC); get(0); start(gets, "a", 3, -1); settle();\n'
        'printk("%d\\n", k_msgq_cleanup(&q)); put(4, 0); finish(); printk("%d %d\\n", k_msgq_cleanup(&q), q.flags);',
        "-22 -12 0 0 1\n-16\na 0 4\n0 0",
    ),
    Row(
        "append, prepend, insert",
        "3",
        "k_queue_init(&queue); k_queue_append(&queue, &a); k_queue_append(&queue, &b); k_queue_prepend(&queue, &c);\n"
        'k_queue_insert(&queue, &a, &d); printk("%d %d ", number(k_queue_peek_head(&queue)), number(k_queue_peek_tail(&queue)));\n'
        "all();",
        "3 2 3 1 4 2",
    ),
    Row(
        "insert at both ends",
        "3",
        "k_queue_init(&queue); k_queue_insert(&queue, NULL, &a); k_queue_insert(&queue, &a, &b); k_queue_append(&queue, &c); all();",
        "1 2 3",
    ),
    Row(
        "the list lies in the items",
        "3, 11: first word of the item",
        "k_queue_init(&queue); k_queue_append(&queue, &a); k_queue_append(&queue, &b);\n"
        'printk("%d %d %d %d\\n", queue.data_q.head == &a, queue.data_q.tail == &b, a.link == &b, b.link == NULL); all();',
        "1 1 1 1\n1 2",
    ),
    Row(
        "empty",
        "0: NULL",
        'k_queue_init(&queue); watch(); void *r = k_queue_get(&queue, K_NO_WAIT); void *s = k_queue_get(&queue, K_MSEC(5));\n'
        'printk("%d %d %d %d %d\\n", r == NULL, s == NULL, passed(), k_queue_is_empty(&queue), k_queue_peek_head(&queue) == NULL);',
        "1 1 51 1 1",
    ),
    Row(
        "takers wake by priority",
        "0: wake order, direct hand-over",
        'k_queue_init(&queue); start(takes, "a", 5, -1); start(takes, "b", 3, -1); start(takes, "c", 5, -1); settle();\n'
        "k_queue_append(&queue, &a); k_queue_prepend(&queue, &b); k_queue_append(&queue, &c);\n"
        'printk("%d\\n", k_queue_is_empty(&queue)); finish();',
        "1\nb 1\na 2\nc 3",
    ),
    Row(
        "cancel",
        "3: best waiter gets NULL",
        'k_queue_init(&queue); start(takes, "a", 5, -1); start(takes, "b", 3, -1); settle(); k_queue_cancel_wait(&queue); settle();\n'
        'printk("-\\n"); k_queue_append(&queue, &a); finish(); k_queue_cancel_wait(&queue);',
        "b 0\n-\na 1",
    ),
    Row(
        "allocated nodes",
        "3: item word untouched; no allocation if a waiter takes it",
        'k_queue_init(&queue); a.link = &d; printk("%d ", (int)k_queue_alloc_append(&queue, &a));\n'
        'printk("%d ", (int)k_queue_alloc_prepend(&queue, &b)); printk("%d %d ", a.link == &d, queue.data_q.head == &b);\n'
        'printk("%d %d ", number(k_queue_peek_head(&queue)), number(k_queue_peek_tail(&queue))); all();',
        "0 0 1 0 2 1 2 1",
    ),
    Row(
        "allocation fails",
        "3: -ENOMEM",
        "k_heap_init(&pool, pool_memory, sizeof(pool_memory)); k_thread_heap_assign(k_current_get(), &pool);\n"
        "k_queue_init(&queue); int n = 0; int r; while ((r = (int)k_queue_alloc_append(&queue, &a)) == 0) n++;\n"
        'k_thread_system_pool_assign(k_current_get()); printk("%d %d\\n", r, n); all();',
        "-12 5\n1 1 1 1 1",
    ),
    Row(
        "an allocation goes past the pool to who waits",
        "3: no allocation if a waiter takes it",
        "static char tiny[44] __aligned(8); static struct k_heap none; k_heap_init(&none, tiny, sizeof(tiny));\n"
        "(void)k_heap_alloc(&none, 1, K_NO_WAIT); k_thread_heap_assign(k_current_get(), &none); k_queue_init(&queue);\n"
        'start(takes, "a", 5, -1); settle(); printk("%d ", (int)k_queue_alloc_append(&queue, &c));\n'
        'printk("%d\\n", (int)k_queue_alloc_append(&queue, &c)); k_thread_system_pool_assign(k_current_get()); finish();',
        "0 -12\na 3",
    ),
    Row(
        "lists",
        "3: 0/-EINVAL; merge empties list",
        "k_queue_init(&queue); a.link = &b; b.link = NULL; k_queue_append(&queue, &d);\n"
        'printk("%d ", k_queue_append_list(&queue, &a, &b)); printk("%d ", k_queue_append_list(&queue, NULL, &b)); all();\n'
        "void *list[2] = {&a, &b}; a.link = &b; b.link = NULL;\n"
        'printk("%d %d ", k_queue_merge_slist(&queue, (struct _slist *)list), list[0] == NULL && list[1] == NULL);\n'
        'printk("%d ", k_queue_merge_slist(&queue, (struct _slist *)list)); all();',
        "0 -22 4 1 2\n0 1 -22 1 2",
    ),
    Row(
        "a list serves who waits first",
        "3",
        'k_queue_init(&queue); a.link = &b; b.link = &c; c.link = NULL; start(takes, "x", 5, -1); start(takes, "y", 4, -1); settle();\n'
        "k_queue_append_list(&queue, &a, &c); all(); finish();",
        "3\ny 1\nx 2",
    ),
    Row(
        "remove and unique",
        "3: bool",
        "k_queue_init(&queue); k_queue_append(&queue, &a); k_queue_append(&queue, &b); k_queue_append(&queue, &c);\n"
        'printk("%d %d ", k_queue_unique_append(&queue, &b), k_queue_unique_append(&queue, &d));\n'
        'printk("%d %d ", k_queue_remove(&queue, &d), k_queue_remove(&queue, &d)); printk("%d ", k_queue_remove(&queue, &a));\n'
        "k_queue_remove(&queue, &c); k_queue_append(&queue, &a); all();",
        "0 1 1 0 1 2 1",
    ),
    Row(
        "an interrupt appends",
        "3: ISR ok",
        'k_queue_init(&queue); start(takes, "a", -1, -1); irq_offload(isr_append, &b); printk("back\\n"); finish();',
        "isr\na 2\nback",
    ),
    Row(
        "fifo",
        "3: wrappers",
        "k_fifo_put(&fifo, &a); k_fifo_put(&fifo, &b); k_fifo_alloc_put(&fifo, &c);\n"
        'printk("%d %d ", number(k_fifo_peek_head(&fifo)), number(k_fifo_peek_tail(&fifo)));\n'
        'while (!k_fifo_is_empty(&fifo)) printk("%d ", number(k_fifo_get(&fifo, K_NO_WAIT)));\n'
        "k_fifo_cancel_wait(&fifo); k_fifo_init(&fifo); a.link = NULL; k_fifo_put_list(&fifo, &a, &a);\n"
        'printk("%d\\n", number(k_fifo_get(&fifo, K_FOREVER)));',
        "1 3 1 2 3 1",
    ),
    Row(
        "lifo",
        "3: lifo put = prepend",
        "k_lifo_init(&lifo); k_lifo_put(&lifo, &a); k_lifo_put(&lifo, &b); k_lifo_alloc_put(&lifo, &c);\n"
        'for (int i = 0; i < 4; i++) printk("%d ", number(k_lifo_get(&lifo, K_NO_WAIT))); printk("\\n");',
        "3 2 1 0",
    ),
    Row(
        "stack",
        "3: 0/-ENOMEM full; 0/-EBUSY",
        'k_stack_init(&stack, words, 2); printk("%d %d ", k_stack_push(&stack, 1), k_stack_push(&stack, 2));\n'
        'printk("%d ", k_stack_push(&stack, 3)); for (int i = 0; i < 3; i++) {\n'
        'int r = k_stack_pop(&stack, &popped, K_NO_WAIT); printk("%d %d ", r, (int)popped); } printk("\\n");',
        "0 0 -12 0 2 0 1 -16 1",
    ),
    Row(
        "stack, time over",
        "0: -EAGAIN",
        'k_stack_init(&stack, words, 2); watch(); int r = k_stack_pop(&stack, &popped, K_MSEC(5)); printk("%d %d\\n", r, passed());',
        "-11 51",
    ),
    Row(
        "poppers wake by priority",
        "0: wake order, direct hand-over",
        'k_stack_init(&stack, words, 2); start(pops, "a", 5, -1); start(pops, "b", 3, -1); start(pops, "c", 3, -1); settle();\n'
        'k_stack_push(&stack, 1); k_stack_push(&stack, 2); k_stack_push(&stack, 3); printk("%d\\n", stack.next == stack.base); finish();',
        "1\nb 0 1\nc 0 2\na 0 3",
    ),
    Row(
        "an interrupt pushes",
        "0",
        'k_stack_init(&stack, words, 2); start(pops, "a", -1, -1); irq_offload(isr_push, (void *)8); printk("back\\n"); finish();',
        "isr 0\na 0 8\nback",
    ),
    Row(
        "allocated and defined stacks",
        "3: alloc_init -ENOMEM, cleanup -EAGAIN",
        'printk("%d ", (int)k_stack_alloc_init(&stack, 0x4000000)); printk("%d ", (int)k_stack_alloc_init(&stack, 1));\n'
        'printk("%d %d\\n", k_stack_push(&stack, 1), k_stack_push(&stack, 1)); k_stack_pop(&stack, &popped, K_NO_WAIT);\n'
        'start(pops, "a", 3, -1); settle(); printk("%d\\n", k_stack_cleanup(&stack)); k_stack_push(&stack, 5); finish();\n'
        'printk("%d %d ", k_stack_cleanup(&stack), stack.flags); k_stack_push(&defined_stack, 6);\n'
        'printk("%d\\n", k_stack_push(&defined_stack, 7) + 10 * k_stack_push(&defined_stack, 8));',
        "-12 0 0 -12\n-11\na 0 5\n0 0 -120",
    ),
]  # fmt: skip


@pytest.fixture(scope="module", params=BOARDS)
def made(request, tmp_path_factory):
    yield from table(tmp_path_factory, request.param, "messages", COMMON + FAULTS, ROWS)


FAULTS = """
void waits_in_isr(void) { fresh(0); irq_offload(isr_waits, NULL); }
EXPORT_SYMBOL(waits_in_isr);
void endless(void) { k_queue_init(&queue); k_queue_append(&queue, &a); a.link = &a; k_queue_remove(&queue, &b); }
EXPORT_SYMBOL(endless);
void bad_pointer(void) { fresh(0); k_msgq_get(&q, (void *)4, K_FOREVER); }
EXPORT_SYMBOL(bad_pointer);
void dead(void) { fresh(0); get(-1); }
EXPORT_SYMBOL(dead);
"""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_service_does_what_its_row_says(made, row):
    assert printed(made, ROWS, row).replace(" \n", "\n").rstrip() == row.printed


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("waits_in_isr", "k_msgq_get would wait in an interrupt handler"),
        ("endless", "the list of the k_queue at 0x[0-9a-f]+ has no end"),
        ("bad_pointer", "store to 0x00000004"),
        ("dead", "k_msgq_get"),
    ],
)
def test_misuse_is_a_fault_that_names_it(made, function, words):
    _, extension = made
    with pytest.raises(GuestFault, match=words):
        extension.call(function)
