"""What a stock loader asks of the LLEXT heap for one extension after another: the same plan and the same allocator as on the board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from llext.errors import HeapError
from llext.link import Allocation

T = TypeVar("T")
_LAST = "export table"
"""What is asked for last, and only when everything is linked."""


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


class Pool(Protocol):
    """An allocator: ``SysHeap`` or ``MemBlocks``."""

    @property
    def address(self) -> int: ...
    @property
    def allocated_bytes(self) -> int: ...
    @property
    def peak(self) -> int: ...
    def reset_peak(self) -> None: ...
    def aligned_alloc(self, alignment: int, size: int, /) -> int | None: ...
    def free(self, address: int, /) -> None: ...


class HeapModel:
    """The LLEXT heap of a firmware, while extensions are loaded: one allocator, or several that share the requests.

    Args:
        pools: Its allocators.
        pool_of: Which of them a request goes to.
    """

    def __init__(self, pools: Sequence[Pool], pool_of: Callable[[Allocation], int] = lambda _wanted: 0) -> None:
        self.pools = pools
        self.pool_of = pool_of
        self._at_rest = self.used

    @property
    def used(self) -> int:
        """Bytes in use, in all of them."""
        return sum(pool.allocated_bytes for pool in self.pools)

    def _pool(self, wanted: Allocation) -> Pool:
        return self.pools[self.pool_of(wanted)]

    def load(
        self, wants: Sequence[Allocation], linked: Callable[[list[int]], T | None] = lambda _places: None
    ) -> tuple[HeapUse, T | None]:
        """Plays the requests of one load; gives all of them back if one fails, or if it is refused.

        Args:
            wants: In the loader's order.
            linked: Asked, with the addresses of all requests but the export table's, where the loader links: why it refuses, or None.
        """
        for pool in self.pools:
            pool.reset_peak()
        early = [wanted for wanted in wants if wanted.purpose != _LAST]
        taken: list[int] = []
        failed, crash = self._take(early, taken)
        refused = linked(taken) if failed is None else None
        asked = early if failed is not None or refused is not None else wants
        if asked is wants:
            failed, crash = self._take(wants[len(early) :], taken)
        peak = sum(pool.peak for pool in self.pools) - self._at_rest
        requests = [
            Request(wanted, address - self._pool(wanted).address) for wanted, address in zip(asked, taken, strict=False)
        ]
        if failed is not None:
            requests.append(Request(failed, None))
        for wanted, address in zip(asked, taken, strict=False):
            if wanted.transient or failed is not None or refused is not None:
                self._pool(wanted).free(address)
        return HeapUse(tuple(requests), self.used - self._at_rest, peak, failed, crash), refused

    def _take(self, wants: Sequence[Allocation], taken: list[int]) -> tuple[Allocation | None, str]:
        """Takes blocks up to the first that there is no room for, and says why a stock loader may die there."""
        for wanted in wants:
            try:
                address = self._pool(wanted).aligned_alloc(wanted.alignment or 4, wanted.size) if wanted.size else None
            except HeapError as error:
                return wanted, error.message
            if address is None:
                return wanted, ""
            taken.append(address)
        return None, ""


def smallest(
    loads: Sequence[Sequence[Allocation]], made: Callable[[int], Pool], *, step: int = 1024, most: int = 1 << 22
) -> int | None:
    """The smallest allocator, in steps, in which all loads succeed one after the other; None if none up to a limit does.

    A larger heap may fail where a smaller one does not: each size is tried.

    Args:
        loads: The requests to it of each load.
        made: Bytes -> such an allocator.
        step: Bytes.
        most: Bytes.
    """
    least = sum(wanted.size for wants in loads for wanted in wants if not wanted.transient)
    size = max(step, least // step * step)
    while size <= most:
        try:
            model = HeapModel([made(size)])
            if all(model.load(wants)[0].failed is None for wants in loads):
                return size
        except HeapError:
            pass
        size += step
    return None
