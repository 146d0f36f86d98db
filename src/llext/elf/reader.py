"""A checked, read-only view of one ELF file (System V gABI, chapter 4).

Every offset, index and size that a file gives is checked here, once; what lies above never looks outside the bytes.
Symbols and relocations stay packed until somebody asks for them. A file may come whole (``ElfFile.parse``) or in the
pieces that a loader asked its source for (``ElfFile.assemble``).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from llext.elf import constants as c
from llext.elf import lines
from llext.errors import ElfError

Buffer = bytes | bytearray | memoryview

NAME_SHARE, NAME_BYTES = 16, 256
"""All names that are decoded are at most so many times their table, and so many bytes for each that is asked for."""

HEADER_BYTES = 64
"""Bytes that are enough to read the header of either class (52 for 32 bit, 64 for 64 bit)."""


@dataclass(frozen=True)
class Layout:
    """The record formats of one class and byte order."""

    header: struct.Struct
    section: struct.Struct
    symbol: struct.Struct
    rel: struct.Struct
    rela: struct.Struct


@lru_cache(maxsize=4)
def layout_of(bits: int, *, little_endian: bool = True) -> Layout:
    """The record formats of a class; symbols of 64-bit files have their members in another order (gABI fig. 4-16)."""
    order = "<" if little_endian else ">"
    formats = (
        ("HHIIIIIHHHHHH", "10I", "IIIBBH", "II", "IIi")
        if bits == 32
        else ("HHIQQQIHHHHHH", "IIQQQQIIQQ", "IBBHQQ", "QQ", "QQq")
    )
    return Layout(*(struct.Struct(order + text) for text in formats))


@dataclass(frozen=True)
class Header:
    """What the ELF header says; offsets are file offsets in bytes. ``raw`` is the header as it stands in the file."""

    bits: int
    little_endian: bool
    type: int
    machine: int
    flags: int
    entry: int
    section_offset: int
    section_entry_size: int
    section_count: int
    section_names: int
    raw: bytes = b""

    @property
    def layout(self) -> Layout:
        """Record formats of this file."""
        return layout_of(self.bits, little_endian=self.little_endian)

    @property
    def section_table_bytes(self) -> int:
        """Size of the section header table."""
        return self.section_entry_size * self.section_count


class Section(NamedTuple):
    """One section header. ``offset`` is a file offset, ``address`` the address that the file asks for (0 in ET_REL)."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    name: str
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
    def allocated(self) -> bool:
        """Whether the section takes memory at run time (SHF_ALLOC)."""
        return bool(self.flags & c.SHF_ALLOC)


class ElfSymbol(NamedTuple):
    """One symbol table entry; ``section`` is an index or one of the SHN_ numbers."""

    index: int  # type: ignore[assignment]  # as in Section
    name: str
    value: int
    size: int
    binding: int
    type: int
    section: int

    @property
    def undefined(self) -> bool:
        """Whether some other file must define it."""
        return self.section == c.SHN_UNDEF


class Relocation(NamedTuple):
    """One relocation; ``addend`` is None where it stands in the relocated field itself (SHT_REL)."""

    offset: int
    type: int
    symbol: int
    addend: int | None


def read_header(data: Buffer, name: str) -> Header:
    """Reads the ELF header from the first bytes of a file.

    Raises:
        ElfError: not an ELF file, or the header is cut short or contradicts itself.
    """
    ident = bytes(data[:16])
    if not ident.startswith(c.MAGIC):
        raise ElfError(_not_elf(name, ident), hint="llext loads ELF files: .llext, .elf or .o as a compiler writes them.")
    if len(ident) < 16:
        raise ElfError(f"{name}: truncated: the ELF header needs 52 bytes, the file has {len(data)}")
    bits = {c.ELFCLASS32: 32, c.ELFCLASS64: 64}.get(ident[c.EI_CLASS])
    endian = {c.ELFDATA2LSB: True, c.ELFDATA2MSB: False}.get(ident[c.EI_DATA])
    if bits is None or endian is None:
        raise ElfError(f"{name}: unknown ELF class {ident[4]} or byte order {ident[5]} at offset 4")
    record = layout_of(bits, little_endian=endian)
    if len(data) < 16 + record.header.size:
        raise ElfError(f"{name}: truncated: the ELF header needs {16 + record.header.size} bytes, the file has {len(data)}")
    (type_, machine, _version, entry, _phoff, shoff, flags, _ehsize, _phentsize, _phnum, shentsize, shnum, shstrndx) = (
        record.header.unpack_from(data, 16)
    )
    header = Header(
        bits, endian, type_, machine, flags, entry, shoff, shentsize, shnum, shstrndx, bytes(data[: 16 + record.header.size])
    )
    if shnum and shentsize != record.section.size:
        raise ElfError(f"{name}: section headers of {shentsize} bytes (offset 0x2e); ELF{bits} has {record.section.size}")
    if shnum and shstrndx >= shnum:
        raise ElfError(f"{name}: section name table {shstrndx} of {shnum} sections", lines=(lines.MISSING_TABLE,))
    return header


def _not_elf(name: str, ident: bytes) -> str:
    if not ident:
        return f"{name}: empty file"
    if ident[:1] == b":" and ident[1:9].isalnum():
        return f"{name}: not an ELF file: this looks like Intel HEX"
    if ident.isascii() and all(byte >= 32 or byte in b"\t\r\n\f" for byte in ident):
        return f"{name}: not an ELF file: this looks like text"
    return f"{name}: not an ELF file: it begins with {ident[:4].hex(' ')}, not 7f 45 4c 46"


class SectionTable:
    """The section headers before names are known: what a streaming loader needs to decide what to read next."""

    def __init__(self, header: Header, data: Buffer, name: str) -> None:
        if len(data) < header.section_table_bytes:
            raise ElfError(
                f"{name}: truncated: the section header table ends at offset "
                f"{header.section_offset + header.section_table_bytes:#x}, behind the end of the file"
            )
        self.header = header
        self.raw = list(header.layout.section.iter_unpack(bytes(data[: header.section_table_bytes])))

    def string_table(self, index: int, name: str) -> tuple[int, int]:
        """File offset and size of the string table with this section index."""
        if not 0 < index < len(self.raw) or self.raw[index][1] != c.SHT_STRTAB:
            raise ElfError(f"{name}: section {index} is used as a string table and is none", lines=(lines.MISSING_TABLE,))
        return self.raw[index][4], self.raw[index][5]


class Names:
    """The names in a string table. What is decoded in all is bounded by what the table and its users take.

    Names may share their ends, and many may be the same; but thousands that are each a good part of a large table are
    nothing that a compiler writes, and would cost the square of the file's size.

    Args:
        table: The string table.
        users: How many names will be asked for.
        origin: The file's name, for messages.
    """

    def __init__(self, table: Buffer, users: int, origin: str) -> None:
        self.size = len(table)
        self._table = bytes(table)
        self._left = NAME_SHARE * len(table) + NAME_BYTES * users
        self._origin = origin

    def at(self, offset: int) -> str:
        """The name at an offset, up to a NUL or the table's end; bytes that are not UTF-8 are kept as escapes.

        Raises:
            ElfError: the names that were asked for overlap too much.
        """
        end = self._table.find(b"\0", offset)
        if end < 0:
            end = max(offset, self.size)
        self._left -= end - offset
        if self._left < 0:
            raise ElfError(
                f"{self._origin}: names overlap: a string table of {self.size} bytes is used more than {NAME_SHARE} times"
            )
        return self._table[offset:end].decode("utf-8", "backslashreplace")


class ElfFile:
    """One ELF file. ``name`` is only for messages.

    Attributes:
        header: What the ELF header says.
        sections: Every section header, in file order, index 0 included.
    """

    def __init__(self, header: Header, table: SectionTable, contents: Callable[[int, int], Buffer], name: str) -> None:
        self.name = name
        self.header = header
        self.packed: object = None
        """What ``packed`` keeps of this file."""
        self._contents = contents
        self._rows = table.raw
        self._relocations: dict[int, list[Relocation]] = {}
        names = contents(*table.string_table(header.section_names, name)) if header.section_count else b""
        self.sections = tuple(self._sections(table, Names(names, len(table.raw), name)))

    @classmethod
    def parse(cls, data: Buffer, name: str = "<bytes>") -> ElfFile:
        """Reads a whole file that is in memory.

        Raises:
            ElfError: not an ELF file, or an offset leads outside it.
        """
        header = read_header(data, name)
        start = header.section_offset
        table = SectionTable(header, data[start : start + header.section_table_bytes], name)
        view = memoryview(data)

        def contents(offset: int, size: int) -> memoryview:
            if offset + size > len(view):
                raise ElfError(
                    f"{name}: truncated: {size} bytes at offset {offset:#x} lie behind the end of the file ({len(view)} bytes)"
                )
            return view[offset : offset + size]

        return cls(header, table, contents, name)

    def _sections(self, table: SectionTable, names: Names) -> Iterator[Section]:
        for index, raw in enumerate(table.raw):
            if raw[0] >= names.size:
                where = f"section {index}: name at offset {raw[0]:#x} of {names.size:#x} bytes"
                raise ElfError(f"{self.name}: {where}", lines=(lines.SECTION_NAME,))
            yield Section(index, names.at(raw[0]), *raw[1:])

    def section_header(self, index: int) -> bytes:
        """A section header as it stands in the file."""
        return self.header.layout.section.pack(*self._rows[index])

    def section(self, name: str) -> Section | None:
        """The first section with this name."""
        return next((section for section in self.sections if section.name == name), None)

    def contents(self, section: Section) -> Buffer:
        """The bytes of a section; empty for SHT_NOBITS.

        Raises:
            ElfError: the section lies behind the end of the file.
        """
        return b"" if section.type == c.SHT_NOBITS or not section.size else self._contents(section.offset, section.size)

    def contents_at(self, offset: int, size: int) -> Buffer:
        """Bytes at a file offset.

        Raises:
            ElfError: they lie behind the end of the file.
        """
        return self._contents(offset, size)

    # Symbols --------------------------------------------------------------------------------------------------------

    @cached_property
    def symbol_section(self) -> Section | None:
        """The symbol table: SHT_SYMTAB, or SHT_DYNSYM where a shared object was stripped of the former."""
        for wanted in (c.SHT_SYMTAB, c.SHT_DYNSYM):
            for section in self.sections:
                if section.type == wanted:
                    return section
        return None

    @cached_property
    def string_section(self) -> Section | None:
        """The names of the symbol table (its sh_link)."""
        table = self.symbol_section
        if table is None:
            return None
        if not 0 < table.link < len(self.sections) or self.sections[table.link].type != c.SHT_STRTAB:
            what = f"{table.name} names section {table.link} as its string table, which is none"
            raise ElfError(f"{self.name}: {what}", lines=(lines.MISSING_TABLE,))
        return self.sections[table.link]

    @cached_property
    def symbols(self) -> tuple[ElfSymbol, ...]:
        """Every symbol, index 0 included; a section symbol has the name of its section.

        Raises:
            ElfError: a name, a section index or the size of the table leads outside the file.
        """
        table, strings = self.symbol_section, self.string_section
        if table is None or strings is None:
            return ()
        record = self.header.layout.symbol
        if table.entry_size != record.size or table.size % record.size:
            raise ElfError(
                f"{self.name}: {table.name} has entries of {table.entry_size} bytes and {table.size} bytes in all; "
                f"an entry is {record.size} bytes",
                lines=(lines.SYMBOL_TABLE,),
            )
        names = Names(self.contents(strings), table.size // record.size, self.name)
        return tuple(
            self._symbol(index, raw, names) for index, raw in enumerate(record.iter_unpack(bytes(self.contents(table))))
        )

    def _symbol(self, index: int, raw: tuple[int, ...], names: Names) -> ElfSymbol:
        if self.header.bits == 32:
            name_offset, value, size, info, _other, section = raw
        else:
            name_offset, info, _other, section, value, size = raw
        if section >= len(self.sections) and section < c.SHN_LORESERVE:
            raise ElfError(f"{self.name}: symbol {index} is in section {section}; there are {len(self.sections)}")
        if name_offset >= names.size and name_offset:
            raise ElfError(f"{self.name}: symbol {index}: name at offset {name_offset:#x} of {names.size:#x} bytes")
        name = names.at(name_offset)
        if info & 15 == c.STT_SECTION and not name and section < len(self.sections):
            name = self.sections[section].name
        return ElfSymbol(index, name, value, size, info >> 4, info & 15, section)

    # Relocations ----------------------------------------------------------------------------------------------------

    @cached_property
    def relocation_sections(self) -> tuple[Section, ...]:
        """Every SHT_REL and SHT_RELA section.

        Raises:
            ElfError: they overlap in the file, so that its relocations would be more than it has room for.
        """
        found = tuple(section for section in self.sections if section.type in (c.SHT_REL, c.SHT_RELA))
        self.check_room(found, "relocation sections")
        return found

    def check_room(self, sections: Collection[Section], what: str) -> None:
        """Raises ElfError if sections overlap so much that they are larger than the file that holds them all."""
        if sum(section.size for section in sections) > max((each.offset + each.size for each in sections), default=0):
            raise ElfError(f"{self.name}: the file ranges of its {len(sections)} {what} overlap")

    def relocation_target(self, section: Section) -> Section:
        """The section that a relocation section patches (its sh_info).

        Raises:
            ElfError: there is no such section.
        """
        if section.info >= len(self.sections):
            what = f"{section.name} relocates section {section.info}; there are {len(self.sections)}"
            raise ElfError(f"{self.name}: {what}", lines=(lines.RELOCATION_SECTION,))
        return self.sections[section.info]

    def relocations(self, section: Section) -> list[Relocation]:
        """The entries of one SHT_REL or SHT_RELA section, symbol indexes checked.

        Raises:
            ElfError: wrong entry size, or a symbol that is not there.
        """
        entries = self._relocations.get(section.index)
        if entries is None:
            entries = self._relocations[section.index] = self._read_relocations(section)
        return entries

    def _read_relocations(self, section: Section) -> list[Relocation]:
        record = self.check_entries(section)
        shift, mask = (8, 0xFF) if self.header.bits == 32 else (32, 0xFFFFFFFF)
        count = self.symbol_count
        entries = []
        for offset, info, *addend in record.iter_unpack(bytes(self.contents(section))):
            if info >> shift >= count:
                self.check_symbol_index(section, info >> shift)
            entries.append(Relocation(offset, info & mask, info >> shift, addend[0] if addend else None))
        return entries

    @cached_property
    def symbol_count(self) -> int:
        """Entries of the symbol table, index 0 included; 0 if there is no table."""
        table = self.symbol_section
        return table.size // self.header.layout.symbol.size if table else 0

    def check_entries(self, section: Section) -> struct.Struct:
        """The record format of a relocation section.

        Raises:
            ElfError: its entry size or its size is not that of the format.
        """
        record = self.header.layout.rel if section.type == c.SHT_REL else self.header.layout.rela
        if section.entry_size != record.size or section.size % record.size:
            raise ElfError(
                f"{self.name}: {section.name} has entries of {section.entry_size} bytes and {section.size} bytes in "
                f"all; an entry is {record.size} bytes",
                lines=(lines.RELOCATION_SECTION,),
            )
        return record

    def check_symbol_index(self, section: Section, index: int) -> None:
        """Raises ElfError if a relocation section uses a symbol that is not there."""
        if index >= self.symbol_count:
            raise ElfError(f"{self.name}: {section.name} uses symbol {index}; there are {self.symbol_count}")
