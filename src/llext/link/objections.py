"""What stock Zephyr would object to in a file that our own loader takes: tables, symbols, arrays, places of relocations."""

from __future__ import annotations

from collections.abc import Iterator

from llext.elf import Section, packed
from llext.elf import constants as c
from llext.link.checks import Check
from llext.link.draft import JOIN_HINT, Draft, listed
from llext.link.regions import ARRAYS, RegionKind

_WIDEST = 8
"""Bytes of the widest field that a relocation changes."""


def note_tables(draft: Draft, symbols: Section, strings: Section) -> None:
    """Tables that our reader finds by what the file says, and a stock loader by order and number."""
    elf = draft.elf
    names = elf.header.section_names
    if strings.index == names:
        draft.note(Check.SHARED_NAMES, "one section holds the names of both symbols and sections", JOIN_HINT)
    elif strings.index < symbols.index:
        draft.note(Check.NAMES_BEFORE_SYMBOLS, f"{strings.name} comes before {symbols.name} in the section headers", JOIN_HINT)
    others = [s.name for s in elf.sections[1:] if s.type == c.SHT_STRTAB and s.index not in (names, strings.index)]
    if others and strings.index != names:
        reason = f"{listed(others)} besides {strings.name}: it does not know whose names are in which"
        draft.note(
            Check.SEVERAL_STRING_TABLES, reason, "remove what has a string table of its own (stabs, .dynstr): " + JOIN_HINT
        )
    tables = [s.name for s in elf.sections if s.type == c.SHT_SYMTAB]
    if len(tables) > 1:
        draft.note(Check.SEVERAL_SYMBOL_TABLES, f"several symbol tables: {listed(tables)}", JOIN_HINT)
    if not tables:
        draft.note(Check.DYNAMIC_SYMBOLS, "a relocatable file needs SHT_SYMTAB, and has a dynamic symbol table only", JOIN_HINT)


def note_exports_kept_out(draft: Draft) -> None:
    """An export table that is in the file only."""
    for section in draft.elf.sections:
        if section.name == ".exported_sym" and section.size and not section.allocated:
            reason = f"{section.name} lacks the flag SHF_ALLOC, so that it exports nothing"
            draft.note(Check.EXPORTS_NOT_LOADED, reason, "use EXPORT_SYMBOL, and keep its section's flags")


def note_symbols(draft: Draft) -> None:
    """Global functions and objects whose section a stock loader looks up in vain, whether anybody uses them or not."""
    elf = draft.elf
    outside = [elf.symbols[index] for index in packed.globals_outside(elf, draft.places)]
    strange = [s.name for s in outside if s.section >= c.SHN_LORESERVE and s.section != c.SHN_COMMON]
    if strange:
        reason = f"global functions or objects that are in no section (absolute ones for example): {listed(strange)}"
        draft.note(Check.SYMBOL_SECTION, reason, "make constants macros or variables; in assembler leave out .type")
    unmapped = [f"{s.name} in {elf.sections[s.section].name}" for s in outside if s.section < c.SHN_LORESERVE]
    if unmapped:
        reason = f"global symbols in sections that no region takes ({listed(unmapped)}), unless it is loaded from a buffer"
        draft.note(Check.UNMAPPED_SYMBOL, reason, "make them static, or give their section contents and the flag SHF_ALLOC")


def note_relocation_sections(draft: Draft) -> None:
    """Relocation sections that we never look into, and a stock loader checks all the same."""
    elf = draft.elf
    layout = elf.header.layout
    for section in elf.relocation_sections:
        size = layout.rel.size if section.type == c.SHT_REL else layout.rela.size
        if section.entry_size != size or section.size % size:
            reason = f"{section.name} has {section.size} bytes in entries of {section.entry_size}; an entry is {size} bytes"
            draft.note(Check.RELOCATION_ENTRY, reason, JOIN_HINT)
    arch = draft.arch
    if arch is not None and not arch.uses_rela and any(s.type == c.SHT_RELA for s in elf.relocation_sections):
        draft.note(Check.ADDENDS, f"relocations with addends (SHT_RELA) on {arch.name}", "use the platform's own linker")


def note_places(draft: Draft, section: Section, target: Section) -> None:
    """Relocations that lie behind the end of what they change."""
    last = packed.last_offset(draft.elf, section)
    if last + _WIDEST <= target.size:
        return
    if last >= target.size:
        reason = f"{section.name} changes {target.name}+{last:#x}, and that has {target.size:#x} bytes"
        draft.note(Check.RELOCATION_OFFSET, reason, JOIN_HINT)
    edge = next(_across_the_end(draft, section, target), None)
    if edge is not None:
        reason = f"{section.name} changes more than {target.name} has, from {edge:#x} on"
        draft.note(Check.RELOCATION_EDGE, reason, JOIN_HINT)


def _across_the_end(draft: Draft, section: Section, target: Section) -> Iterator[int]:
    recipes = draft.arch.relocations if draft.arch else {}
    for offset, number, _, _ in draft.elf.relocations(section):
        reloc = recipes.get(number)
        if reloc is not None and offset < target.size:
            size = reloc.field.size + (reloc.second.size if reloc.second else 0)
            if offset + size > target.size:
                yield offset


def note_arrays(draft: Draft) -> None:
    """Entries of arrays of functions that are not in the file's own text: its bringup answers -EFAULT to those."""
    arrays = [section for kind in ARRAYS.values() for section in draft.members.get(kind, ())]
    good = _in_text(draft, {section.index for section in arrays})
    for section in arrays:
        bad = next((offset for offset in range(0, section.size, 4) if (section.index, offset) not in good), None)
        if bad is not None:
            reason = f"{section.name}+{bad:#x} is not the address of a function of its own, and bringup answers -EFAULT to it"
            draft.note(Check.ARRAY_TARGET, reason, "put a function of the extension there that calls the other one")


def _in_text(draft: Draft, sections: set[int]) -> set[tuple[int, int]]:
    """Index and offset of each word in some sections that gets the address of something in the text."""
    elf, places = draft.elf, draft.places
    return {
        (table.info, entry.offset)
        for table in elf.relocation_sections
        if table.info in sections
        for entry in elf.relocations(table)
        if (place := places.get(elf.symbols[entry.symbol].section)) is not None and place.kind is RegionKind.TEXT
    }
