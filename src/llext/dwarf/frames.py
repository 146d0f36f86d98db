"""How to find a caller's registers, from .debug_frame (DWARF 5 section 6.4)."""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llext.dwarf.debug_file import DebugFile
from llext.elf import Section

_FRAME = ".debug_frame"
_CIE = 0xFFFFFFFF
"""CIE_id, what marks a common part."""
_WORD = struct.Struct("<I")
_FDE = struct.Struct("<3I")
"""Length, CIE pointer and first address of a function's entry; its size follows."""
_FIRST_AT, _SIZE_AT = 8, 12


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
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._decoded: dict[int, tuple[list[Any], int]] = {}

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
        at = self._entry(code, address)
        if at is None:
            return None
        if at not in self._decoded:
            self._decoded[at] = _decoded(_small_table(self.file, code, at))
        rows, link = self._decoded[at]
        return _rule(next(row for row in reversed(rows) if row["pc"] <= address), link)

    def _entry(self, code: Section, address: int) -> int | None:
        """Offset of the entry of the function that has an instruction."""
        if code.index not in self._starts:
            self._starts[code.index] = self._entries(code)
        starts = self._starts[code.index]
        number = bisect_right(starts, (address, 1 << 32)) - 1
        if number < 0:
            return None
        begins, at = starts[number]
        size = _WORD.unpack(self.file.read(_FRAME, code, at + _SIZE_AT, 4))[0]
        return at if begins <= address < begins + size else None

    def _entries(self, code: Section) -> list[tuple[int, int]]:
        """First address and offset of each function's entry, by address."""
        if self.file.relocatable:
            base = self.file.address(code, 0)
            return [(base + begins, at - _FIRST_AT) for begins, at in self.file.starts(_FRAME, code)]
        return sorted(_linked_entries(self.file.read(_FRAME, code)))


def _linked_entries(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at + _SIZE_AT <= len(data):
        length, kind, begins = _FDE.unpack_from(data, at)
        if kind != _CIE:
            yield begins, at
        at += 4 + length


def _small_table(file: DebugFile, code: Section, at: int) -> bytes:
    """A table with nothing but one entry and its common part, for pyelftools to decode."""
    entry = bytearray(_piece(file, code, at))
    common = _piece(file, code, _WORD.unpack_from(entry, 4)[0])
    entry[4:8] = bytes(4)
    return common + bytes(entry)


def _piece(file: DebugFile, code: Section, at: int) -> bytes:
    """An entry or a common part: its length, and as many bytes."""
    length = _WORD.unpack(file.read(_FRAME, code, at, 4))[0]
    return file.read(_FRAME, code, at, 4 + length)


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
