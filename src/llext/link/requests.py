"""What follows from a plan without addresses: what it asks of the heap, what it will export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llext.elf import ElfFile, ElfSymbol, Section
from llext.link.plan import Plan
from llext.link.regions import RegionKind


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


def allocations(plan_: Plan, *, peek: bool) -> Iterator[Allocation]:
    """Every request that Zephyr's loader makes for this plan, in its order.

    Args:
        plan_: The plan.
        peek: Whether the source can show the section headers in place, so that no copy of them is needed.
    """
    count = plan_.elf.header.section_count
    yield Allocation("struct llext", plan_.rules.struct_bytes, 0)
    yield Allocation("section map", 8 * count, 0, transient=True)
    if not peek:
        yield Allocation("section headers", plan_.elf.header.section_table_bytes, 0)
    first = (RegionKind.SHSTRTAB, RegionKind.STRTAB)
    for kind in (*first, *(kind for kind in RegionKind if kind not in first)):
        region = plan_.regions.get(kind)
        if region is not None:
            yield Allocation(kind.name.lower(), region.allocation, region.alignment, kind)
    if plan_.symbol_count:
        yield Allocation("symbol table", 8 * plan_.symbol_count, 0, transient=True)
    exported = plan_.regions.get(RegionKind.EXPORT)
    if exported is not None and exported.size >= 8:
        yield Allocation("export table", exported.size // 8 * 8, 0)


def exported_names(elf: ElfFile) -> list[str]:
    """Names that the file's .exported_sym offers, read through its relocations without loading anything."""
    section = elf.section(".exported_sym")
    if section is None:
        return []
    names = []
    for table in elf.relocation_sections:
        if elf.relocation_target(table).index == section.index:
            names += [
                name
                for entry in elf.relocations(table)
                if entry.offset % 8 == 0
                for name in _pointed_string(elf, section, entry.offset, entry.symbol, entry.addend)
            ]
    return names


def _pointed_string(elf: ElfFile, section: Section, offset: int, index: int, addend: int | None) -> Iterable[str]:
    symbol: ElfSymbol = elf.symbols[index]
    if not 0 < symbol.section < len(elf.sections) or offset + 4 > section.size:
        return
    if addend is None:
        addend = int.from_bytes(bytes(elf.contents(section))[offset : offset + 4], "little")
    data = bytes(elf.contents(elf.sections[symbol.section]))
    start = symbol.value + addend
    end = data.find(b"\0", start)
    if 0 <= start < end:
        yield data[start:end].decode("utf-8", "backslashreplace")
