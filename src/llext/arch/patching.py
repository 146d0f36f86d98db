"""Relocations of debug sections: words and halves of instructions that nobody runs, so that nothing is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from llext.arch.model import Arch, Operand
from llext.elf import Relocation


def patch(arch: Arch, entry: Relocation, symbol: int, out: bytearray, at: int) -> None:
    """Applies one relocation of a debug section.

    Args:
        arch: Its recipes.
        entry: The relocation.
        symbol: What its symbol stands for.
        out: Bytes of the section, or a piece of them.
        at: Where in them its place is, in bytes.
    """
    reloc = arch.relocations.get(entry.type)
    if reloc is None or not reloc.field.size or at + reloc.field.size > len(out):
        return
    size = reloc.field.size
    word = int.from_bytes(out[at : at + size], "little")
    addend = reloc.field.addend(word) if entry.addend is None else entry.addend
    word = reloc.field.insert(word, reloc.value(symbol, addend, entry.offset, 0))
    out[at : at + size] = (word & (1 << 8 * size) - 1).to_bytes(size, "little")


def patch_all(arch: Arch, entries: Iterable[Relocation], symbol: Callable[[int], int], out: bytearray) -> None:
    """Applies the relocations of a whole debug section, those that are two halves of a difference too.

    Args:
        arch: Its recipes.
        entries: The relocations, in the order of the file.
        symbol: Index of a symbol -> what it stands for.
        out: The section's bytes.
    """
    minuends: dict[int, int] = {}
    for entry in entries:
        reloc = arch.relocations.get(entry.type)
        if reloc is None or reloc.field.store is None:
            patch(arch, entry, symbol(entry.symbol), out, entry.offset)
        elif reloc.completed_by is Operand.DIFFERENCE:
            minuends[entry.offset] = symbol(entry.symbol) + (entry.addend or 0)
        else:
            difference = minuends.get(entry.offset, 0) - symbol(entry.symbol)
            reloc.field.store(memoryview(out), entry.offset, reloc.value(difference, entry.addend or 0, entry.offset, 0))
