"""What a firmware exports: section llext_const_symbol_area, pairs of a name's address, or its SLID, and an address.

Not every entry is usable: a syscall without implementation has address 0 (4.0), or shares that of a small object in flash (3.7);
both are weak objects (measured on firmware of 3.7 and 4.0).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import cached_property

from llext.abi.slid import slid
from llext.elf import constants as c
from llext.errors import Errno, UsageError
from llext.firmware.image import FirmwareImage

_AREA = "llext_const_symbol_area"
_START, _END = "_llext_const_symbol_list_start", "_llext_const_symbol_list_end"
_NAME = re.compile(r"[A-Za-z_.$][\w.$]*")


@dataclass(frozen=True)
class Export:
    """One entry of the table.

    Attributes:
        name: As extensions import it; of a table by SLID the name that has it, or the number.
        address: With the bit of its instruction set; 0 is nothing.
        implemented: Whether something is there: what is not, is found and cannot be used.
    """

    name: str
    address: int
    implemented: bool = True


@dataclass(frozen=True)
class ExportTable:
    """The table.

    Attributes:
        entries: In its order; the first of equal names counts.
        source: Where it was found; empty if it was not.
        by_slid: Whether it has numbers instead of names.
    """

    entries: tuple[Export, ...]
    source: str
    by_slid: bool = False

    def by_name(self) -> dict[str, Export]:
        """The first entry of each name."""
        return {export.name: export for export in reversed(self.entries)}

    def find(self, name: str) -> Export | None:
        """The entry of a name; in a table of numbers whose names are lost the one with its number."""
        found = self._named.get(name)
        return found or self._named.get(unnamed(slid(name))) if self.by_slid else found

    @cached_property
    def _named(self) -> dict[str, Export]:
        return self.by_name()


def unnamed(number: int) -> str:
    """What an entry is called of which only the number is known."""
    return f"{number:#010x}"


def read_exports(image: FirmwareImage) -> ExportTable:
    """Reads the table; an empty one without a source if there is none."""
    place, source = _place(image)
    if not source:
        return ExportTable((), "")
    data = image.contents(*place) if place[1] else b""
    if data is None:
        raise UsageError(
            f"{image.path}: has debug information only: the contents of its table of exports are elsewhere",
            hint="give the zephyr.elf of the build, from which it was split off.",
            errno=Errno.ENOEXEC,
        )
    rows = list(struct.iter_unpack("<2I", data[: len(data) // 8 * 8]))
    names = [image.string(first) for first, _ in rows]
    if rows and not any(name and _NAME.fullmatch(name) for name in names):
        known = _names_by_slid(image)
        entries = tuple(_export(image, known.get(first, unnamed(first)), address) for first, address in rows)
        return ExportTable(entries, source, by_slid=True)
    entries = tuple(_export(image, name, address) for name, (_, address) in zip(names, rows, strict=True) if name)
    return ExportTable(entries, source)


def _place(image: FirmwareImage) -> tuple[tuple[int, int], str]:
    """Address and size, and what told them."""
    section = image.elf.section(_AREA)
    if section is not None:
        return (section.address, section.size), f"section {_AREA}"
    start, end = image.symbols.get(_START), image.symbols.get(_END)
    if start is not None and end is not None:
        return (start.value, max(0, end.value - start.value)), f"symbol {_START}"
    return (0, 0), ""


def _names_by_slid(image: FirmwareImage) -> dict[int, str]:
    """Names in the section that is not loaded, by the numbers that they have in the table."""
    strings = image.elf.section("llext_exports_strtab")
    data = b"" if strings is None else bytes(image.elf.contents(strings))
    names = [name.decode("utf-8", "backslashreplace") for name in data.split(b"\0") if name]
    return {slid(name): name for name in names}


def _export(image: FirmwareImage, name: str, address: int) -> Export:
    """In 3.7, syscalls that nobody implements are weak objects, all at the address of one that is no code."""
    section = image.section_at(address & ~1) if name.startswith("z_impl_") else None
    stub = section is not None and not section.flags & c.SHF_EXECINSTR
    return Export(name, address, bool(address) and not stub)
