"""How a load is done, and what it leaves for whoever looks into the file: struct llext_load_param, struct llext_loader."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from llext.link import Home, Plan, RegionKind

_HEADER = struct.Struct("<10I")
_COUNT = len(RegionKind)
"""LLEXT_MEM_COUNT; in the section map, that a section is in no region."""


@dataclass(frozen=True)
class LoadParam:
    """How a load is done.

    Attributes:
        relocate_local: Whether relocations are applied.
        pre_located: Whether everything stays where the storage has it, whatever its alignment; nothing is allocated for it.
        asks_detached: Whether sections may be detached; if so, each is asked for.
        keep_section_info: Whether the section map stays until it is given up.
        inspected: Whether whoever loads has a struct llext_loader to fill.
    """

    relocate_local: bool = True
    pre_located: bool = False
    asks_detached: bool = False
    keep_section_info: bool = False
    inspected: bool = False


@dataclass(frozen=True)
class Inspection:
    """What struct llext_loader has of a file that is loaded.

    Attributes:
        header: The file's ELF header.
        regions: Section headers made up for the regions, LLEXT_MEM_COUNT of them; sh_info is the bytes of padding in front.
        section_map: Address of the section map if it is kept, else 0.
    """

    header: bytes
    regions: bytes
    section_map: int


def region_headers(plan: Plan) -> bytes:
    """Header of each region: first section's type and flags, range of the file with the padding in front, alignment."""
    return b"".join(_region_header(plan, kind) for kind in RegionKind)


def _region_header(plan: Plan, kind: RegionKind) -> bytes:
    region = plan.regions.get(kind)
    if region is None:
        return bytes(_HEADER.size)
    members = [(place.offset, plan.elf.sections[index]) for index, place in plan.places.items() if place.kind is kind]
    padding, first = min(members, key=lambda each: each[0])
    alignment = max(section.alignment for _, section in members)
    return _HEADER.pack(
        0, first.type, first.flags, first.address, first.offset - padding & 0xFFFFFFFF, region.size, first.link, padding,
        alignment, first.entry_size,
    )  # fmt: skip


def region_address(plan: Plan, kind: RegionKind) -> int:
    """Where the file says that a region is: the lowest address of its sections."""
    return min(plan.elf.sections[index].address for index, place in plan.places.items() if place.kind is kind)


def section_map(plan: Plan, offsets: dict[Home, int]) -> bytes:
    """The section map: region and offset of each section of the file.

    Args:
        plan: What goes where.
        offsets: Of a detached section, its distance from its region.
    """
    rows = []
    for index in range(plan.elf.header.section_count):
        place = plan.places.get(index)
        if place is None:
            rows.append((_COUNT, 0))
        elif isinstance(place.kind, RegionKind):
            rows.append((int(place.kind), place.offset))
        else:
            rows.append((int(place.kind.kind), offsets[place.kind] & 0xFFFFFFFF))
    return b"".join(struct.pack("<2I", *row) for row in rows)
