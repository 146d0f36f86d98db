"""Relocations as arrays: the same recipes, thousands at a time.

A section's entries are taken type by type. What a type needs beyond symbol, addend, place and field, every place that
two relocations share, and every value that does not fit is left to the one-by-one path, which also has the words for
errors. Since no other place is touched twice, the order does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llext.arch import Operand, Reloc
from llext.elf import ElfFile, Relocation, Section
from llext.elf.packed import (
    Array,
    PackedRelocations,
    PackedSymbols,
    numpy_for,
    packed_relocations,
    packed_symbols,
    relocation_count,
)
from llext.errors import LinkError
from llext.link.symbols import Symbols, Target, Where


@dataclass
class Columns:
    """numpy and what one file has in columns; S, T and whether it is ordinary for each symbol asked for so far."""

    np: Any
    symbols: PackedSymbols
    s: Array
    t: Array
    known: Array


def columns(elf: ElfFile) -> Columns | None:
    """Columns for a file that is large enough, or None."""
    np = numpy_for(relocation_count(elf)) if elf.header.bits == 32 and elf.symbol_section else None
    if np is None:
        return None
    count = elf.symbol_count
    return Columns(np, packed_symbols(np, elf), np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, bool))


def section(
    columns: Columns, symbols: Symbols, relocations: Section, target: Section, base: int, data: memoryview
) -> tuple[int, list[Relocation]]:
    """Applies what it can of one relocation section.

    Returns:
        The number of entries, and those that are left to do one by one, in order.
    """
    np, table = columns.np, symbols.arch.relocations
    rows = packed_relocations(np, symbols.plan.elf, relocations)
    left = np.ones(len(rows.offset), bool)
    alone = _apart(np, rows, table)
    bytes_ = np.frombuffer(data, np.uint8)
    for number in np.unique(rows.type).tolist():
        reloc = table.get(number)
        if reloc is None or not _ordinary(reloc):
            continue
        chosen = np.nonzero((rows.type == number) & alone & (rows.offset + reloc.field.size <= target.size))[0]
        if reloc.field.size:
            chosen = chosen[_learn(columns, symbols, rows.symbol[chosen], target, rows.offset[chosen])]
            if reloc.state is not None:  # what is a function without the code bit is not ordinary
                chosen = chosen[columns.t[rows.symbol[chosen]] <= reloc.state]
            addend = None if rows.addend is None else rows.addend[chosen]
            chosen = chosen[_relocate(columns, reloc, rows.offset[chosen], rows.symbol[chosen], addend, base, bytes_)]
        left[chosen] = False
    rest = np.nonzero(left)[0]
    addends = [None] * len(rest) if rows.addend is None else rows.addend[rest].tolist()
    places = zip(rows.offset[rest].tolist(), rows.type[rest].tolist(), rows.symbol[rest].tolist(), addends, strict=True)
    return len(left), [Relocation(*place) for place in places]


def _ordinary(reloc: Reloc) -> bool:
    simple = reloc.operand is Operand.SYMBOL and reloc.field.store is None
    return simple and not (reloc.refused or reloc.from_got or reloc.residue or reloc.second)


def _apart(np: Any, rows: PackedRelocations, table: Mapping[int, Reloc]) -> Array:
    """Which entries have their bytes to themselves; those that touch none always do."""
    size = np.array([_extent(table.get(number)) for number in range(256)], np.int64)[rows.type]
    touching = np.nonzero(size)[0]
    order = touching[np.argsort(rows.offset[touching], kind="stable")]
    start, end = rows.offset[order], rows.offset[order] + size[order]
    apart = np.maximum.accumulate(end)[:-1] <= start[1:]
    alone = np.ones(len(size), bool)
    alone[order[1:]] &= apart
    alone[order[:-1]] &= apart
    return alone


def _extent(reloc: Reloc | None) -> int:
    """Bytes that a type touches at most."""
    if reloc is None:
        return 0
    return reloc.field.size + (reloc.second.size if reloc.second else 0) if reloc.field.store is None else 1 << 32


def _learn(columns: Columns, symbols: Symbols, indexes: Array, target: Section, offsets: Array) -> Array:
    """Sees that S and T of these symbols are known; tells which entries have an ordinary symbol."""
    np = columns.np
    new, first = np.unique(indexes, return_index=True)
    order = np.argsort(first, kind="stable")
    for index, at in zip(new[order].tolist(), first[order].tolist(), strict=True):
        found = None if columns.known[index] else _found(symbols, index, Where(target.name, int(offsets[at])))
        if found is not None:
            columns.s[index], columns.t[index] = found.s, found.t
            columns.known[index] = True
    return np.array([_is_ordinary(symbols, index) for index in new.tolist()], bool)[np.searchsorted(new, indexes)]


def _found(symbols: Symbols, index: int, where: Where) -> Target | None:
    """What a symbol stands for; None if it is an error, whose turn comes one by one, behind errors before it."""
    try:
        return symbols.target(index, where)
    except LinkError:
        return None


def _is_ordinary(symbols: Symbols, index: int) -> bool:
    found = symbols.known.get(index)
    return found is not None and not (found.missing or found.thread or (found.function and not found.t))


def _relocate(
    columns: Columns, reloc: Reloc, offset: Array, symbol: Array, addend: Array | None, base: int, data: Array
) -> Array:
    """Relocates one type; tells which entries fitted."""
    np, field = columns.np, reloc.field
    word = data[offset].astype(np.int64)
    for step in range(1, field.size):
        word = word | data[offset + step].astype(np.int64) << 8 * step
    value = reloc.value(columns.s[symbol], field.addend(word) if addend is None else addend, base + offset, columns.t[symbol])
    fits = np.ones(len(offset), bool)
    if reloc.low is not None and reloc.high is not None:
        value = (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        fits = (value >= reloc.low) & (value <= reloc.high) & (value % reloc.alignment == 0)
    new: Array = field.insert(word, value)
    for step in range(field.size):
        data[offset[fits] + step] = (new[fits] >> 8 * step & 0xFF).astype(np.uint8)
    return fits
