"""The debug file of an extension that came without a path, as an embedded one does: that which its code was made with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import LlextError

if TYPE_CHECKING:
    from llext.loader.extension import Extension

_WORD = 4
_LONGEST = 3
"""Words that a relocated field of 8 bytes (auipc and jalr) may touch."""


def twin_of(extension: Extension, folder: Path) -> Path | None:
    """Of the debug files in a folder, the one whose code is in memory, but for the places that loading patched."""
    for path in sorted(folder.glob("*_debug.elf")):
        try:
            if _same_code(extension, ElfFile.parse(path.read_bytes(), path.name)):
                return path
        except (OSError, LlextError):
            continue
    return None


def _same_code(extension: Extension, elf: ElfFile) -> bool:
    text = extension.regions.get("text")
    code = {section.name: section for section in elf.sections if section.flags & c.SHF_EXECINSTR and section.size}
    if text is None or not code or not code.keys() <= text.sections.keys():
        return False
    tables = [section for section in elf.sections if section.type in (c.SHT_REL, c.SHT_RELA)]
    for name, section in code.items():
        entries = [each for table in tables if table.info == section.index for each in elf.relocations(table)]
        patched = {each.offset // _WORD + i for each in entries for i in range(_LONGEST)}
        there = extension.caller.machine.memory.read(text.sections[name], section.size)
        made = bytes(elf.contents(section))
        words = (at for at in range(0, section.size, _WORD) if at // _WORD not in patched)
        if any(there[at : at + _WORD] != made[at : at + _WORD] for at in words):
            return False
    return True
