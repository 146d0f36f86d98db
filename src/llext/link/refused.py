"""What stock Zephyr says of a file that our own reader, or our plan, refuses as malformed.

A stock loader believes what it reads, so that its answer may be another one: a number for the same thing, a wild access,
or none at all. The file is read here as a 32-bit little-endian loader reads it, whatever its identification says, up
to the point from which on nothing can be read.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from llext.arch import arch_of_machine
from llext.elf import constants as c
from llext.elf.reader import Layout, layout_of
from llext.link.checks import Check
from llext.link.draft import JOIN_HINT, listed
from llext.link.notes import Note, Notes
from llext.link.regions import ARRAYS
from llext.link.rules import StockRules

_COPY_HINT = "copy the file again, and compare its size: it is cut short or damaged"
_BUILD_HINT = "an extension is a relocatable file (ET_REL): 'llext build a.c -o a.llext', or 'ld -r'"
_HEADER_BYTES = 52


@dataclass(frozen=True)
class _Row:
    """One section header, unchecked."""

    index: int
    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int

    @property
    def in_file(self) -> int:
        """Bytes that it claims to have in the file."""
        return 0 if self.type == c.SHT_NOBITS else self.size

    @property
    def mapped(self) -> bool:
        """Whether a stock loader gives it to a region, its name aside."""
        known = (c.SHT_PROGBITS, c.SHT_NOBITS, *ARRAYS)
        return bool(self.type in known and self.flags & c.SHF_ALLOC and self.size)


@dataclass
class _File:
    """A file as a stock loader sees it."""

    data: bytes
    notes: Notes
    layout: Layout
    type: int
    machine: int
    names: int
    rows: list[_Row]

    def note(self, check: Check, reason: str, hint: str = JOIN_HINT) -> None:
        self.notes.add(check, reason, hint)

    def of_type(self, *types: int) -> Iterator[_Row]:
        return (row for row in self.rows if row.type in types)

    @cached_property
    def symbols(self) -> _Row | None:
        """The symbol table that it uses."""
        wanted = c.SHT_SYMTAB if self.type == c.ET_REL else c.SHT_DYNSYM
        return next(self.of_type(wanted), None)

    def records(self, row: _Row, size: int) -> memoryview:
        """The bytes of a table that are there, in whole entries."""
        room = min(row.size, max(0, len(self.data) - row.offset))
        return memoryview(self.data)[row.offset : row.offset + room // size * size]


def refused_notes(data: bytes, rules: StockRules) -> tuple[Note, ...]:
    """Every objection of a version to a file that we refuse, the one it answers with first."""
    machine = int.from_bytes(data[18:20], "little")
    notes = Notes(rules, arch_of_machine(machine))
    if not data.startswith(c.MAGIC) or len(data) < _HEADER_BYTES:
        notes.add(Check.MAGIC, "it is no ELF file: it does not begin with 7f 45 4c 46, or ends within the header", _BUILD_HINT)
        return notes.in_order()
    file = _open(data, notes)
    if file is not None:
        for check in _CHECKS:
            check(file)
    return notes.in_order()


def _open(data: bytes, notes: Notes) -> _File | None:
    """The file with its section headers; None where a stock loader comes no further."""
    layout = layout_of(32)
    type_, machine, _, _, _, start, _, _, _, _, size, count, names = layout.header.unpack_from(data, 16)
    if type_ not in (c.ET_REL, c.ET_DYN):
        notes.add(Check.FILE_TYPE, f"it is of type {c.TYPE_NAMES.get(type_, type_)}, neither ET_REL nor ET_DYN", _BUILD_HINT)
        return None
    if size != layout.section.size:
        notes.add(Check.SECTION_HEADER_SIZE, f"its section headers have {size} bytes, not {layout.section.size}", _COPY_HINT)
        return None
    if not count:
        notes.add(Check.NO_SECTIONS, "it has no section headers, and a table of none is asked of the heap", _BUILD_HINT)
        return None
    end = start + size * count
    if end > len(data):
        reason = f"its section headers end at offset {end:#x}, and the file at {len(data):#x}"
        notes.add(Check.SECTION_HEADERS_OUTSIDE, reason, _COPY_HINT)
        return None
    rows = [_Row(index, *raw) for index, raw in enumerate(layout.section.iter_unpack(data[start:end]))]
    return _File(data, notes, layout, type_, machine, names, rows)


# Tables -----------------------------------------------------------------------------------------------------------------


def _tables(file: _File) -> None:
    strings = [row for row in file.of_type(c.SHT_STRTAB) if row.index != file.names]
    if file.type == c.ET_REL and not file.symbols and next(file.of_type(c.SHT_DYNSYM), None):
        file.note(Check.DYNAMIC_SYMBOLS, "a relocatable file needs SHT_SYMTAB, and has a dynamic symbol table only")
    elif not file.symbols:
        file.note(Check.MISSING_TABLE, "it has no symbol table", "strip less: 'strip -g' keeps what relocations need")
    elif not any(row.type == c.SHT_STRTAB and row.index == file.names for row in file.rows):
        file.note(Check.MISSING_TABLE, f"section {file.names}, which e_shstrndx names, holds no names", _COPY_HINT)
    elif not strings:
        file.note(Check.MISSING_TABLE, "it has no table with the names of its symbols", "strip less: 'strip -g' keeps it")
    elif file.symbols.link not in [row.index for row in strings]:
        reason = f"its symbol table says that its names are in section {file.symbols.link}, which holds none"
        file.note(Check.STRING_TABLE_LINK, reason, _COPY_HINT)
    if len(strings) > 1:
        file.note(Check.SEVERAL_STRING_TABLES, f"{len(strings)} string tables: it does not know whose names are in which")


def _symbol_table(file: _File) -> None:
    table, size = file.symbols, file.layout.symbol.size
    if table and table.entry_size != size:
        file.note(Check.SYMBOL_ENTRY_SIZE, f"its symbol table has entries of {table.entry_size} bytes, not {size}", _COPY_HINT)
    elif table and table.size % size:
        file.note(Check.SYMBOL_TABLE_SIZE, f"its symbol table has {table.size} bytes, no multiple of {size}", _COPY_HINT)


def _section_names(file: _File) -> None:
    size = file.rows[file.names].size if file.names < len(file.rows) else 0
    wrong = [row for row in file.rows if row.name >= size]
    if size and wrong:
        reason = f"the name of section {wrong[0].index} is at {wrong[0].name:#x} of {size:#x} bytes"
        file.note(Check.SECTION_NAME, reason, _COPY_HINT)


# Sections ---------------------------------------------------------------------------------------------------------------


def _sections(file: _File) -> None:
    for row in file.rows:
        if row.mapped and row.type in ARRAYS and (row.entry_size != 4 or row.size % 4):
            reason = (
                f"section {row.index} is an array of {row.size} bytes in entries of {row.entry_size}, not of 4-byte pointers"
            )
            file.note(Check.ARRAY_ENTRY, reason)
        if row.mapped and row.alignment & (row.alignment - 1):
            reason = f"section {row.index} asks for an alignment of {row.alignment}, which is no power of two"
            file.note(Check.ALIGNMENT_POWER, reason)
        if (row.mapped or row is file.symbols) and row.offset + row.in_file > len(file.data):
            reason = f"section {row.index} ends at offset {row.offset + row.size:#x} of a file of {len(file.data):#x} bytes"
            file.note(Check.NOT_IN_FILE, f"{reason}: what the heap held before takes the place of the rest", _COPY_HINT)
        if row.type in (c.SHT_REL, c.SHT_RELA) and row.info >= len(file.rows):
            reason = f"section {row.index} relocates section {row.info}, and there are {len(file.rows)}"
            file.note(Check.RELOCATION_TARGET, reason, _COPY_HINT)


# Symbols and relocations ------------------------------------------------------------------------------------------------


def _symbols(file: _File) -> None:
    table = file.symbols
    strings = file.rows[table.link] if table and table.link < len(file.rows) else None
    if table is None:
        return
    for index, raw in enumerate(file.layout.symbol.iter_unpack(file.records(table, file.layout.symbol.size))):
        name, _value, _size, info, _other, section = raw
        if strings is not None and index and name >= strings.size:
            file.note(Check.SYMBOL_NAME, f"the name of symbol {index} is at {name:#x} of {strings.size:#x} bytes", _COPY_HINT)
        if (
            len(file.rows) <= section < c.SHN_LORESERVE
            and info >> 4 == c.STB_GLOBAL
            and info & 15 in (c.STT_OBJECT, c.STT_FUNC)
        ):
            reason = f"symbol {index} is in section {section}, and there are {len(file.rows)}"
            file.note(Check.SYMBOL_SECTION, reason, _COPY_HINT)


def _relocations(file: _File) -> None:
    arch = arch_of_machine(file.machine)
    unknown: set[int] = set()
    for row in file.of_type(c.SHT_REL, c.SHT_RELA):
        record = file.layout.rel if row.type == c.SHT_REL else file.layout.rela
        if row.entry_size != record.size or row.size % record.size:
            reason = f"section {row.index} has {row.size} bytes in entries of {row.entry_size}; an entry is {record.size} bytes"
            file.note(Check.RELOCATION_ENTRY, reason)
        elif row.info < len(file.rows) and file.rows[row.info].mapped:
            entries = list(record.iter_unpack(file.records(row, record.size)))
            unknown |= {info & 0xFF for _, info, *_ in entries}
            _relocation_symbols(file, row, [info >> 8 for _, info, *_ in entries])
    if arch is not None and unknown - arch.stock_relocations:
        names = listed([arch.relocation_name(number) for number in sorted(unknown - arch.stock_relocations)])
        file.note(Check.RELOCATION_TYPE, f"it has relocations that its loader does not know: {names}")


def _relocation_symbols(file: _File, row: _Row, used: list[int]) -> None:
    count = file.symbols.size // file.layout.symbol.size if file.symbols else 0
    if count and max(used, default=0) >= count:
        reason = f"section {row.index} uses symbol {max(used)}, and there are {count}"
        file.note(Check.RELOCATION_SYMBOL, reason, _COPY_HINT)


# Shared objects ---------------------------------------------------------------------------------------------------------

_SHARED_HINT = "build a relocatable file: 'llext build'"


def _image(file: _File) -> None:
    """A shared object has its addresses already; regions must be able to keep the distances between them."""
    if file.type != c.ET_DYN:
        return
    regions: dict[object, list[_Row]] = {}
    for row in file.rows:
        if row.mapped:
            access = row.flags & (c.SHF_EXECINSTR | (0 if row.flags & c.SHF_EXECINSTR else c.SHF_WRITE))
            regions.setdefault((row.type, access if row.type == c.SHT_PROGBITS else 0), []).append(row)
    for members in regions.values():
        first = members[0]
        if any(row.address - first.address != row.offset - first.offset for row in members):
            reason = "sections of one region are at other distances in memory than in the file"
            file.note(Check.IMAGE_ADDRESSES, reason, _SHARED_HINT)
        pad = min(row.offset for row in members) % max(1, *(row.alignment for row in members))
        if pad > min(row.address for row in members):
            reason = f"a region's file offset asks for {pad} bytes in front of an address that has fewer below it"
            file.note(Check.IMAGE_ALIGNMENT, reason, _SHARED_HINT)
    _image_overlap(file, list(regions.values()))
    if any(row.type in (c.SHT_REL, c.SHT_RELA) and not row.info for row in file.rows):
        reason = "its dynamic relocations name no section: they are left out, and every address in its data is wrong"
        file.note(Check.IMAGE_RELOCATIONS, reason, _SHARED_HINT)


def _image_overlap(file: _File, regions: list[list[_Row]]) -> None:
    spans = sorted((min(r.address for r in rows), max(r.address + r.size for r in rows)) for rows in regions)
    if any(second[0] < first[1] for first, second in itertools.pairwise(spans)):
        file.note(Check.IMAGE_OVERLAP, "the addresses of its regions overlap", _SHARED_HINT)


_CHECKS: tuple[Callable[[_File], None], ...] = (
    _tables, _symbol_table, _section_names, _sections, _symbols, _relocations, _image,
)  # fmt: skip
