"""A board on which damaged files are loaded, and which notices every byte that changes where it should not.

The LLEXT heap has room on both sides of every block, and a second heap in memory of the host's own gets the same
requests: whatever lies outside the blocks (headers, room, free pieces) must be the same in both.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from llext import Board
from llext.errors import ElfError, GuestFault, HeapError, LlextError, LoadError
from llext.heap import SysHeap
from llext.loader import BufferSource, Extension

ROOM = 16
"""Bytes on either side of a block, at least; in front as many as its alignment if that is more."""
_MARK = 0xC5
_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


_NEAR = 2048
_LONGEST = 20_000


def _first_difference(one: bytes, other: bytes) -> int:
    low, high = 0, len(one)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if one[low:middle] != other[low:middle] else (middle, high)
    return low


class Damage(AssertionError):
    """A byte changed that nobody had a right to change, or was not given back."""


class FencedHeap(SysHeap):
    """A heap with room around every block.

    Attributes:
        blocks: Address of each block -> bytes in front of it, its size.
        twin: A heap that only serves requests.
    """

    @classmethod
    def fence(cls, view: memoryview, address: int) -> Self:
        """Makes a heap with its twin."""
        heap = cls.init(view, address)
        heap.blocks = {}
        heap.memory = view
        heap.twin_memory = bytearray(len(view))
        heap.twin = SysHeap.init(heap.twin_memory, address)
        return heap

    blocks: dict[int, tuple[int, int]]
    memory: memoryview
    twin_memory: bytearray
    twin: SysHeap

    def aligned_alloc(self, alignment: int, size: int) -> int | None:
        """A block with room around it."""
        if alignment & alignment - 1 or size <= 0:
            return super().aligned_alloc(alignment, size)
        front = max(ROOM, alignment)
        whole = front + size + ROOM
        start = super().aligned_alloc(alignment, whole)
        assert start == self.twin.aligned_alloc(alignment, whole), "the heaps disagree"
        if start is None:
            return None
        for memory in (self.memory, self.twin_memory):
            at = start - self.address
            memory[at : at + front] = bytes([_MARK]) * front
            memory[at + front + size : at + whole] = bytes([_MARK]) * ROOM
        self.blocks[start + front] = front, size
        return start + front

    def free(self, pointer: int) -> None:
        """Gives a block back and looks at the room around it."""
        front, size = self.blocks.pop(pointer, (0, 0))
        at = pointer - self.address
        before, behind = self.memory[at - front : at], self.memory[at + size : at + size + ROOM]
        if front and (bytes(before) != bytes([_MARK]) * front or bytes(behind) != bytes([_MARK]) * ROOM):
            self.crossed.append(pointer)
        super().free(pointer - front)
        self.twin.free(pointer - front)

    crossed: list[int]

    def outside(self) -> Iterator[tuple[int, int]]:
        """Offsets at which the pieces between blocks begin and end."""
        end = 0
        for address in sorted(self.blocks):
            yield end, address - self.address
            end = address - self.address + self.blocks[address][1]
        yield end, len(self.memory)

    def intact(self) -> bool:
        """Whether all that is outside blocks is as the requests left it."""
        mine, twin = self.memory, memoryview(self.twin_memory)
        return not self.crossed and all(bytes(mine[low:high]) == bytes(twin[low:high]) for low, high in self.outside())

    def reset(self) -> None:
        """Empties both."""
        self.blocks.clear()
        self.crossed = []
        for memory, heap in ((self.memory, self), (self.twin_memory, self.twin)):
            memory[:] = bytes(len(memory))
            heap._format()  # noqa: SLF001 - a heap in the same memory is made anew
        self.reset_peak()


class Unshown(BufferSource):
    """A source that shows nothing in place, as a file does."""

    def peek(self, offset: int, size: int) -> None:
        """Nothing."""


@dataclass
class Outcome:
    """What became of one file: how the load ended, and each thing that guest code did then."""

    load: str
    guest: list[str] = field(default_factory=list)
    wild: bool = False


class Rig:
    """One board for very many files.

    Args:
        name: The board.
        options: For ``Board``.
    """

    heap_size = 128 * 1024

    def __init__(self, name: str, **options: Any) -> None:
        self.board = Board(name, heap_size=self.heap_size, timeout=0.02, **options)
        layout = self.board.layout
        self.heap = FencedHeap.fence(self.board.memory.view(layout.heap, layout.heap_size), layout.heap)
        self.board.heap = self.board._loader.heap = self.heap  # noqa: SLF001 - a heap of ours in the place of the board's
        self.heap.reset()
        self.free = self.heap.free_chunks()
        self.pieces = list(self._pieces())
        self.near = list(self._near())
        self.thorough = True
        self.rights = [bytes(table) for _, _, table in self.board.machine.rights._tables]  # noqa: SLF001
        self.service = bytes(self.board.machine.arguments)

    def _pieces(self) -> Iterator[tuple[int, memoryview, bytes]]:
        """Address, bytes and first contents of all memory in use but the LLEXT heap."""
        layout, memory = self.board.layout, self.board.memory
        buffers, scratch = self.board.target.buffers, self.board.target.scratch
        for start, end in (
            (layout.trap, layout.runtime_data),
            (layout.stack, layout.stack_top),
            (layout.stack_top, layout.heap),
            (layout.heap + layout.heap_size, layout.end + 65536),
            (scratch.address, scratch.end),
            (buffers.address, buffers.address + 65536),
        ):
            view = memory.view(start, end - start)
            yield start, view, bytes(view)

    def _near(self) -> Iterator[tuple[int, memoryview, bytes]]:
        """What of these pieces is nearest to the heap, or first in use; to look at all of it takes longer than a load."""
        for start, view, was in self.pieces:
            for low in {0, max(0, len(was) - _NEAR)}:
                yield start + low, view[low : low + _NEAR], was[low : low + _NEAR]

    def changed(self, *, thorough: bool | None = None) -> list[int]:
        """Addresses at which memory outside the LLEXT heap begins to differ from what it was, one a piece."""
        thorough = self.thorough if thorough is None else thorough
        return [
            start + _first_difference(bytes(view), was)
            for start, view, was in (self.pieces if thorough else self.near)
            if _memcmp(ctypes.addressof(ctypes.c_char.from_buffer(view)), was, len(was))
        ]

    def restore(self) -> None:
        """Makes the board what it was."""
        for _, view, was in self.pieces:
            view[:] = was
        self.heap.reset()
        self.board.kernel.console.clear()

    # One file -------------------------------------------------------------------------------------------------------------

    def try_file(self, data: bytes, *, peek: bool = True, strict: bool = False) -> Outcome:
        """Loads, brings up, looks at, tears down and unloads a file.

        Raises:
            Damage: something changed that should not have.
            Exception: whatever else came out that is not documented.
        """
        try:
            extension = self.board.load(BufferSource(data) if peek else Unshown(data), "mutant", strict=strict)
        except (ElfError, LoadError, HeapError) as error:
            if not error.message or len(str(error)) > _LONGEST:
                raise Damage("an error without words, or with too many") from error
            self._check_refused()
            return Outcome(type(error).__name__)
        self._check_loaded(extension)
        outcome = Outcome("loaded")
        self._use(extension, outcome)
        outcome.wild = bool(outcome.guest) and (not self.heap.intact() or bool(self._changed_by_guest()))
        self._unload(extension, outcome)
        if outcome.guest:
            self.restore()
        else:
            self.heap.reset()
        return outcome

    def _check_refused(self) -> None:
        if self.heap.crossed:
            raise Damage(f"a refused load wrote around the block at {self.heap.crossed[0]:#010x}")
        if self.heap.free_chunks() != self.free or self.board.extensions:
            raise Damage(f"a refused load left {self.heap.free_chunks()} of {self.free} free")
        self._check_surroundings("a refused load")
        self.heap.reset()

    def _check_surroundings(self, who: str) -> None:
        for address in self.changed():
            raise Damage(f"{who} changed memory outside the LLEXT heap at {address:#010x}")
        if self._rights() != self.rights:
            raise Damage(f"{who} left other rights")

    def _rights(self) -> list[bytes]:
        return [bytes(table) for _, _, table in self.board.machine.rights._tables]  # noqa: SLF001

    def _check_loaded(self, extension: Extension) -> None:
        heap = self.heap
        if not heap.intact():
            raise Damage("the load wrote outside its blocks")
        for address in self.changed():
            raise Damage(f"the load changed memory outside the LLEXT heap at {address:#010x}")
        for region in extension.regions.values():
            _, size = heap.blocks[region.address]
            if region.size > size:
                raise Damage(f"region {region.name} has {region.size} bytes in a block of {size}")
        self._check_rights(extension)

    def _check_rights(self, extension: Extension) -> None:
        """Only granules of regions that are not to be written may have other rights than before, and no other block in them."""
        machine = self.board.machine
        granule = self.board.target.granule
        own = [region for region in extension.regions.values() if region.permission != "rw"]
        for (start, _, table), was in zip(machine.rights._tables, self.rights, strict=True):  # noqa: SLF001
            now = bytearray(table)
            for region in own:
                first, last = (region.address - start) // granule, (region.address + region.size - 1 - start) // granule
                if first >= 0 and last < len(now):
                    now[first : last + 1] = was[first : last + 1]
            if bytes(now) != was:
                raise Damage("the load changed rights outside its regions")
        for address, (_, size) in self.heap.blocks.items() if machine.guarded else ():
            for region in own:
                low, high = region.address & -granule, -(-(region.address + region.size) // granule) * granule
                if address != region.address and address < high and low < address + size:
                    raise Damage(f"the block at {address:#010x} shares a granule with region {region.name}")

    def _use(self, extension: Extension, outcome: Outcome) -> None:
        for name, exported in extension.exports.items():
            assert extension.find_sym(name) == exported.address
        _ = extension.symbols, repr(extension)
        for step in (extension.bringup, extension.teardown):
            if not {"preinit", "init", "fini"} & extension.regions.keys():
                return
            try:
                step()
                outcome.guest.append("returned")
            except GuestFault as fault:
                str(fault)
                outcome.guest.append(re.sub(r"0x[0-9a-f]+|\d+", "N", fault.reason.split(":")[0]))
            except LoadError:
                outcome.guest.append("an array that points outside the text")

    def _changed_by_guest(self) -> list[int]:
        """As ``changed``, without what guest code may write: its stack and the words of a service call."""
        layout, scratch = self.board.layout, self.board.target.scratch
        mine = ((layout.stack, layout.stack_top), (scratch.address, scratch.end))
        return [address for address in self.changed(thorough=True) if not any(low <= address < high for low, high in mine)]

    def _unload(self, extension: Extension, outcome: Outcome) -> None:
        try:
            self.board.unload(extension)
        except HeapError:
            if not outcome.wild:
                raise
        else:
            if not outcome.wild and (self.heap.free_chunks() != self.free or self.heap.crossed):
                raise Damage(f"unloading left {self.heap.free_chunks()} of {self.free} free")
        if self.board.extensions or self._rights() != self.rights:
            raise Damage("unloading left the extension or its rights")


def kind_of(error: BaseException) -> str:
    """A short name of what came out."""
    return f"{type(error).__name__}{' (documented elsewhere)' if isinstance(error, LlextError) else ''}"
