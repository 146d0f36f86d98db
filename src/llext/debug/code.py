"""Code at addresses: of a linked firmware, or of an extension whose sections lie where a log says."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from llext.dwarf import DebugFile, Lines, unreadable
from llext.elf import ElfSymbol, Section
from llext.elf import constants as c


@dataclass(frozen=True)
class Spot:
    """Where an address is.

    Attributes:
        owner: The firmware's or extension's name.
        section: Its section.
        offset: Bytes from the start of the section.
        function: The function that it is in, or empty.
        function_offset: Bytes from its start.
        file: The source, as the compiler was told it, or empty.
        line: The line in it, from 1.
    """

    owner: str
    section: str
    offset: int
    function: str = ""
    function_offset: int = 0
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        inside = f" <{self.function}+{self.function_offset:#x}>" if self.function else ""
        source = f" at {self.file}:{self.line}" if self.line else ""
        return f"{self.owner} {self.section}+{self.offset:#x}{inside}{source}"


class Code:
    """The code of one file.

    Args:
        name: What messages call it.
        path: The file, with symbols and DWARF.
        addresses: Where its sections lie, of a file that does not say it itself.

    Raises:
        ElfError: it is malformed.
        OSError: it cannot be read.
    """

    def __init__(self, name: str, path: Path, addresses: Mapping[str, int] | None = None) -> None:
        self.name = name
        self.path = path
        self._file = DebugFile(path)
        self._lines = Lines(self._file)
        given = addresses or {}
        sections = [each for each in self._file.elf.sections if each.flags & c.SHF_EXECINSTR and each.size]
        self._sections = [
            (given.get(each.name, each.address), each) for each in sections if each.name in given or not self._file.relocatable
        ]

    def at(self, address: int) -> Spot | None:
        """What is at an address, without the bit of its instruction set; None if that is not in this code."""
        for start, section in self._sections:
            if start <= address < start + section.size:
                return self._spot(section, address - start)
        return None

    def _spot(self, section: Section, offset: int) -> Spot:
        function, distance = self._function(section, offset)
        try:
            line = self._lines.find(section.name, offset)
        except unreadable():
            line = None
        file, number = (line.file, line.line) if line else ("", 0)
        return Spot(self.name, section.name, offset, function, distance, file, number)

    @cached_property
    def _functions(self) -> dict[int, list[tuple[int, ElfSymbol]]]:
        """Functions by their section's index, in the order of their offsets."""
        found: dict[int, list[tuple[int, ElfSymbol]]] = {}
        sections = self._file.elf.sections
        for symbol in self._file.elf.symbols:
            if symbol.type == c.STT_FUNC and symbol.section < len(sections):
                start = (symbol.value & ~1) - sections[symbol.section].address
                found.setdefault(symbol.section, []).append((start, symbol))
        return {index: sorted(each, key=lambda row: row[0]) for index, each in found.items()}

    def _function(self, section: Section, offset: int) -> tuple[str, int]:
        rows = self._functions.get(section.index, [])
        at = bisect_right(rows, offset, key=lambda row: row[0]) - 1
        if at < 0:
            return "", 0
        start, symbol = rows[at]
        return (symbol.name, offset - start) if not symbol.size or offset < start + symbol.size else ("", 0)
