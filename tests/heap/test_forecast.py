"""What a load asks of the heap equals what stock firmware of Zephyr 4.0 was seen to ask, copying, without MPU."""

import random
import time
from dataclasses import replace

import pytest
from measured_files import file_a, file_b

from llext import Board
from llext.elf import ElfFile
from llext.link import Allocation, plan, stock_rules
from llext.loader import forecast as forecasting
from llext.loader.forecast import forecast

HEAP = 0x20015F00
"""Like the measured 0x24005f00 in every bit that decides alignment."""
SIZE = 32768


ROWS = [
    (file_a, "188@68 88@260 96@384 32@512 32@576 32@640 32@704 32@768 32@832 96@896 24@996 16@356", 664, 792, 996),
    (
        file_b,
        "188@68 104@260 128@384 288@544 608@864 32@1504 128@1568 64@1728 32@1824 640@1888 88@2532 32@2628",
        2216,
        2424,
        2668,
    ),
]


@pytest.mark.parametrize(("make", "requests", "used", "peak", "smallest"), ROWS, ids=["A", "B"])
def test_the_forecast_is_what_firmware_was_measured_to_do(make, requests, used, peak, smallest):
    found = forecast(plan(ElfFile.parse(make()), stock_rules("4.0")), HEAP, SIZE)
    assert " ".join(f"{wanted.size}@{offset}" for wanted, offset in found.requests) == requests
    assert (found.used, found.peak, found.smallest) == (used, peak, smallest)


@pytest.mark.parametrize(("make", "requests", "used", "peak", "smallest"), ROWS, ids=["A", "B"])
def test_the_loader_makes_those_requests(make, requests, used, peak, smallest):
    with Board(heap_size=SIZE, heap_address=HEAP, mpu=False, zephyr="4.0") as board:
        asked, original = [], board.heap.aligned_alloc

        def spy(alignment, size):
            pointer = original(alignment, size)
            asked.append((alignment, size, pointer - HEAP))
            return pointer

        board.heap.aligned_alloc = spy
        board.heap.reset_peak()
        board.load(make())
        assert " ".join(f"{size}@{offset}" for _, size, offset in asked) == requests
        assert {alignment for alignment, _, _ in asked} == {4, 32}
        assert (board.heap.allocated_bytes, board.heap.peak) == (used, peak)


@pytest.mark.parametrize(("make", "requests", "used", "peak", "smallest"), ROWS, ids=["A", "B"])
def test_the_smallest_heap_works_and_one_word_less_does_not(make, requests, used, peak, smallest):
    from llext import HeapError

    with Board(heap_size=smallest, heap_address=HEAP, mpu=False, zephyr="4.0") as board:
        board.load(make())
    with Board(heap_size=smallest - 1, heap_address=HEAP, mpu=False, zephyr="4.0") as board:
        before = board.heap.free_chunks()
        with pytest.raises(HeapError, match="the LLEXT heap has no room for its") as caught:
            board.load(make())
        assert caught.value.errno.name == "ENOMEM"
        assert board.heap.free_chunks() == before


@pytest.mark.parametrize(("make", "requests", "used", "peak", "smallest"), ROWS, ids=["A", "B"])
def test_a_heap_that_just_has_room_is_the_smallest_itself_and_a_smaller_one_has_no_forecast(
    make, requests, used, peak, smallest
):
    made = plan(ElfFile.parse(make()), stock_rules("4.0"))
    assert forecast(made, HEAP, smallest).smallest == smallest
    for size in (smallest - 4, 16, 0):
        assert forecast(made, HEAP, size) is None


def walked(requests, address, low, high):
    """The smallest heap by trying every size."""
    size = low // 4 * 4
    while size < high and forecasting._play(requests, address, size) is None:
        size += 4
    return size


@pytest.mark.parametrize("seed", range(8))
def test_the_smallest_heap_is_the_one_that_trying_every_size_finds(seed):
    pick = random.Random(seed)
    for _ in range(40):
        requests = [
            Allocation("piece", pick.randint(1, pick.choice((40, 400, 3000))), pick.choice((0, 4, 8, 32, 64, 512, 1024)))
            for _ in range(pick.randint(1, 12))
        ]
        low, high = sum(wanted.size for wanted in requests), 0
        if seed == 7:  # where headers become larger
            requests.insert(pick.randrange(len(requests)), Allocation("large", pick.randint(200_000, 262_000), 32))
            low = max(low, 260_000)
            high = low + 4_000
        high = high or low + pick.choice((3_000, 30_000))
        address = 0x20000000 + 4 * pick.randint(0, 2_000)
        assert forecasting._smallest(requests, address, low, high) == walked(requests, address, low, high)


def test_a_large_alignment_is_forecast_at_once():
    made = plan(ElfFile.parse(file_a()), stock_rules("4.4"))
    regions = {
        kind: replace(region, alignment=1 << 22) if kind.name == "TEXT" else region for kind, region in made.regions.items()
    }
    started = time.monotonic()
    found = forecast(replace(made, regions=regions), HEAP, 16 << 20)
    assert time.monotonic() - started < 5
    assert found.smallest > 1 << 22
