"""Calls that the compiler replaced by the function's own code: DW_TAG_inlined_subroutine (DWARF 5 section 3.3.8.2)."""

from __future__ import annotations

from typing import Any, NamedTuple

from llext.dwarf.entries import Unit
from llext.dwarf.lines import Lines
from llext.elf import Section

_FUNCTION, _INLINED = "DW_TAG_subprogram", "DW_TAG_inlined_subroutine"
_BLOCKS = {"DW_TAG_lexical_block", "DW_TAG_try_block", "DW_TAG_catch_block"}
_NAMESPACES = {"DW_TAG_namespace", "DW_TAG_module"}


class CallSite(NamedTuple):
    """Where a function was inlined.

    Attributes:
        caller: The function that has the call in its source.
        file: The source, as the compiler was told it, or empty.
        line: The line of the call, from 1.
    """

    caller: str
    file: str
    line: int


class Inlined(NamedTuple):
    """The function that an instruction was written in, and the calls that led there, the innermost first."""

    function: str
    calls: tuple[CallSite, ...]


class Inlines:
    """The inlined functions of one file.

    Args:
        lines: Its line tables, which have the names of sources.
    """

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._functions: dict[Unit, list[tuple[int, int, Any]]] = {}

    def find(self, section_name: str, offset: int) -> Inlined | None:
        """What was inlined where an instruction is; None if nothing was, or nothing is known.

        Args:
            section_name: Section of the instruction, ``.text``.
            offset: Bytes from its start, without the Thumb bit.

        Raises:
            Exception: one of ``unreadable``: the file is damaged.
        """
        code = self.lines.file.code(section_name)
        unit = self.lines.units.covering(code, offset) if code else None
        if code is None or unit is None:
            return None
        address = self.lines.file.address(code, offset)
        scopes = self._scopes(unit, address)
        if len(scopes) < 2:
            return None
        pairs = list(zip(reversed(scopes[:-1]), reversed(scopes[1:]), strict=True))
        return Inlined(unit.name(scopes[-1]), tuple(self._call(code, unit, outer, inner) for outer, inner in pairs))

    def _scopes(self, unit: Unit, address: int) -> list[Any]:
        """The entries of the function at an address and of those that were inlined there, the outermost first."""
        if unit not in self._functions:
            self._functions[unit] = _functions(unit)
        scope = next((entry for low, high, entry in self._functions[unit] if low <= address < high), None)
        found = []
        while scope is not None:
            if scope.tag not in _BLOCKS:
                found.append(scope)
            scope = _inner(unit, scope, address)
        return found

    def _call(self, code: Section, unit: Unit, outer: Any, inner: Any) -> CallSite:
        attributes = inner.attributes
        line = attributes["DW_AT_call_line"].value if "DW_AT_call_line" in attributes else 0
        file = ""
        if "DW_AT_call_file" in attributes and "DW_AT_stmt_list" in unit.top.attributes:
            table = unit.top.attributes["DW_AT_stmt_list"].value
            file = self.lines.file_name(code, table, attributes["DW_AT_call_file"].value)
        return CallSite(unit.name(outer), file, line)


def _functions(unit: Unit) -> list[tuple[int, int, Any]]:
    """First and last address of the functions of a unit, and their entries."""
    found, places = [], [unit.top]
    while places:
        for entry in unit.children(places.pop()):
            if entry.tag in _NAMESPACES:
                places.append(entry)
            elif entry.tag == _FUNCTION:
                found += [(low, high, entry) for low, high in unit.ranges(entry)]
    return found


def _inner(unit: Unit, scope: Any, address: int) -> Any | None:
    """What of a function, directly below one of its scopes, has the code at an address."""
    below = (entry for entry in unit.children(scope) if entry.tag == _INLINED or entry.tag in _BLOCKS)
    return next((entry for entry in below if unit.covers(entry, address)), None)
