"""Relocations and symbols as numpy arrays, for files with very many of them.

numpy is optional. Its import takes longer than a hundred thousand relocations do one by one, so it is used where the
process has imported it anyway, and imported for files that are larger than that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from llext.elf import constants as c
from llext.elf.reader import ElfFile, Section

WORTHWHILE = 700
"""Relocations from which arrays are quicker, numpy being there."""

WORTH_IMPORTING = 150_000
"""Relocations from which they are quicker although it must be imported first."""

Array = Any
"""A numpy int64 array; numpy may be absent, so its types are not named."""


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


@dataclass(frozen=True)
class PackedSymbols:
    """The symbol table as columns."""

    value: Array
    type: Array
    section: Array


def relocation_count(elf: ElfFile) -> int:
    """Entries of all relocation sections of a file, by their sizes."""
    return sum(section.size // section.entry_size for section in elf.relocation_sections if section.entry_size)


def packed_relocations(np: Any, elf: ElfFile, section: Section) -> PackedRelocations:
    """The columns of a relocation section of a 32-bit file, checked as ``ElfFile.relocations`` checks it."""
    elf.check_entries(section)
    order = "<" if elf.header.little_endian else ">"
    width = section.entry_size // 4
    rows = np.frombuffer(bytes(elf.contents(section)), dtype=f"{order}u4").reshape(-1, width).astype(np.int64)
    info = rows[:, 1]
    elf.check_symbol_index(section, int(info.max(initial=0)) >> 8)
    addend = None if section.type == c.SHT_REL else (rows[:, 2] ^ 0x80000000) - 0x80000000
    return PackedRelocations(rows[:, 0], info & 0xFF, info >> 8, addend)


def packed_symbols(np: Any, elf: ElfFile) -> PackedSymbols:
    """The columns of the symbol table of a 32-bit file."""
    table = elf.symbol_section
    assert table is not None
    order = "<" if elf.header.little_endian else ">"
    record = np.dtype([("name", f"{order}u4"), ("value", f"{order}u4"), ("size", f"{order}u4"), ("info", "u1"),
                       ("other", "u1"), ("section", f"{order}u2")])  # fmt: skip
    rows = np.frombuffer(bytes(elf.contents(table)), dtype=record)
    wide = {name: rows[name].astype(np.int64) for name in ("value", "info", "section")}
    return PackedSymbols(wide["value"], wide["info"] & 15, wide["section"])


def relocation_uses(elf: ElfFile, section: Section) -> Iterable[tuple[int, int]]:
    """The pairs of type and symbol of a relocation section, each once, in the order in which they first occur."""
    np = numpy_for(relocation_count(elf)) if elf.header.bits == 32 else None
    if np is None:
        return dict.fromkeys((entry.type, entry.symbol) for entry in elf.relocations(section))
    rows = packed_relocations(np, elf, section)
    pairs, first = np.unique(rows.symbol << 8 | rows.type, return_index=True)
    return [(pair & 0xFF, pair >> 8) for pair in pairs[np.argsort(first)].tolist()]
