"""What of a joined object can be linked before anybody knows where it will lie, and which of its names are offered.

A call from the text to the text is the same wherever the text lies. Nearly all relocations of a library are such calls;
done here, they cost nothing each time a board is powered on.
"""

from __future__ import annotations

from collections.abc import Collection

from llext.arch import Arch, Operand
from llext.elf import ElfFile, ElfSymbol, ElfWriter, Relocation, Section
from llext.elf import constants as c
from llext.link import kind_of

_PROCESSOR = 0x70000000
"""First processor-specific section type: build attributes are kept (gABI, figure 4-9)."""


def settled(data: bytes, arch: Arch, offered: Collection[str]) -> bytes:
    """The same object with its inner calls linked.

    Args:
        data: A joined object.
        arch: Its instruction set.
        offered: Names that stay global. Others stay only if a relocation needs them, and are weak.
    """
    elf = ElfFile.parse(data, "joined")
    kept = [section for section in elf.sections if kind_of(section) is not None or section.type >= _PROCESSOR]
    contents = {section.index: bytearray(elf.contents(section)) for section in kept}
    tables = [table for table in elf.relocation_sections if table.info in contents]
    rest = {
        table.info: [entry for entry in elf.relocations(table) if not _settle(elf, arch, table.info, entry, contents[table.info])]
        for table in tables
    }
    writer = ElfWriter(elf.header.machine, flags=elf.header.flags)
    sections = {section.index: _add(writer, section, contents[section.index]) for section in kept}
    used = {entry.symbol for entries in rest.values() for entry in entries}
    symbols = [symbol for symbol in elf.symbols[1:] if symbol.index in used or _is_offered(symbol, offered)]
    numbers = {symbol.index: _name(writer, symbol, sections, offered) for symbol in symbols}
    for table in tables:
        rows = [(entry.offset, entry.type, numbers.get(entry.symbol, 0)) for entry in rest[table.info]]
        addends = [entry.addend or 0 for entry in rest[table.info]] if table.type == c.SHT_RELA else None
        if rows:
            writer.relocate(sections[table.info], rows, addends=addends)
    return writer.build()


def _settle(elf: ElfFile, arch: Arch, section: int, entry: Relocation, data: bytearray) -> bool:
    """Links a call within a section; tells whether the relocation was one."""
    symbol, reloc = elf.symbols[entry.symbol], arch.relocations.get(entry.type)
    if symbol.section != section or reloc is None or reloc.operand is not Operand.SYMBOL:
        return False
    if reloc.veneer is None and reloc.second is None:  # no call
        return False
    at, field = entry.offset, reloc.field
    word = int.from_bytes(data[at : at + field.size], "little")
    addend = field.addend(word) if entry.addend is None else entry.addend
    t = symbol.value & arch.code_symbol_bit if symbol.type == c.STT_FUNC else 0
    value = reloc.value(symbol.value - t, addend, at, t)
    assert field.store is None and reloc.veneer_reaches(value)  # noqa: S101, PT018 - a library is small
    for part in (field, reloc.second):
        if part is not None:
            word = int.from_bytes(data[at : at + part.size], "little")
            data[at : at + part.size] = (part.insert(word, value) & (1 << 8 * part.size) - 1).to_bytes(part.size, "little")
            at += part.size
    return True


def _add(writer: ElfWriter, section: Section, data: bytearray) -> int:
    size = section.size if section.type == c.SHT_NOBITS else None
    return writer.section(
        section.name, data, type_=section.type, flags=section.flags, alignment=section.alignment, size=size
    )  # fmt: skip


def _is_offered(symbol: ElfSymbol, offered: Collection[str]) -> bool:
    return symbol.binding != c.STB_LOCAL and not symbol.undefined and symbol.name in offered


def _name(writer: ElfWriter, symbol: ElfSymbol, sections: dict[int, int], offered: Collection[str]) -> int:
    section = sections.get(symbol.section, symbol.section)
    binding = symbol.binding
    if binding != c.STB_LOCAL and not symbol.undefined:
        binding = c.STB_GLOBAL if symbol.name in offered else c.STB_WEAK
    name = "" if symbol.type == c.STT_SECTION else symbol.name
    return writer.symbol(name, section, symbol.value, size=symbol.size, binding=binding, type_=symbol.type)
