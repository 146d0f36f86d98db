"""Reads of a source what planning and linking look into; the contents of regions stay where they are.

Of those only the fields of branches that may need a veneer are looked into, where they hold the branch's addend.
"""

from __future__ import annotations

from collections.abc import Iterator

from llext.elf import ElfFile, SectionTable, read_header
from llext.elf import constants as c
from llext.elf.reader import HEADER_BYTES, Buffer, Header
from llext.errors import ElfError, LoadError
from llext.link import branch_fields
from llext.loader.cost import Reader
from llext.loader.source import Load, Peek
from llext.loader.workplace import Log


def read_tables(reader: Reader, say: Log) -> Load[tuple[ElfFile, Buffer | None]]:
    """Reads headers and the tables that planning needs; region contents stay where they are.

    Returns:
        The file, and the section headers if the source cannot show them in place: then memory must hold them.
    """
    origin = reader.origin
    say("dbg", "Loading ELF data...")
    header = read_header((yield from reader.some(0, HEADER_BYTES)), origin)
    size = header.section_table_bytes
    if not size:
        if header.section_offset:
            raise LoadError(f"{origin}: more sections than an ELF header counts (65,279)", hint="join sections: 'ld -r' does.")
        raise LoadError(f"{origin}: no section headers", hint="it was stripped too far to be loaded.")
    shown = yield Peek(header.section_offset, size)
    raw = shown if shown is not None else (yield from reader.some(header.section_offset, size))
    table = SectionTable(header, raw, origin)
    say("dbg", "Finding ELF tables...")
    chunks: dict[tuple[int, int], Buffer] = {}
    for place in _wanted(header, table):
        chunks[place] = yield from reader.all(*place)

    def contents(offset: int, length: int) -> Buffer:
        try:
            return chunks[offset, length]
        except KeyError:
            raise ElfError(f"{origin}: {length} bytes at offset {offset:#x} are used as a table and belong to none") from None

    say("dbg", "Allocate and copy strings...")
    elf = ElfFile(header, table, contents, origin)
    for place in branch_fields(elf):
        chunks[place] = yield from reader.all(*place)
    return elf, raw if shown is None else None


def _wanted(header: Header, table: SectionTable) -> Iterator[tuple[int, int]]:
    """File ranges of every table that planning and linking look into."""
    rows = table.raw
    needed = {header.section_names}
    for index, (_name, kind, flags, _address, _offset, _size, link, info, _alignment, _entry) in enumerate(rows):
        if kind in (c.SHT_SYMTAB, c.SHT_DYNSYM):
            needed |= {index, link}
        elif kind in (c.SHT_REL, c.SHT_RELA):
            if info < len(rows) and rows[info][2] & c.SHF_ALLOC:
                needed.add(index)
        elif kind >= 0x70000000 and not flags & c.SHF_ALLOC:
            needed.add(index)
    for index in sorted(needed):
        if index < len(rows) and rows[index][5] and rows[index][1] != c.SHT_NOBITS:
            yield rows[index][4], rows[index][5]
