"""Relocations and symbols as numpy arrays, for files with very many of them.

numpy is optional. Its import takes as long as thirty thousand relocations do one by one, so it is used where the
process has imported it anyway, and imported for files that are larger than that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from llext.elf import constants as c
from llext.elf.reader import ElfFile, Section

WORTHWHILE = 150
"""Relocations from which arrays are quicker, numpy being there."""

MARKS_KEPT = 16
"""Collections of sections of which ``Columns`` keeps an array."""

WORTH_IMPORTING = 30_000
"""Relocations from which they are quicker although it must be imported first."""

Array = Any
"""A numpy int64 array; numpy may be absent, so its types are not named."""

Settled = Callable[[int], Collection[int]]
"""Relocation type -> indexes of the sections whose symbols it may use without anybody caring."""


def numpy_for(count: int) -> Any | None:
    """The numpy module if it pays for so many relocations and is there, else None."""
    if count < WORTHWHILE or ("numpy" not in sys.modules and count < WORTH_IMPORTING):
        return None
    if sys.modules.get("numpy") is None and ("numpy" in sys.modules or find_spec("numpy") is None):
        return None
    return import_module("numpy")


@dataclass(frozen=True)
class PackedRelocations:
    """One relocation section as columns; ``addend`` is None where the addends stand in the fields (SHT_REL)."""

    offset: Array
    type: Array
    symbol: Array
    addend: Array | None
    types: list[int]
    """The types that occur, in order."""


@dataclass(frozen=True)
class PackedSymbols:
    """The symbol table as columns."""

    value: Array
    type: Array
    binding: Array
    section: Array


class Columns:
    """One file's tables as arrays, each made when it is first asked for."""

    def __init__(self, np: Any, elf: ElfFile) -> None:
        self.np = np
        self.elf = elf
        self._relocations: dict[int, PackedRelocations] = {}
        self._marks: dict[int, tuple[Collection[int], Array]] = {}

    def within(self, sections: Collection[int], place: Array) -> Array:
        """Which section indexes are among these sections; the same collection costs nothing the next time."""
        known = self._marks.get(id(sections))
        if known is None:
            marks = self.np.zeros(1 << 16, bool)
            marks[list(sections)] = True
            known = self._marks[id(sections)] = sections, marks
            while len(self._marks) > MARKS_KEPT:
                del self._marks[next(iter(self._marks))]
        found: Array = known[1][place]
        return found

    @cached_property
    def symbols(self) -> PackedSymbols:
        """The symbol table; its section indexes are checked as ``ElfFile.symbols`` checks them."""
        np, elf, table = self.np, self.elf, self.elf.symbol_section
        assert table is not None
        order = "<" if elf.header.little_endian else ">"
        record = np.dtype([("name", f"{order}u4"), ("value", f"{order}u4"), ("size", f"{order}u4"), ("info", "u1"),
                           ("other", "u1"), ("section", f"{order}u2")])  # fmt: skip
        rows = np.frombuffer(bytes(elf.contents(table)), dtype=record)
        value, info, section = (rows[name].astype(np.int64) for name in ("value", "info", "section"))
        strings = elf.string_section
        nameless = strings is not None and bool((rows["name"] >= max(1, strings.size)).any())
        if nameless or bool(((section >= len(elf.sections)) & (section < c.SHN_LORESERVE)).any()):
            assert elf.symbols  # raises, and has the words
        return PackedSymbols(value, info & 15, info >> 4, section)

    def relocations(self, section: Section) -> PackedRelocations:
        """A relocation section, checked as ``ElfFile.relocations`` checks it."""
        if section.index not in self._relocations:
            self._relocations[section.index] = self._read(section)
        return self._relocations[section.index]

    def _read(self, section: Section) -> PackedRelocations:
        np, elf = self.np, self.elf
        elf.check_entries(section)
        order = "<" if elf.header.little_endian else ">"
        width = section.entry_size // 4
        rows = np.frombuffer(bytes(elf.contents(section)), dtype=f"{order}u4").reshape(-1, width).astype(np.int64)
        info = rows[:, 1]
        if len(rows):
            elf.check_symbol_index(section, int(info.max()) >> 8)
        addend = None if section.type == c.SHT_REL else (rows[:, 2] ^ 0x80000000) - 0x80000000
        type_ = info & 0xFF
        return PackedRelocations(rows[:, 0], type_, info >> 8, addend, np.nonzero(np.bincount(type_))[0].tolist())


def columns(elf: ElfFile) -> Columns | None:
    """The columns of a 32-bit file that is large enough, or None; the same ones each time."""
    if elf.packed is None:
        np = numpy_for(_relocation_count(elf)) if elf.header.bits == 32 and _has_whole_symbols(elf) else None
        elf.packed = np is not None and Columns(np, elf)
    return elf.packed if isinstance(elf.packed, Columns) else None


def _relocation_count(elf: ElfFile) -> int:
    return sum(section.size // section.entry_size for section in elf.relocation_sections if section.entry_size)


def _has_whole_symbols(elf: ElfFile) -> bool:
    table = elf.symbol_section
    return table is not None and table.type != c.SHT_NOBITS and table.entry_size == 16 and not table.size % 16


def uses(elf: ElfFile, section: Section, settled: Settled) -> tuple[set[int], list[tuple[int, int]]]:
    """The types of a relocation section, and the pairs of type and symbol that matter, each once, in order.

    Args:
        elf: The file.
        section: The relocation section.
        settled: Leaves out symbols of these sections.
    """
    packed = columns(elf)
    if packed is None:
        return _uses_one_by_one(elf, section, settled)
    np, rows = packed.np, packed.relocations(section)
    place = packed.symbols.section[rows.symbol]
    matters = np.ones(len(place), bool)
    for number in rows.types:
        matters &= ~((rows.type == number) & packed.within(settled(number), place))
    pairs, first = np.unique((rows.symbol << 8 | rows.type)[matters], return_index=True)
    return set(rows.types), [(pair & 0xFF, pair >> 8) for pair in pairs[np.argsort(first)].tolist()]


def _uses_one_by_one(elf: ElfFile, section: Section, settled: Settled) -> tuple[set[int], list[tuple[int, int]]]:
    pairs = dict.fromkeys((entry.type, entry.symbol) for entry in elf.relocations(section))
    types = {number for number, _ in pairs}
    known = {number: settled(number) for number in types}
    symbols = elf.symbols
    return types, [(number, index) for number, index in pairs if symbols[index].section not in known[number]]


def types(elf: ElfFile, section: Section) -> set[int]:
    """The relocation types that a section uses."""
    packed = columns(elf)
    if packed is None:
        return {entry.type for entry in elf.relocations(section)}
    return set(packed.relocations(section).types)


def global_objects(elf: ElfFile) -> int:
    """Number of global functions and objects, the undefined ones included."""
    packed = columns(elf)
    if packed is None:
        return sum(
            1 for symbol in elf.symbols[1:] if symbol.binding == c.STB_GLOBAL and symbol.type in (c.STT_FUNC, c.STT_OBJECT)
        )
    rows = packed.symbols
    kind = (rows.type == c.STT_FUNC) | (rows.type == c.STT_OBJECT)
    return int((kind & (rows.binding == c.STB_GLOBAL))[1:].sum())


def globals_outside(elf: ElfFile, sections: Collection[int]) -> list[int]:
    """Indexes of the global functions and objects that are defined, and not in one of these sections."""
    packed = columns(elf)
    if packed is None:
        return [
            symbol.index
            for symbol in elf.symbols[1:]
            if symbol.binding == c.STB_GLOBAL
            and symbol.type in (c.STT_FUNC, c.STT_OBJECT)
            and symbol.section
            and symbol.section not in sections
        ]
    np, rows = packed.np, packed.symbols
    kind = ((rows.type == c.STT_FUNC) | (rows.type == c.STT_OBJECT)) & (rows.binding == c.STB_GLOBAL)
    outside = kind & (rows.section != c.SHN_UNDEF) & ~np.isin(rows.section, list(sections))
    found: list[int] = np.nonzero(outside[1:])[0].tolist()
    return [index + 1 for index in found]


def last_offset(elf: ElfFile, section: Section) -> int:
    """The largest offset that a relocation section names; -1 if it is empty."""
    packed = columns(elf)
    if packed is None:
        return max((entry.offset for entry in elf.relocations(section)), default=-1)
    return int(packed.relocations(section).offset.max(initial=-1))


def common_symbols(elf: ElfFile) -> list[int]:
    """Indexes of the COMMON symbols."""
    packed = columns(elf)
    if packed is None:
        return [symbol.index for symbol in elf.symbols if symbol.section == c.SHN_COMMON]
    found: list[int] = packed.np.nonzero(packed.symbols.section == c.SHN_COMMON)[0].tolist()
    return found
