"""Source lines of code, from DWARF's line tables (versions 2 to 5; DWARF 5 section 6.2)."""

from __future__ import annotations

import io
import posixpath
import struct
from collections.abc import Iterator
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from llext.dwarf.debug_file import DebugFile
from llext.dwarf.sections import unreadable
from llext.elf import Section

_LINE = ".debug_line"
_LENGTH_BYTES = 4
"""unit_length of 32-bit DWARF; units of 64-bit DWARF, which no compiler writes for 32-bit targets, are skipped."""


class SourceLine(NamedTuple):
    """A line of a source: the file as the compiler was told it, the line from 1, and the folder that it was told it in."""

    file: str
    line: int
    folder: str


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
        found = Lines(DebugFile(elf)).find(section_name, offset)
    except unreadable():
        return None
    return (found.file, found.line) if found else None


class Lines:
    """The line tables of one file; each is decoded once, when it is needed."""

    def __init__(self, file: DebugFile) -> None:
        self.file = file
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._folders: dict[int, str] = {}
        self._rows: dict[tuple[int, int, int], tuple[Any, list[_Row]]] = {}

    def find(self, section_name: str, offset: int) -> SourceLine | None:
        """The line of an instruction; arguments as for ``source_line``.

        Raises:
            Exception: one of ``unreadable``: the file is damaged.
        """
        code = self.file.code(section_name)
        if code is None:
            return None
        address = self.file.address(code, offset)
        for start, end in self._candidates(code, offset):
            header, rows = self._table(code, start, end)
            row = next((row for row in rows if row.start <= address < row.end), None)
            if row is not None:
                return self._line(header, start, row) if row.line else None
        return None

    def _candidates(self, code: Section, offset: int) -> Iterator[tuple[int, int]]:
        """Ranges of the line tables that may cover an instruction: the nearest first, each once."""
        if not self.file.relocatable:
            yield from self._units
            return
        if code.index not in self._starts:
            self._starts[code.index] = self.file.starts(_LINE, code)
        seen = set()
        for begins, at in reversed(self._starts[code.index]):
            if begins <= offset:
                unit = next((unit for unit in self._units if unit[0] <= at < unit[1]), None)
                if unit is not None and unit not in seen:
                    seen.add(unit)
                    yield unit

    @cached_property
    def _units(self) -> list[tuple[int, int]]:
        """Start and end of each line table."""
        section = self.file.elf.section(_LINE)
        data = memoryview(self.file.elf.contents(section)) if section else memoryview(b"")
        start, found = 0, []
        while start + _LENGTH_BYTES <= len(data):
            end = start + _LENGTH_BYTES + struct.unpack_from("<I", data, start)[0]
            found.append((start, min(end, len(data))))
            start = end
        return found

    def _table(self, code: Section, start: int, end: int) -> tuple[Any, list[_Row]]:
        """Header and rows of one line table; the line of a row is 0 where the compiler knows none."""
        key = (code.index, start, end)
        if key not in self._rows:
            program = _program(self.file, self.file.read(_LINE, code, start, end - start))
            self._rows[key] = program.header, list(_rows(program))
        return self._rows[key]

    def _line(self, header: Any, start: int, row: _Row) -> SourceLine:
        """A file by its number: DWARF 5 counts files and folders from 0, before that from 1, 0 being the unit's folder."""
        if header.version >= 5:
            entry = header.file_names[row.file]
            folders = [_text(self.file, header.directory_entry_format, each) for each in header.directories]
            name, folder = _text(self.file, header.file_name_entry_format, entry), entry.get("DW_LNCT_directory_index") or 0
            return SourceLine(_joined(folders[folder] if folder else "", name), row.line, folders[0] if folders else "")
        entry = header.file_entry[row.file - 1]
        folder = header.include_directory[entry.dir_index - 1].decode("utf-8", "replace") if entry.dir_index else ""
        name = _joined(folder, entry.name.decode("utf-8", "replace"))
        if start not in self._folders:
            self._folders[start] = self._unit_folder(start)
        return SourceLine(name, row.line, self._folders[start])

    def _unit_folder(self, start: int) -> str:
        """The folder in which the unit of a line table was compiled, which tables before DWARF 5 do not say; or empty.

        Units and their tables stand in the same order, so that the likely unit is looked at first. Read without relocating:
        then SHT_REL has the offsets that matter in place, and SHT_RELA nothing to find.
        """
        from elftools.elf.elffile import ELFFile

        info = ELFFile(io.BytesIO(self.file.data)).get_dwarf_info(relocate_dwarf_sections=False)
        likely = next(number for number, unit in enumerate(self._units) if unit[0] == start)
        for unit in chain(islice(info.iter_CUs(), likely, likely + 1), info.iter_CUs()):
            top = unit.get_top_DIE().attributes
            if "DW_AT_stmt_list" in top and "DW_AT_comp_dir" in top and top["DW_AT_stmt_list"].value == start:
                folder: str = top["DW_AT_comp_dir"].value.decode("utf-8", "replace")
                return folder
        return ""


class _Row(NamedTuple):
    """A range of addresses with one line; file by its number."""

    start: int
    end: int
    file: int
    line: int


def _rows(program: Any) -> Iterator[_Row]:
    before = None
    for entry in program.get_entries():
        state = entry.state
        if state is None:
            continue
        if before and before.address < state.address:
            yield _Row(before.address, state.address, before.file, before.line)
        before = None if state.end_sequence else state


def _program(file: DebugFile, data: bytes) -> Any:
    """Pyelftools' decoder of one line table."""
    from elftools.common.utils import struct_parse
    from elftools.dwarf.lineprogram import LineProgram
    from elftools.dwarf.structs import DWARFStructs

    version = struct.unpack_from("<H", data, _LENGTH_BYTES)[0]
    little = file.elf.header.little_endian
    structs = DWARFStructs(little_endian=little, dwarf_format=32, address_size=4, dwarf_version=version)
    stream = io.BytesIO(data)
    header = struct_parse(structs.Dwarf_lineprog_header, stream, 0)
    return LineProgram(
        header=header, stream=stream, structs=structs, program_start_offset=stream.tell(), program_end_offset=len(data)
    )


def _joined(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name)) if folder else name


def _text(file: DebugFile, formats: Any, entry: Any) -> str:
    """DW_LNCT_path of a row, which stands in the row or in a table of strings."""
    value = entry["DW_LNCT_path"]
    form = next(each.form for each in formats if each.content_type == "DW_LNCT_path")
    section = file.elf.section({"DW_FORM_line_strp": ".debug_line_str", "DW_FORM_strp": ".debug_str"}.get(form, ""))
    if section is not None:
        data = bytes(file.elf.contents(section))
        value = data[value : data.index(b"\0", value)]
    text: str = value.decode("utf-8", "replace")
    return text
