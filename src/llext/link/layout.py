"""Sections to regions, and where each lies in its region: Zephyr's merging, or ours where Zephyr refuses."""

from __future__ import annotations

from llext.elf import Section, lines, packed
from llext.elf import constants as c
from llext.errors import LoadError
from llext.link.checks import Check
from llext.link.draft import DAMAGED, JOIN_HINT, Draft, Layout, Piece, Place, listed
from llext.link.objections import note_tables
from llext.link.regions import ARRAYS, TABLES, Detached, RegionKind, kind_of, up

_ACCESS_FLAGS = c.SHF_WRITE | c.SHF_ALLOC | c.SHF_EXECINSTR


def lay_out(draft: Draft) -> tuple[dict[RegionKind, Layout], dict[int, int]]:
    """Gives every loaded section its place.

    Returns:
        Layout of each region, and offsets of COMMON symbols in BSS.

    Raises:
        LoadError: a section that no loader could place.
    """
    _collect(draft)
    apart = _kinds_to_pack(draft)
    commons, common_bytes, common_alignment = _commons(draft)
    layouts: dict[RegionKind, Layout] = {}
    for kind, sections in draft.members.items():
        if kind is RegionKind.BSS:
            layouts[kind] = (*_pack_bss(draft, sections), ())
        else:
            layouts[kind] = _pack(draft, kind, sections) if draft.packed or kind in apart else _merge(draft, kind, sections)
    if commons:
        size, alignment, _ = layouts.get(RegionKind.BSS, (0, 1, ()))
        start = up(size, common_alignment)
        commons = {index: start + offset for index, offset in commons.items()}
        layouts[RegionKind.BSS] = (start + common_bytes, max(alignment, common_alignment), ())
    return layouts, commons


def _collect(draft: Draft) -> None:
    elf = draft.elf
    symbols, strings = elf.symbol_section, elf.string_section
    if symbols is None or strings is None:
        raise LoadError(
            f"{elf.name}: no symbol table",
            hint="it was stripped too far: relocations need the symbols ('strip -g' keeps them).",
            lines=(lines.MISSING_TABLE,),
        )
    tables = {symbols.index: RegionKind.SYMTAB, strings.index: RegionKind.STRTAB}
    tables.setdefault(elf.header.section_names, RegionKind.SHSTRTAB)
    note_tables(draft, symbols, strings)
    for section in elf.sections[1:]:
        kind = tables.get(section.index)
        if kind is None:
            kind = kind_of(section)
        if kind is None:
            continue
        if section.flags & c.SHF_TLS:
            raise LoadError(
                f"{elf.name}: {section.name} holds thread-local variables, and no thread's block has room for them",
                hint="compile with -femulated-tls, as 'llext build' with zig does (Debian's gcc has no such option).",
            )
        if section.alignment & (section.alignment - 1):
            raise LoadError(f"{elf.name}: {section.name}: alignment {section.alignment} is not a power of two", hint=DAMAGED)
        if kind in ARRAYS.values():
            _check_array(draft, section)
        if section.index in draft.detached:
            draft.places[section.index] = Place(Detached(kind, section.index), 0)
        else:
            draft.members.setdefault(kind, []).append(section)


def _check_array(draft: Draft, section: Section) -> None:
    """A table of function pointers must look like one; stock Zephyr wants its entry size too."""
    if section.size % 4:
        raise LoadError(
            f"{draft.elf.name}: {section.name}: {section.size} bytes are not a table of 4-byte pointers", hint=DAMAGED
        )
    if section.entry_size != 4:
        draft.note(Check.ARRAY_ENTRY, f"{section.name} gives its entries {section.entry_size} bytes, not 4", JOIN_HINT)


def _span(sections: list[Section]) -> tuple[int, int, int]:
    """File range from the first to the last member, and the largest alignment."""
    start = min(section.offset for section in sections)
    end = max(section.offset + (section.size if section.type != c.SHT_NOBITS else 0) for section in sections)
    alignment = max(1, *(section.alignment for section in sections))
    return start, end, alignment


def _kinds_to_pack(draft: Draft) -> set[RegionKind]:
    """The regions that merging by file range cannot make, each with its note."""
    apart: set[RegionKind] = set()
    for kind, sections in draft.members.items():
        if kind is RegionKind.BSS:
            if len(sections) > 1:
                names = listed([section.name for section in sections])
                reason = f"{_number(len(sections))} NOBITS sections: {names}"
                draft.note(Check.SEVERAL_NOBITS, reason, "merge them into .bss: " + JOIN_HINT)
            continue
        if len({section.flags & _ACCESS_FLAGS for section in sections}) > 1:
            draft.note(Check.FLAGS_DIFFER, f"sections of region {kind.name} differ in their flags", JOIN_HINT)
            apart.add(kind)
        if kind not in TABLES and _note_misaligned(draft, sections):
            apart.add(kind)
        if kind in ARRAYS.values() and len(sections) > 1:
            draft.note(Check.SECOND_ARRAY, f"{len(sections)} sections in region {kind.name}", JOIN_HINT, kind)
            apart.add(kind)
    return apart | _overlapping(draft)


def _number(count: int) -> str:
    return {2: "two", 3: "three", 4: "four"}.get(count, str(count))


def _overlapping(draft: Draft) -> set[RegionKind]:
    spans = {kind: _span(sections) for kind, sections in draft.members.items()}
    found: set[RegionKind] = set()
    pairs: list[tuple[int, ...]] = []
    kinds = [kind for kind in sorted(spans) if kind not in (RegionKind.EXPORT, RegionKind.BSS)]
    for at, first in enumerate(kinds):
        for second in kinds[at + 1 :]:
            if spans[first][0] < spans[second][1] and spans[second][0] < spans[first][1]:
                found |= {first, second}
                pairs.append(tuple(n for kind in (first, second) for n in (kind, spans[kind][0], spans[kind][1] - 1)))
    if found:
        names = " and ".join(kind.name for kind in sorted(found))
        reason = f"file ranges of regions {names} overlap: their sections are interleaved"
        draft.note(Check.INTERLEAVED, reason, JOIN_HINT, *pairs[0])
    return {kind for kind in found if len(draft.members[kind]) > 1}


# Layout of one region ---------------------------------------------------------------------------------------------------


def _merge(draft: Draft, kind: RegionKind, sections: list[Section]) -> tuple[int, int, tuple[Piece, ...]]:
    """Zephyr's way: one range of the file, gaps included, padded so that offsets keep their alignment."""
    first, end, alignment = _span(sections)
    start = first - first % alignment
    for section in sections:
        draft.places[section.index] = Place(kind, section.offset - start)
    if kind not in TABLES:
        _note_old_alignment(draft, sections, first)
        _note_gap(draft, kind, sections)
    return end - start, alignment, (Piece(first, end - first, first - start),)


def _note_old_alignment(draft: Draft, sections: list[Section], first: int) -> None:
    """Old loaders align regions to one number, whatever the sections in them want."""
    for section in sections:
        needed = section.alignment
        if needed > draft.rules.rounding or (needed > 1 and (section.offset - first) % needed):
            hint = f"do not rely on more than {draft.rules.rounding}-byte alignment, and make one section of each kind"
            draft.note(Check.IGNORED_ALIGNMENT, f"{section.name} wants {needed}-byte alignment and need not get it", hint)


def _note_misaligned(draft: Draft, sections: list[Section]) -> bool:
    """New loaders keep (file offset mod alignment), also where that is not 0; then the region is packed instead."""
    found = False
    for section in sections:
        off = section.offset % max(1, section.alignment)
        if off:
            reason = f"{section.name} has file offset {section.offset:#x} and lands {off} bytes off its alignment"
            draft.note(Check.MISALIGNED, reason, JOIN_HINT)
            found = True
    return found


def _note_gap(draft: Draft, kind: RegionKind, sections: list[Section]) -> None:
    """What lies between the sections of a region is copied with them."""
    start, end, _ = _span(sections)
    members = {section.index for section in sections}
    between = [
        other for other in draft.elf.sections[1:]
        if start < other.offset < end and other.type != c.SHT_NOBITS and other.size and other.index not in members
    ]  # fmt: skip
    if between:
        names, size = listed([other.name for other in between]), sum(other.size for other in between)
        reason = f"the copy of region {kind.name} has {size} bytes of {names} in it, which lie between its sections"
        draft.note(Check.GAP, reason, JOIN_HINT)


def _pack(draft: Draft, kind: RegionKind, sections: list[Section]) -> tuple[int, int, tuple[Piece, ...]]:
    """Our way: each section at its own alignment behind the one before."""
    offset, pieces = 0, []
    for section in sections:
        offset = up(offset, section.alignment)
        draft.places[section.index] = Place(kind, offset)
        pieces.append(Piece(section.offset, section.size, offset))
        offset += section.size
    return offset, max(1, *(section.alignment for section in sections)), tuple(pieces)


def _pack_bss(draft: Draft, sections: list[Section]) -> tuple[int, int]:
    """Zeroed sections one after the other; size of the region and its alignment.

    Zephyr pads a region in front so that offsets keep their alignment, which puts a NOBITS section whose file offset
    is not aligned at a wrong address. We ask for the same bytes and place the section right.
    """
    if len(sections) == 1:
        _note_old_alignment(draft, sections, sections[0].offset)
        _note_misaligned(draft, sections)
    offset = 0
    for section in sections:
        offset = up(offset, section.alignment)
        draft.places[section.index] = Place(RegionKind.BSS, offset)
        offset += section.size
    alone = len(sections) == 1 and draft.rules.prepad
    prepad = sections[0].offset % max(1, sections[0].alignment) if alone else 0
    return offset + prepad, max([1, *(section.alignment for section in sections)])


def _commons(draft: Draft) -> tuple[dict[int, int], int, int]:
    """Offsets of COMMON symbols behind .bss; st_value is their alignment (gABI, "Symbol Values")."""
    offsets: dict[int, int] = {}
    end, alignment = 0, 1
    for index in packed.common_symbols(draft.elf):
        symbol = draft.elf.symbols[index]
        if symbol.value & (symbol.value - 1):
            what = f"COMMON symbol {symbol.name!r}: alignment {symbol.value} is not a power of two"
            raise LoadError(f"{draft.elf.name}: {what}", hint=DAMAGED)
        end = up(end, symbol.value)
        offsets[symbol.index] = end
        end += symbol.size
        alignment = max(alignment, symbol.value)
    if offsets:
        names = listed([draft.elf.symbols[index].name for index in offsets])
        reason = f"COMMON symbols ({names}) have no section"
        draft.note(Check.COMMON, reason, "compile with -fno-common")
    return offsets, end, alignment
