"""Which units of a linked program have what: found without parsing more of them than their first entries.

Functions by address: from ``.debug_aranges`` where compilers write it (gcc), else from the ranges of each unit. Variables by the bytes
that say where they lie: DW_OP_addr and the address in ``.debug_info``, or the address in ``.debug_addr`` (DWARF 5 sections 2.6.1.1 and 7.27).
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from llext.dwarf.declarations import unit_source
from llext.dwarf.prototypes import die_name, die_number
from llext.dwarf.sections import dwarf_info, unreadable

_OP_ADDR = b"\x03"


class Units:
    """The units of one linked program.

    Args:
        data: The file.

    Raises:
        Exception: one of ``unreadable``: its debug information is damaged.
    """

    def __init__(self, data: bytes) -> None:
        self._info: Any = dwarf_info(data)
        self._all = list(self._info.iter_CUs()) if self._info else []
        self._starts = [unit.cu_offset for unit in self._all]

    def __len__(self) -> int:
        return len(self._all)

    def of_sources(self, pattern: str) -> Iterator[Any]:
        """Those whose source has a file name like this."""
        for unit in self._all:
            if re.fullmatch(pattern, Path(unit_source(unit)).name):
                yield unit

    def with_code(self, addresses: Iterable[int]) -> list[Any]:
        """Those that have code at one of the addresses, in their order."""
        found = {unit.cu_offset for address in addresses if (unit := self._with_code(address)) is not None}
        return [unit for unit in self._all if unit.cu_offset in found]

    def with_data(self, addresses: Collection[int]) -> list[Any]:
        """Those that may have a variable at one of the addresses, in their order."""
        words = {struct.pack("<I", address) for address in addresses}
        found = {unit.cu_offset for word in words for unit in self._naming(word)}
        return [unit for unit in self._all if unit.cu_offset in found]

    def _with_code(self, address: int) -> Any | None:
        if self._table is not None:
            start = self._table.cu_offset_at_addr(address)
            if start is not None:
                return self._containing(start)
        at = bisect_right(self._ranges, (address, 1 << 32)) - 1
        if at >= 0 and address < self._ranges[at][1]:
            return self._containing(self._ranges[at][2])
        return None

    @cached_property
    def _table(self) -> Any | None:
        return self._info.get_aranges() if self._info.debug_aranges_sec is not None else None

    @cached_property
    def _ranges(self) -> list[tuple[int, int, int]]:
        """Start and end of the code of each unit that ``.debug_aranges`` does not know, and the unit's offset."""
        known = {entry.info_offset for entry in self._table.entries} if self._table is not None else set()
        found = []
        for unit in self._all:
            if unit.cu_offset not in known:
                try:
                    found += [(start, end, unit.cu_offset) for start, end in _ranges(self._info, unit) if start < end]
                except unreadable():
                    continue
        return sorted(found)

    def _naming(self, word: bytes) -> Iterator[Any]:
        """Units in which an address stands as that of a variable."""
        for at in _places(self._bytes, _OP_ADDR + word):
            yield self._containing(at)
        section = self._info.debug_addr_sec
        table = section.stream.getvalue() if section is not None else b""
        for at in _places(table, word):
            owner = bisect_right(self._bases, (at, 1 << 32)) - 1
            if owner >= 0:
                yield self._containing(self._bases[owner][1])

    @cached_property
    def _bytes(self) -> bytes:
        contents: bytes = self._info.debug_info_sec.stream.getvalue()
        return contents

    @cached_property
    def _bases(self) -> list[tuple[int, int]]:
        """Where each unit's addresses begin in ``.debug_addr``, and the unit's offset."""
        rows = ((unit.get_top_DIE().attributes.get("DW_AT_addr_base"), unit.cu_offset) for unit in self._all)
        return sorted((base.value, start) for base, start in rows if base is not None)

    def _containing(self, offset: int) -> Any:
        return self._all[max(0, bisect_right(self._starts, offset) - 1)]


def _ranges(info: Any, unit: Any) -> Iterator[tuple[int, int]]:
    """Start and end of each piece of a unit's code."""
    top = unit.get_top_DIE()
    low, high, listed = (top.attributes.get(f"DW_AT_{name}") for name in ("low_pc", "high_pc", "ranges"))
    base = low.value if low else 0
    if listed is None:
        if low and high:
            yield base, high.value if high.form == "DW_FORM_addr" else base + high.value
        return
    for entry in info.range_lists().get_range_list_at_offset(listed.value, unit):
        if "base" in type(entry).__name__.lower():
            base = entry.base_address
        elif getattr(entry, "is_absolute", False):
            yield entry.begin_offset, entry.end_offset
        else:
            yield base + entry.begin_offset, base + entry.end_offset


def _places(data: bytes, what: bytes) -> Iterator[int]:
    at = data.find(what)
    while at >= 0:
        yield at
        at = data.find(what, at + 1)


def struct_sizes(unit: Any, names: Collection[str]) -> Iterator[tuple[str, int]]:
    """Names and bytes of the structs that a unit defines."""
    for die in unit.get_top_DIE().iter_children():
        if die.tag == "DW_TAG_structure_type" and (size := die_number(die, "DW_AT_byte_size")) and die_name(die) in names:
            yield die_name(die), size
