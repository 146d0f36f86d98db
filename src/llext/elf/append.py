"""A file with further sections: everything that was there stays where it was (System V gABI, chapter 4)."""

from __future__ import annotations

from collections.abc import Sequence

from llext.elf import constants as c
from llext.elf.reader import Buffer, ElfFile


def with_sections(data: bytes, sections: Sequence[tuple[str, Buffer]]) -> bytes:
    """Adds sections that are not loaded.

    Args:
        data: An ELF file with section headers.
        sections: Names and contents.

    Returns:
        The file; it ends with the new contents, the names of all sections and a new table of section headers.

    Raises:
        ElfError: it is malformed.
    """
    elf = ElfFile.parse(data)
    header, layout = elf.header, elf.header.layout
    if not sections or not header.section_count or header.section_count + len(sections) >= c.SHN_LORESERVE:
        return data
    out = bytearray(data)
    names = bytearray(elf.contents(elf.sections[header.section_names]))
    rows = [list(layout.section.unpack(elf.section_header(index))) for index in range(header.section_count)]
    for name, contents in sections:
        rows.append([len(names), c.SHT_PROGBITS, 0, 0, _append(out, contents), len(contents), 0, 0, 8, 0])
        names += name.encode() + b"\0"
    rows[header.section_names][4:6] = [_append(out, names), len(names)]
    table = _append(out, b"".join(layout.section.pack(*row) for row in rows))
    fields = list(layout.header.unpack_from(out, 16))
    fields[5], fields[11] = table, len(rows)
    layout.header.pack_into(out, 16, *fields)
    return bytes(out)


def _append(out: bytearray, data: Buffer) -> int:
    """Puts bytes at the file's end, 8-aligned, and returns their offset."""
    out += bytes(-len(out) % 8)
    at = len(out)
    out += data
    return at
