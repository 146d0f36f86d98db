"""What of the address space a firmware takes: where its sections are used, where their first values are stored, how far its memories go.

Sizes of memories are those of the Kconfig symbols FLASH_SIZE and SRAM_SIZE, which count KiB.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llext.elf import Section, physical_address, read_segments
from llext.elf import constants as c
from llext.firmware.firmware import Firmware

ADDRESSES = 1 << 32
NEAR = 1 << 20
"""So far from a section memory is taken to go on."""


@dataclass(frozen=True)
class Area:
    """A range of addresses, the end not included, and what is there."""

    name: str
    start: int
    end: int

    def overlaps(self, start: int, end: int) -> bool:
        """Whether it has an address in common with a range."""
        return self.start < end and start < self.end

    def holds(self, start: int, end: int) -> bool:
        """Whether a range is in it as a whole."""
        return self.start <= start and end <= self.end

    def __str__(self) -> str:
        return f"{self.name} ({self.start:#010x} to {self.end - 1:#010x})"


@dataclass(frozen=True)
class AddressMap:
    """The firmware's use of addresses.

    Attributes:
        taken: What nobody else may use: the LLEXT heap, which lies in a section, then sections by address.
        memories: Flash and RAM as far as its configuration tells them.
        malloc: The rest of RAM, if its C library takes all of that.
    """

    taken: tuple[Area, ...]
    memories: tuple[Area, ...]
    malloc: Area | None

    def collision(self, start: int, end: int) -> Area | None:
        """The first area that a range collides with."""
        return next((area for area in self.taken if area.overlaps(start, end)), None)

    def next_free(self, start: int, size: int, alignment: int) -> int:
        """The first address from ``start`` on where so many bytes are free; may lie behind the end of memory."""
        at = -(-start // alignment) * alignment
        while (area := self.collision(at, at + size)) is not None:
            at = -(-area.end // alignment) * alignment
        return at

    def memory(self, start: int, end: int) -> Area | None:
        """The memory that holds a range as a whole, by the configuration."""
        return next((area for area in self.memories if area.holds(start, end)), None)

    def is_near(self, start: int, end: int) -> bool:
        """Whether there is reason to believe that there is memory: a section of the firmware is not far."""
        return any(area.overlaps(start - NEAR, end + NEAR) for area in self.taken)


def address_map(firmware: Firmware) -> AddressMap:
    """Reads it.

    Raises:
        ElfError: its program headers are malformed.
    """
    taken = (*_heap(firmware), *sorted(_sections(firmware), key=lambda area: (area.start, area.end)))
    memories = tuple(_memories(firmware))
    return AddressMap(taken, memories, _malloc(firmware, taken, memories))


def _takes_memory(section: Section) -> bool:
    """.tbss is only a size: no memory at its address."""
    return section.allocated and section.size > 0 and not (section.flags & c.SHF_TLS and section.type == c.SHT_NOBITS)


def _sections(firmware: Firmware) -> Iterator[Area]:
    elf = firmware.image.elf
    segments = read_segments(elf)
    for section in elf.sections:
        if not _takes_memory(section):
            continue
        yield Area(f"section {section.name}", section.address, section.address + section.size)
        stored = physical_address(segments, section.address, section.offset)
        if section.type != c.SHT_NOBITS and stored != section.address:
            yield Area(f"first values of section {section.name}", stored, stored + section.size)


def _heap(firmware: Firmware) -> Iterator[Area]:
    heap = firmware.heap
    if heap is not None and heap.known:
        yield Area("LLEXT heap", heap.value.address, heap.value.address + heap.value.size)


def _memories(firmware: Firmware) -> Iterator[Area]:
    for name, words in (("FLASH", "flash"), ("SRAM", "RAM")):
        base, size = (firmware.image.option(f"{name}_{what}") for what in ("BASE_ADDRESS", "SIZE"))
        if size.known and size.value:
            yield Area(words, base.value, base.value + size.value * 1024)


_REST = 0xFFFFFFFF
"""CONFIG_COMMON_LIBC_MALLOC_ARENA_SIZE=-1: all that is left of RAM (Zephyr's documentation, "Common C library code")."""


def _malloc(firmware: Firmware, taken: Sequence[Area], memories: Sequence[Area]) -> Area | None:
    ram = next((area for area in memories if area.name == "RAM"), None)
    if ram is None or firmware.image.option("COMMON_LIBC_MALLOC_ARENA_SIZE").value & _REST != _REST:
        return None
    end = max((area.end for area in taken if ram.holds(area.start, area.end)), default=ram.start)
    return Area("malloc's memory", end, ram.end) if end < ram.end else None
