"""What relocations import and ask for, and what stock Zephyr would say of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from llext.arch import Operand, Reloc
from llext.elf import ElfSymbol, Section, packed
from llext.elf import constants as c
from llext.link.annexes import GOT_SYMBOL
from llext.link.checks import Check
from llext.link.draft import JOIN_HINT, Draft, listed
from llext.link.objections import (
    note_arrays,
    note_exports_kept_out,
    note_places,
    note_relocation_sections,
    note_symbols,
)
from llext.link.regions import TABLES


def count_symbols(draft: Draft, commons: dict[int, int]) -> int:
    """Entries of the symbol table that Zephyr makes while it loads."""
    count = packed.global_objects(draft.elf)
    if not count and not commons:
        reason = "it has no global function or object; weak ones and those without a type do not count"
        draft.note(Check.NO_GLOBAL, reason, "export one: EXPORT_SYMBOL(name)")
    note_symbols(draft)
    note_exports_kept_out(draft)
    return count


def scan_relocations(draft: Draft) -> None:
    """Collects what loaded sections import and need, and notes relocations that stock Zephyr cannot take."""
    elf = draft.elf
    recipes = draft.arch.relocations if draft.arch else {}
    types: set[int] = set()
    unmapped: list[Section] = []
    settled = _settled(draft, recipes)
    for section in elf.relocation_sections:
        target = elf.relocation_target(section)
        place = draft.places.get(target.index)
        if place is None or place.kind in TABLES:
            unmapped.append(target)
            continue
        note_places(draft, section, target)
        found, pairs = packed.uses(elf, section, settled)
        types |= found
        for number, index in pairs:
            symbol = elf.symbols[index]
            if symbol.name == GOT_SYMBOL:
                draft.needs.base = True
            elif symbol.undefined and index:
                draft.imports[symbol.name] = draft.imports.get(symbol.name, True) and symbol.binding == c.STB_WEAK
            elif index and symbol.section not in draft.places:
                _note_strange(draft, symbol, target)
            reloc = recipes.get(number)
            if reloc is not None and not reloc.plain:
                if reloc.operand is Operand.PAIRED and symbol.section != target.index:
                    _note_pairing(draft, reloc, symbol.name)
                draft.needs.note(reloc, index)
    note_relocation_sections(draft)
    note_arrays(draft)
    _note_unmapped(draft, unmapped)
    _note_types(draft, types)
    if not draft.needs.base and any(number in types and recipes[number].from_got for number in recipes):
        reason = "its code takes the address of its global offset table from a register that nobody sets"
        draft.note(Check.NO_BASE, reason, "compile with -fPIC and without -msingle-pic-base")


def _note_pairing(draft: Draft, reloc: Reloc, label: str) -> None:
    """Stock looks for the other half among the relocations of the same section only."""
    reason = f"the other half of a {reloc.name} ({label}) is in another section, where its loader does not look"
    draft.note(Check.PAIRING, reason, "keep the two instructions of an address together")


def _settled(draft: Draft, recipes: Mapping[int, Reloc]) -> Callable[[int], Collection[int]]:
    """Whose symbols a relocation type may use without anything to plan for."""
    loaded = frozenset(draft.places)

    def settled(number: int) -> Collection[int]:
        reloc = recipes.get(number)
        return loaded if reloc is None or (reloc.operand is Operand.SYMBOL and not reloc.from_got) else ()

    return settled


def _note_types(draft: Draft, types: set[int]) -> None:
    """Relocation types that stock Zephyr's loader does not apply, and addends where it expects none."""
    arch = draft.arch
    if arch is None:
        return
    if types and draft.rules.is_older_than(arch.stock_since):
        since = f"its loader relocates {arch.name} since version {arch.stock_since} only"
        draft.note(Check.INSTRUCTION_SET, since, f"use Zephyr {arch.stock_since} or later")
    unknown = sorted(types - arch.stock_relocations)
    if unknown:
        names = ", ".join(arch.relocation_name(number) for number in unknown)
        indirect = any(r.operand is not Operand.SYMBOL for number in unknown if (r := arch.relocations.get(number)))
        hint = "compile without -fPIC, and reach errno by <errno.h>" if indirect else JOIN_HINT
        draft.note(Check.RELOCATION_TYPE, f"it has relocations that its loader does not know: {names}", hint, unknown[0])
    for number in sorted(types & arch.stock_defects.keys()):
        draft.note(Check.DEFECT, f"{arch.relocation_name(number)}: {arch.stock_defects[number]}", JOIN_HINT)


def _note_strange(draft: Draft, symbol: ElfSymbol, target: Section) -> None:
    """A symbol that a relocation uses, and that is in no loaded section."""
    if symbol.section < c.SHN_LORESERVE:
        section = draft.elf.sections[symbol.section]
        if section.size:
            reason = (
                f"{target.name} uses {symbol.name or section.name} in {section.name}, which is not loaded: its address is wrong"
            )
            draft.note(
                Check.LOST_SYMBOL, reason, "keep what refers to that section out, or give the section the flag SHF_ALLOC"
            )
    elif symbol.section not in (c.SHN_ABS, c.SHN_COMMON):
        reason = f"{target.name} uses {symbol.name}, which has the reserved section index {symbol.section:#x}"
        draft.note(Check.RESERVED_INDEX, reason, JOIN_HINT)


def _note_unmapped(draft: Draft, targets: list[Section]) -> None:
    """Relocations of sections that are not loaded; one note for each kind of them."""
    allocated = [target for target in targets if target.allocated]
    if allocated:
        reason = f"relocations of {listed([target.name for target in allocated])}, which no region takes"
        draft.note(Check.RELOCATION_OF_UNMAPPED, reason, "discard them: " + JOIN_HINT, allocated[0].index)
    others = [target for target in targets if not target.allocated]
    if others:
        reason = f"relocations of {listed([target.name for target in others])}, which are not loaded"
        hint = "strip debug sections: 'llext build' does, or objcopy --strip-debug"
        draft.note(Check.RELOCATION_OF_UNLOADED, reason, hint, others[0].index)
