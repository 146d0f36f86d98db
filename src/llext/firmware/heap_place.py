"""Where a firmware's LLEXT heap lies, and what kind of heap it is.

In an ELF that did not boot the struct k_heap says where: heap = 0, init_mem, init_bytes (measured, 3.7 and 4.0).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from llext.errors import UsageError
from llext.firmware.facts import Fact, assumed
from llext.firmware.image import FirmwareImage
from llext.firmware.memory import Pool
from llext.heap import MemBlocks, SysHeap
from llext.heap.geometry import Options
from llext.link import Allocation, RegionKind

_K_HEAP = struct.Struct("<3I")
"""Of struct k_heap: heap, init_mem, init_bytes."""
_K_HEAP_BYTES = 20
_USUAL = 2
"""Heaps of a firmware that has LLEXT and no others of its own: _system_heap, llext_heap, sorted by name."""
_LEAST, _MOST = 44, 1 << 26
"""Bytes of the smallest sys_heap, and more than any microcontroller has for one."""
_KINDS = {
    "LLEXT_HEAP_DYNAMIC": "given by the application with llext_heap_init",
    "LLEXT_HEAP_MEMBLK": "blocks of a fixed size",
    "HARVARD": "one for code and one for data",
}
"""Options of heaps that are not one k_heap of a fixed place, and what they are."""


@dataclass(frozen=True)
class HeapPlace:
    """The LLEXT heap. Address and size in bytes; where blocks lie depends on both."""

    address: int
    size: int

    @property
    def plausible(self) -> bool:
        """Whether a microcontroller can have it."""
        return _LEAST <= self.size <= _MOST and self.address + self.size <= 1 << 32

    def __str__(self) -> str:
        return f"{self.size} bytes" + (f" at {self.address:#010x}" if self.address else "")


def given_heap(text: str) -> HeapPlace:
    """A heap as a user says it: 16384, 16K, 16384@0x20001000.

    Raises:
        UsageError: it is none.
    """
    number = r"(0x[0-9a-fA-F]{1,8}|[1-9]\d{0,9}|0)"
    found = re.fullmatch(rf"{number}([kK]?)(?:@{number})?", text)
    place = HeapPlace(int(found[3] or "0", 0), int(found[1], 0) * (1024 if found[2] else 1)) if found else None
    if place is None or not place.plausible:
        raise UsageError(
            f"{text!r} is no heap",
            hint=f"give its bytes, {_LEAST} to {_MOST}, and its address if that is known: 8192@0x20001000, 8K.",
        )
    return place


def heap_kind(image: FirmwareImage) -> Fact[str]:
    """Which of Zephyr's heaps it is, in words."""
    for name, words in _KINDS.items():
        option = image.option(name)
        if option.value:
            return Fact(words, option.source)
    for name in ("llext_heap_init", "llext_ext_heap", "llext_instr_heap"):
        if name in image.symbols and "llext_heap" not in image.symbols:
            key = {"llext_heap_init": "LLEXT_HEAP_DYNAMIC", "llext_ext_heap": "LLEXT_HEAP_MEMBLK"}.get(name, "HARVARD")
            return Fact(_KINDS[key], f"symbol {name}")
    if "llext_heap" in image.symbols:
        return Fact("a k_heap", "symbol llext_heap")
    return assumed("a k_heap", "nothing tells another")


def heap_place(image: FirmwareImage) -> Fact[HeapPlace] | None:
    """The one k_heap of a fixed place; None where there is another, or nothing tells it."""
    if heap_kind(image).value != "a k_heap":
        return None
    found = _object(image) or _buffer(image) or _area(image) or _size_only(image)
    return found if found is not None and found.value.plausible else None


@dataclass(frozen=True)
class Part:
    """One of several heaps that the LLEXT heap is made of.

    Attributes:
        name: For people: ``metadata heap``.
        option: The option that says its size in KiB, without CONFIG_.
        place: Where it lies; address 0 if that is not known.
        block: Bytes of a block, 0 of a k_heap.
    """

    name: str
    option: str
    place: HeapPlace
    block: int = 0

    def made(self, size: int, options: Options) -> Pool:
        """An allocator like it, of another size."""
        if self.block:
            return MemBlocks(self.place.address, size, self.block)
        return SysHeap.init(memoryview(bytearray(size)), self.place.address, **options)


_METADATA = ("struct llext", "section map", "section headers", "symbol table", "export table")
_PARTS = {
    "blocks of a fixed size": (("metadata heap", "LLEXT_METADATA_HEAP_SIZE"), ("heap of blocks", "LLEXT_EXT_HEAP_SIZE")),
    "one for code and one for data": (("instruction heap", "LLEXT_INSTR_HEAP_SIZE"), ("data heap", "LLEXT_DATA_HEAP_SIZE")),
}
"""Heaps of each kind: name, and the option of its size."""
_BLOCK = 32
"""CONFIG_LLEXT_HEAP_MEMBLK_BLOCK_SIZE, its default."""


def heap_parts(image: FirmwareImage) -> tuple[Part, ...]:
    """The heaps of a firmware that has several; none where there is one, or their sizes are not told.

    With both options, heaps of blocks for code and for data, nothing is known of them here.
    """
    kind, blocks = heap_kind(image).value, image.option("LLEXT_HEAP_MEMBLK").value
    found = []
    for name, option in _PARTS.get(kind, ()) if not (blocks and image.option("HARVARD").value) else ():
        size = image.option(option)
        if not size.known or not HeapPlace(0, size.value * 1024).plausible:
            return ()
        block = (image.option("LLEXT_HEAP_MEMBLK_BLOCK_SIZE").value or _BLOCK) if name == "heap of blocks" else 0
        buffer = image.symbols.get(f"kheap_{option.removesuffix('_SIZE').lower()}")
        found.append(Part(name, option, HeapPlace(buffer.value if buffer else 0, size.value * 1024), block))
    return tuple(found)


def part_of(parts: Sequence[Part], wanted: Allocation) -> int:
    """Which of several heaps a request goes to: code to that for code, what is no region to that for metadata or data."""
    first = parts[0].name
    if first == "metadata heap":
        return int(wanted.purpose not in _METADATA)
    if first == "instruction heap":
        return int(wanted.kind is not RegionKind.TEXT and wanted.purpose != "veneers")
    return 0


def heap_options(image: FirmwareImage, *, clamp: bool) -> Options:
    """How a firmware's sys_heap was built.

    Args:
        image: The firmware.
        clamp: Whether requests beyond the heap are refused, as newer Zephyr does; 3.7 and 4.0 read behind a table.
    """
    small, big = image.option("SYS_HEAP_SMALL_ONLY").value, image.option("SYS_HEAP_BIG_ONLY").value
    return Options(
        variant="small" if small else "big" if big else "auto",
        statistics=bool(image.option("SYS_HEAP_RUNTIME_STATS").value),
        alloc_loops=max(1, image.option("SYS_HEAP_ALLOC_LOOPS").value or 3),
        clamp=clamp,
    )


def _object(image: FirmwareImage) -> Fact[HeapPlace] | None:
    symbol = image.symbols.get("llext_heap")
    found = _read(image, symbol.value) if symbol is not None else None
    return Fact(found, "symbol llext_heap, its init_mem and init_bytes") if found is not None else None


def _buffer(image: FirmwareImage) -> Fact[HeapPlace] | None:
    buffer, size = image.symbols.get("kheap_llext_heap"), image.option("LLEXT_HEAP_SIZE")
    if buffer is not None and buffer.size:
        return Fact(HeapPlace(buffer.value, buffer.size), "symbol kheap_llext_heap")
    if buffer is not None and size.known and size.value:
        return Fact(HeapPlace(buffer.value, size.value * 1024), f"symbol kheap_llext_heap, {size.source}")
    return None


def _area(image: FirmwareImage) -> Fact[HeapPlace] | None:
    """The second of two heaps in the section that has them all: what a stripped firmware still tells."""
    section = image.elf.section("k_heap_area")
    if section is None or section.size != _USUAL * _K_HEAP_BYTES:
        return None
    found = _read(image, section.address + (_USUAL - 1) * _K_HEAP_BYTES)
    return assumed(found, "the second heap of section k_heap_area") if found is not None else None


def _size_only(image: FirmwareImage) -> Fact[HeapPlace] | None:
    size = image.option("LLEXT_HEAP_SIZE")
    if size.known and size.value:
        return assumed(HeapPlace(0, size.value * 1024), f"its size is that of {size.source}, and its address is not known")
    return None


def _read(image: FirmwareImage, address: int) -> HeapPlace | None:
    data = image.contents(address, _K_HEAP.size)
    if data is None:
        return None
    _, memory, size = _K_HEAP.unpack(data)
    return HeapPlace(memory, size) if memory and size else None
