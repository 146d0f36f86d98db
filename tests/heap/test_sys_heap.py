"""SysHeap against measured firmware: every vector of an allocator that was compared with the device's own."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llext import HeapError
from llext.heap import SysHeap

BASE = 0x20010000

# bytes: units, header, buckets, record, largest request, first pointer. Measured on firmware of Zephyr 3.7 and 4.0.
SHAPES = {
    1024: (127, 4, 7, 48, 964, 52),
    4096: (511, 4, 9, 56, 4028, 60),
    32768: (4095, 4, 12, 64, 32692, 68),
    131072: (16383, 4, 14, 72, 130988, 76),
    262144: (32767, 4, 15, 80, 262052, 84),
    262152: (32768, 8, 15, 80, 262056, 88),
    1048576: (131071, 8, 17, 88, 1048472, 96),
}

# heap | operations | offsets. aN: N bytes, align 4; A/N: align A; fK: free result K; rK:A/N: realloc. Same source.
VECTORS = (
    """
1024 | a1 a1 a4 a5 a12 a13 | 52 60 68 76 92 108
1024 | a8 a8 f0 a4 a8 f1 a16 | 52 68 . 52 84 . 60
1024+4 | a8 a8 | 56 72
1030+1 | a16 a900 a800 | 59 83 -
512 | a452 a451 f0 a452 a448 | 44 - . 44 -
64 | a4 a20 a12 a28 a24 | 36 - 44 - -
256 | a100 a100 f0 f1 a204 a205 | 44 148 . . 44 -
1024 | a40 a40 a40 a40 f1 f3 f2 a120 a124 a132 | 52 100 148 196 . . . 100 228 356
2048 | a40 a8 a48 a8 a56 a8 a64 a8 f0 f2 f4 f6 a60 a60 a44 | 52 100 116 172 188 252 268 340 . . . . 188 268 52
4096 | a20 a8 a20 a8 a20 a8 a20 a8 a28 a8 f0 f2 f4 f6 f8 a28 a28 a20 a20 | \
60 84 100 124 140 164 180 204 220 252 . . . . . 220 268 60 100
1024 | 32/32 32/32 32/32 4/16 4/8 | 64 128 192 100 164
1024 | 8/8 8/8 16/8 64/8 4/4 4/4 4/4 | 56 72 96 128 84 108 116
4096 | 4/188 4/112 32/128 32/64 32/64 32/32 32/352 4/16 4/8 f1 f7 4/100 | 60 252 384 544 640 736 800 516 612 . . 252
4096 | 1024/1024 256/256 128/128 64/64 f1 f0 2048/1000 | 1024 256 640 64 . . 2048
32768 | 4096/4096 4096/4096 4096/4096 4096/4096 4096/4096 4096/4096 4096/4096 4096/4096 | 4096 12288 20480 - - - - -
1024 | 12/16 20/16 36/32 68/32 f1 36/8 | 52 76 124 188 . 92
32768 | a32700 a32692 f1 a16000 a16688 a1 | - 68 . 68 - 16076
262136 | a1 a4 a5 8/8 16/16 | 84 92 100 120 144
262152 | a1 a4 a5 8/8 16/16 | 88 104 120 136 160
300000 | a1 a8 a9 f1 a8 32/32 12/16 f2 f0 a8 | 88 104 120 . 104 160 204 . . 88
1024 | a40 r0:4/20 a8 r0:4/40 r0:4/60 a20 | 52 52 76 92 92 52
1024 | a40 a40 a40 r0:4/80 r0:4/12 r1:4/0 r2:4/200 | 52 100 148 196 196 - 212
1024 | a10 32/40 r1:4/30 r1:64/30 r1:4/60 | 52 96 96 192 192
""".replace("\\\n", "")
    .strip()
    .splitlines()
)


def make(size, offset=0):
    return SysHeap.init(memoryview(bytearray(size)), BASE + offset)


@pytest.mark.parametrize(("size", "shape"), SHAPES.items())
def test_the_layout_of_a_heap_is_the_measured_one(size, shape):
    _units, _header, _buckets, record, largest, first = shape
    heap = make(size)
    assert heap.record_bytes == record
    assert heap.aligned_alloc(4, largest + 1) is None
    pointer = heap.aligned_alloc(4, largest)
    assert pointer == BASE + first
    heap.free(pointer)
    assert heap.aligned_alloc(4, 1) == BASE + first


@pytest.mark.parametrize("vector", VECTORS, ids=lambda text: text.partition(" |")[0])
def test_a_sequence_of_requests_gets_the_measured_addresses(vector):
    place, operations, expected = (part.strip() for part in vector.split("|"))
    size, _, offset = place.partition("+")
    heap = make(int(size), int(offset or 0))
    start, results, shown = BASE + int(offset or 0), [], []
    for operation in operations.split():
        if operation[0] == "f":
            heap.free(results[int(operation[1:])])
            shown.append(".")
            continue
        if operation[0] == "r":
            index, _, request = operation[1:].partition(":")
            alignment, size = map(int, request.split("/"))
            pointer = results[int(index)] = heap.realloc(results[int(index)], alignment, size)
        else:
            alignment, size = map(int, operation.split("/")) if "/" in operation else (4, int(operation[1:]))
            pointer = heap.aligned_alloc(alignment, size)
            results.append(pointer)
        shown.append("-" if pointer is None else str(pointer - start))
    assert " ".join(shown) == expected


def test_freeing_twice_is_an_error_that_names_the_address():
    heap = make(1024)
    pointer = heap.alloc(8)
    heap.free(pointer)
    with pytest.raises(HeapError, match=f"{pointer:#010x} is no block of the heap: it is free already"):
        heap.free(pointer)


@pytest.mark.parametrize("wrong", [0, BASE, BASE + 57, BASE + 4000])
def test_freeing_what_is_no_block_is_an_error(wrong):
    heap = make(1024)
    heap.alloc(40)
    with pytest.raises(HeapError, match="is no block of the heap"):
        heap.free(wrong)


def test_a_padded_request_beyond_the_heap_is_refused_or_named_as_the_crash_that_it_is_on_a_device():
    assert make(32768).aligned_alloc(32768, 32768 - 64) is None
    strict = SysHeap.init(memoryview(bytearray(32768)), BASE, clamp=False)
    with pytest.raises(HeapError, match="may crash"):
        strict.aligned_alloc(32768, 32700)


def test_a_heap_that_is_too_small_says_how_much_it_needs():
    with pytest.raises(HeapError, match="too small for a heap"):
        make(24)


def tiles(heap, size):
    """Whether chunks cover the heap without gap and no two neighbours are free unless alignment left them so."""
    at = heap.address_of_record + heap.record_bytes
    for address, length, _used in heap.chunks():
        assert address == at
        at += length
    assert at <= heap.address + size
    return True


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([600, 4096, 40000, 270000]), st.integers(0, 7))
def test_blocks_never_overlap_and_everything_comes_back(seed, size, offset):
    chance = random.Random(seed)
    buffer = bytearray(size)
    heap = SysHeap.init(memoryview(buffer), BASE + offset)
    empty, live = heap.free_chunks(), {}
    for _ in range(60):
        if live and chance.random() < 0.45:
            pointer = chance.choice(list(live))
            assert bytes(buffer[pointer - BASE - offset :][: len(live[pointer])]) == live[pointer]
            heap.free(pointer)
            del live[pointer]
            continue
        alignment, length = 1 << chance.randrange(8), chance.randrange(1, size // 4)
        view = SysHeap.attach(memoryview(buffer), BASE + offset)
        pointer = (view if chance.random() < 0.3 else heap).aligned_alloc(alignment, length)
        heap._in_use = None
        if pointer is not None:
            assert pointer % alignment == 0 or alignment <= 8
            data = bytes(chance.randrange(256) for _ in range(length))
            buffer[pointer - BASE - offset :][:0] = b""
            buffer[pointer - BASE - offset : pointer - BASE - offset + length] = data
            live[pointer] = data
        assert tiles(heap, size)
    for pointer, data in live.items():
        assert bytes(buffer[pointer - BASE - offset :][: len(data)]) == data
        heap.free(pointer)
    assert heap.allocated_bytes == 0
    merged = sum(length for _, length in heap.free_chunks())
    assert merged == sum(length for _, length in empty)


def test_the_peak_is_the_most_that_was_in_use_since_it_was_reset():
    heap = make(4096)
    first = heap.alloc(100)
    heap.reset_peak()
    before = heap.allocated_bytes
    second = heap.alloc(200)
    top = heap.allocated_bytes
    heap.free(second)
    heap.free(first)
    assert before < top == heap.peak
