"""Compressed debug sections (gABI chapter 4, "Compressed Sections"; and GNU's older .zdebug_*) made plain."""

from __future__ import annotations

import struct
import zlib

from llext.elf import constants as c
from llext.elf.reader import ElfFile, Section

COMPRESSED = 0x800
"""SHF_COMPRESSED."""
_ZLIB = 1
_CHDR = {32: struct.Struct("<3I"), 64: struct.Struct("<2I2Q")}
"""ch_type, ch_size and ch_addralign; a reserved word behind the type in 64-bit files."""
_GNU, _GNU_HEADER = b"ZLIB", 12
_MOST = 1 << 28
"""Bytes that a debug section may have: what claims more is damaged."""


def decompressed(data: bytes) -> bytes:
    """A file whose debug sections are not compressed; the same bytes if none is.

    What cannot be decompressed is left as it is.

    Raises:
        ElfError: the file is malformed.
    """
    elf = ElfFile.parse(data, "debug information")
    plain = {section.index: found for section in elf.sections if (found := _plain(elf, section)) is not None}
    if not plain:
        return data
    out, layout = bytearray(data), elf.header.layout.section
    names = elf.sections[elf.header.section_names]
    for index, contents in plain.items():
        out += bytes(-len(out) % 8)
        at = elf.header.section_offset + index * elf.header.section_entry_size
        row = list(layout.unpack_from(out, at))
        if elf.sections[index].name.startswith(
            ".z"
        ):  # the name without its z stands one byte further on, behind a dot of its own
            out[names.offset + row[0] + 1 : names.offset + row[0] + 2] = b"."
            row[0] += 1
        row[2], row[4], row[5] = row[2] & ~COMPRESSED, len(out), len(contents)
        layout.pack_into(out, at, *row)
        out += contents
    return bytes(out)


def _plain(elf: ElfFile, section: Section) -> bytes | None:
    """The contents of a compressed debug section, None for others and for what cannot be read."""
    if section.type == c.SHT_NOBITS or section.flags & c.SHF_ALLOC or not section.size:
        return None
    raw = bytes(elf.contents(section))
    if section.name.startswith(".zdebug") and raw.startswith(_GNU):
        return _inflated(raw[_GNU_HEADER:], int.from_bytes(raw[4:_GNU_HEADER], "big"))
    if not section.flags & COMPRESSED:
        return None
    header = _CHDR[elf.header.bits]
    if len(raw) < header.size:
        return None
    kind, *_, size, _align = header.unpack_from(raw)
    return _inflated(raw[header.size :], size) if kind == _ZLIB else None


def _inflated(data: bytes, size: int) -> bytes | None:
    if size > _MOST:
        return None
    try:
        found = zlib.decompressobj().decompress(data, size + 1)
    except zlib.error:
        return None
    return found if len(found) == size else None
