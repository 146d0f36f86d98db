"""A heap that answers what C code asks about it: its statistics, and whether it is sound."""

from __future__ import annotations

from llext.errors import HeapError
from llext.heap.geometry import UNIT
from llext.heap.sys_heap import SysHeap

_LEFT, _SIZE_USED, _PREVIOUS, _NEXT = 0, 1, 2, 3
_AVAILABLE = 3


class InspectedHeap(SysHeap):
    """A heap with sys_heap_runtime_stats_get and sys_heap_validate, by looking at all chunks."""

    def payload_bytes(self, pointer: int) -> int:
        """Bytes that a block counts for: its chunk without the header."""
        return self.usable_size(pointer) + (pointer - self._header - self.address_of_record) % UNIT

    def payloads(self) -> tuple[int, int]:
        """Bytes of free and of allocated chunks, without their headers; a free chunk too small for a list does not count."""
        free = allocated = 0
        for _, size, used in self.chunks():
            if used:
                allocated += size - self._header
            elif size >= UNIT * self._smallest:
                free += size - self._header
        return free, allocated

    def was_freed(self, pointer: int) -> bool:
        """Whether the header in front of a block inside of the heap says that it is not in use."""
        chunk = (pointer - self._header - self.address_of_record) // UNIT
        return self.holds(pointer) and not self._fields[(chunk << self._shift) + _SIZE_USED] & 1

    def holds(self, pointer: int) -> bool:
        """Whether an address is one of the heap's that a block could have."""
        return self._first_chunk <= (pointer - self._header - self.address_of_record) // UNIT < self._units

    def validate(self) -> bool:
        """Whether headers and free lists agree with each other."""
        try:
            return self._chunks_agree() and self._lists_agree()
        except (HeapError, IndexError, ValueError):
            return False

    def _chunks_agree(self) -> bool:
        chunk, left = self._first_chunk, self._first_chunk
        while chunk < self._units:
            at = chunk << self._shift
            size = self._fields[at + _SIZE_USED] >> 1
            if not size or self._fields[at + _LEFT] != left:
                return False
            left, chunk = size, chunk + size
        end = self._units << self._shift
        return chunk == self._units and self._fields[end + _LEFT] == left and self._fields[end + _SIZE_USED] == 1

    def _lists_agree(self) -> bool:
        """Each free chunk is in the list of its size, once, and nothing else is."""
        listed: set[int] = set()
        for bucket in range(self._buckets):
            first = self._words[self._first_bucket + bucket]
            if bool(first) != bool(self._words[_AVAILABLE] >> bucket & 1):
                return False
            chunk = first
            while chunk:
                at = chunk << self._shift
                size_used = self._fields[at + _SIZE_USED]
                following = self._fields[at + _NEXT]
                fits = ((size_used >> 1) - self._smallest + 1).bit_length() - 1 == bucket
                if (
                    chunk in listed
                    or size_used & 1
                    or not fits
                    or self._fields[(following << self._shift) + _PREVIOUS] != chunk
                ):
                    return False
                listed.add(chunk)
                chunk = following if following != first else 0
        free = {
            (address - self.address_of_record) // UNIT for address, size in self.free_chunks() if size >= UNIT * self._smallest
        }
        return listed == free
