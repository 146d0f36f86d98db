"""What the linker adds to an extension that its file does not hold: a global offset table, veneers.

A slot of the table holds the address of a symbol, or the offset of a thread-local one from the thread pointer; the
table stands behind the constants, because nothing changes once it is filled. A veneer is a jump to anywhere, for branches
to symbols outside the text that may turn out to be too far away; veneers stand behind the text that needs them, one for
each target. Who needs what is known before anything has an address, so that the heap is asked for all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from llext.arch import Arch, Operand, Reloc
from llext.elf import ElfFile
from llext.link.regions import RegionKind

GOT_SYMBOL = "_GLOBAL_OFFSET_TABLE_"
"""What position-independent code calls the start of the table (AAELF32 5.6.1.1)."""
SLOT_BYTES = 4

_SLOTS = {Operand.GOT: False, Operand.THREAD_GOT: True}


@dataclass(frozen=True)
class Annex:
    """A piece of a region that the linker fills.

    Attributes:
        kind: The region it stands in.
        offset: Where it begins there, in bytes.
        size: Its bytes.
        slots: Symbol index, and whether its thread offset is meant -> offset of the slot from the annex's start.
    """

    kind: RegionKind
    offset: int
    size: int
    slots: Mapping[tuple[int, bool], int]


@dataclass
class Needs:
    """What relocations ask for, collected while they are read."""

    got: bool = False
    slots: dict[tuple[int, bool], None] = field(default_factory=dict)
    branches: dict[tuple[int, bool], None] = field(default_factory=dict)

    def note(self, reloc: Reloc, symbol: int, *, leaves_text: bool) -> None:
        """One use of a symbol by a relocation type."""
        if reloc.veneer is not None and leaves_text:
            self.branches[symbol, False] = None
        if reloc.operand in _SLOTS:
            self.slots[symbol, _SLOTS[reloc.operand]] = None
        self.got |= reloc.from_got or reloc.operand in _SLOTS or reloc.operand is Operand.GOT_ORIGIN

    def got_at(self, size: int) -> Annex | None:
        """The table, behind ``size`` bytes of constants; slots in the order of the symbol table, as linkers do."""
        if not self.got:
            return None
        return _annex(RegionKind.RODATA, size, SLOT_BYTES, sorted(self.slots))

    def veneers_at(self, size: int, arch: Arch, elf: ElfFile) -> Annex | None:
        """The veneers, behind ``size`` bytes of text."""
        return _annex(RegionKind.TEXT, size, arch.veneer(elf).size, self.branches) if self.branches else None


def _annex(kind: RegionKind, behind: int, slot: int, keys: Iterable[tuple[int, bool]]) -> Annex:
    slots = {key: number * slot for number, key in enumerate(keys)}
    return Annex(kind, -(-behind // 4) * 4, len(slots) * slot, slots)
