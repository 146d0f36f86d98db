"""Units of .debug_info: the one that has the code at an address is found and read, and no other.

It is found by .debug_aranges (DWARF 5 section 6.1.2), which gcc writes, else by the ranges that units tell of themselves: the
first entry of each is read for that, once. Of a relocatable file those pieces are relocated that are looked at.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from llext.dwarf.debug_file import DebugFile
from llext.dwarf.entries import Unit
from llext.dwarf.sections import unreadable
from llext.elf import Section

_LENGTH, _ARANGES, _PAIR = struct.Struct("<I"), struct.Struct("<IHIBB"), struct.Struct("<2I")
_FIRST_PAIR = 16
"""Bytes of a header of .debug_aranges, rounded up to the size of a pair."""
_FIRST_ENTRY = 512
"""Bytes that are enough for a unit's header and its first entry, strings being elsewhere."""
_PARTS = {
    "DW_AT_str_offsets_base": (".debug_str_offsets", 8),
    "DW_AT_addr_base": (".debug_addr", 8),
}
"""Tables of which each unit has a part: the attribute that says where it begins, behind a header of so many bytes."""
_SECTIONS = ("info", "abbrev", "str", "ranges", "line", "addr", "str_offsets", "line_str", "rnglists", "loclists")
_LEFT_OUT = ("aranges", "frame", "loc", "pubtypes", "pubnames", "sup", "types")

_Row = tuple[int, int, int]
"""First address, the one behind the last, and where the unit with that code begins."""


class Units:
    """The units of one file."""

    def __init__(self, file: DebugFile) -> None:
        self.file = file
        self._views: dict[int, _View] = {}

    def covering(self, code: Section, offset: int) -> Unit | None:
        """The unit with the code at an offset of a section, or None.

        Raises:
            Exception: one of ``unreadable``: the file is damaged.
        """
        key = code.index if self.file.relocatable else 0
        if key not in self._views:
            self._views[key] = _View(self.file, code)
        return self._views[key].covering(self.file.address(code, offset))

    def starts(self) -> list[int]:
        """Where units begin in ``.debug_info`` of a linked file."""
        return self._linked.starts

    def holding(self, offset: int) -> Unit:
        """The unit of a linked file that has an offset of ``.debug_info``.

        Raises:
            Exception: one of ``unreadable``: the file is damaged.
        """
        return self._linked.holding(offset)

    @cached_property
    def _linked(self) -> _View:
        """All of a linked file, in which no section of code is another one's stand-in."""
        return self._views.setdefault(0, _View(self.file, self.file.elf.sections[0]))


class _View:
    """The debug sections as pyelftools reads them; in a relocatable file one section of code lies at its address, all others at 0."""

    def __init__(self, file: DebugFile, code: Section) -> None:
        self.file = file
        self.code = code
        self._streams: dict[str, io.BytesIO] = {}
        self._units: dict[int, Unit] = {}

    def covering(self, address: int) -> Unit | None:
        start = _nearest(self._listed, address)
        if start is None:
            start = _nearest(self._unlisted, address)
        return None if start is None else self.unit(start)

    @cached_property
    def _listed(self) -> list[_Row]:
        return sorted(_aranges(self.file.read(".debug_aranges", self.code)))

    @cached_property
    def _unlisted(self) -> list[_Row]:
        """Ranges of the units that .debug_aranges does not have."""
        listed = {start for _, _, start in self._listed}
        return sorted(row for start in self.starts if start not in listed for row in self._own_ranges(start))

    def _own_ranges(self, start: int) -> list[_Row]:
        try:
            unit = self.unit(start)
            return [(low, high, start) for low, high in unit.ranges(unit.top)]
        except unreadable():
            return []

    @cached_property
    def starts(self) -> list[int]:
        """Where units begin. Those of 64-bit DWARF, which no compiler writes for 32-bit targets, end the list."""
        section = self.file.elf.section(".debug_info")
        data = memoryview(self.file.elf.contents(section)) if section else memoryview(b"")
        at, found = 0, []
        while at + _LENGTH.size < len(data):
            found.append(at)
            at += _LENGTH.size + _LENGTH.unpack_from(data, at)[0]
        return found

    def unit(self, start: int) -> Unit:
        """A unit with its first entry."""
        if start not in self._units:
            self._units[start] = self._read(start)
        return self._units[start]

    def _read(self, start: int) -> Unit:
        from elftools.dwarf.die import DIE

        info = self._info
        self._relocate(".debug_info", start, _FIRST_ENTRY)
        read = info.get_CU_at(start)
        read.get_abbrev_table = lambda: _Abbreviation(read, self._streams[".debug_abbrev"])
        self._relocate_parts(DIE(read, self._streams[".debug_info"], read.cu_die_offset).attributes)
        unit = Unit(read, lambda: self._relocate(".debug_info", start, read.size), self.holding)
        del read.get_abbrev_table
        return unit

    def holding(self, offset: int) -> Unit:
        return self.unit(self.starts[bisect_right(self.starts, offset) - 1])

    def _relocate_parts(self, attributes: Any) -> None:
        for name, (section, header) in _PARTS.items():
            if name in attributes:
                begins = attributes[name].value - header
                length = _LENGTH.unpack(self.file.read(section, self.code, begins, _LENGTH.size))[0]
                self._relocate(section, begins, _LENGTH.size + length)

    def _relocate(self, name: str, start: int, size: int) -> None:
        if self.file.relocatable:
            piece = self.file.read(name, self.code, start, size)
            with self._streams[name].getbuffer() as view:
                view[start : start + len(piece)] = piece

    @cached_property
    def _info(self) -> Any:
        """Pyelftools' view. Lists of ranges, which may have no parts that could be told apart, are relocated at once."""
        from elftools.dwarf.dwarfinfo import DwarfConfig, DWARFInfo

        config = DwarfConfig(little_endian=self.file.elf.header.little_endian, machine_arch="", default_address_size=4)
        sections: dict[str, Any] = {f"debug_{name}_sec": None for name in _LEFT_OUT}
        sections |= {f"debug_{name}_sec": self._section(f".debug_{name}") for name in _SECTIONS}
        info = DWARFInfo(config, eh_frame_sec=None, gnu_debugaltlink_sec=None, **sections)
        for name in {".debug_ranges", ".debug_rnglists"} & self._streams.keys():
            self._relocate(name, 0, self.file.size(name))
        return info

    def _section(self, name: str) -> Any:
        from elftools.dwarf.dwarfinfo import DebugSectionDescriptor

        section = self.file.elf.section(name)
        if section is None:
            return None
        stream = self._streams[name] = io.BytesIO(self.file.elf.contents(section))
        return DebugSectionDescriptor(stream=stream, name=name, global_offset=0, size=section.size, address=0)


class _Abbreviation:
    """Of a unit's abbreviations the one of its first entry: all of them take longer to read than that entry."""

    def __init__(self, unit: Any, stream: io.BytesIO) -> None:
        self._unit = unit
        self._stream = stream

    def get_abbrev(self, code: int) -> Any:
        from elftools.common.utils import struct_parse
        from elftools.dwarf.abbrevtable import AbbrevDecl

        structs = self._unit.structs
        self._stream.seek(self._unit["debug_abbrev_offset"])
        while found := struct_parse(structs.the_Dwarf_uleb128, self._stream):
            declaration = struct_parse(structs.Dwarf_abbrev_declaration, self._stream)
            if found == code:
                return AbbrevDecl(code, declaration)
        raise LookupError(f"no abbreviation {code}")


def _aranges(data: bytes) -> Iterator[_Row]:
    at = 0
    while at + _FIRST_PAIR <= len(data):
        length, _version, unit, address_bytes, segment_bytes = _ARANGES.unpack_from(data, at)
        end = min(at + _LENGTH.size + length, len(data))
        if (address_bytes, segment_bytes) == (4, 0):
            first = at + _FIRST_PAIR
            pairs = data[first : first + max(0, end - first) // _PAIR.size * _PAIR.size]
            yield from ((start, start + size, unit) for start, size in _PAIR.iter_unpack(pairs) if size)
        at += _LENGTH.size + length


def _nearest(rows: list[_Row], address: int) -> int | None:
    """The unit whose range begins nearest below an address: linkers leave functions that they dropped at address 0."""
    below: Iterable[_Row] = reversed(rows[: bisect_right(rows, address, key=lambda row: row[0])])
    return next((unit for _, end, unit in below if address < end), None)
