"""What the linker adds to an extension that its file does not hold: a global offset table, veneers.

A slot of the table holds the address of a symbol, or the offset of a thread-local one from the thread pointer; the
table stands behind the constants, because nothing changes once it is filled. A veneer is a jump to anywhere, for branches
that may turn out to be too far from where they go; ``veneers`` has where they stand. Who needs what is known before
anything has an address, so that the heap is asked for all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from llext.arch import Operand, Reloc
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
        slots: Symbol index and, in a table, whether its thread offset is meant, or, among veneers, the branch's addend ->
            offset of the slot from the annex's start.
    """

    kind: RegionKind
    offset: int
    size: int
    slots: Mapping[tuple[int, int], int]


@dataclass
class Needs:
    """What relocations ask for, collected while they are read."""

    got: bool = False
    base: bool = False
    """Whether code asks where the table is; if none does, it takes that from a register."""
    slots: dict[tuple[int, bool], None] = field(default_factory=dict)

    def note(self, reloc: Reloc, symbol: int) -> None:
        """One use of a symbol by a relocation type."""
        if reloc.operand in _SLOTS:
            self.slots[symbol, _SLOTS[reloc.operand]] = None
        self.base |= reloc.operand is Operand.GOT_ORIGIN
        self.got |= reloc.from_got or reloc.operand in _SLOTS or reloc.operand is Operand.GOT_ORIGIN

    def got_at(self, size: int) -> Annex | None:
        """The table, behind ``size`` bytes of constants; slots in the order of the symbol table, as linkers do."""
        if not self.got:
            return None
        return annex(RegionKind.RODATA, size, SLOT_BYTES, sorted(self.slots))


def annex(kind: RegionKind, behind: int, slot: int, keys: Iterable[tuple[int, int]]) -> Annex:
    """An annex with a slot of so many bytes for each key, at the next word behind so many bytes of a region."""
    slots = {key: number * slot for number, key in enumerate(keys)}
    return Annex(kind, -(-behind // 4) * 4, len(slots) * slot, slots)
