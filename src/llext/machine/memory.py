"""Guest memory as the host sees it: bytes at guest addresses, and who may touch them how.

The bytes are host memory that the emulator uses directly, so host code reads and relocates in place. Rights are one
table, granule by granule; the machine asks it, host code is above it.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable
from enum import IntFlag

from llext.errors import Errno, UsageError, expect
from llext.target import MemoryArea

_WORD = struct.Struct("<I")


class Permission(IntFlag):
    """What guest code may do with a granule; the emulator's own numbers."""

    NONE = 0
    READ = 1
    WRITE = 2
    EXECUTE = 4
    RW = 3
    RX = 5
    RWX = 7


class Block:
    """One contiguous piece of guest memory and its host bytes."""

    def __init__(self, area: MemoryArea, first: int) -> None:
        self.name = area.name
        self.start = first
        self.end = area.end
        self.host = _anonymous(self.end - first)
        self.view = memoryview(self.host)


def _anonymous(size: int) -> mmap.mmap:
    """Zeroed host memory that a forked process does not share."""
    if hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return mmap.mmap(-1, size)


class GuestMemory:
    """All memory of a machine.

    Args:
        areas: The memories of the board.
        floor: Addresses below it are never mapped.
    """

    def __init__(self, areas: Iterable[MemoryArea], floor: int = 0) -> None:
        self.blocks = [Block(area, max(area.address, floor)) for area in areas]

    def block_of(self, address: int, size: int = 1) -> Block | None:
        """The block that holds all of [address, address + size), or None."""
        return next((block for block in self.blocks if block.start <= address and address + size <= block.end), None)

    def view(self, address: int, size: int) -> memoryview:
        """The bytes at a guest address, writable in place.

        Raises:
            UsageError: part of the range is not memory.
        """
        for block in self.blocks:
            if block.start <= address and address + size <= block.end:
                offset = address - block.start
                return block.view[offset : offset + size]
        raise UsageError(
            f"no memory at {address:#010x}..{address + size:#010x}",
            hint="the board's memories: " + ", ".join(f"{b.name} {b.start:#x}..{b.end:#x}" for b in self.blocks),
            errno=Errno.EFAULT,
        )

    def read(self, address: int, size: int) -> bytes:
        """A copy of ``size`` bytes at a guest address."""
        return bytes(self.view(address, size))

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Stores bytes at a guest address; rights do not apply to the host."""
        self.view(address, len(data))[:] = data

    def word(self, address: int) -> int:
        """The unsigned 32-bit word at a guest address."""
        value: int = _WORD.unpack_from(self.view(address, 4))[0]
        return value

    def write_word(self, address: int, value: int) -> None:
        """Stores a 32-bit word."""
        _WORD.pack_into(self.view(address, 4), 0, value & 0xFFFFFFFF)

    def string(self, address: int, limit: int | None = None) -> bytes:
        """Bytes up to a NUL, at most ``limit``.

        Raises:
            UsageError: the string runs out of memory before it ends.
        """
        block = self.block_of(address)
        if block is None:
            self.view(address, 1)
            raise AssertionError
        start = address - block.start
        end = len(block.host) if limit is None else min(start + limit, len(block.host))
        stop = block.host.find(b"\0", start, end)
        if stop < 0 and (limit is None or end - start < limit):
            raise UsageError(f"the string at {address:#010x} has no end before {block.end:#010x}", errno=Errno.EFAULT)
        return block.host[start : stop if stop >= 0 else end]

    def __getitem__(self, index: slice) -> bytes:
        start, size = _range(index)
        return self.read(start, size)

    def __setitem__(self, index: slice, data: bytes) -> None:
        start, size = _range(index)
        expect("what shall be stored", data, bytes, bytearray, memoryview)
        if size != len(data):
            raise UsageError(f"{len(data)} bytes do not fit {size} bytes at {start:#x}")
        self.write(start, data)


def _range(index: slice) -> tuple[int, int]:
    """Address and size of a slice of guest memory."""
    if not isinstance(index, slice) or not isinstance(index.start, int) or not isinstance(index.stop, int) or index.step:
        raise UsageError(f"guest memory is taken by memory[address:address + n], not by [{index}]")
    if index.stop < index.start:
        raise UsageError(f"memory[{index.start:#x}:{index.stop:#x}] ends before it begins")
    return index.start, index.stop - index.start


class Rights:
    """Who may touch which granule of memory.

    Args:
        memory: What there is.
        granule: Bytes of the smallest piece with rights of its own.
    """

    def __init__(self, memory: GuestMemory, granule: int) -> None:
        self.granule = granule
        self._tables = [(block.start, block.end, bytearray((block.end - block.start) // granule)) for block in memory.blocks]

    def of(self, address: int) -> Permission | None:
        """Rights at an address; None where there is no memory."""
        for start, end, table in self._tables:
            if start <= address < end:
                return Permission(table[(address - start) // self.granule])
        return None

    def table_of(self, address: int) -> bytearray:
        """The rights of a whole block, granule by granule."""
        return next(table for start, end, table in self._tables if start <= address < end)

    def raw(self, address: int) -> int:
        """Rights at an address as a number, -1 where there is no memory."""
        for start, end, table in self._tables:
            if start <= address < end:
                return table[(address - start) // self.granule]
        return -1

    def set(self, address: int, size: int, permission: Permission) -> None:
        """Gives every granule that [address, address + size) touches these rights."""
        for start, end, table in self._tables:
            low, high = max(address, start), min(address + size, end)
            if low < high:
                first, last = (low - start) // self.granule, (high - start + self.granule - 1) // self.granule
                table[first:last] = bytes([permission]) * (last - first)
