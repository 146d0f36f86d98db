"""How much larger a heap could be without answering one request differently.

Whoever looks for the smallest heap that serves a list of requests cannot bisect: a larger heap may fail where a smaller
one succeeds, because the free piece at its end moves to another list, or because headers or record grow. But between
those points nothing changes: all choices of the allocator are the same, and only the last piece is longer.
"""

from __future__ import annotations

from llext.heap.geometry import SMALL_LIMIT, UNIT
from llext.heap.sys_heap import SysHeap

_USED_BIT, _SIZE_USED = 1, 1


class GrowingHeap(SysHeap):
    """A heap that notes how far it may grow.

    Attributes:
        steady: Units, at least 1: with fewer units more than it has, every request so far would have been answered alike.
    """

    steady = SMALL_LIMIT

    def aligned_alloc(self, alignment: int, size: int) -> int | None:
        """A block as ``SysHeap`` gives it; requests only, nothing is freed."""
        self._limit(size // UNIT + 1 - self._units)  # as many are refused unseen
        self._limit(self._next_list(self._units) - self._units)  # the record has a list more from there on
        if self._units <= SMALL_LIMIT:
            self._limit(SMALL_LIMIT + 1 - self._units)
        return super().aligned_alloc(alignment, size)

    def _take(self, units: int) -> int:
        last = self._last_free()
        self._limit(units - last)
        self._limit(self._next_list(last) - last)
        return super()._take(units)

    def _limit(self, units: int) -> None:
        if units > 0:
            self.steady = min(self.steady, units)

    def _last_free(self) -> int:
        """Units of the piece at the end if it is free, else 0."""
        size = self._fields[self._units << self._shift]
        used = self._fields[(self._units - size << self._shift) + _SIZE_USED] & _USED_BIT
        return 0 if used else size

    def _next_list(self, units: int) -> int:
        """The least number of units beyond these that belongs to another free list."""
        offset = self._smallest - 1
        return offset + (1 << max(0, units - offset).bit_length())
