"""An object without what no loader maps: debug sections, unwind tables, notes; sections in the order of their regions.

Compilers interleave constants, code and data as they come, and stock Zephyr copies the range from a region's first section
to its last; in this order no range overlaps another.
"""

from __future__ import annotations

from llext.elf import ElfFile, ElfSymbol, ElfWriter, Section
from llext.elf import constants as c
from llext.link import kind_of

_PROCESSOR = 0x70000000
"""First processor-specific section type: build attributes are kept (gABI, figure 4-9)."""


def stripped(data: bytes) -> bytes:
    """The same object with only what is loaded, its symbols and its relocations."""
    elf = ElfFile.parse(data, "object")
    writer = ElfWriter(elf.header.machine, bits=elf.header.bits, flags=elf.header.flags)
    sections = {section.index: _copy(writer, elf, section) for section in _in_order(elf)}
    used = {entry.symbol for table in _tables(elf, sections) for entry in elf.relocations(table)}
    numbers = {symbol.index: _add(writer, symbol, sections) for symbol in elf.symbols[1:] if _kept(symbol, sections, used)}
    for table in _tables(elf, sections):
        entries = elf.relocations(table)
        rows = [(entry.offset, entry.type, numbers.get(entry.symbol, 0)) for entry in entries]
        addends = [entry.addend or 0 for entry in entries] if table.type == c.SHT_RELA else None
        writer.relocate(sections[table.info], rows, addends=addends)
    return writer.build()


def _in_order(elf: ElfFile) -> list[Section]:
    """Loaded sections by region, then build attributes."""
    loaded = [(kind, section) for section in elf.sections if (kind := kind_of(section)) is not None]
    others = [section for section in elf.sections if section.type >= _PROCESSOR and not section.allocated]
    return [section for _, section in sorted(loaded, key=lambda pair: (pair[0], pair[1].index))] + others


def _copy(writer: ElfWriter, elf: ElfFile, section: Section) -> int:
    size = section.size if section.type == c.SHT_NOBITS else None
    return writer.section(
        section.name, elf.contents(section), type_=section.type, flags=section.flags & ~c.SHF_GROUP,
        alignment=section.alignment, size=size, entry_size=section.entry_size,
    )  # fmt: skip


def _tables(elf: ElfFile, sections: dict[int, int]) -> list[Section]:
    return [table for table in elf.relocation_sections if table.info in sections and table.size]


def _kept(symbol: ElfSymbol, sections: dict[int, int], used: set[int]) -> bool:
    """Globals that are defined in what is kept or used by it, locals only if relocations name them."""
    if symbol.index in used:
        return True
    here = symbol.section in sections or symbol.section in (c.SHN_ABS, c.SHN_COMMON)
    return symbol.binding != c.STB_LOCAL and here


def _add(writer: ElfWriter, symbol: ElfSymbol, sections: dict[int, int]) -> int:
    section = sections.get(symbol.section, symbol.section)
    name = "" if symbol.type == c.STT_SECTION else symbol.name
    return writer.symbol(
        name, section, symbol.value, size=symbol.size, binding=symbol.binding, type_=symbol.type
    )  # fmt: skip
