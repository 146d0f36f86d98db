"""Source lines of code, from DWARF's line tables (versions 4 and 5)."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from llext.dwarf.sections import BASE, dwarf_info, read, unreadable
from llext.elf import ElfFile
from llext.elf import constants as c


def source_line(elf: Path | bytes, section_name: str, offset: int) -> tuple[str, int] | None:
    """The source line of an instruction.

    Args:
        elf: A file with DWARF, relocatable or not.
        section_name: Section of the instruction, ``.text``.
        offset: Bytes from the start of that section, without the Thumb bit.

    Returns:
        The file as the compiler was told it, and the line; None if that is not known.
    """
    try:
        data = read(elf)
        start = _start(data, section_name)
        info = dwarf_info(data, section_name)
        return _find(info, start + offset) if info and start is not None else None
    except unreadable():
        return None


def _start(data: bytes, section_name: str) -> int | None:
    """Where the section lies in what ``dwarf_info`` reads."""
    elf = ElfFile.parse(data, "debug information")
    section = next((section for section in elf.sections if section.name == section_name), None)
    if section is None:
        return None
    return BASE if elf.header.type == c.ET_REL else section.address


def _find(info: Any, address: int) -> tuple[str, int] | None:
    for unit in info.iter_CUs():
        if _cannot_cover(unit, address):
            continue
        program = info.line_program_for_CU(unit)
        before = None
        for entry in program.get_entries() if program else ():
            state = entry.state
            if state is None:
                continue
            if before and before.address <= address < state.address:
                return (_file(program, before.file), before.line) if before.line else None
            before = None if state.end_sequence else state
    return None


def _cannot_cover(unit: Any, address: int) -> bool:
    """Whether a unit says that it is one range, elsewhere. One with several says nothing here."""
    attributes = unit.get_top_DIE().attributes
    low, high = attributes.get("DW_AT_low_pc"), attributes.get("DW_AT_high_pc")
    if low is None or high is None:
        return False
    end = high.value if high.form == "DW_FORM_addr" else low.value + high.value
    return not low.value <= address < end


def _file(program: Any, number: int) -> str:
    """A file by its number: DWARF 5 counts files and folders from 0, DWARF 4 from 1 with 0 for the unit's own folder."""
    header = program.header
    first = 0 if header.version >= 5 else 1
    entry = header.file_entry[number - first]
    name: str = entry.name.decode("utf-8", "replace")
    if not entry.dir_index:
        return name
    folder: str = header.include_directory[entry.dir_index - first].decode("utf-8", "replace")
    return posixpath.normpath(posixpath.join(folder, name))
