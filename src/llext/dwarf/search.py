"""Which units of a linked program define what: found without reading more of the others than their first entries.

Functions by the units' code; variables by the bytes that say where they lie: DW_OP_addr and the address in ``.debug_info``, or the
address in ``.debug_addr`` (DWARF 5 sections 2.6.1.1 and 7.27).
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import PurePosixPath

from llext.dwarf.debug_file import DebugFile
from llext.dwarf.declarations import unit_source
from llext.dwarf.entries import Unit
from llext.dwarf.sections import unreadable
from llext.dwarf.units import Units
from llext.elf import constants as c

_OP_ADDR = b"\x03"


class Search:
    """The units of one linked program.

    Args:
        data: The file.

    Raises:
        Exception: one of ``unreadable``: it is damaged.
    """

    def __init__(self, data: bytes) -> None:
        self._file = DebugFile(data)
        self._units = Units(self._file)
        self._code = [each for each in self._file.elf.sections if each.flags & c.SHF_EXECINSTR and each.size]

    @property
    def any(self) -> bool:
        """Whether there is a unit that can be read."""
        return bool(self._every)

    def of_sources(self, pattern: str) -> Iterator[Unit]:
        """Units whose source has a file name like this."""
        for unit in self._every:
            if re.fullmatch(pattern, PurePosixPath(unit_source(unit)).name):
                yield unit

    def with_code(self, addresses: Iterable[int]) -> list[Unit]:
        """Units that have code at one of the addresses, in their order."""
        return _in_order(unit for address in addresses if (unit := self._covering(address)) is not None)

    def with_data(self, addresses: Iterable[int]) -> list[Unit]:
        """Units that may have a variable at one of the addresses, in their order."""
        return _in_order(unit for address in addresses for unit in self._naming(struct.pack("<I", address)))

    def _covering(self, address: int) -> Unit | None:
        section = next((each for each in self._code if each.address <= address < each.address + each.size), None)
        return None if section is None else self._units.covering(section, address - section.address)

    def _naming(self, word: bytes) -> Iterator[Unit]:
        """Units in which an address stands as that of a variable."""
        for at in _places(self._contents(".debug_info"), _OP_ADDR + word):
            yield self._units.holding(at)
        for at in _places(self._contents(".debug_addr"), word):
            owner = bisect_right(self._bases, at, key=lambda row: row[0]) - 1
            if owner >= 0:
                yield self._bases[owner][1]

    def _contents(self, name: str) -> bytes:
        section = self._file.elf.section(name)
        return bytes(self._file.elf.contents(section)) if section else b""

    @cached_property
    def _every(self) -> list[Unit]:
        found = []
        for start in self._units.starts():
            try:
                found.append(self._units.holding(start))
            except unreadable():
                continue
        return found

    @cached_property
    def _bases(self) -> list[tuple[int, Unit]]:
        """Where each unit's addresses begin in ``.debug_addr``."""
        rows = ((unit.top.attributes.get("DW_AT_addr_base"), unit) for unit in self._every)
        return sorted(((base.value, unit) for base, unit in rows if base is not None), key=lambda row: row[0])


def _in_order(units: Iterable[Unit]) -> list[Unit]:
    return sorted(set(units), key=lambda unit: unit.end)


def _places(data: bytes, what: bytes) -> Iterator[int]:
    at = data.find(what)
    while at >= 0:
        yield at
        at = data.find(what, at + 1)


def struct_sizes(unit: Unit, names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Names and bytes of the structs that a unit defines."""
    wanted = set(names)
    for die in unit.children(unit.top):
        size = die.attributes.get("DW_AT_byte_size")
        if die.tag == "DW_TAG_structure_type" and size is not None and unit.name(die) in wanted:
            yield unit.name(die), size.value
