"""What a heap tells by looking at its chunks is what Zephyr's counters in its record say (CONFIG_SYS_HEAP_RUNTIME_STATS)."""

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from llext.heap import InspectedHeap

ADDRESS, SIZE = 0x20000000, 2048
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["alloc", "aligned", "free", "realloc"]),
        st.integers(1, 300),
        st.integers(0, 7),
        st.sampled_from([8, 16, 64]),
    ),
    max_size=60,
)


def apply(heap, step, blocks):
    kind, size, which, alignment = step
    known = blocks[which % len(blocks)] if blocks else None
    if kind == "alloc":
        made = heap.alloc(size)
    elif kind == "aligned":
        made = heap.aligned_alloc(alignment, size)
    elif known is None:
        return
    elif kind == "free":
        heap.free(known)
        blocks.remove(known)
        return
    else:
        made = heap.realloc(known, 0, size)
        if made is not None:
            blocks.remove(known)
    if made is not None:
        blocks.append(made)


@settings(deadline=None, max_examples=200)
@given(steps=STEPS, variant=st.sampled_from(["small", "big"]))
def test_statistics_are_those_that_the_record_counts_and_the_heap_is_valid(steps, variant):
    buffer = bytearray(SIZE)
    heap = InspectedHeap.init(buffer, ADDRESS, statistics=True, variant=variant)
    blocks = []
    for step in steps:
        apply(heap, step, blocks)
        free, allocated = struct.unpack_from("<II", buffer, 16)
        assert heap.payloads() == (free, allocated)
        assert heap.validate()
    assert sum(map(heap.payload_bytes, blocks)) == heap.payloads()[1]


@settings(deadline=None)
@given(steps=STEPS, which=st.integers(0, 1000), bit=st.integers(0, 7))
def test_a_heap_with_a_changed_size_is_not_valid(steps, which, bit):
    buffer = bytearray(SIZE)
    heap = InspectedHeap.init(buffer, ADDRESS)
    blocks = []
    for step in steps:
        apply(heap, step, blocks)
    headers = [address for address, _, _ in heap.chunks()]
    at = headers[which % len(headers)] - ADDRESS
    buffer[at + 2 if bit else at] ^= 1 << (bit or 3)
    assert not heap.validate()
