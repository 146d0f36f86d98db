"""What a load will ask of the LLEXT heap, without loading: requests, offsets, use, peak, smallest heap that works."""

from __future__ import annotations

from dataclasses import dataclass

from llext.errors import HeapError
from llext.heap import UNIT, GrowingHeap, SysHeap
from llext.link import Allocation, Plan, allocations

_STEP = 4


@dataclass(frozen=True)
class Forecast:
    """The heap's side of one load. Sizes and offsets in bytes.

    Attributes:
        requests: Each request with the offset that it gets in the heap.
        used: In use when the load has ended.
        peak: In use at most, while loading.
        smallest: The smallest heap at this address in which the load succeeds.
    """

    requests: tuple[tuple[Allocation, int], ...]
    used: int
    peak: int
    smallest: int


def forecast(plan: Plan, address: int, size: int, *, peek: bool = True) -> Forecast | None:
    """Plays a load's requests on a heap of this size at this address; None if it has no room.

    Args:
        plan: What is loaded.
        address: Guest address of the heap's memory: offsets depend on it.
        size: Bytes of the heap.
        peek: Whether the source can show section headers in place.
    """
    requests = list(allocations(plan, peek=peek))
    played = _play(requests, address, size)
    if played is None:
        return None
    offsets, used, peak = played
    smallest = _smallest(requests, address, peak, size)
    return Forecast(tuple(zip(requests, offsets, strict=True)), used, peak, smallest)


def _play(requests: list[Allocation], address: int, size: int) -> tuple[list[int], int, int] | None:
    try:
        heap = SysHeap.init(memoryview(bytearray(size)), address)
    except HeapError:
        return None
    heap.reset_peak()
    taken = _take_all(requests, heap)
    if taken is None:
        return None
    for pointer, wanted in zip(taken, requests, strict=True):
        if wanted.transient:
            heap.free(pointer)
    return [pointer - address for pointer in taken], heap.allocated_bytes, heap.peak


def _take_all(requests: list[Allocation], heap: SysHeap) -> list[int] | None:
    taken = []
    for wanted in requests:
        pointer = heap.aligned_alloc(wanted.alignment or 4, wanted.size)
        if pointer is None:
            return None
        taken.append(pointer)
    return taken


def _smallest(requests: list[Allocation], address: int, low: int, high: int) -> int:
    """First size that works, in steps of a word: larger heaps may fail where smaller ones succeed.

    Sizes are left out only where the heap that failed would have answered every request alike.
    """
    size = low // _STEP * _STEP
    while size < high:
        wait = _steady_bytes(requests, address, size)
        if not wait:
            return size
        size += wait
    return -(-high // _STEP) * _STEP


def _steady_bytes(requests: list[Allocation], address: int, size: int) -> int:
    """0 if a heap of this size serves the requests, else by how many bytes the next one to try is larger."""
    try:
        heap = GrowingHeap.init(memoryview(bytearray(size)), address)
    except HeapError:
        return _STEP
    if _take_all(requests, heap) is not None:
        return 0
    # From the last units on, word by word: where a unit begins depends on address and header.
    return max(_STEP, (heap.steady - 2) * UNIT)
