"""Source lines of code, from DWARF's line tables (versions 2 to 5; DWARF 5 section 6.2)."""

from __future__ import annotations

import io
import posixpath
import struct
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from llext.dwarf.debug_file import DebugFile
from llext.dwarf.sections import unreadable
from llext.dwarf.sequences import SET_ADDRESS, Sequences
from llext.dwarf.units import Units
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
    """The line tables of one file; a piece of one is decoded when it is needed, once.

    In a relocatable file relocations show where a table sets addresses, so that no more of it is decoded than what stands
    behind the one in question. In a linked file the unit of the instruction shows which table it is.
    """

    def __init__(self, file: DebugFile) -> None:
        self.file = file
        self.units = Units(file)
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._folders: dict[int, str] = {}
        self._headers: dict[int, tuple[Any, Any, int]] = {}
        self._sequences: dict[int, Sequences] = {}
        self._rows: dict[tuple[int, int, int], list[_Row]] = {}

    def find(self, section_name: str, offset: int) -> SourceLine | None:
        """The line of an instruction; arguments as for ``source_line``.

        Raises:
            Exception: one of ``unreadable``: the file is damaged.
        """
        code = self.file.code(section_name)
        if code is None:
            return None
        address = self.file.address(code, offset)
        for unit, start, end in self._candidates(code, offset):
            row = next((row for row in self._decoded(code, unit, start, end) if row.start <= address < row.end), None)
            if row is not None:
                return self._line(self._header(code, unit)[0], unit, row) if row.line else None
        return None

    def _candidates(self, code: Section, offset: int) -> Iterator[tuple[int, int, int]]:
        """Start of a line table, and the range of it that may cover an instruction: the nearest first."""
        if not self.file.relocatable:
            yield from self._tables(code, offset)
            return
        if code.index not in self._starts:
            self._starts[code.index] = self.file.starts(_LINE, code)
        starts = self._starts[code.index]
        for _, at in reversed(starts[: bisect_right(starts, (offset, 1 << 32))]):
            unit = next((unit for unit in self._units if unit[0] <= at < unit[1]), None)
            if unit is not None:
                yield unit[0], *self._of_unit(code, *unit).piece(at)

    def _of_unit(self, code: Section, unit: int, end: int) -> Sequences:
        """The sequences of one table."""
        if unit not in self._sequences:
            section = self.file.elf.section(_LINE)
            data = memoryview(self.file.elf.contents(section) if section else b"")
            header, _, program = self._header(code, unit)
            self._sequences[unit] = Sequences(data, unit + program, end, header, self._marks)
        return self._sequences[unit]

    @cached_property
    def _marks(self) -> list[int]:
        """Where the tables set addresses."""
        return [at for _, _, at in self.file.pointers(_LINE)]

    def _tables(self, code: Section, offset: int) -> Iterator[tuple[int, int, int]]:
        """The table of an instruction's unit; all tables where there are no units."""
        if not self.file.size(".debug_info"):
            yield from ((start, 0, end) for start, end in self._units)
            return
        unit = self.units.covering(code, offset)
        table = unit.top.attributes.get("DW_AT_stmt_list") if unit else None
        if table is not None:
            yield from ((start, 0, end) for start, end in self._units if start == table.value)

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

    def _header(self, code: Section, unit: int) -> tuple[Any, Any, int]:
        """Header of a line table, how its numbers are read, and where its program begins."""
        if unit not in self._headers:
            end = next(end for start, end in self._units if start == unit)
            self._headers[unit] = _header(self.file, self.file.read(_LINE, code, unit, end - unit))
        return self._headers[unit]

    def _decoded(self, code: Section, unit: int, start: int, end: int) -> list[_Row]:
        """Rows of a range of a line table, from its program's start on if that is 0; a line of 0 is one that is not known."""
        key = (code.index, start or unit, end)
        if key not in self._rows:
            header, structs, program = self._header(code, unit)
            first = start or unit + program
            before = self._sequences[unit].registers(start + len(SET_ADDRESS)).program if start else b""
            self._rows[key] = list(_rows(_program(header, structs, before + self.file.read(_LINE, code, first, end - first))))
        return self._rows[key]

    def _line(self, header: Any, start: int, row: _Row) -> SourceLine:
        name = self._name(header, row.file)
        if header.version >= 5:
            formats = header.directory_entry_format
            return SourceLine(name, row.line, _text(self.file, formats, header.directories[0]) if header.directories else "")
        if start not in self._folders:
            self._folders[start] = self._unit_folder(start)
        return SourceLine(name, row.line, self._folders[start])

    def file_name(self, code: Section, table: int, number: int) -> str:
        """A source file by its number in the table that begins at an offset of .debug_line; empty if there is none.

        Raises:
            Exception: one of ``unreadable``: the file is damaged.
        """
        known = any(start == table for start, _ in self._units)
        return self._name(self._header(code, table)[0], number) if known else ""

    def _name(self, header: Any, number: int) -> str:
        """DWARF 5 counts files and folders from 0, before that from 1, 0 being the unit's folder."""
        if header.version >= 5:
            entry = header.file_names[number]
            folder = entry.get("DW_LNCT_directory_index") or 0
            where = _text(self.file, header.directory_entry_format, header.directories[folder]) if folder else ""
            return _joined(where, _text(self.file, header.file_name_entry_format, entry))
        entry = header.file_entry[number - 1]
        where = header.include_directory[entry.dir_index - 1].decode("utf-8", "replace") if entry.dir_index else ""
        return _joined(where, entry.name.decode("utf-8", "replace"))

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


def _header(file: DebugFile, data: bytes) -> tuple[Any, Any, int]:
    """The header of a line table as pyelftools reads it, with its structs, and its size in bytes."""
    from elftools.common.utils import struct_parse
    from elftools.dwarf.structs import DWARFStructs

    version = struct.unpack_from("<H", data, _LENGTH_BYTES)[0]
    little = file.elf.header.little_endian
    structs = DWARFStructs(little_endian=little, dwarf_format=32, address_size=4, dwarf_version=version)
    stream = io.BytesIO(data)
    return struct_parse(structs.Dwarf_lineprog_header, stream, 0), structs, stream.tell()


def _program(header: Any, structs: Any, data: bytes) -> Any:
    """Pyelftools' decoder of a piece of a line table's program."""
    from elftools.dwarf.lineprogram import LineProgram

    return LineProgram(
        header=header, stream=io.BytesIO(data), structs=structs, program_start_offset=0, program_end_offset=len(data)
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
