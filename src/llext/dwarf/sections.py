"""Debug sections made readable: those of a relocatable file get their relocations applied.

With every section at address 0 references between debug sections are right, and a code address is the offset in its
section. Joined files keep relocations of type NONE where dead code was dropped, which pyelftools refuses; hence our own.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

from llext.arch import Arch, arch_of_machine, patch
from llext.elf import ElfFile, Section, decompressed
from llext.elf import constants as c
from llext.errors import ElfError

BASE = 0x8000_0000
"""Where ``base_of`` puts a section, above every offset."""


def read(elf: Path | bytes) -> bytes:
    """The bytes of what callers pass."""
    return elf if isinstance(elf, bytes) else elf.read_bytes()


def unreadable() -> tuple[type[Exception], ...]:
    """What pyelftools and our reader raise at damaged files."""
    from elftools.common.exceptions import DWARFError, ELFError

    return (
        ArithmeticError,
        ElfError,
        ELFError,
        DWARFError,
        AssertionError,
        AttributeError,
        LookupError,
        NotImplementedError,
        RecursionError,
        TypeError,
        ValueError,
        struct.error,
    )


def dwarf_info(data: bytes, base_of: str = "") -> Any | None:
    """Pyelftools' view of the DWARF in a file, or None if there is none.

    Args:
        data: The file.
        base_of: A section that lies at ``BASE`` instead of 0, if the file is relocatable.
    """
    from elftools.elf.elffile import ELFFile

    file = ELFFile(io.BytesIO(relocated(data, base_of)))
    return file.get_dwarf_info(relocate_dwarf_sections=False) if file.has_dwarf_info(strict=True) else None


def relocated(data: bytes, base_of: str = "") -> bytes:
    """The file with the relocations of its debug sections applied; other files as they are.

    Raises:
        ElfError: the file is malformed.
    """
    data = decompressed(data)
    elf = ElfFile.parse(data, "debug information")
    arch = arch_of_machine(elf.header.machine)
    if elf.header.type != c.ET_REL or arch is None:
        return data
    out = bytearray(data)
    bases = {number: BASE for number, section in enumerate(elf.sections) if section.name == base_of and base_of}
    for section in elf.relocation_sections:
        target = elf.relocation_target(section)
        if target.name.startswith(".debug"):
            _apply(elf, arch, section, target, bases, out)
    return bytes(out)


def _apply(elf: ElfFile, arch: Arch, section: Section, target: Section, bases: dict[int, int], out: bytearray) -> None:
    for entry in elf.relocations(section):
        if entry.offset + 4 <= target.size:
            symbol = elf.symbols[entry.symbol]
            value = symbol.value & ~arch.code_symbol_bit if symbol.type == c.STT_FUNC else symbol.value
            patch(arch, entry, value + bases.get(symbol.section, 0), out, target.offset + entry.offset)
