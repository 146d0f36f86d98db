"""Which regions stay where their storage has them: Zephyr's decision, and ours where memory has rights.

Storage that may be changed is used and relocated in place; of storage that only lasts, what is neither written nor relocated is
used in place. The rest is copied to the heap, and so is what lies at an address that it cannot be used at.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from llext.elf import ElfFile, Section
from llext.elf import constants as c
from llext.link import DETACHABLE, Detached, Home, Placed, Plan, RegionKind, kind_of
from llext.loader.source import IsDetached, Load, Locate
from llext.loader.workplace import Log
from llext.machine import Machine, Permission


class Storage(IntEnum):
    """enum llext_storage_type."""

    TEMPORARY = 0
    PERSISTENT = 1
    WRITABLE = 2


def relocated(plan: Plan) -> frozenset[Home]:
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


def alignment_of(plan: Plan, kind: RegionKind) -> int:
    """What the sections of a region want."""
    return max(section.alignment for section in _sections(plan, kind)) or 1


def why_not(machine: Machine, plan: Plan, kind: RegionKind, address: int, alignment: int) -> str:
    """Why a region cannot be used at an address; empty if it can."""
    changed = _is_written(plan, kind) or kind in relocated(plan)
    return _unusable(machine, kind, address, plan.regions[kind].size, alignment, changed=changed)


def _unusable(machine: Machine, kind: RegionKind, address: int, size: int, alignment: int, *, changed: bool) -> str:
    block = machine.memory.block_of(address, size)
    if block is None:
        return f"there is no memory for all of it at {address:#x}"
    if address % alignment:
        return f"{address:#x} not aligned to {alignment:#x}"
    if changed and not is_ram(machine, address):
        return f"memory at {address:#x} cannot be changed"
    if machine.guarded and kind in _PROTECTED and not _has_rights(machine, kind, address, size):
        return _not_whole(machine.target.granule, address, size)
    return ""


def _not_whole(granule: int, address: int, size: int) -> str:
    """Why a region cannot have rights of its own; empty if it is whole granules."""
    if address % granule:
        return f"{address:#x} is not the start of {granule}-byte pieces that have rights of their own"
    return f"its {size} bytes are no whole {granule}-byte pieces, which have rights of their own" if size % granule else ""


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


# Sections for themselves ------------------------------------------------------------------------------------------------


def find_detached(machine: Machine, elf: ElfFile, storage: Storage, say: Log) -> Load[dict[Home, Placed]]:
    """Asks of each section that may stay where the file has it whether it shall, and finds where that is.

    Zephyr computes such a section's address from where its region lies, which is right only if that is used in place too. Here it
    is used where it is, or, if that cannot be, loaded as any other.
    """
    found: dict[Home, Placed] = {}
    changed = {elf.relocation_target(section).index for section in elf.relocation_sections}
    for section in elf.sections[1:]:
        kind = kind_of(section)
        if kind not in DETACHABLE or section.type == c.SHT_NOBITS or not (yield IsDetached(elf.section_header(section.index))):
            continue
        written = section.index in changed or bool(section.flags & c.SHF_WRITE)
        reason = "its storage does not last" if storage is Storage.TEMPORARY else ""
        if storage is Storage.PERSISTENT and written:
            reason = "it is changed, and its storage must not be"
        address = 0 if reason else (yield Locate(section.offset, section.size)) or 0
        if not reason:
            reason = _unusable(machine, kind, address, section.size, section.alignment or 1, changed=written)
        if reason:
            say("wrn", f"Cannot detach section {section.name}: {reason}")
        else:
            found[Detached(kind, section.index)] = Placed(address, machine.memory.view(address, section.size))
    return found
