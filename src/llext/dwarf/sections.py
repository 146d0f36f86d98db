"""Debug sections of a relocatable file made readable: their relocations applied with every section at address 0.

References between debug sections then are right, and a code address is the offset in its section. Joined files keep
relocations of type NONE where dead code was dropped, which readers of DWARF refuse.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from llext.arch import arch_of_machine
from llext.elf import ElfFile
from llext.elf import constants as c


def dwarf_info(data: bytes) -> Any | None:
    """Pyelftools' view of the DWARF in a file, or None if there is none."""
    from elftools.elf.elffile import ELFFile

    file = ELFFile(io.BytesIO(relocated(data)))
    return file.get_dwarf_info(relocate_dwarf_sections=False) if file.has_dwarf_info() else None


def read(elf: Path | bytes) -> bytes:
    """The bytes of what callers pass."""
    return elf if isinstance(elf, bytes) else elf.read_bytes()


def relocated(data: bytes) -> bytes:
    """The file with the relocations of its debug sections applied; other files as they are.

    Raises:
        ElfError: the file is malformed.
    """
    elf = ElfFile.parse(data, "debug information")
    arch = arch_of_machine(elf.header.machine)
    if elf.header.type != c.ET_REL or arch is None:
        return data
    out = bytearray(data)
    for section in elf.relocation_sections:
        target = elf.relocation_target(section)
        if not target.name.startswith(".debug"):
            continue
        for entry in elf.relocations(section):
            reloc = arch.relocations.get(entry.type)
            if reloc is None or not reloc.field.size or entry.offset + reloc.field.size > target.size:
                continue
            at = target.offset + entry.offset
            word = int.from_bytes(out[at : at + reloc.field.size], "little")
            addend = reloc.field.addend(word) if entry.addend is None else entry.addend
            symbol = elf.symbols[entry.symbol]
            value = symbol.value & ~arch.code_symbol_bit if symbol.type == c.STT_FUNC else symbol.value
            word = reloc.field.insert(word, reloc.value(value, addend, entry.offset, 0))
            out[at : at + reloc.field.size] = (word & (1 << 8 * reloc.field.size) - 1).to_bytes(reloc.field.size, "little")
    return bytes(out)
