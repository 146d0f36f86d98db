"""Relocations as arrays: the same recipes, thousands at a time.

A section's entries are taken type by type. What a type needs beyond symbol, addend, place and field, symbols that this
file does not define, every place that two relocations share, and every value that does not fit are left to the one-by-one
path, which also has the words for errors. Since no other place is touched twice, the order does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llext.arch import Operand, Reloc
from llext.elf import Relocation, Section
from llext.elf import constants as c
from llext.elf.packed import Array, Columns, PackedRelocations
from llext.link.symbols import Symbols


@dataclass(frozen=True)
class Addresses:
    """S and T of every symbol that the file defines in a loaded section; ``plain`` tells which those are."""

    s: Array
    t: Array
    plain: Array


def addresses(columns: Columns, symbols: Symbols) -> Addresses:
    """The columns S and T of one file at its addresses."""
    np, rows, plan = columns.np, columns.symbols, symbols.plan
    bases = np.full(len(plan.elf.sections), -1, np.int64)
    for index, place in plan.places.items():
        if place.kind in symbols.regions:
            bases[index] = symbols.regions[place.kind].address + place.offset
    real = rows.section < len(bases)
    base = np.where(real, bases[np.where(real, rows.section, 0)], -1)
    function = rows.type == c.STT_FUNC
    t = np.where(function, rows.value & symbols.arch.code_symbol_bit, 0)
    other_state = function & (t != symbols.arch.code_symbol_bit)
    return Addresses(base + rows.value - t, t, (base >= 0) & ~other_state)


def section(
    columns: Columns, known: Addresses, symbols: Symbols, relocations: Section, target: Section, base: int, data: memoryview
) -> tuple[int, list[Relocation]]:
    """Applies what it can of one relocation section.

    Returns:
        The number of entries, and those that are left to do one by one, in order.
    """
    np, table, rows = columns.np, symbols.arch.relocations, columns.relocations(relocations)
    left = np.ones(len(rows.offset), bool)
    possible = _apart(columns, rows, table) & known.plain[rows.symbol]
    bytes_ = np.frombuffer(data, np.uint8)
    for number in rows.types:
        reloc = table.get(number)
        if reloc is None or not _ordinary(reloc):
            continue
        these = rows.type == number
        if not reloc.field.size:
            left[these] = False
            continue
        chosen = np.nonzero(these & possible & (rows.offset + reloc.field.size <= target.size))[0]
        if reloc.state is not None:  # a function without the code bit is not among the possible ones
            chosen = chosen[known.t[rows.symbol[chosen]] <= reloc.state]
        addend = None if rows.addend is None else rows.addend[chosen]
        fitted = _relocate(columns, known, reloc, rows.offset[chosen], rows.symbol[chosen], addend, base, bytes_)
        left[chosen[fitted]] = False
    rest = np.nonzero(left)[0]
    addends = [None] * len(rest) if rows.addend is None else rows.addend[rest].tolist()
    places = zip(rows.offset[rest].tolist(), rows.type[rest].tolist(), rows.symbol[rest].tolist(), addends, strict=True)
    return len(left), [Relocation(*place) for place in places]


def _ordinary(reloc: Reloc) -> bool:
    simple = reloc.operand is Operand.SYMBOL and reloc.field.store is None
    return simple and not (reloc.refused or reloc.from_got or reloc.residue or reloc.second)


def _apart(columns: Columns, rows: PackedRelocations, table: Mapping[int, Reloc]) -> Array:
    """Which entries have their bytes to themselves; those that touch none always do."""
    np = columns.np
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


def _relocate(
    columns: Columns, known: Addresses, reloc: Reloc, offset: Array, symbol: Array, addend: Array | None, base: int, data: Array
) -> Array:
    """Relocates one type; tells which entries fitted."""
    np, field = columns.np, reloc.field
    word = data[offset].astype(np.int64)
    for step in range(1, field.size):
        word = word | data[offset + step].astype(np.int64) << 8 * step
    value = reloc.value(known.s[symbol], field.addend(word) if addend is None else addend, base + offset, known.t[symbol])
    fits = np.ones(len(offset), bool)
    if reloc.low is not None and reloc.high is not None:
        value = (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        fits = (value >= reloc.low) & (value <= reloc.high) & (value % reloc.alignment == 0)
    new: Array = field.insert(word, value)
    if not fits.all():
        offset, new = offset[fits], new[fits]
    for step in range(field.size):
        data[offset + step] = (new >> 8 * step & 0xFF).astype(np.uint8)
    return fits
