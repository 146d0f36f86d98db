"""MemBlocks: one run of blocks for each request, the first that is free; against a list of bits."""

import random

import pytest

from llext.heap import MemBlocks


def test_a_request_takes_whole_blocks_and_the_first_run_that_is_long_enough():
    heap = MemBlocks(0x20000000, 8 * 32, 32)
    assert [heap.aligned_alloc(4, size) for size in (1, 33, 64, 32)] == [0x20000000 + 32 * at for at in (0, 1, 3, 5)]
    heap.free(0x20000020)
    assert heap.aligned_alloc(4, 96) is None
    assert heap.aligned_alloc(4, 64) == 0x20000020
    assert heap.aligned_alloc(4, 65) is None
    assert heap.aligned_alloc(4, 64) == 0x200000C0
    assert (heap.allocated_bytes, heap.peak) == (256, 256)


@pytest.mark.parametrize(("alignment", "fits"), [(0, True), (4, True), (32, True), (64, False), (24, False)])
def test_blocks_must_be_a_multiple_of_the_alignment(alignment, fits):
    assert (MemBlocks(0, 1024, 32).aligned_alloc(alignment, 8) is not None) == fits


def test_nothing_and_too_much_are_refused():
    heap = MemBlocks(0, 1000, 32)
    assert (heap.aligned_alloc(4, 0), heap.aligned_alloc(4, 993), heap.aligned_alloc(4, 992)) == (None, None, 0)


def test_random_requests_are_those_of_a_list_of_bits():
    generator, heap, bits, runs = random.Random(5), MemBlocks(0, 64 * 16, 16), [False] * 64, {}
    for _ in range(5000):
        if runs and generator.random() < 0.45:
            at = generator.choice(sorted(runs))
            bits[at : at + runs[at]] = [False] * runs[at]
            heap.free(16 * at)
            del runs[at]
            continue
        count = generator.randrange(1, 9)
        starts = [at for at in range(65 - count) if not any(bits[at : at + count])]
        found = heap.aligned_alloc(8, 16 * count - generator.randrange(16))
        assert found == (16 * starts[0] if starts else None)
        if starts:
            runs[starts[0]] = count
            bits[starts[0] : starts[0] + count] = [True] * count
    assert heap.allocated_bytes == 16 * sum(bits)
