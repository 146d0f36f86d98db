"""What a stock loader asks of the LLEXT heap for one extension after another: the same plan and the same allocator as on the board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llext.errors import HeapError
from llext.heap import SysHeap
from llext.link import Allocation


@dataclass(frozen=True)
class Request:
    """One request to the heap, and where it lands.

    Attributes:
        wanted: What is asked for.
        offset: Byte of the heap's memory where it lies; None if there is no room for it.
    """

    wanted: Allocation
    offset: int | None


@dataclass(frozen=True)
class HeapUse:
    """The heap's side of one load. Bytes, the heap's own headers included.

    Attributes:
        requests: In the loader's order, up to the one that fails.
        used: In use when the load has ended, by it and those before it.
        peak: In use at most meanwhile.
        failed: What there was no room for.
        may_crash: Why a stock loader may die here instead; empty if it does not.
    """

    requests: tuple[Request, ...]
    used: int
    peak: int
    failed: Allocation | None = None
    may_crash: str = ""


class HeapModel:
    """The LLEXT heap of a firmware, while extensions are loaded.

    Args:
        address: Guest address of its memory; 0 if that is not known.
        size: Its bytes.
        clamp: Whether requests beyond the heap are refused, as newer Zephyr does; 3.7 and 4.0 read behind a table.
    """

    def __init__(self, address: int, size: int, *, clamp: bool = True) -> None:
        self.address = address
        self.heap = SysHeap.init(memoryview(bytearray(size)), address, clamp=clamp)
        self._at_rest = self.heap.allocated_bytes

    def load(self, wants: Sequence[Allocation]) -> tuple[HeapUse, list[int]]:
        """Plays the requests of one load; gives all of them back if one fails. The addresses are those of all requests."""
        self.heap.reset_peak()
        taken: list[int] = []
        failed, crash = None, ""
        for wanted in wants:
            try:
                address = self.heap.aligned_alloc(wanted.alignment or 4, wanted.size) if wanted.size else None
            except HeapError as error:
                address, crash = None, error.message
            if address is None:
                failed = wanted
                break
            taken.append(address)
        peak = self.heap.peak - self._at_rest
        requests = [Request(wanted, address - self.address) for wanted, address in zip(wants, taken, strict=False)]
        if failed is not None:
            requests.append(Request(failed, None))
        for wanted, address in zip(wants, list(taken), strict=False):
            if wanted.transient or failed is not None:
                self.heap.free(address)
        return HeapUse(tuple(requests), self.heap.allocated_bytes - self._at_rest, peak, failed, crash), taken


def smallest_heap(loads: Sequence[Sequence[Allocation]], address: int, *, step: int = 1024, most: int = 1 << 22) -> int | None:
    """The smallest heap, in steps, in which all loads succeed one after the other; None if none up to a limit does.

    A larger heap may fail where a smaller one does not: each size is tried.
    """
    least = sum(wanted.size for wants in loads for wanted in wants if not wanted.transient)
    size = max(step, least // step * step)
    while size <= most:
        try:
            model = HeapModel(address, size)
            if all(model.load(wants)[0].failed is None for wants in loads):
                return size
        except HeapError:
            pass
        size += step
    return None
