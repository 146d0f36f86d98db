"""The regions of an extension, and the region that a section belongs to: Zephyr's mapping."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from llext.elf import Section
from llext.elf import constants as c


class RegionKind(IntEnum):
    """Zephyr's enum llext_mem without options, in its order."""

    TEXT = 0
    DATA = 1
    RODATA = 2
    BSS = 3
    EXPORT = 4
    SYMTAB = 5
    STRTAB = 6
    SHSTRTAB = 7
    PREINIT = 8
    INIT = 9
    FINI = 10


@dataclass(frozen=True)
class Detached:
    """A section that stays where the file has it, instead of in the region that it belongs to (section_detached)."""

    kind: RegionKind
    index: int

    @property
    def name(self) -> str:
        """Of the region that it belongs to."""
        return self.kind.name


Home = RegionKind | Detached
"""Where a section lies: in a region, or for itself."""
DETACHABLE = (RegionKind.TEXT, RegionKind.DATA, RegionKind.RODATA)
"""Regions of what the file has bytes of, tables and arrays aside."""

TABLES = (RegionKind.SYMTAB, RegionKind.STRTAB, RegionKind.SHSTRTAB)
"""Symbols and names: what only loaders and debuggers look into."""

ARRAYS = {
    c.SHT_PREINIT_ARRAY: RegionKind.PREINIT,
    c.SHT_INIT_ARRAY: RegionKind.INIT,
    c.SHT_FINI_ARRAY: RegionKind.FINI,
}
"""Section type -> the region of its array of function pointers."""


def permission_of(kind: RegionKind) -> str:
    """What a region's memory may be used for: ``rx``, ``r`` or ``rw``."""
    return {RegionKind.TEXT: "rx", RegionKind.RODATA: "r"}.get(kind, "rw")


def kind_of(section: Section) -> RegionKind | None:
    """The region that a section belongs to by name, type and flags; None if it is not loaded."""
    if not section.flags & c.SHF_ALLOC or not section.size:
        return None
    if section.name == ".exported_sym" and section.type != c.SHT_NOBITS:
        return RegionKind.EXPORT
    if section.type == c.SHT_NOBITS:
        return RegionKind.BSS
    if section.type == c.SHT_PROGBITS:
        if section.flags & c.SHF_EXECINSTR:
            return RegionKind.TEXT
        return RegionKind.DATA if section.flags & c.SHF_WRITE else RegionKind.RODATA
    return ARRAYS.get(section.type)


def up(value: int, alignment: int) -> int:
    """The next multiple of an alignment; 0 and 1 ask for none."""
    return -(-value // alignment) * alignment if alignment > 1 else value
