"""Code and data at addresses: of a linked firmware, or of an extension whose sections lie where a log says."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from llext.arch import Arch
from llext.dwarf import CallSite, DebugFile, Inlines, Lines, unreadable
from llext.elf import ElfSymbol, Section
from llext.elf import constants as c

_LONGEST_CALL = 4
_KNOWN_FILES = 32
"""Files that are kept, as one may be loaded many times."""


@dataclass(frozen=True)
class Spot:
    """Where an address is.

    Attributes:
        owner: The firmware's or extension's name.
        section: Its section.
        offset: Bytes from the start of the section.
        symbol: The function or object that it is in, or empty.
        symbol_offset: Bytes from its start.
        file: The source, as the compiler was told it, or empty.
        line: The line in it, from 1.
        inlined: The function that the line is in, if that was inlined into ``symbol``; or empty.
        calls: Where it was inlined, the innermost first; the last is in ``symbol``.
    """

    owner: str
    section: str
    offset: int
    symbol: str = ""
    symbol_offset: int = 0
    file: str = ""
    line: int = 0
    inlined: str = ""
    calls: tuple[CallSite, ...] = ()

    def __str__(self) -> str:
        inside = f" <{self.symbol}+{self.symbol_offset:#x}>" if self.symbol else ""
        inlined = f" in {self.inlined}" if self.inlined else ""
        source = f" at {self.file}:{self.line}" if self.line else ""
        return f"{self.owner} {self.section}+{self.offset:#x}{inside}{inlined}{source}"

    def lines(self) -> Iterator[str]:
        """The place, and a line for each call that the compiler replaced by the function's code."""
        yield str(self)
        for call in self.calls:
            yield f"inlined into {call.caller or '?'}" + (f" at {call.file}:{call.line}" if call.line else "")


class Code:
    """One file and where its sections lie.

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
        self._source = _source(path, path.stat().st_mtime_ns)
        given = addresses or {}
        file = self._source.file
        sections = [each for each in file.elf.sections if each.flags & c.SHF_ALLOC and each.size]
        self._placed = [
            (given.get(each.name, each.address), each) for each in sections if each.name in given or not file.relocatable
        ]
        self.unplaced = tuple(each.name for each in sections if each.flags & c.SHF_EXECINSTR and not self._has(each))
        """Sections with code that nobody told the address of."""

    def _has(self, section: Section) -> bool:
        return any(each is section for _, each in self._placed)

    @property
    def arch(self) -> Arch | None:
        """Its instruction set, if it is one of ours."""
        return self._source.file.arch

    @property
    def sections(self) -> dict[str, Section]:
        """The sections that a device has in its memory, by name."""
        return {each.name: each for each in self._source.file.elf.sections if each.flags & c.SHF_ALLOC}

    @property
    def has_code(self) -> bool:
        """Whether the address of any section with code is known."""
        return any(section.flags & c.SHF_EXECINSTR for _, section in self._placed)

    @property
    def extents(self) -> list[tuple[int, int]]:
        """First address of each section that has one, and the address behind it."""
        return [(start, start + section.size) for start, section in self._placed]

    def at(self, address: int) -> Spot | None:
        """What code is at an address, without the bit of its instruction set; None if that is not in this code."""
        start, section = self._section(address)
        if section is None or not section.flags & c.SHF_EXECINSTR:
            return None
        return self._source.spot(self.name, section, address - start)

    def within(self, name: str, offset: int) -> Spot | None:
        """What code is at an offset of a section, which need not lie anywhere."""
        section = self._source.file.code(name)
        if section is None or not section.flags & c.SHF_EXECINSTR or not 0 <= offset < section.size:
            return None
        return self._source.spot(self.name, section, offset)

    def holds(self, address: int) -> bool:
        """Whether an address is in this code."""
        section = self._section(address)[1]
        return section is not None and bool(section.flags & c.SHF_EXECINSTR)

    def data(self, address: int) -> Spot | None:
        """What is at an address, be it code or data."""
        start, section = self._section(address)
        if section is None:
            return None
        symbol, distance = self._source.symbol(section, address - start)
        return Spot(self.name, section.name, address - start, symbol, distance)

    def call_before(self, address: int) -> int:
        """Bytes of the call instruction that ends at an address; 0 if none does."""
        start, section = self._section(address - 1)
        if section is None or self.arch is None or section.type == c.SHT_NOBITS:
            return 0
        end = address - start
        before = self._source.file.elf.contents(section)[max(0, end - _LONGEST_CALL) : end]
        return self.arch.call_size(bytes(before))

    def _section(self, address: int) -> tuple[int, Section | None]:
        for start, section in self._placed:
            if start <= address < start + section.size:
                return start, section
        return 0, None


class _Source:
    """What a file tells of its sections' contents, wherever they lie."""

    def __init__(self, path: Path) -> None:
        self.file = DebugFile(path)
        self.lines = Lines(self.file)
        self.inlines = Inlines(self.lines)
        self._known: dict[tuple[str, int, int], Spot] = {}

    def spot(self, owner: str, section: Section, offset: int) -> Spot:
        key = (owner, section.index, offset)
        if key not in self._known:
            self._known[key] = self._read_spot(owner, section, offset)
        return self._known[key]

    def _read_spot(self, owner: str, section: Section, offset: int) -> Spot:
        symbol, distance = self.symbol(section, offset)
        try:
            line = self.lines.find(section.name, offset)
        except unreadable():
            line = None
        try:
            inlined = self.inlines.find(section.name, offset)
        except unreadable():
            inlined = None
        file, number = (line.file, line.line) if line else ("", 0)
        function, calls = inlined or ("", ())
        return Spot(owner, section.name, offset, symbol, distance, file, number, function, calls)

    @cached_property
    def _symbols(self) -> dict[int, list[tuple[int, ElfSymbol]]]:
        """Functions and objects by their section's index, in the order of their offsets."""
        found: dict[int, list[tuple[int, ElfSymbol]]] = {}
        sections, bit = self.file.elf.sections, self.file.arch.code_symbol_bit if self.file.arch else 0
        for symbol in self.file.elf.symbols:
            if symbol.type in (c.STT_FUNC, c.STT_OBJECT) and symbol.section < len(sections):
                value = symbol.value & ~bit if symbol.type == c.STT_FUNC else symbol.value
                found.setdefault(symbol.section, []).append((value - sections[symbol.section].address, symbol))
        return {index: sorted(each, key=lambda row: row[0]) for index, each in found.items()}

    def symbol(self, section: Section, offset: int) -> tuple[str, int]:
        rows = self._symbols.get(section.index, [])
        at = bisect_right(rows, offset, key=lambda row: row[0]) - 1
        if at < 0:
            return "", 0
        start, symbol = rows[at]
        return (symbol.name, offset - start) if not symbol.size or offset < start + symbol.size else ("", 0)


@lru_cache(maxsize=_KNOWN_FILES)
def _source(path: Path, changed: int) -> _Source:  # noqa: ARG001 - a file that has changed is another one
    return _Source(path)
