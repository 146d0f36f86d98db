"""Program headers: which bytes of a linked file go to which addresses (System V gABI, chapter 5)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from llext.elf import constants as c
from llext.elf.reader import ElfFile
from llext.errors import ElfError


class Segment(NamedTuple):
    """One program header. ``address`` is where the bytes are used, ``physical`` where they are stored; the rest of it is zero."""

    type: int
    offset: int
    address: int
    physical: int
    file_size: int
    size: int
    flags: int
    alignment: int


_ORDERS = {32: ("8I", range(8)), 64: ("2I6Q", (0, 2, 3, 4, 5, 6, 1, 7))}
"""Record of each class, and where in it the members of ``Segment`` stand (gABI figure 5-1)."""


def program_header(bits: int, *, little_endian: bool) -> struct.Struct:
    """The record of one program header."""
    return struct.Struct(("<" if little_endian else ">") + _ORDERS[bits][0])


def read_segments(elf: ElfFile) -> tuple[Segment, ...]:
    """The program headers of a file.

    Raises:
        ElfError: they lie behind the end of the file, or are of another size.
    """
    header = elf.header
    fields = header.layout.header.unpack_from(header.raw, 16)
    start, entry_size, count = fields[4], fields[8], fields[9]
    if not count:
        return ()
    record = program_header(header.bits, little_endian=header.little_endian)
    if entry_size != record.size:
        raise ElfError(f"{elf.name}: program headers of {entry_size} bytes; ELF{header.bits} has {record.size}")
    order = _ORDERS[header.bits][1]
    rows = record.iter_unpack(bytes(elf.contents_at(start, count * record.size)))
    return tuple(Segment(*(row[at] for at in order)) for row in rows)


def physical_address(segments: tuple[Segment, ...], address: int, offset: int) -> int:
    """Where the bytes of a section are stored that is used at ``address`` and lies at a file offset."""
    for each in segments:
        if (
            each.type == c.PT_LOAD
            and 0 <= address - each.address < each.size
            and address - each.address == offset - each.offset
        ):
            return each.physical + address - each.address
    return address
