"""Entries of one unit of .debug_info, one after the other (DWARF 5 chapters 2 and 3), each decoded by pyelftools.

Pyelftools' own walk trusts DW_AT_sibling, which may send it round in circles in a damaged file; this one only goes forward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Range = tuple[int, int]
"""First address, and the one behind the last."""
_NAMED_BY = ("DW_AT_abstract_origin", "DW_AT_specification")
_DEEPEST_NAME = 8
"""Entries that are looked through for a name; compilers need two or three."""
_WHOLE_FILE = "DW_FORM_ref_addr"


def children(entry: Any) -> Iterator[Any]:
    """Entries directly below one, of a file that needs no relocation any more."""
    end = entry.cu.cu_offset + entry.cu.size
    offset = entry.offset + entry.size
    while entry.has_children and offset < end:
        child = _at(entry, offset)
        if child.is_null():
            return
        yield child
        offset = _behind(child, end)


def _behind(entry: Any, end: int) -> int:
    """Offset of the next entry that is not below this one."""
    start, offset = entry.cu.cu_offset, entry.offset + entry.size
    sibling = entry.attributes.get("DW_AT_sibling")
    if sibling is not None and sibling.form != _WHOLE_FILE and start + sibling.value > offset:
        return int(start + sibling.value)
    depth = int(entry.has_children)
    while depth and offset < end:
        below = _at(entry, offset)
        offset += below.size
        depth += -1 if below.is_null() else int(below.has_children)
    return int(offset)


def _at(entry: Any, offset: int) -> Any:
    """Another entry of the same unit."""
    from elftools.dwarf.die import DIE

    return DIE(entry.cu, entry.stream, offset)


class Unit:
    """One unit.

    Attributes:
        top: Its first entry, which has been read.

    Args:
        read: Pyelftools' unit.
        relocate: Prepares all entries; called before any but the first is read.
        other: Offset in .debug_info -> the unit there.
    """

    def __init__(self, read: Any, relocate: Callable[[], None], other: Callable[[int], Unit]) -> None:
        self._read = read
        self._relocate = relocate
        self._other = other
        self._whole = False
        self.top = read.get_top_DIE()

    @property
    def end(self) -> int:
        """The offset behind it."""
        return int(self._read.cu_offset + self._read.size)

    def entry(self, offset: int) -> Any:
        """The entry at an offset in .debug_info.

        Raises:
            Exception: one of ``unreadable``: there is none.
        """
        from elftools.dwarf.die import DIE

        if not self._whole:
            self._relocate()
            self._whole = True
        if not self.top.offset <= offset < self.end:
            raise LookupError(f"no entry at {offset:#x} in its unit")
        return DIE(self._read, self.top.stream, offset)

    def children(self, entry: Any) -> Iterator[Any]:
        """Entries directly below one."""
        if not self._whole:
            self.entry(entry.offset)
        yield from children(entry)

    def ranges(self, entry: Any) -> list[Range]:
        """Addresses of an entry's code (section 2.17); none if it does not say."""
        attributes = entry.attributes
        if "DW_AT_ranges" in attributes:
            return list(self._listed(attributes["DW_AT_ranges"].value))
        if "DW_AT_low_pc" not in attributes or "DW_AT_high_pc" not in attributes:
            return []
        low, high = attributes["DW_AT_low_pc"].value, attributes["DW_AT_high_pc"]
        is_address = high.form == "DW_FORM_addr" or high.form.startswith("DW_FORM_addrx")
        return [(low, high.value if is_address else low + high.value)]

    def _listed(self, offset: int) -> Iterator[Range]:
        low = self.top.attributes.get("DW_AT_low_pc")
        base = low.value if low else 0
        for row in self._read.dwarfinfo.range_lists().get_range_list_at_offset(offset, cu=self._read):
            if hasattr(row, "base_address"):
                base = row.base_address
            elif row.begin_offset != row.end_offset:
                moved = 0 if row.is_absolute else base
                yield moved + row.begin_offset, moved + row.end_offset

    def covers(self, entry: Any, address: int) -> bool:
        """Whether an entry's code is at an address."""
        return any(low <= address < high for low, high in self.ranges(entry))

    def name(self, entry: Any) -> str:
        """A function's name, which what it is made from may have (sections 2.15, 3.3.8.2); empty without one."""
        unit: Unit = self
        for _ in range(_DEEPEST_NAME):
            attributes = entry.attributes
            if "DW_AT_name" in attributes:
                return str(attributes["DW_AT_name"].value.decode("utf-8", "replace"))
            link = next((attributes[name] for name in _NAMED_BY if name in attributes), None)
            if link is None:
                break
            offset = link.value if link.form == _WHOLE_FILE else unit._read.cu_offset + link.value
            unit = self._other(offset)
            entry = unit.entry(offset)
        return ""
