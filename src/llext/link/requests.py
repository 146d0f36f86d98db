"""What follows from a plan without addresses: what it asks of the heap, what it will export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass

from llext.elf import ElfFile, Section
from llext.elf import constants as c
from llext.elf.reader import Names
from llext.link.plan import Plan
from llext.link.regions import Home, RegionKind


@dataclass(frozen=True)
class Allocation:
    """One request to the LLEXT heap.

    Attributes:
        purpose: For messages: ``text``, ``symbol table``, ...
        size: Bytes asked for.
        alignment: 0 asks for no more than the heap's own.
        kind: The region, if it is one.
        transient: Whether it is freed when the load has ended.
    """

    purpose: str
    size: int
    alignment: int
    kind: RegionKind | None = None
    transient: bool = False


def allocations(
    plan_: Plan, *, peek: bool, in_place: Container[Home] = (), all_globals: bool = False, keep: Container[str] = ()
) -> Iterator[Allocation]:
    """Every request that Zephyr's loader makes for this plan, in its order.

    Args:
        plan_: The plan.
        peek: Whether the source can show the section headers in place, so that no copy of them is needed.
        in_place: Regions that stay where the storage has them.
        all_globals: Whether all global functions and objects are exported, not what .exported_sym has.
        keep: Purposes of what stays when the load has ended, though it is made for the load only.
    """
    count = plan_.elf.header.section_count
    yield Allocation("struct llext", plan_.rules.struct_bytes, 0)
    yield Allocation("section map", 8 * count, 0, transient="section map" not in keep)
    if not peek:
        yield Allocation("section headers", plan_.elf.header.section_table_bytes, 0)
    first = (RegionKind.SHSTRTAB, RegionKind.STRTAB)
    for kind in (*first, *(kind for kind in RegionKind if kind not in first)):
        region = plan_.regions.get(kind)
        if region is not None and kind not in in_place:
            yield Allocation(kind.name.lower(), region.allocation, region.alignment, kind)
    if plan_.symbol_count:
        yield Allocation("symbol table", 8 * plan_.symbol_count, 0, transient="symbol table" not in keep)
    exported = plan_.regions.get(RegionKind.EXPORT)
    if all_globals and plan_.symbol_count:
        yield Allocation("export table", 8 * plan_.symbol_count, 0)
    elif not all_globals and exported is not None and exported.size >= 8:
        yield Allocation("export table", exported.size // 8 * 8, 0)


def exported_names(elf: ElfFile) -> list[str]:
    """Names that the file's .exported_sym offers, read through its relocations without loading anything.

    Raises:
        ElfError: the section leads outside the file, or the names overlap too much.
    """
    section = elf.section(".exported_sym")
    return [] if section is None else [name for name in _pointed_strings(elf, section) if name]


def _pointed_strings(elf: ElfFile, section: Section) -> Iterator[str]:
    """What the first words of its entries point to."""
    data, symbols = bytes(elf.contents(section)), elf.symbols
    entries = [
        entry
        for table in elf.relocation_sections
        if elf.relocation_target(table).index == section.index
        for entry in elf.relocations(table)
        if entry.offset % 8 == 0 and entry.offset + 4 <= len(data)
    ]
    used = Counter(symbols[entry.symbol].section for entry in entries)
    homes = [home for home in elf.sections[1:] if home.index in used and home.type != c.SHT_NOBITS]
    elf.check_room(homes, "sections with names of exports")
    strings = {home.index: Names(elf.contents(home), used[home.index], elf.name) for home in homes}
    for offset, _, index, addend in entries:
        names = strings.get(symbols[index].section)
        given = int.from_bytes(data[offset : offset + 4], "little") if addend is None else addend
        start = symbols[index].value + given & 0xFFFFFFFF
        if names is not None and start < names.size:
            yield names.at(start)
