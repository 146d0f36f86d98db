"""What an extension's file makes a stock loader take from the heap beyond what it needs, and what options add."""

from __future__ import annotations

from pathlib import Path

from llext.arch import arch_of_machine
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import ElfError
from llext.link import Allocation, Plan, RegionKind

_SYMBOL_BYTES = 16
"""Of an entry of a 32-bit symbol table; a copied one has its name in the string table, too."""


def local_symbols(path: Path) -> int:
    """Bytes of a file's symbol and string tables that local symbols take which no relocation needs."""
    try:
        elf = ElfFile.parse(path.read_bytes(), path.name)
        needed = {entry.symbol for section in elf.relocation_sections for entry in elf.relocations(section)}
        names = [
            symbol.name
            for symbol in elf.symbols
            if symbol.index and symbol.binding == c.STB_LOCAL and symbol.type != c.STT_SECTION and symbol.index not in needed
        ]
        return _SYMBOL_BYTES * len(names) + sum(len(name) + 1 for name in set(names))  # one text serves all of a name
    except (ElfError, OSError):
        return 0


def with_veneers(wants: list[Allocation], made: Plan) -> list[Allocation]:
    """The requests of a loader with CONFIG_LLEXT_VENEERS: one slot for each call of an undefined symbol, behind the constants."""
    count = _calls_out(made)
    arch = arch_of_machine(made.elf.header.machine)
    if not count or arch is None:
        return wants
    at = next((number for number, want in enumerate(wants) if _is_behind(want)), len(wants))
    size, rules = count * arch.veneer(made.elf).size, made.rules
    size, alignment = rules.rounded(size, 4)
    return [*wants[:at], Allocation("veneers", size, alignment), *wants[at:]]


_TABLES = (RegionKind.SHSTRTAB, RegionKind.STRTAB)


def _is_behind(want: Allocation) -> bool:
    """Whether a loader comes to it behind the constants."""
    if want.kind is None:
        return want.purpose in ("symbol table", "export table")
    return want.kind > RegionKind.RODATA and want.kind not in _TABLES


def _calls_out(made: Plan) -> int:
    """Relocations of calls to undefined symbols; several of one symbol count as often."""
    elf, arch = made.elf, arch_of_machine(made.elf.header.machine)
    if arch is None:
        return 0
    return sum(
        elf.symbols[entry.symbol].undefined
        for section in elf.relocation_sections
        if made.relocates(elf.relocation_target(section))
        for entry in elf.relocations(section)
        if entry.type in arch.branches
    )
