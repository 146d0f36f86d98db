"""Writes ELF files section by section (System V gABI, chapter 4).

For what no compiler writes: odd but valid inputs of tests, and files that tools of ours put together. Sections are
laid out in the order in which they were added, each at its own alignment; the tables follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from llext.elf import constants as c
from llext.elf.reader import Buffer, layout_of


class StringTable:
    """A string table under construction; offset 0 is the empty string."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")
        self._offsets: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        """Offset of ``text`` in the table."""
        if text not in self._offsets:
            self._offsets[text] = len(self.data)
            self.data += text.encode() + b"\0"
        return self._offsets[text]


@dataclass
class _Section:
    name: str
    type: int
    flags: int
    data: Buffer
    size: int
    alignment: int
    link: int = 0
    info: int = 0
    entry_size: int = 0
    address: int = 0


class ElfWriter:
    """Collects sections, symbols and relocations; ``build`` gives the file.

    Args:
        machine: e_machine.
        type_: e_type, ET_REL unless said otherwise.
        bits: 32 or 64.
        little_endian: Byte order.
        flags: e_flags.
    """

    def __init__(
        self, machine: int, type_: int = c.ET_REL, *, bits: int = 32, little_endian: bool = True, flags: int = 0
    ) -> None:
        self.layout = layout_of(bits, little_endian=little_endian)
        self._identity = (machine, type_, bits, little_endian, flags)
        self._sections = [_Section("", c.SHT_NULL, 0, b"", 0, 0)]
        self._symbols: list[tuple[str, int, int, int, int, int]] = [("", 0, 0, 0, 0, 0)]
        self._relocations: list[tuple[int, bool, list[tuple[int, int, int, int | None]]]] = []

    def section(
        self,
        name: str,
        data: Buffer = b"",
        *,
        type_: int = c.SHT_PROGBITS,
        flags: int = c.SHF_ALLOC,
        alignment: int = 4,
        size: int | None = None,
        entry_size: int = 0,
        address: int = 0,
    ) -> int:
        """Adds a section and returns its index. ``size`` is for SHT_NOBITS, which has no data."""
        length = len(data) if size is None else size
        self._sections.append(_Section(name, type_, flags, data, length, alignment, 0, 0, entry_size, address))
        return len(self._sections) - 1

    def symbol(
        self,
        name: str,
        section: int = c.SHN_UNDEF,
        value: int = 0,
        *,
        size: int = 0,
        binding: int = c.STB_GLOBAL,
        type_: int = c.STT_NOTYPE,
    ) -> int:
        """Adds a symbol and returns its index. Local symbols must be added before all others (gABI, sh_info)."""
        self._symbols.append((name, value, size, binding, type_, section))
        return len(self._symbols) - 1

    def relocate(self, target: int, entries: Iterable[tuple[int, int, int]], *, addends: Iterable[int] | None = None) -> None:
        """Adds a relocation section for ``target``: entries of (offset, type, symbol), SHT_RELA if addends are given."""
        rows = list(entries)
        extra: list[int | None] = [None] * len(rows) if addends is None else list(addends)
        self._relocations.append((target, addends is not None, [(*row, add) for row, add in zip(rows, extra, strict=True)]))

    def build(self) -> bytes:
        """The file's bytes."""
        sections = [*self._sections, *self._tables()]
        names = StringTable()
        sections.append(_Section(".shstrtab", c.SHT_STRTAB, 0, b"", 0, 1))
        for section in sections:
            names.add(section.name)
        sections[-1].data, sections[-1].size = bytes(names.data), len(names.data)
        body = bytearray(16 + self.layout.header.size)
        rows = [self._place(section, body, names) for section in sections]
        body += bytes(-len(body) % 8)
        table = len(body)
        for row in rows:
            body += self.layout.section.pack(*row)
        machine, type_, bits, little, flags = self._identity
        size = 16 + self.layout.header.size
        body[:size] = (c.MAGIC + bytes([1 if bits == 32 else 2, 1 if little else 2, 1]) + bytes(9)) + self.layout.header.pack(
            type_, machine, 1, 0, 0, table, flags, size, 0, 0, self.layout.section.size, len(rows), len(rows) - 1
        )
        return bytes(body)

    def _place(self, section: _Section, body: bytearray, names: StringTable) -> tuple[int, ...]:
        if section.type != c.SHT_NULL:
            body += bytes(-len(body) % max(1, section.alignment))
        offset = len(body) if section.type != c.SHT_NULL else 0
        if section.type != c.SHT_NOBITS:
            body += section.data
        return (
            names.add(section.name),
            section.type,
            section.flags,
            section.address,
            offset,
            section.size,
            section.link,
            section.info,
            section.alignment,
            section.entry_size,
        )

    def _tables(self) -> list[_Section]:
        first = len(self._sections) + len(self._relocations)
        strings = StringTable()
        symbols = b"".join(self._symbol(row, strings) for row in self._symbols)
        locals_ = sum(1 for row in self._symbols if row[3] == c.STB_LOCAL)
        tables = [self._relocation_section(entry, first) for entry in self._relocations]
        tables.append(
            _Section(".symtab", c.SHT_SYMTAB, 0, symbols, len(symbols), 4, first + 1, locals_, self.layout.symbol.size)
        )
        tables.append(_Section(".strtab", c.SHT_STRTAB, 0, bytes(strings.data), len(strings.data), 1))
        return tables

    def _symbol(self, row: tuple[str, int, int, int, int, int], strings: StringTable) -> bytes:
        name, value, size, binding, type_, section = row
        info = binding << 4 | type_
        if self._identity[2] == 32:
            return self.layout.symbol.pack(strings.add(name), value, size, info, 0, section)
        return self.layout.symbol.pack(strings.add(name), info, 0, section, value, size)

    def _relocation_section(
        self, entry: tuple[int, bool, list[tuple[int, int, int, int | None]]], symbol_table: int
    ) -> _Section:
        target, with_addends, rows = entry
        record = self.layout.rela if with_addends else self.layout.rel
        shift = 8 if self._identity[2] == 32 else 32
        data = b"".join(
            record.pack(offset, symbol << shift | type_, *((addend,) if with_addends else ()))
            for offset, type_, symbol, addend in rows
        )
        prefix = ".rela" if with_addends else ".rel"
        name = prefix + self._sections[target].name
        return _Section(
            name, c.SHT_RELA if with_addends else c.SHT_REL, 0x40, data, len(data), 4, symbol_table, target, record.size
        )
