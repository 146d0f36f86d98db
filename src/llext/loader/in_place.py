"""Which regions stay where their storage has them: Zephyr's decision, and ours where memory has rights.

Storage that may be changed is used and relocated in place; of storage that only lasts, what is neither written nor relocated is
used in place. The rest is copied to the heap, and so is what lies at an address that it cannot be used at.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from llext.elf import Section
from llext.elf import constants as c
from llext.link import Plan, RegionKind
from llext.machine import Machine, Permission


class Storage(IntEnum):
    """enum llext_storage_type."""

    TEMPORARY = 0
    PERSISTENT = 1
    WRITABLE = 2


def relocated(plan: Plan) -> frozenset[RegionKind]:
    """The regions that relocations change."""
    targets = (plan.elf.relocation_target(section) for section in plan.elf.relocation_sections)
    return frozenset(plan.places[target.index].kind for target in targets if plan.relocates(target))


def candidates(plan: Plan, storage: Storage) -> Iterator[tuple[RegionKind, int]]:
    """Regions that may stay, with their file offsets: each is one range of the file and nothing else."""
    if storage is Storage.TEMPORARY:
        return
    changed = relocated(plan)
    for kind, region in plan.regions.items():
        whole = len(region.pieces) == 1 and region.pieces[0].offset + region.pieces[0].size == region.size
        constant = kind not in changed and not _is_written(plan, kind)
        if whole and (storage is Storage.WRITABLE or constant):
            yield kind, region.pieces[0].file_offset - region.pieces[0].offset


def _sections(plan: Plan, kind: RegionKind) -> list[Section]:
    return [plan.elf.sections[index] for index, place in plan.places.items() if place.kind is kind]


def _is_written(plan: Plan, kind: RegionKind) -> bool:
    return any(section.flags & c.SHF_WRITE for section in _sections(plan, kind))


def why_not(machine: Machine, plan: Plan, kind: RegionKind, address: int) -> str:
    """Why a region cannot be used at an address; empty if it can."""
    region = plan.regions[kind]
    alignment = max((section.alignment for section in _sections(plan, kind)), default=1) or 1
    block = machine.memory.block_of(address, region.size)
    if block is None:
        return f"there is no memory for all of it at {address:#x}"
    if address % alignment:
        return f"{address:#x} not aligned to {alignment:#x}"
    if (_is_written(plan, kind) or kind in relocated(plan)) and not is_ram(machine, address):
        return f"memory at {address:#x} cannot be changed"
    if machine.guarded and kind in _PROTECTED and not _has_rights(machine, kind, address, region.size):
        granule = machine.target.granule
        if address % granule or region.size % granule:
            return f"{address:#x} is not the start of {granule}-byte pieces that have rights of their own"
    return ""


_PROTECTED = {RegionKind.TEXT: Permission.RX, RegionKind.RODATA: Permission.READ}


def _has_rights(machine: Machine, kind: RegionKind, address: int, size: int) -> bool:
    """Whether memory is read-only already, as ROM is, and executable where that is needed."""
    wanted = _PROTECTED.get(kind, Permission.NONE)
    step = machine.target.granule
    found = [machine.rights.of(at) for at in range(address - address % step, address + size, step)]
    return all(each is not None and each & wanted == wanted and not each & Permission.WRITE for each in found)


def is_ram(machine: Machine, address: int) -> bool:
    """Whether memory can be changed, rights aside."""
    areas = (area for area in machine.target.memories if area.address <= address < area.end)
    return all(area.kind == "ram" for area in areas)
