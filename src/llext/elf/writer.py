"""Writes ELF files section by section (System V gABI, chapter 4).

For what no compiler writes: odd but valid inputs of tests, and files that tools of ours put together. Sections are
laid out in the order in which they were added, each at its own alignment, those of a segment as far apart as their
addresses; the tables follow.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llext.elf import constants as c
from llext.elf.reader import Buffer, layout_of
from llext.elf.segments import program_header


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


@dataclass
class _Segment:
    sections: Sequence[int]
    flags: int
    physical: int
    alignment: int


class ElfWriter:
    """Collects sections, segments, symbols and relocations; ``build`` gives the file.

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
        self._segments: list[_Segment] = []
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

    def segment(self, sections: Sequence[int], *, flags: int, physical: int, alignment: int) -> None:
        """Adds a PT_LOAD program header, of a 32-bit file, for sections that lie one behind the other.

        Args:
            sections: Their indexes, in the order of their addresses, those without bytes last.
            flags: PF_ bits.
            physical: Where the bytes are stored (p_paddr).
            alignment: p_align: addresses and file offsets agree modulo this.
        """
        self._segments.append(_Segment(sections, flags, physical, max(1, alignment)))

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
        size, record = 16 + self.layout.header.size, self._program_header
        body = bytearray(size + len(self._segments) * record.size)
        rows: list[tuple[int, ...]] = []
        for index, section in enumerate(sections):
            self._pad(index, section, body, rows)
            rows.append(self._place(section, body, names))
        body += bytes(-len(body) % 8)
        table = len(body)
        for row in rows:
            body += self.layout.section.pack(*row)
        machine, type_, bits, little, flags = self._identity
        body[size : size + len(self._segments) * record.size] = b"".join(self._segment(each, rows) for each in self._segments)
        body[:size] = (c.MAGIC + bytes([1 if bits == 32 else 2, 1 if little else 2, 1]) + bytes(9)) + self.layout.header.pack(
            type_, machine, 1, 0, size if self._segments else 0, table, flags, size, record.size if self._segments else 0,
            len(self._segments), self.layout.section.size, len(rows), len(rows) - 1,
        )  # fmt: skip
        return bytes(body)

    @property
    def _program_header(self) -> struct.Struct:
        return program_header(self._identity[2], little_endian=self._identity[3])

    def _segment(self, segment: _Segment, rows: list[tuple[int, ...]]) -> bytes:
        first, last = segment.sections[0], segment.sections[-1]
        address, offset = self._sections[first].address, rows[first][4]
        size = self._sections[last].address + self._sections[last].size - address
        filled = [self._sections[index] for index in segment.sections if self._sections[index].type != c.SHT_NOBITS]
        stored = filled[-1].address + filled[-1].size - address if filled else 0
        return self._program_header.pack(
            c.PT_LOAD, offset, address, segment.physical, stored, size, segment.flags, segment.alignment
        )

    def _pad(self, index: int, section: _Section, body: bytearray, rows: list[tuple[int, ...]]) -> None:
        """Leaves room in front of a section: up to its alignment, or as much as lies between it and its segment's start."""
        segment = next((each for each in self._segments if index in each.sections), None)
        if section.type == c.SHT_NULL:
            return
        if segment is None:
            body += bytes(-len(body) % max(1, section.alignment))
        elif index == segment.sections[0]:
            body += bytes((section.address - len(body)) % segment.alignment)
        elif section.type != c.SHT_NOBITS:
            first = segment.sections[0]
            body += bytes(rows[first][4] + section.address - self._sections[first].address - len(body))

    def _place(self, section: _Section, body: bytearray, names: StringTable) -> tuple[int, ...]:
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
