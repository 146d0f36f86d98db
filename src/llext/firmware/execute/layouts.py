"""Where the members of LLEXT's structures lie in a firmware: from its DWARF, else what was measured of 3.7 and 4.0.

Only the units that define them are looked into. Nothing is guessed: a firmware of another version, or with options that change
a structure, needs DWARF.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llext.abi.structs import struct_llext
from llext.dwarf import unreadable
from llext.dwarf.entries import children
from llext.dwarf.prototypes import die_name
from llext.dwarf.search import Search
from llext.errors import Errno, UsageError
from llext.firmware.debug_index import LOADER_SOURCES
from llext.firmware.firmware import Firmware

_WANTED = ("llext", "llext_loader", "llext_buf_loader")
_NEEDED = {"llext": {"mem", "mem_size", "exp_tab"}, "llext_loader": {"read", "seek", "peek"}}
"""Members without which nothing can be done."""
_LOADERS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "3.7": (520, ("read", "seek", "peek")),
    "4.0": (516, ("prepare", "read", "seek", "peek", "finalize")),
}
"""Bytes of struct llext_loader as measured, and the function pointers that it begins with."""
_CHANGING = ("USERSPACE", "LLEXT_VENEERS", "LLEXT_RODATA_NO_RELOC", "LLEXT_HEAP_MEMBLK")
"""Options that add members or regions."""
REGIONS = ("text", "data", "rodata", "bss", "export", "symtab", "strtab", "shstrtab", "preinit", "init", "fini")


@dataclass(frozen=True)
class Layout:
    """One structure: its size and the offsets of its members, in bytes."""

    size: int
    offsets: Mapping[str, int]


@dataclass(frozen=True)
class Layouts:
    """What is needed of them.

    Attributes:
        loader: struct llext_loader: read, seek, peek, and storage where there is one.
        buffer: struct llext_buf_loader: buf, len, pos; None if it is not known.
        llext: struct llext: mem, mem_size, alloc_size, exp_tab.
        regions: Names of the regions, in the order of its arrays.
        source: Where this was read.
        read: Whether it was read in this firmware; else it is that of others of its version.
    """

    loader: Layout
    buffer: Layout | None
    llext: Layout
    regions: tuple[str, ...]
    source: str
    read: bool


def read_layouts(firmware: Firmware) -> Layouts:
    """The layouts of a firmware's own structures.

    Raises:
        UsageError: they are not known.
    """
    return _from_debug(firmware) or _measured(firmware)


def _measured(firmware: Firmware) -> Layouts:
    version = ".".join(firmware.version.value.split(".")[:2])
    changing = next((name for name in _CHANGING if firmware.image.option(name).value), "")
    if version not in _LOADERS or not firmware.version.known or changing:
        why = f"CONFIG_{changing} changes struct llext" if changing else f"Zephyr {version}'s were never measured"
        raise UsageError(
            f"{firmware.image.path}: the layout of struct llext and llext_loader is not known: it has no DWARF of llext.c, and "
            + (why if firmware.version.known else "it does not tell its version"),
            hint="give the zephyr.elf as its build left it, with debug information (CONFIG_DEBUG_INFO=y).",
            errno=Errno.ENOSYS,
        )
    size, pointers = _LOADERS[version]
    made = struct_llext(version)
    buffer = Layout(size + 12, {"buf": size, "len": size + 4, "pos": size + 8})
    loader = Layout(size, {name: 4 * index for index, name in enumerate(pointers)})
    return Layouts(loader, buffer, Layout(made.size, made.offsets), REGIONS, f"that of Zephyr {version}, measured", read=False)


def _from_debug(firmware: Firmware) -> Layouts | None:
    """None without such units, or if they are damaged."""
    try:
        found = _structures(Search(firmware.image.data))
    except unreadable():
        return None
    if not all(name in found and members <= found[name][0].offsets.keys() for name, members in _NEEDED.items()):
        return None
    llext, arrays = found["llext"]
    buffer = found["llext_buf_loader"][0] if "llext_buf_loader" in found else None
    if buffer is not None and not {"buf", "len", "pos"} <= buffer.offsets.keys():
        buffer = None
    return Layouts(
        found["llext_loader"][0], buffer, llext, _regions(firmware, arrays.get("mem", 0)), "DWARF of its llext.c", read=True
    )


def _regions(firmware: Firmware, count: int) -> tuple[str, ...]:
    """Names of so many regions: two options add one each."""
    names = list(REGIONS)
    if firmware.image.option("LLEXT_VENEERS").value:
        names.insert(3, "veneer")
    if firmware.image.option("LLEXT_RODATA_NO_RELOC").value:
        names.append("rodata_no_reloc")
    return tuple(names) if len(names) == count else tuple(f"region {index}" for index in range(count))


def _structures(search: Search) -> dict[str, tuple[Layout, dict[str, int]]]:
    """Layout, and the lengths of its arrays, of each structure that is wanted."""
    found: dict[str, tuple[Layout, dict[str, int]]] = {}
    for unit in search.of_sources(LOADER_SOURCES):
        for die in unit.children(unit.top):
            name = die_name(die)
            if die.tag == "DW_TAG_structure_type" and name in _WANTED and "DW_AT_byte_size" in die.attributes:
                found.setdefault(name, _structure(die))
        if len(found) == len(_WANTED):
            break
    return found


def _structure(die: Any) -> tuple[Layout, dict[str, int]]:
    offsets: dict[str, int] = {}
    arrays: dict[str, int] = {}
    for member in _members(die):
        name = die_name(member)
        place = member.attributes.get("DW_AT_data_member_location")
        offsets[name] = place.value if place is not None and isinstance(place.value, int) else 0
        kind = member.get_DIE_from_attribute("DW_AT_type")
        if kind.tag == "DW_TAG_array_type":
            arrays[name] = _count(kind)
    return Layout(die.attributes["DW_AT_byte_size"].value, offsets), arrays


def _members(die: Any) -> Iterator[Any]:
    return (child for child in children(die) if child.tag == "DW_TAG_member")


def _count(array: Any) -> int:
    for bound in children(array):
        for name, more in (("DW_AT_count", 0), ("DW_AT_upper_bound", 1)):
            if name in bound.attributes:
                return int(bound.attributes[name].value) + more
    return 0
