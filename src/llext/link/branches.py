"""The branches of one relocation section: where they go, whatever kind of table holds their addends."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from llext.arch import Reloc
from llext.elf import ElfFile, Relocation, Section
from llext.elf import constants as c
from llext.elf.packed import Array, Columns, columns
from llext.elf.reader import Buffer

Goal = tuple[int, int, int]
"""Symbol index, addend and relocation type of a branch."""


def branch_span(elf: ElfFile, section: Section, types: Mapping[int, Reloc], near: Collection[int]) -> tuple[int, int] | None:
    """File offset and size of the range with the fields that ``branches`` looks into, or None where it needs none."""
    target = elf.relocation_target(section)
    if section.type != c.SHT_REL or target.type == c.SHT_NOBITS:
        return None
    packed = columns(elf)
    if packed is None:
        return _span(target, [entry.offset for entry in _entries(elf, section, types, near)])
    return _span(target, packed.relocations(section).offset[_rows(packed, section, types, near)].tolist())


def branches(elf: ElfFile, section: Section, types: Mapping[int, Reloc], near: Collection[int]) -> list[Goal]:
    """Where a section's branches go, each goal once, sorted.

    Args:
        elf: The file.
        section: The relocation section.
        types: The types that are branches; their fields have 4 bytes.
        near: Leaves out symbols of these sections.
    """
    if elf.relocation_target(section).type == c.SHT_NOBITS:
        return []
    packed = columns(elf)
    if packed is None:
        return _goals(elf, section, types, _entries(elf, section, types, near))
    return _goals_of_rows(packed, section, types, _rows(packed, section, types, near))


def _span(target: Section, offsets: list[int]) -> tuple[int, int] | None:
    return (target.offset + min(offsets), max(offsets) + 4 - min(offsets)) if offsets else None


def _fields(elf: ElfFile, section: Section, offsets: list[int]) -> tuple[int, Buffer]:
    """The bytes from the first field to the last, and the offset in the section at which they begin; none for SHT_RELA."""
    span = _span(elf.relocation_target(section), offsets) if section.type == c.SHT_REL else None
    return (span[0] - elf.relocation_target(section).offset, elf.contents_at(*span)) if span else (0, b"")


# One by one ---------------------------------------------------------------------------------------------------------------


def _entries(elf: ElfFile, section: Section, types: Mapping[int, Reloc], near: Collection[int]) -> list[Relocation]:
    symbols, last = elf.symbols, elf.relocation_target(section).size - 4
    return [
        entry
        for entry in elf.relocations(section)
        if entry.type in types and entry.offset <= last and symbols[entry.symbol].section not in near
    ]


def _goals(elf: ElfFile, section: Section, types: Mapping[int, Reloc], entries: list[Relocation]) -> list[Goal]:
    start, data = _fields(elf, section, [entry.offset for entry in entries])

    def addend(entry: Relocation) -> int:
        at = entry.offset - start
        return types[entry.type].field.addend(int.from_bytes(data[at : at + 4], "little"))

    return sorted({
        (entry.symbol, addend(entry) if entry.addend is None else entry.addend, entry.type) for entry in entries
    })  # fmt: skip


# As arrays ----------------------------------------------------------------------------------------------------------------


def _rows(packed: Columns, section: Section, types: Mapping[int, Reloc], near: Collection[int]) -> Array:
    np, rows = packed.np, packed.relocations(section)
    if types.keys().isdisjoint(rows.types):
        return np.zeros(0, np.int64)
    branching = np.zeros(256, bool)
    branching[list(types)] = True
    chosen = branching[rows.type]
    chosen &= ~packed.within(near, packed.symbols.section[rows.symbol])
    return np.nonzero(chosen & (rows.offset <= packed.elf.relocation_target(section).size - 4))[0]


def _goals_of_rows(packed: Columns, section: Section, types: Mapping[int, Reloc], chosen: Array) -> list[Goal]:
    np, rows = packed.np, packed.relocations(section)
    start, data = _fields(packed.elf, section, rows.offset[chosen].tolist())
    found: list[Goal] = []
    for number in np.unique(rows.type[chosen]).tolist():
        these = chosen[rows.type[chosen] == number]
        if rows.addend is None:
            addend = types[number].field.addend(_words(np, data, rows.offset[these] - start))
        else:
            addend = rows.addend[these]
        keys = np.unique(rows.symbol[these] << 32 | addend & 0xFFFFFFFF).tolist()
        found += [(key >> 32, (key & 0xFFFFFFFF ^ 0x80000000) - 0x80000000, number) for key in keys]
    return sorted(found)


def _words(np: Any, data: Buffer, at: Array) -> Array:
    """The 32-bit little-endian words at some offsets."""
    bytes_ = np.frombuffer(data, np.uint8)
    return sum(bytes_[at + step].astype(np.int64) << 8 * step for step in range(4))
