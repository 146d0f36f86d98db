"""Ring buffers do what a queue of bytes does: on the host, on Arm and on RISC-V. kernel.md section 6."""

import struct
from collections import deque

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interpreters import Interpreters

SIZE, WORDS = 11, 7
EINVAL, EAGAIN, EMSGSIZE = 22, 11, 122
many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXT = """
#include <zephyr/sys/ring_buffer.h>
RING_BUF_DECLARE(ring, 11);
RING_BUF_ITEM_DECLARE(items, 7);
static uint8_t memory[64];
static uint32_t words[64];
static void show(void)
{
	tell(ring_buf_is_empty(&ring));
	tell(ring_buf_space_get(&ring));
	tell(ring_buf_size_get(&ring));
	tell(ring_buf_capacity_get(&ring));
	tell(ring_buf_item_space_get(&items));
}
static void tell_all(uint32_t count) { for (uint32_t i = 0; i < count; i++) tell(memory[i]); }
static void carry_out(const uint8_t *ops, int count)
{
	static uint8_t next;
	uint8_t *place, type8, length;
	uint16_t type;
	uint32_t done, more;

	next = 0;
	ring_buf_init(&ring, sizeof(z_ring_buffer_data_ring), z_ring_buffer_data_ring);
	ring_buf_item_init(&items, 7, (uint32_t *)z_ring_buffer_data_items);
	for (int i = 0; i + 3 <= count; i += 3) {
		const uint8_t a = ops[i + 1], b = ops[i + 2];

		switch (ops[i]) {
		case 0:
			for (int k = 0; k < a; k++) memory[k] = next++;
			tell(ring_buf_put(&ring, memory, a));
			break;
		case 1:
			done = ring_buf_get(&ring, memory, a);
			tell(done); tell_all(done);
			break;
		case 2:
			done = ring_buf_peek(&ring, memory, a);
			tell(done); tell_all(done);
			break;
		case 3: tell(ring_buf_get(&ring, NULL, a)); break;
		case 4: /* two claims, one end */
			done = ring_buf_put_claim(&ring, &place, a);
			for (uint32_t k = 0; k < done; k++) place[k] = next++;
			more = ring_buf_put_claim(&ring, &place, a);
			for (uint32_t k = 0; k < more; k++) place[k] = next++;
			tell(done); tell(more);
			tell(-ring_buf_put_finish(&ring, b));
			if (b > done + more) tell(-ring_buf_put_finish(&ring, 0));
			break;
		case 5:
			done = ring_buf_get_claim(&ring, &place, a);
			tell(done);
			for (uint32_t k = 0; k < done; k++) tell(place[k]);
			more = ring_buf_get_claim(&ring, &place, a);
			tell(more);
			for (uint32_t k = 0; k < more; k++) tell(place[k]);
			tell(-ring_buf_get_finish(&ring, b));
			if (b > done + more) tell(-ring_buf_get_finish(&ring, 0));
			break;
		case 6: ring_buf_reset(&ring); break;
		case 7: ring_buf_internal_reset(&ring, 0xfffffff0U + a); break;
		case 8:
			for (int k = 0; k < b; k++) words[k] = 0x01010101U * next++;
			tell(-ring_buf_item_put(&items, (uint16_t)(a * 1000), a, words, b));
			break;
		default:
			length = b;
			tell(-ring_buf_item_get(&items, &type, &type8, words, &length));
			tell(length);
			break;
		}
		if (ops[i] == 9 && out[filled - 2] == 0) {
			tell(type & 0xFF); tell(type >> 8); tell(type8);
			for (int k = 0; k < length; k++) tell(words[k] >> 24);
		}
		show();
	}
}
"""


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    made = Interpreters(tmp_path_factory.mktemp("ring"), TEXT)
    with made.stack:
        yield made


class Model:
    """Bytes in a queue, where in the memory the next one goes, and items of words."""

    def __init__(self):
        self.next = 0
        self.items = deque()
        self.reset()

    def reset(self):
        self.bytes, self.put_at, self.get_at = deque(), 0, 0

    def fresh(self, count):
        made = [(self.next + i) & 0xFF for i in range(count)]
        self.next = (self.next + count) & 0xFF
        return made

    def shown(self):
        used = sum(1 + len(words) for _, words in self.items)
        return [not self.bytes, SIZE - len(self.bytes), len(self.bytes), SIZE, WORDS - used]

    def put(self, count):
        taken = self.fresh(count)[: SIZE - len(self.bytes)]
        self.bytes += taken
        self.put_at = (self.put_at + len(taken)) % SIZE
        return [len(taken)]

    def get(self, count, *, keep=False, told=True):
        taken = list(self.bytes)[:count]
        if not keep:
            self._drop(len(taken))
        return [len(taken)] + (taken if told else [])

    def _drop(self, count):
        for _ in range(count):
            self.bytes.popleft()
        self.get_at = (self.get_at + count) % SIZE

    def claim_put(self, asked, kept):
        first = min(asked, SIZE - len(self.bytes), SIZE - self.put_at)
        second = min(asked, SIZE - len(self.bytes) - first, SIZE - (self.put_at + first) % SIZE)
        written = self.fresh(first + second)
        if kept > len(written):
            return [first, second, EINVAL, 0]
        self.bytes += written[:kept]
        self.put_at = (self.put_at + kept) % SIZE
        return [first, second, 0]

    def claim_get(self, asked, kept):
        row = list(self.bytes)
        first = min(asked, len(row), SIZE - self.get_at)
        second = min(asked, len(row) - first, SIZE - (self.get_at + first) % SIZE)
        told = [first, *row[:first], second, *row[first : first + second]]
        if kept > first + second:
            return [*told, EINVAL, 0]
        self._drop(kept)
        return [*told, 0]

    def item_put(self, value, count):
        words = self.fresh(count)
        if sum(1 + len(words) for _, words in self.items) + 1 + count > WORDS:
            return [EMSGSIZE]
        self.items.append((value, words))
        return [0]

    def item_get(self, room):
        if not self.items:
            return [EAGAIN, room]
        value, words = self.items[0]
        if len(words) > room:
            return [EMSGSIZE, len(words)]
        self.items.popleft()
        return [0, len(words), *struct.pack("<H", value * 1000), value, *words]


@many
@given(ops=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 14), st.integers(0, 8)), max_size=40))
def test_a_ring_buffer_is_a_queue(ring, ops):
    model, told = Model(), []
    acts = {
        0: lambda a, b: model.put(a), 1: lambda a, b: model.get(a), 2: lambda a, b: model.get(a, keep=True),
        3: lambda a, b: model.get(a, told=False), 4: model.claim_put, 5: model.claim_get,
        6: lambda a, b: model.reset() or [], 7: lambda a, b: model.reset() or [],
        8: model.item_put, 9: lambda a, b: model.item_get(b),
    }  # fmt: skip
    for what, a, b in ops:
        told += acts[what](a, b) + model.shown()
    assert list(ring.run(bytes(byte for op in ops for byte in op))) == told
