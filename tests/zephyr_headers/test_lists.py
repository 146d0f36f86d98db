"""Lists do what a row of numbers in Python does: on the host, on Arm and on RISC-V."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interpreters import Interpreters

NODES, NONE = 8, 0xFF
many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SINGLE = """
#include <zephyr/sys/KINDlist.h>
typedef sys_KINDlist_t list_t;
typedef sys_NODE_t node_t;
struct item { int before; node_t node; };
static struct item items[8];
static list_t lists[2];
static int index_of(const node_t *node) { return node ? (int)(CONTAINER_OF(node, struct item, node) - items) : 0xFF; }
static node_t *at(int index) { return index == 0xFF ? NULL : &items[index].node; }
static void show(void)
{
	for (int i = 0; i < 2; i++) {
		list_t *list = &lists[i];
		struct item *item, *after;
		node_t *node, *next;

		tell(sys_KINDlist_len(list));
		tell(sys_KINDlist_is_empty(list));
		tell(index_of(sys_KINDlist_peek_head(list)));
		tell(index_of(sys_KINDlist_peek_tail(list)));
		SYS_CAPSLIST_FOR_EACH_NODE(list, node) tell(index_of(node));
		SYS_CAPSLIST_FOR_EACH_NODE_SAFE(list, node, next) tell(index_of(node));
		SYS_CAPSLIST_FOR_EACH_CONTAINER(list, item, node) tell(item->before);
		SYS_CAPSLIST_FOR_EACH_CONTAINER_SAFE(list, item, after, node) tell(item->before);
	}
}
static void carry_out(const uint8_t *ops, int count)
{
	for (int i = 0; i < 8; i++) {
		items[i].before = i;
		READY
	}
	sys_KINDlist_init(&lists[0]);
	sys_KINDlist_init(&lists[1]);
	for (int i = 0; i + 4 <= count; i += 4) {
		list_t *list = &lists[ops[i + 1]];
		node_t *node = at(ops[i + 2]), *previous = at(ops[i + 3]), *before = NULL;

		switch (ops[i]) {
		case 0: sys_KINDlist_append(list, node); break;
		case 1: sys_KINDlist_prepend(list, node); break;
		case 2: sys_KINDlist_insert(list, previous, node); break;
		case 3: sys_KINDlist_remove(list, previous, node); break;
		case 4: tell(index_of(sys_KINDlist_get(list))); break;
		case 5: tell(sys_KINDlist_find_and_remove(list, node)); break;
		case 6: tell(sys_KINDlist_find(list, node, &before)); tell(index_of(before)); break;
		default: sys_KINDlist_merge_KINDlist(list, &lists[!ops[i + 1]]); break;
		}
		show();
	}
	for (int i = 0; i < 8; i++) { CHECK }
}
"""
DOUBLE = """
#include <zephyr/sys/dlist.h>
struct item { int before; sys_dnode_t node; };
static struct item items[8];
static sys_dlist_t lists[2];
static int index_of(const sys_dnode_t *node) { return node ? (int)(CONTAINER_OF(node, struct item, node) - items) : 0xFF; }
static int larger(sys_dnode_t *node, void *than) { return index_of(node) > *(int *)than; }
static void show(void)
{
	for (int i = 0; i < 2; i++) {
		sys_dlist_t *list = &lists[i];
		struct item *item, *after;
		sys_dnode_t *node, *next;

		tell(sys_dlist_len(list));
		tell(sys_dlist_is_empty(list));
		tell(index_of(sys_dlist_peek_head(list)));
		tell(index_of(sys_dlist_peek_tail(list)));
		SYS_DLIST_FOR_EACH_NODE(list, node) {
			tell(index_of(node));
			tell(sys_dlist_is_head(list, node) + 2 * sys_dlist_is_tail(list, node));
		}
		SYS_DLIST_FOR_EACH_NODE_SAFE(list, node, next) tell(index_of(node));
		SYS_DLIST_FOR_EACH_CONTAINER(list, item, node) tell(item->before);
		SYS_DLIST_FOR_EACH_CONTAINER_SAFE(list, item, after, node) tell(item->before);
		for (node = sys_dlist_peek_tail(list); node; node = sys_dlist_peek_prev(list, node)) tell(index_of(node));
	}
	for (int i = 0; i < 8; i++) tell(sys_dnode_is_linked(&items[i].node));
}
static void carry_out(const uint8_t *ops, int count)
{
	for (int i = 0; i < 8; i++) {
		items[i].before = i;
		sys_dnode_init(&items[i].node);
	}
	sys_dlist_init(&lists[0]);
	sys_dlist_init(&lists[1]);
	for (int i = 0; i + 4 <= count; i += 4) {
		sys_dlist_t *list = &lists[ops[i + 1]];
		sys_dnode_t *node = ops[i + 2] == 0xFF ? NULL : &items[ops[i + 2]].node;
		int than = ops[i + 2];

		switch (ops[i]) {
		case 0: sys_dlist_append(list, node); break;
		case 1: sys_dlist_prepend(list, node); break;
		case 2: sys_dlist_insert(&items[ops[i + 3]].node, node); break;
		case 3: sys_dlist_remove(node); break;
		case 4: tell(index_of(sys_dlist_get(list))); break;
		default: sys_dlist_insert_at(list, node, larger, &than); break;
		}
		show();
	}
}
"""
FLAGS = {
    "s": ("node.next = NULL; (void)0", "(void)0;"),
    "sf": (
        "sys_sfnode_init(&items[i].node, (uint8_t)(i & 3)); if (i >= 4) sys_sfnode_flags_set(&items[i].node, 7 - i)",
        "tell(sys_sfnode_flags_get(&items[i].node));",
    ),
}


@pytest.fixture(scope="module", params=["s", "sf"])
def single(request, tmp_path_factory):
    ready, check = FLAGS[request.param]
    text = SINGLE.replace("READY", ready.replace("node.next", "items[i].node.next") + ";").replace("CHECK", check)
    text = text.replace("KIND", request.param).replace("NODE", f"{request.param}node").replace("CAPS", request.param.upper())
    text = text.replace(
        f"{request.param.upper()}LIST_FOR_EACH_{request.param}node", f"{request.param.upper()}LIST_FOR_EACH_NODE"
    )
    made = Interpreters(tmp_path_factory.mktemp("single"), text)
    with made.stack:
        yield request.param, made


@pytest.fixture(scope="module")
def double(tmp_path_factory):
    made = Interpreters(tmp_path_factory.mktemp("double"), DOUBLE)
    with made.stack:
        yield made


choices = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 1), st.integers(0, 7), st.integers(0, 7)), max_size=25)


def shown(lists, double=False):
    told = []
    for row in lists:
        told += [len(row), not row, row[0] if row else NONE, row[-1] if row else NONE]
        for item in row:
            told += [item, (item == row[0]) + 2 * (item == row[-1])] if double else [item]
        told += row * 3 + (row[::-1] if double else [])
    if double:
        told += [any(item in row for row in lists) for item in range(NODES)]
    return told


class Rows:
    """What a program of list calls does to two rows of numbers: the calls' bytes, and what they tell."""

    def __init__(self, double):
        self.rows, self.double = ([], []), double
        self.ops, self.told = [], []

    def act(self, what, which, item, number):
        """One call, unless it would put a node into a second list or look into an empty one."""
        row, inside = self.rows[which], any(item in each for each in self.rows)
        act = (self._double if self.double else self._single)[what]
        if (what <= 2 or (self.double and what >= 5)) and inside:
            return
        if (what == 3 or (self.double and what == 2)) and not row:
            return
        place = NONE
        answer = act(self, row, item, number)
        if isinstance(answer, tuple):
            place, item = answer
        self.ops += [min(what, 5) if self.double else what, which, item, place]
        self.told += shown(self.rows, self.double)

    def append(self, row, item, _):
        row.append(item)

    def prepend(self, row, item, _):
        row.insert(0, item)

    def insert_behind(self, row, item, number):
        at = number % (len(row) + 1)
        row.insert(at, item)
        return (row[at - 1] if at else NONE), item

    def insert_before(self, row, item, number):
        place = row[number % len(row)]
        row.insert(row.index(place), item)
        return place, item

    def insert_at(self, row, item, _):
        row.insert(next((at for at, other in enumerate(row) if other > item), len(row)), item)

    def remove(self, row, _, number):
        at = number % len(row)
        return (row[at - 1] if at else NONE), row.pop(at)

    def get(self, row, *_):
        self.told.append(row.pop(0) if row else NONE)

    def find_and_remove(self, row, item, _):
        self.told.append(item in row)
        if item in row:
            row.remove(item)

    def find(self, row, item, _):
        before = row[: row.index(item)] if item in row else row
        self.told += [item in row, before[-1] if before else NONE]

    def merge(self, row, *_):
        other = self.rows[row is self.rows[0]]
        row += other
        other.clear()

    _single = (append, prepend, insert_behind, remove, get, find_and_remove, find, merge)
    _double = (append, prepend, insert_before, remove, get, insert_at, insert_at, insert_at)


@many
@given(choices=choices)
def test_singly_linked_lists_are_rows(single, choices):
    kind, interpreters = single
    rows = Rows(double=False)
    for choice in choices:
        rows.act(*choice)
    flags = [item & 3 if item < 4 else 7 - item for item in range(NODES)] if kind == "sf" else []
    assert list(interpreters.run(bytes(rows.ops))) == rows.told + flags


@many
@given(choices=choices)
def test_doubly_linked_lists_are_rows(double, choices):
    rows = Rows(double=True)
    for choice in choices:
        rows.act(*choice)
    assert list(double.run(bytes(rows.ops))) == rows.told
