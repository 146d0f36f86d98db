"""Zephyr's sys_heap, to the byte: a heap whose state lies in the memory that it manages.

Memory is counted in chunks of 8-byte units. A chunk begins with a header (its left neighbour's size, its own size
twice plus a used bit; 16 bits each in a small heap, 32 in a big one), and its payload follows. Chunk 0 is the record of
the heap with one free list per power of two; a used chunk of size zero ends it. Everything is in guest memory, so that
restored bytes are a restored heap, and running out happens where it would on the device.

Not for 64-bit or big-endian guests, nor for a big-endian host: fields are read in the host's byte order. Not for the
canaries of 2026 (CONFIG_SYS_HEAP_HARDENING_FULL), which add a trailer to each used chunk.

Source: measured on firmware of Zephyr 3.7 and 4.0 and unchanged in later versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap
from typing import Self, Unpack

from llext.errors import Errno, HeapError
from llext.heap.geometry import UNIT, WORD, Options, check_options, geometry

Buffer = bytearray | memoryview | mmap
Chunks = Iterator[tuple[int, int, bool]]

_LEFT, _SIZE_USED, _PREVIOUS, _NEXT = 0, 1, 2, 3
_END_CHUNK, _AVAILABLE, _FREE_BYTES, _ALLOCATED_BYTES, _MOST_ALLOCATED_BYTES = 2, 3, 4, 5, 6

_DAMAGE = (IndexError, ValueError)
"""What following an overwritten header or link ends in: a chunk outside the buffer, or a size beyond its field."""


class SysHeap:
    """A heap in a piece of guest memory. Make one with ``init`` or look at one with ``attach``.

    All state of the heap is in the buffer: two views of the same bytes are the same heap, and bytes put back are the
    heap as it was. Only the distance to the peak is kept in this object (see ``peak``).

    Args:
        buffer: The bytes of guest memory [address, address + size of the buffer), writable. They are used in place.
        address: Guest address of the buffer; where blocks lie depends on it.
        variant: ``auto``, ``small`` (CONFIG_SYS_HEAP_SMALL_ONLY) or ``big`` (_BIG_ONLY).
        statistics: Room for CONFIG_SYS_HEAP_RUNTIME_STATS in the record, kept as 3.7 and 4.0 do: payloads, no headers.
        alloc_loops: CONFIG_SYS_HEAP_ALLOC_LOOPS, at least 1.
        clamp: Answer a padded request beyond the heap with None, as newer Zephyr; False raises, because 3.7 and 4.0
            read behind their table there.

    Attributes:
        address: Guest address of the buffer.
        address_of_record: Guest address of chunk 0, what ``heap`` in struct k_heap points to.
        record_bytes: Bytes of chunk 0.
    """

    def __init__(self, buffer: Buffer, address: int, **options: Unpack[Options]) -> None:
        if options:
            check_options(options)
        self._statistics = options.get("statistics", False)
        self._loops = options.get("alloc_loops", 3)
        self._clamp = options.get("clamp", True)
        memory = memoryview(buffer).cast("B")
        layout = geometry(len(memory), address, options.get("variant", "auto"), statistics=self._statistics)
        self.address = address
        self.address_of_record = layout.base
        self.record_bytes = UNIT * layout.record
        self._units = layout.units
        self._header = layout.header
        self._smallest = layout.smallest
        self._buckets = layout.buckets
        self._first_bucket = layout.first_bucket
        self._first_chunk = layout.record
        self._bytes = memory[layout.base - address :]
        self._words = self._bytes[: len(self._bytes) // WORD * WORD].cast("I")
        big = layout.header == UNIT
        self._fields = self._words if big else self._words.cast("B").cast("H")
        self._shift = 1 if big else 2
        self._below_peak = 0

    @classmethod
    def init(cls, buffer: Buffer, address: int, **options: Unpack[Options]) -> Self:
        """Makes a heap of the buffer: one free chunk.

        Raises:
            HeapError: the buffer is too small, or too large for small headers.
            UsageError: an option that cannot be.
        """
        heap = cls(buffer, address, **options)
        heap._format()
        return heap

    @classmethod
    def attach(cls, buffer: Buffer, address: int, **options: Unpack[Options]) -> Self:
        """A view of a heap that was made in these bytes before, with the same options.

        Raises:
            HeapError: no such heap is there.
        """
        heap = cls(buffer, address, **options)
        first = heap._fields[_SIZE_USED]
        if heap._words[_END_CHUNK] != heap._units or first != heap._first_chunk << 1 | 1:
            message = f"there is no heap of this size and kind at {address:#010x}"
            hint = "it was not made yet, or with other options, or its record was overwritten."
            raise HeapError(message, hint=hint, errno=Errno.EFAULT)
        return heap

    def _format(self) -> None:
        words, fields, record, end = self._words, self._fields, self._first_chunk, self._units
        for index in range(self._first_bucket + self._buckets):
            words[index] = 0
        words[_END_CHUNK] = end
        fields[_SIZE_USED] = record << 1 | 1
        fields[(record << self._shift) + _LEFT] = record
        fields[(record << self._shift) + _SIZE_USED] = end - record << 1
        fields[(end << self._shift) + _LEFT] = end - record
        fields[(end << self._shift) + _SIZE_USED] = 1
        self._list_add(record)

    # Free lists: rings, the head of which is the next candidate -------------------------------------------------------

    def _list_add(self, chunk: int) -> None:
        fields, words, shift = self._fields, self._words, self._shift
        at = chunk << shift
        units = fields[at + _SIZE_USED] >> 1
        bucket = (units - self._smallest + 1).bit_length() - 1
        if bucket < 0:
            return  # a lone unit of a big heap has no room for links; merging finds it again
        following = words[self._first_bucket + bucket]
        if following:
            previous = fields[(following << shift) + _PREVIOUS]
            fields[(previous << shift) + _NEXT] = chunk
            fields[(following << shift) + _PREVIOUS] = chunk
        else:
            previous = following = words[self._first_bucket + bucket] = chunk
            words[_AVAILABLE] |= 1 << bucket
        fields[at + _PREVIOUS] = previous
        fields[at + _NEXT] = following
        if self._statistics:
            words[_FREE_BYTES] += UNIT * units - self._header

    def _list_remove(self, chunk: int) -> None:
        fields, words, shift = self._fields, self._words, self._shift
        at = chunk << shift
        units = fields[at + _SIZE_USED] >> 1
        bucket = (units - self._smallest + 1).bit_length() - 1
        if bucket < 0:
            return
        following = fields[at + _NEXT]
        if following == chunk:
            words[_AVAILABLE] &= ~(1 << bucket)
            words[self._first_bucket + bucket] = 0
        else:
            previous = fields[at + _PREVIOUS]
            words[self._first_bucket + bucket] = following
            fields[(previous << shift) + _NEXT] = following
            fields[(following << shift) + _PREVIOUS] = previous
        if self._statistics:
            words[_FREE_BYTES] -= UNIT * units - self._header

    def _take(self, units: int) -> int:
        """Takes a free chunk of at least this size off its list; 0 if there is none."""
        bucket = (units - self._smallest + 1).bit_length() - 1
        if bucket >= self._buckets:
            return self._beyond_the_table(units)
        chunk = self._look(bucket, units)
        if not chunk:
            larger = self._words[_AVAILABLE] >> bucket + 1
            if not larger:
                return 0
            chunk = self._words[self._first_bucket + bucket + (larger & -larger).bit_length()]
        self._list_remove(chunk)
        return chunk

    def _look(self, bucket: int, units: int) -> int:
        """First of a list's next few chunks that is large enough, or 0; smaller ones go to the list's end for good."""
        at = self._first_bucket + bucket
        first = chunk = self._words[at]
        for _ in range(self._loops if first else 0):
            where = chunk << self._shift
            if self._fields[where + _SIZE_USED] >> 1 >= units:
                return chunk
            chunk = self._words[at] = self._fields[where + _NEXT]
            if chunk == first:
                break
        return 0

    def _beyond_the_table(self, units: int) -> int:
        if self._clamp:
            return 0
        message = (
            f"a padded request of {UNIT * units} bytes exceeds the heap of {UNIT * self._units} bytes: a stock device "
            "reads behind its table of free lists here and may crash"
        )
        raise HeapError(message, hint="use a larger heap, or a smaller alignment.")

    # Chunks -----------------------------------------------------------------------------------------------------------

    def _split(self, left: int, right: int) -> None:
        """Cuts chunk ``left`` so that ``right`` begins a chunk. Both are free then, and in no list."""
        fields, shift = self._fields, self._shift
        total, size = fields[(left << shift) + _SIZE_USED] >> 1, right - left
        fields[(left << shift) + _SIZE_USED] = size << 1
        fields[(right << shift) + _SIZE_USED] = total - size << 1
        fields[(right << shift) + _LEFT] = size
        fields[(left + total << shift) + _LEFT] = total - size

    def _merge(self, left: int, right: int) -> None:
        fields, shift = self._fields, self._shift
        total = (fields[(left << shift) + _SIZE_USED] >> 1) + (fields[(right << shift) + _SIZE_USED] >> 1)
        fields[(left << shift) + _SIZE_USED] = total << 1
        fields[(left + total << shift) + _LEFT] = total

    def _trim(self, chunk: int, end: int) -> None:
        if chunk + (self._fields[(chunk << self._shift) + _SIZE_USED] >> 1) > end:
            self._split(chunk, end)
            self._list_add(end)

    def _occupy(self, chunk: int) -> None:
        at = (chunk << self._shift) + _SIZE_USED
        units = self._fields[at] >> 1
        self._fields[at] = units << 1 | 1
        self._count(units, UNIT * units - self._header)

    def _release(self, chunk: int) -> None:
        """Puts a chunk that is unused onto its list, merged with free neighbours."""
        fields, shift = self._fields, self._shift
        right = chunk + (fields[(chunk << shift) + _SIZE_USED] >> 1)
        if not fields[(right << shift) + _SIZE_USED] & 1:
            self._list_remove(right)
            self._merge(chunk, right)
        left = chunk - fields[(chunk << shift) + _LEFT]
        if not fields[(left << shift) + _SIZE_USED] & 1:
            self._list_remove(left)
            self._merge(left, chunk)
            chunk = left
        self._list_add(chunk)

    def _count(self, units: int, statistics_bytes: int) -> None:
        """Keeps the books of what came into use; negative for what left it."""
        self._below_peak = max(0, self._below_peak - units)
        if self._statistics:
            words = self._words
            words[_ALLOCATED_BYTES] += statistics_bytes
            words[_MOST_ALLOCATED_BYTES] = max(words[_MOST_ALLOCATED_BYTES], words[_ALLOCATED_BYTES])

    # What callers use -------------------------------------------------------------------------------------------------

    def alloc(self, size: int) -> int | None:
        """Address of a block of ``size`` bytes, aligned to its header (4 or 8); None if there is no room.

        Raises:
            HeapError: the heap is damaged, or see ``clamp``.
        """
        if size <= 0 or size // UNIT >= self._units:
            return None
        units = (self._header + size + UNIT - 1) // UNIT
        try:
            chunk = self._take(units)
            if not chunk:
                return None
            self._trim(chunk, chunk + units)
            self._occupy(chunk)
        except _DAMAGE as error:
            raise self._damaged() from error
        return self._payload(chunk)

    def aligned_alloc(self, alignment: int, size: int) -> int | None:
        """Address of a block of ``size`` bytes at an alignment; None if there is no room.

        Args:
            alignment: A power of two, or 0 for none. One further low bit r in it (4 or more) aligns ``address + r``
                instead, for callers that keep a header of r bytes: ``32 | 4``.
            size: Bytes.

        Raises:
            HeapError: no alignment (where Zephyr asserts), the heap is damaged, or see ``clamp``.
        """
        rewind = alignment & -alignment
        if alignment == rewind <= self._header:
            return self.alloc(size)
        alignment, rewind, gap = self._alignment(alignment, rewind)
        if size <= 0 or size // UNIT >= self._units:
            return None
        try:
            found = self._take((self._header + size + alignment - gap + UNIT - 1) // UNIT)
            return self._place(found, alignment, rewind, size) if found else None
        except _DAMAGE as error:
            raise self._damaged() from error

    def _alignment(self, given: int, rewind: int) -> tuple[int, int, int]:
        """Alignment, bytes before it where the block begins, and bytes that a chunk's header spares of the padding."""
        if given == rewind:
            return given, 0, self._header
        alignment = given - rewind
        # Zephyr takes a rewind of 1 or 2 as well. Nothing asks for it, and free() could not tell its blocks from slips.
        if given < 0 or alignment & (alignment - 1) or rewind < WORD:
            message = f"{given:#x} is no alignment for a heap"
            hint = "give a power of two, with one lower bit of at least 4 for a header in front of the block."
            raise HeapError(message, hint=hint, errno=Errno.EINVAL)
        return alignment, rewind, min(rewind, self._header)

    def _place(self, found: int, alignment: int, rewind: int, size: int) -> int:
        """Cuts an aligned block out of a chunk; what remains on either side is listed, the left first, unmerged."""
        pointer = -(-(self._payload(found) + rewind) // alignment) * alignment - rewind
        chunk = (pointer - self._header - self.address_of_record) // UNIT
        if chunk > found:
            self._split(found, chunk)
            self._list_add(found)
        self._trim(chunk, -(-(pointer + size - self.address_of_record) // UNIT))
        self._occupy(chunk)
        return pointer

    def free(self, pointer: int) -> None:
        """Gives a block back.

        Raises:
            HeapError: the address is no block of this heap, or was freed before (EFAULT).
        """
        chunk = self._chunk_of(pointer)
        at = (chunk << self._shift) + _SIZE_USED
        units = self._fields[at] >> 1
        self._fields[at] = units << 1
        try:
            self._count(-units, self._header - UNIT * units)
            self._release(chunk)
        except _DAMAGE as error:
            raise self._damaged() from error

    def realloc(self, pointer: int | None, alignment: int, size: int) -> int | None:
        """Makes a block larger or smaller, in place where that is possible; else moves it. 0 bytes frees it.

        Args:
            pointer: The block, or None to allocate one.
            alignment: As for ``aligned_alloc``. A block that is not at a multiple of it is moved.
            size: Bytes.

        Returns:
            Its address, or None: freed, or there is no room and the block stays as it is.

        Raises:
            HeapError: the address is no block of this heap (EFAULT), or as for ``aligned_alloc``.
        """
        if pointer is None:
            return self.aligned_alloc(alignment, size)
        if size == 0:
            self.free(pointer)
            return None
        chunk = self._chunk_of(pointer)
        if size < 0 or size // UNIT >= self._units:
            return None
        wanted = -(-(self._header + size + pointer - self._payload(chunk)) // UNIT)
        if not (alignment and pointer & (alignment - 1)) and self._resize(chunk, wanted):
            return pointer
        return self._move(pointer, alignment, size)

    def _resize(self, chunk: int, wanted: int) -> bool:
        """Changes a chunk's units where it stands; False if its right neighbour does not allow it."""
        units = self._fields[(chunk << self._shift) + _SIZE_USED] >> 1
        try:
            if wanted < units:
                self._split(chunk, chunk + wanted)
                self._fields[(chunk << self._shift) + _SIZE_USED] |= 1
                self._release(chunk + wanted)
            elif wanted > units and not self._grow(chunk, chunk + units, chunk + wanted):
                return False
            self._count(wanted - units, UNIT * (wanted - units))
        except _DAMAGE as error:
            raise self._damaged() from error
        return True

    def _grow(self, chunk: int, right: int, end: int) -> bool:
        size_used = self._fields[(right << self._shift) + _SIZE_USED]
        if size_used & 1 or right + (size_used >> 1) < end:
            return False
        self._list_remove(right)
        self._trim(right, end)
        self._merge(chunk, right)
        self._fields[(chunk << self._shift) + _SIZE_USED] |= 1
        return True

    def _move(self, pointer: int, alignment: int, size: int) -> int | None:
        moved = self.aligned_alloc(alignment, size)
        if moved is not None:
            start, to = pointer - self.address_of_record, moved - self.address_of_record
            count = min(size, self.usable_size(pointer))
            self._bytes[to : to + count] = self._bytes[start : start + count]
            self.free(pointer)
        return moved

    def usable_size(self, pointer: int) -> int:
        """Bytes that a block has from its address on.

        Raises:
            HeapError: the address is no block of this heap (EFAULT).
        """
        chunk = self._chunk_of(pointer)
        units = self._fields[(chunk << self._shift) + _SIZE_USED] >> 1
        return self._payload(chunk) - self._header + UNIT * units - pointer

    # Addresses and errors ---------------------------------------------------------------------------------------------

    def _payload(self, chunk: int) -> int:
        return self.address_of_record + UNIT * chunk + self._header

    def _chunk_of(self, pointer: int) -> int:
        fields, shift = self._fields, self._shift
        offset = pointer - self._header - self.address_of_record
        chunk = offset // UNIT
        if not self._first_chunk <= chunk < self._units:
            raise self._no_block(pointer, f"it is not in the heap at {self.address:#010x}")
        size_used = fields[(chunk << shift) + _SIZE_USED]
        right = chunk + (size_used >> 1)
        if offset % WORD or not chunk < right <= self._units or not self._agree(chunk, right):
            raise self._no_block(pointer, "no block begins there, or its header was overwritten, or it is long free")
        if not size_used & 1:
            raise self._no_block(pointer, "it is free already")
        return chunk

    def _agree(self, chunk: int, right: int) -> bool:
        """Whether both neighbours see a chunk where it sees itself."""
        fields, shift = self._fields, self._shift
        size = fields[(chunk << shift) + _LEFT]
        left = chunk - size
        return (
            left >= 0
            and fields[(left << shift) + _SIZE_USED] >> 1 == size
            and fields[(right << shift) + _LEFT] == right - chunk
        )

    @staticmethod
    def _no_block(pointer: int, why: str) -> HeapError:
        return HeapError(f"{pointer:#010x} is no block of the heap: {why}", errno=Errno.EFAULT)

    def _damaged(self, what: str = "a header or a link of a free list leads out of it") -> HeapError:
        return HeapError(
            f"the heap at {self.address:#010x} is damaged: {what}",
            hint="something wrote beyond its block, or into a block that it had freed.",
            errno=Errno.EFAULT,
        )

    # Looking at it ----------------------------------------------------------------------------------------------------

    def chunks(self) -> Chunks:
        """(address of the header, bytes, used) of every chunk between record and end, in address order.

        Raises:
            HeapError: the heap is damaged.
        """
        chunk = self._first_chunk
        while chunk < self._units:
            size_used = self._fields[(chunk << self._shift) + _SIZE_USED]
            address, units = self.address_of_record + UNIT * chunk, size_used >> 1
            if not 0 < units <= self._units - chunk:
                what = f"the chunk at {address:#010x} has {UNIT * units} bytes"
                raise self._damaged(what)
            yield address, UNIT * units, bool(size_used & 1)
            chunk += units

    def free_chunks(self) -> list[tuple[int, int]]:
        """(address, bytes) of every free chunk in address order, headers included."""
        return [(address, size) for address, size, used in self.chunks() if not used]

    @property
    def allocated_bytes(self) -> int:
        """Bytes of all used chunks, their headers included, without the record. Walks the heap."""
        return sum(size for _, size, used in self.chunks() if used)

    @property
    def free_bytes(self) -> int:
        """Bytes of all free chunks, their headers included. Walks the heap."""
        return UNIT * self._units - self.record_bytes - self.allocated_bytes

    @property
    def largest_free(self) -> int:
        """The largest request that a single free chunk could hold, in bytes; 0 if none is free. Walks the heap."""
        return max((size for _, size in self.free_chunks()), default=self._header) - self._header

    def searched(self, alignment: int, size: int) -> int:
        """Bytes that a free piece must have, as ``largest_free`` counts them, for an aligned request to find it."""
        return size + max(0, alignment - self._header)

    @property
    def peak(self) -> int:
        """Most bytes in use (as ``allocated_bytes`` counts) since this object was made, or since ``reset_peak``.

        Kept by this object, not in guest memory: it knows what was done through it, at no cost per operation but an
        addition. Call ``reset_peak`` after putting bytes back under it.
        """
        return self.allocated_bytes + UNIT * self._below_peak

    def reset_peak(self) -> None:
        """Counts the peak from now on."""
        self._below_peak = 0
