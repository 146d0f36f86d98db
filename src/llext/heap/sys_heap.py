"""Zephyr's sys_heap, to the byte: a heap whose state lies in the memory that it manages.

Memory is counted in chunks of 8-byte units. A chunk begins with a header (its left neighbour's size, its own size
twice plus a used bit; 16 bits each in a small heap, 32 in a big one), and its payload follows. Chunk 0 is the record of
the heap with one free list per power of two; a used chunk of size zero ends it. Everything is in guest memory, so that
restored bytes are a restored heap, and running out happens where it would on the device.

Source: measured on firmware of Zephyr 3.7 and 4.0 and unchanged in later versions.
"""

from __future__ import annotations

from collections.abc import Iterator

from llext.errors import Errno, HeapError

UNIT = 8
SMALL_LIMIT = 32767
"""Most units of a heap with 16-bit headers."""

_LEFT, _SIZE_USED, _PREVIOUS, _NEXT = 0, 1, 2, 3
_END_CHUNK, _AVAILABLE, _FIRST_BUCKET = 2, 3, 4
_STATISTICS_WORDS = 3


class SysHeap:
    """A heap in a piece of guest memory. Make one with ``init`` or look at one with ``attach``.

    Args:
        buffer: The bytes of guest memory [address, address + len(buffer)), writable.
        address: Guest address of the buffer; where blocks lie depends on it.
        variant: ``auto``, ``small`` (CONFIG_SYS_HEAP_SMALL_ONLY) or ``big`` (_BIG_ONLY).
        statistics: Room for CONFIG_SYS_HEAP_RUNTIME_STATS in the record.
        alloc_loops: CONFIG_SYS_HEAP_ALLOC_LOOPS.
        clamp: Answer a padded request beyond the heap with None, as newer Zephyr; False raises, because 3.7 and 4.0
            read behind their table there.
    """

    def __init__(
        self,
        buffer: memoryview,
        address: int,
        *,
        variant: str = "auto",
        statistics: bool = False,
        alloc_loops: int = 3,
        clamp: bool = True,
    ) -> None:
        size = len(buffer)
        footer = 8 if size // UNIT > SMALL_LIMIT and variant == "auto" else 8 if variant == "big" else 4
        base = -(-address // UNIT) * UNIT
        end = (address + size - footer) // UNIT * UNIT
        self.address = address
        self.address_of_record = base
        self._units = (end - base) // UNIT
        big = variant == "big" or (variant == "auto" and self._units > SMALL_LIMIT)
        self._header = 8 if big else 4
        self._smallest = 2 if big else 1
        self._buckets = self._bucket(self._units) + 1 if self._units >= self._smallest else 1
        self._bucket_at = _FIRST_BUCKET + (_STATISTICS_WORDS if statistics else 0)
        self.record_bytes = -(-(4 * (self._bucket_at + self._buckets)) // UNIT) * UNIT
        if self._units * UNIT < self.record_bytes + self._smallest * UNIT:
            raise HeapError(
                f"{size} bytes at {address:#010x} are too small for a heap: its record takes {self.record_bytes} bytes",
                hint=f"give it at least {self.record_bytes + 20} bytes.",
                errno=Errno.EINVAL,
            )
        self._loops = alloc_loops
        self._clamp = clamp
        usable = buffer[base - address :]
        words = usable[: len(usable) // 4 * 4]
        self._words = words.cast("I")
        self._fields = self._words if big else words.cast("H")
        self._bytes = usable
        self._stride = UNIT // self._fields.itemsize
        self._in_use: int | None = None
        self._peak = 0

    @classmethod
    def init(cls, buffer: memoryview, address: int, **options: object) -> SysHeap:
        """Makes a heap of the buffer: one free chunk.

        Raises:
            HeapError: the buffer is too small.
        """
        heap = cls(buffer, address, **options)  # type: ignore[arg-type]
        heap._format()
        return heap

    @classmethod
    def attach(cls, buffer: memoryview, address: int, **options: object) -> SysHeap:
        """A view of a heap that was made in these bytes before."""
        return cls(buffer, address, **options)  # type: ignore[arg-type]

    def _format(self) -> None:
        words = self._words
        record = self.record_bytes // UNIT
        words[0] = words[1] = 0
        words[_END_CHUNK] = self._units
        words[_AVAILABLE] = 0
        for index in range(_FIRST_BUCKET, self._bucket_at + self._buckets):
            words[index] = 0
        self._set_size(0, record)
        self._set_used(0, used=True)
        self._set_size(record, self._units - record)
        self._set(record, _LEFT, record)
        self._set(self._units, _SIZE_USED, 1)
        self._set(self._units, _LEFT, self._units - record)
        self._list_add(record)
        self._in_use = 0

    # Chunk fields -----------------------------------------------------------------------------------------------------

    def _get(self, chunk: int, which: int) -> int:
        return self._fields[chunk * self._stride + which]

    def _set(self, chunk: int, which: int, value: int) -> None:
        self._fields[chunk * self._stride + which] = value

    def _size(self, chunk: int) -> int:
        return self._fields[chunk * self._stride + _SIZE_USED] >> 1

    def _used(self, chunk: int) -> bool:
        return bool(self._fields[chunk * self._stride + _SIZE_USED] & 1)

    def _set_size(self, chunk: int, units: int) -> None:
        self._fields[chunk * self._stride + _SIZE_USED] = units << 1

    def _set_used(self, chunk: int, *, used: bool) -> None:
        at = chunk * self._stride + _SIZE_USED
        self._fields[at] = self._fields[at] & ~1 | used

    def _bucket(self, units: int) -> int:
        return (units - self._smallest + 1).bit_length() - 1

    # Free lists: rings, the head of which is the next candidate ---------------------------------------------------------

    def _list_add(self, chunk: int) -> None:
        units = self._size(chunk)
        if units < self._smallest:
            return  # a lone unit of a big heap has no room for links; merging finds it again
        bucket = self._bucket(units)
        at = self._bucket_at + bucket
        head = self._words[at]
        if not head:
            self._words[_AVAILABLE] |= 1 << bucket
            self._words[at] = chunk
            self._set(chunk, _PREVIOUS, chunk)
            self._set(chunk, _NEXT, chunk)
            return
        last = self._get(head, _PREVIOUS)
        self._set(chunk, _PREVIOUS, last)
        self._set(chunk, _NEXT, head)
        self._set(last, _NEXT, chunk)
        self._set(head, _PREVIOUS, chunk)

    def _list_remove(self, chunk: int) -> None:
        units = self._size(chunk)
        if units < self._smallest:
            return
        bucket = self._bucket(units)
        following = self._get(chunk, _NEXT)
        if following == chunk:
            self._words[_AVAILABLE] &= ~(1 << bucket)
            self._words[self._bucket_at + bucket] = 0
            return
        previous = self._get(chunk, _PREVIOUS)
        self._words[self._bucket_at + bucket] = following
        self._set(previous, _NEXT, following)
        self._set(following, _PREVIOUS, previous)

    def _take(self, units: int) -> int:
        """Takes a free chunk of at least this size off its list; 0 if there is none."""
        bucket = self._bucket(units)
        if bucket >= self._buckets:
            if self._clamp:
                return 0
            raise HeapError(
                f"a padded request of {units * UNIT} bytes exceeds the heap of {self._units * UNIT} bytes: stock Zephyr "
                "reads behind its table here and may crash",
                hint="use a larger heap, or a smaller alignment.",
            )
        at = self._bucket_at + bucket
        first = head = self._words[at]
        for _ in range(self._loops if head else 0):
            if self._size(head) >= units:
                self._list_remove(head)
                return head
            head = self._words[at] = self._get(head, _NEXT)
            if head == first:
                break
        larger = self._words[_AVAILABLE] >> (bucket + 1) << (bucket + 1)
        if not larger:
            return 0
        chunk = self._words[self._bucket_at + (larger & -larger).bit_length() - 1]
        self._list_remove(chunk)
        return chunk

    def _split(self, left: int, right: int) -> None:
        """Cuts chunk ``left`` so that ``right`` begins a chunk."""
        total, size = self._size(left), right - left
        self._set_size(left, size)
        self._set_size(right, total - size)
        self._set(right, _LEFT, size)
        self._set(left + total, _LEFT, total - size)

    def _merge(self, left: int, right: int) -> None:
        total = self._size(left) + self._size(right)
        self._set_size(left, total)
        self._set(left + total, _LEFT, total)

    def _release(self, chunk: int) -> None:
        """Puts a chunk that is unused onto its list, merged with free neighbours."""
        right = chunk + self._size(chunk)
        if not self._used(right):
            self._list_remove(right)
            self._merge(chunk, right)
        left = chunk - self._get(chunk, _LEFT)
        if not self._used(left):
            self._list_remove(left)
            self._merge(left, chunk)
            chunk = left
        self._list_add(chunk)

    # What callers use ---------------------------------------------------------------------------------------------------

    def alloc(self, size: int) -> int | None:
        """Address of a block of ``size`` bytes, aligned to its header (4 or 8); None if there is no room."""
        if size <= 0 or size // UNIT >= self._units:
            return None
        units = -(-(self._header + size) // UNIT)
        chunk = self._take(units)
        if not chunk:
            return None
        self._trim(chunk, chunk + units)
        self._occupy(chunk)
        return self._payload(chunk)

    def aligned_alloc(self, alignment: int, size: int) -> int | None:
        """Address of a block at an alignment; one further low bit r in it aligns ``address + r`` instead."""
        rewind = alignment & -alignment
        if alignment == rewind:
            if alignment <= self._header:
                return self.alloc(size)
            rewind, gap = 0, self._header
        else:
            alignment, gap = alignment - rewind, min(rewind, self._header)
        if size <= 0 or size // UNIT >= self._units:
            return None
        found = self._take(-(-(self._header + size + alignment - gap) // UNIT))
        if not found:
            return None
        pointer = -(-(self._payload(found) + rewind) // alignment) * alignment - rewind
        chunk = (pointer - self._header - self.address_of_record) // UNIT
        if chunk > found:
            self._split(found, chunk)
            self._list_add(found)
        self._trim(chunk, -(-(pointer + size - self.address_of_record) // UNIT))
        self._occupy(chunk)
        return pointer

    def _trim(self, chunk: int, end: int) -> None:
        if chunk + self._size(chunk) > end:
            self._split(chunk, end)
            self._list_add(end)

    def _occupy(self, chunk: int) -> None:
        self._set_used(chunk, used=True)
        if self._in_use is not None:
            self._in_use += self._size(chunk)
            self._peak = max(self._peak, self._in_use)

    def _payload(self, chunk: int) -> int:
        return self.address_of_record + UNIT * chunk + self._header

    def free(self, pointer: int) -> None:
        """Gives a block back.

        Raises:
            HeapError: the address is no block of this heap, or was freed before.
        """
        chunk = self._chunk_of(pointer)
        if self._in_use is not None:
            self._in_use -= self._size(chunk)
        self._set_used(chunk, used=False)
        self._release(chunk)

    def _chunk_of(self, pointer: int) -> int:
        chunk = (pointer - self._header - self.address_of_record) // UNIT
        if not self.record_bytes // UNIT <= chunk < self._units:
            raise self._bad(pointer, f"it is not in the heap at {self.address:#010x}")
        size, left = self._size(chunk), chunk - self._get(chunk, _LEFT)
        whole = size and chunk + size <= self._units and self._get(chunk + size, _LEFT) == size
        whole = whole and (pointer - self._header - self.address_of_record) % 4 == 0
        if not whole or left < 0 or left + self._size(left) != chunk:
            raise self._bad(pointer, "no block begins there, or its header was overwritten")
        if not self._used(chunk):
            raise self._bad(pointer, "it is free already")
        return chunk

    @staticmethod
    def _bad(pointer: int, why: str) -> HeapError:
        return HeapError(f"{pointer:#010x} is no block of the heap: {why}", errno=Errno.EFAULT)

    def realloc(self, pointer: int | None, alignment: int, size: int) -> int | None:
        """Makes a block larger or smaller, in place where that is possible; 0 bytes frees it.

        Raises:
            HeapError: the address is no block of this heap.
        """
        if pointer is None:
            return self.aligned_alloc(alignment, size)
        chunk = self._chunk_of(pointer)
        if size == 0:
            self.free(pointer)
            return None
        if size // UNIT >= self._units:
            return None
        wanted = -(-(self._header + size + pointer - self._payload(chunk)) // UNIT)
        if not (alignment and pointer & (alignment - 1)) and self._resize(chunk, wanted):
            return pointer
        moved = self.aligned_alloc(alignment, size)
        if moved is not None:
            start, to = pointer - self.address_of_record, moved - self.address_of_record
            count = min(size, self.usable_size(pointer))
            self._bytes[to : to + count] = self._bytes[start : start + count]
            self.free(pointer)
        return moved

    def _resize(self, chunk: int, wanted: int) -> bool:
        """Changes a chunk's size where it stands; False if its right neighbour does not allow it."""
        size, right = self._size(chunk), chunk + self._size(chunk)
        if wanted < size:
            self._split(chunk, chunk + wanted)
            self._set_used(chunk, used=True)
            self._release(chunk + wanted)
        elif wanted > size:
            if self._used(right) or size + self._size(right) < wanted:
                return False
            self._list_remove(right)
            self._trim(right, chunk + wanted)
            self._merge(chunk, right)
            self._set_used(chunk, used=True)
        if self._in_use is not None:
            self._in_use += wanted - size
            self._peak = max(self._peak, self._in_use)
        return True

    def usable_size(self, pointer: int) -> int:
        """Bytes that a block has from its address on."""
        chunk = self._chunk_of(pointer)
        return self._payload(chunk) - self._header + UNIT * self._size(chunk) - pointer

    # Looking at it --------------------------------------------------------------------------------------------------------

    def chunks(self) -> Iterator[tuple[int, int, bool]]:
        """(address of the header, bytes, used) of every chunk between record and end, in address order."""
        chunk = self.record_bytes // UNIT
        while chunk < self._units:
            size = self._size(chunk)
            if not size:
                raise HeapError(f"the heap at {self.address:#010x} is damaged: a chunk of no size", errno=Errno.EFAULT)
            yield self.address_of_record + UNIT * chunk, UNIT * size, self._used(chunk)
            chunk += size

    def free_chunks(self) -> list[tuple[int, int]]:
        """(address, bytes) of every free chunk, headers included."""
        return [(address, size) for address, size, used in self.chunks() if not used]

    @property
    def allocated_bytes(self) -> int:
        """Bytes of all used chunks, their headers included, without the record."""
        if self._in_use is None:
            self._in_use = sum(size for _, size, used in self.chunks() if used) // UNIT
        return UNIT * self._in_use

    @property
    def free_bytes(self) -> int:
        """Bytes of all free chunks."""
        return UNIT * self._units - self.record_bytes - self.allocated_bytes

    @property
    def largest_free(self) -> int:
        """The largest request that a single free chunk could hold."""
        return max((size for _, size in self.free_chunks()), default=self._header) - self._header

    @property
    def peak(self) -> int:
        """Most bytes in use since ``reset_peak``; kept by this object, not in guest memory."""
        return max(UNIT * self._peak, self.allocated_bytes)

    def reset_peak(self) -> None:
        """Counts the peak from now on."""
        self._peak = self.allocated_bytes // UNIT
