"""How to find a caller's registers, from .debug_frame (DWARF 5 section 6.4)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from llext.dwarf.debug_file import DebugFile
from llext.elf import Section

_FRAME = ".debug_frame"
_CIE = 0xFFFFFFFF
"""CIE_id, what marks a common part."""
_FDE = struct.Struct("<4I")
"""Length, CIE pointer, first address and size of a function's entry."""


@dataclass(frozen=True)
class CallerRule:
    """Where the caller's registers are while one instruction runs; registers by their DWARF numbers.

    Attributes:
        base: The register from which the canonical frame address is reckoned.
        distance: Bytes from it to that address, which is what the stack pointer was before the call.
        saved: Register -> offset of its saved value from the canonical frame address, in bytes.
        link: The register that holds, or has where it is saved, the return address.
    """

    base: int
    distance: int
    saved: dict[int, int]
    link: int


class Frames:
    """The frame information of one file; each entry is decoded once, when it is needed."""

    def __init__(self, file: DebugFile) -> None:
        self.file = file
        self._tables: dict[int, tuple[bytes, list[_Entry]]] = {}
        self._decoded: dict[tuple[int, int], tuple[list[Any], int]] = {}

    def find(self, section_name: str, offset: int) -> CallerRule | None:
        """The rule for an instruction, or None where the file has none that is understood.

        Args:
            section_name: Section of the instruction, ``.text``.
            offset: Bytes from its start, without the Thumb bit.

        Raises:
            Exception: one of ``unreadable``: the file is damaged.
        """
        code = self.file.code(section_name)
        if code is None:
            return None
        address = self.file.address(code, offset)
        data, entries = self._table(code)
        entry = next((entry for entry in entries if entry.begins <= address < entry.ends), None)
        if entry is None:
            return None
        key = (code.index, entry.at)
        if key not in self._decoded:
            self._decoded[key] = _decoded(_small_table(data, entry))
        rows, link = self._decoded[key]
        return _rule(next(row for row in reversed(rows) if row["pc"] <= address), link)

    def _table(self, code: Section) -> tuple[bytes, list[_Entry]]:
        if code.index not in self._tables:
            data = self.file.read(_FRAME, code)
            self._tables[code.index] = data, list(_entries(data))
        return self._tables[code.index]


class _Entry(NamedTuple):
    """One function: its addresses, where its entry and that of its common part stand in the section."""

    begins: int
    ends: int
    at: int
    end: int
    common: int


def _entries(data: bytes) -> Iterator[_Entry]:
    at = 0
    while at + _FDE.size <= len(data):
        length, kind, begins, size = _FDE.unpack_from(data, at)
        end = at + 4 + length
        if kind != _CIE and end <= len(data):
            yield _Entry(begins, begins + size, at, end, kind)
        at = end


def _small_table(data: bytes, entry: _Entry) -> bytes:
    """A table with nothing but one entry and its common part, for pyelftools to decode."""
    size = 4 + struct.unpack_from("<I", data, entry.common)[0]
    moved = bytearray(data[entry.at : entry.end])
    moved[4:8] = bytes(4)
    return data[entry.common : entry.common + size] + bytes(moved)


def _decoded(table: bytes) -> tuple[list[Any], int]:
    """The rows of one entry, by address, and the register of the return address."""
    from elftools.dwarf.callframe import FDE, CallFrameInfo
    from elftools.dwarf.structs import DWARFStructs

    structs = DWARFStructs(little_endian=True, dwarf_format=32, address_size=4)
    entries = CallFrameInfo(stream=io.BytesIO(table), size=len(table), address=0, base_structs=structs).get_entries()
    entry = next(each for each in entries if isinstance(each, FDE))
    return entry.get_decoded().table, entry.cie.header.return_address_register


def _rule(row: Any, link: int) -> CallerRule | None:
    where = row["cfa"]
    if where.reg is None:  # an expression
        return None
    saved = {number: rule.arg for number, rule in row.items() if isinstance(number, int) and rule.type == "OFFSET"}
    return CallerRule(where.reg, where.offset, saved, link)
