"""From an ELF file to a plan: which regions, how big, how aligned, what goes where in them. No addresses yet.

Follows the mapping, merging and padding of Zephyr's loader wherever that gives a layout, so that both ask their heap
for the same bytes. Where Zephyr refuses (several NOBITS sections, interleaved sections, COMMON symbols), the sections
of a region are packed one after the other instead, and a portability note says what Zephyr would answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from llext.arch import Arch, Operand, Reloc, arch_of_machine
from llext.elf import ElfFile, Section, packed
from llext.elf import constants as c
from llext.errors import Errno, LoadError
from llext.link.annexes import GOT_SYMBOL, Annex, Needs
from llext.link.notes import Note
from llext.link.regions import ARRAYS, RegionKind, kind_of
from llext.link.rules import StockRules

_TABLES = (RegionKind.SYMTAB, RegionKind.STRTAB, RegionKind.SHSTRTAB)
_PROTECTED = (RegionKind.TEXT, RegionKind.RODATA)
_ACCESS_FLAGS = c.SHF_WRITE | c.SHF_ALLOC | c.SHF_EXECINSTR


@dataclass(frozen=True)
class Piece:
    """Bytes to copy from the file into a region: ``size`` bytes from ``file_offset`` to ``offset`` in the region."""

    file_offset: int
    size: int
    offset: int


@dataclass(frozen=True)
class Region:
    """One region of an extension.

    Attributes:
        kind: Which one.
        size: Bytes that it uses.
        allocation: Bytes to ask the heap for: ``size``, rounded.
        alignment: Alignment to ask for.
        pieces: What to copy into it; the rest is zero.
        permission: ``rx``, ``r`` or ``rw``.
    """

    kind: RegionKind
    size: int
    allocation: int
    alignment: int
    pieces: tuple[Piece, ...]
    permission: str


@dataclass(frozen=True)
class Place:
    """Where a section lies: its region and its offset in it."""

    kind: RegionKind
    offset: int


@dataclass(frozen=True)
class Plan:
    """Everything about a load that does not depend on addresses.

    Attributes:
        elf: The file.
        rules: The Zephyr version whose notes and sizes it has.
        label: That version as messages name it.
        regions: Regions by kind; empty ones are left out.
        places: Section index -> place.
        commons: Index of a COMMON symbol -> offset in BSS.
        got: The global offset table, if relocations ask for one.
        veneers: The veneers, if branches may need some.
        imports: Names that relocations of loaded sections need from elsewhere -> whether all uses are weak.
        symbol_count: Global functions and objects: entries of the symbol table that Zephyr makes while it loads.
        notes: What stock Zephyr would do with the file.
    """

    elf: ElfFile
    rules: StockRules
    label: str
    regions: dict[RegionKind, Region]
    places: dict[int, Place]
    commons: dict[int, int]
    got: Annex | None
    veneers: Annex | None
    imports: dict[str, bool]
    symbol_count: int
    notes: tuple[Note, ...]


@dataclass
class _Draft:
    """A plan in the making."""

    elf: ElfFile
    rules: StockRules
    granule: int
    members: dict[RegionKind, list[Section]] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    imports: dict[str, bool] = field(default_factory=dict)
    needs: Needs = field(default_factory=Needs)

    def note(self, errno: Errno | None, reason: str, hint: str, *, crash: bool = False) -> None:
        self.notes.append(Note(self.label, errno, reason, hint, crash))

    @property
    def arch(self) -> Arch | None:
        """The file's instruction set, if it is one of ours."""
        return arch_of_machine(self.elf.header.machine)

    @property
    def label(self) -> str:
        """The Zephyr version as messages name it."""
        return self.rules.label(measured=self.arch is not None and self.arch.stock_measured)


_Layout = tuple[int, int, tuple[Piece, ...]]
"""Size, alignment and contents of a region in the making."""

JOIN_HINT = "join the object with 'llext build', or 'ld -r' and its linker script"


def plan(elf: ElfFile, rules: StockRules, *, granule: int = 0) -> Plan:
    """Plans the load of a relocatable file.

    Args:
        elf: The file; symbol tables and relocations must be at hand, contents of regions need not.
        rules: Zephyr version for sizes and notes.
        granule: Bytes that text and rodata must own whole (memory rule ``guarded``), or 0.

    Raises:
        LoadError: not a relocatable file, or one that no loader could place.
        ElfError: a table of the file is malformed.
    """
    _check_type(elf)
    draft = _Draft(elf, rules, granule)
    _collect(draft)
    spans = {kind: _span(sections) for kind, sections in draft.members.items()}
    packed = _packed_kinds(draft, spans)
    commons, common_bytes, common_alignment = _commons(draft)
    layouts: dict[RegionKind, _Layout] = {}
    for kind, sections in draft.members.items():
        if kind is RegionKind.BSS:
            layouts[kind] = (*_pack_bss(draft, sections), ())
        else:
            layouts[kind] = _pack(draft, kind, sections) if kind in packed else _merge(draft, kind, sections)
    if commons:
        size, alignment, _ = layouts.get(RegionKind.BSS, (0, 1, ()))
        start = _up(size, common_alignment)
        commons = {index: start + offset for index, offset in commons.items()}
        layouts[RegionKind.BSS] = (start + common_bytes, max(alignment, common_alignment), ())
    _scan_relocations(draft)
    got, veneers = _annexes(draft, layouts)
    regions = {kind: _region(draft, kind, *layouts[kind]) for kind in sorted(layouts)}
    count = _count_symbols(draft, commons)
    return Plan(
        elf, rules, draft.label, regions, draft.places, commons, got, veneers, draft.imports, count, tuple(draft.notes)
    )  # fmt: skip


def _annexes(draft: _Draft, layouts: dict[RegionKind, _Layout]) -> tuple[Annex | None, Annex | None]:
    """Makes room for what the linker adds: the table behind the constants, veneers behind the text."""
    arch = draft.arch
    if arch is None:
        return None, None
    constants, text = (layouts.get(kind, (0, 1, ())) for kind in (RegionKind.RODATA, RegionKind.TEXT))
    annexes = draft.needs.got_at(constants[0]), draft.needs.veneers_at(text[0], arch, draft.elf)
    for annex in annexes:
        if annex is not None:
            _, alignment, pieces = layouts.get(annex.kind, (0, 1, ()))
            layouts[annex.kind] = (annex.offset + annex.size, max(alignment, 4), pieces)
    return annexes


def _check_type(elf: ElfFile) -> None:
    if elf.header.type == c.ET_REL:
        return
    kind = c.TYPE_NAMES.get(elf.header.type, f"e_type {elf.header.type}")
    what = {
        c.ET_EXEC: "a linked program; running applications is not there yet",
        c.ET_DYN: "a shared object; loading those is not there yet",
    }.get(elf.header.type, "not something that can be loaded")
    raise LoadError(
        f"{elf.name}: {kind}: {what}",
        hint="an extension is a relocatable file (ET_REL): 'llext build a.c -o a.llext', or 'ld -r'.",
    )


def _up(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment if alignment > 1 else value


# Sections to regions ----------------------------------------------------------------------------------------------------


def _collect(draft: _Draft) -> None:
    elf = draft.elf
    symbols, strings = elf.symbol_section, elf.string_section
    if symbols is None or strings is None:
        raise LoadError(
            f"{elf.name}: no symbol table",
            hint="it was stripped too far: relocations need the symbols ('strip -g' keeps them).",
        )
    tables = {symbols.index: RegionKind.SYMTAB, strings.index: RegionKind.STRTAB}
    shared = tables.setdefault(elf.header.section_names, RegionKind.SHSTRTAB) is RegionKind.STRTAB
    if shared and draft.rules.separate_names:
        draft.note(Errno.ENOEXEC, "one section holds the names of both symbols and sections", JOIN_HINT)
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
            raise LoadError(f"{elf.name}: {section.name}: alignment {section.alignment} is not a power of two")
        if kind in ARRAYS.values():
            _check_array(draft, section)
        draft.members.setdefault(kind, []).append(section)


def _check_array(draft: _Draft, section: Section) -> None:
    """A table of function pointers must look like one; stock Zephyr wants its entry size too."""
    if section.size % 4:
        raise LoadError(f"{draft.elf.name}: {section.name}: {section.size} bytes are not a table of 4-byte pointers")
    if section.entry_size != 4:
        draft.note(Errno.ENOEXEC, f"{section.name} gives its entries {section.entry_size} bytes, not 4", JOIN_HINT)


def _span(sections: list[Section]) -> tuple[int, int, int]:
    """File range from the first to the last member, moved down to the largest alignment, and that alignment."""
    start = min(section.offset for section in sections)
    end = max(section.offset + (section.size if section.type != c.SHT_NOBITS else 0) for section in sections)
    alignment = max(1, *(section.alignment for section in sections))
    return start - start % alignment, end, alignment


def _packed_kinds(draft: _Draft, spans: dict[RegionKind, tuple[int, int, int]]) -> set[RegionKind]:
    """The regions that merging by file range cannot make, each with its note."""
    packed: set[RegionKind] = set()
    for kind, sections in draft.members.items():
        if kind is RegionKind.BSS:
            if len(sections) > 1:
                names = _listed([section.name for section in sections])
                draft.note(
                    Errno.ENOTSUP, f"{_number(len(sections))} NOBITS sections: {names}", "merge them into .bss: " + JOIN_HINT
                )
            continue
        if len({section.flags & _ACCESS_FLAGS for section in sections}) > 1:
            draft.note(Errno.ENOEXEC, f"sections of region {kind.name} differ in their flags", JOIN_HINT)
            packed.add(kind)
        if kind in ARRAYS.values() and len(sections) > 1:
            draft.note(Errno.ENOEXEC, f"{len(sections)} sections in region {kind.name}", JOIN_HINT)
            packed.add(kind)
    packed |= _overlapping(draft, spans)
    return packed


def _number(count: int) -> str:
    return {2: "two", 3: "three", 4: "four"}.get(count, str(count))


def _overlapping(draft: _Draft, spans: dict[RegionKind, tuple[int, int, int]]) -> set[RegionKind]:
    found: set[RegionKind] = set()
    kinds = [kind for kind in sorted(spans) if kind not in (RegionKind.EXPORT, RegionKind.BSS)]
    for at, first in enumerate(kinds):
        for second in kinds[at + 1 :]:
            if spans[first][0] < spans[second][1] and spans[second][0] < spans[first][1]:
                found |= {first, second}
    if found:
        names = " and ".join(kind.name for kind in sorted(found))
        draft.note(Errno.ENOEXEC, f"file ranges of regions {names} overlap: their sections are interleaved", JOIN_HINT)
    return {kind for kind in found if len(draft.members[kind]) > 1}


# Layout of one region ---------------------------------------------------------------------------------------------------


def _merge(draft: _Draft, kind: RegionKind, sections: list[Section]) -> tuple[int, int, tuple[Piece, ...]]:
    """Zephyr's way: one range of the file, gaps included, padded so that offsets keep their alignment."""
    start, end, alignment = _span(sections)
    first = min(section.offset for section in sections)
    for section in sections:
        draft.places[section.index] = Place(kind, section.offset - start)
    if not draft.rules.prepad and kind not in _TABLES:
        _note_old_alignment(draft, sections, first)
    return end - start, alignment, (Piece(first, end - first, first - start),)


def _note_old_alignment(draft: _Draft, sections: list[Section], first: int) -> None:
    for section in sections:
        needed = section.alignment
        if needed > draft.rules.rounding or (needed > 1 and (section.offset - first) % needed):
            hint = f"do not rely on more than {draft.rules.rounding}-byte alignment"
            draft.note(None, f"{section.name} wants {needed}-byte alignment and need not get it", hint)


def _pack(draft: _Draft, kind: RegionKind, sections: list[Section]) -> tuple[int, int, tuple[Piece, ...]]:
    """Our way: each section at its own alignment behind the one before."""
    offset, pieces = 0, []
    for section in sections:
        offset = _up(offset, section.alignment)
        draft.places[section.index] = Place(kind, offset)
        pieces.append(Piece(section.offset, section.size, offset))
        offset += section.size
    return offset, max(1, *(section.alignment for section in sections)), tuple(pieces)


def _pack_bss(draft: _Draft, sections: list[Section]) -> tuple[int, int]:
    """Zeroed sections one after the other; size of the region and its alignment.

    Zephyr pads a region in front so that offsets keep their alignment, which puts a NOBITS section whose file offset
    is not aligned at a wrong address. We ask for the same bytes and place the section right.
    """
    offset, prepad = 0, 0
    if not draft.rules.prepad and len(sections) == 1:
        _note_old_alignment(draft, sections, sections[0].offset)
    for section in sections:
        offset = _up(offset, section.alignment)
        draft.places[section.index] = Place(RegionKind.BSS, offset)
        offset += section.size
    if len(sections) == 1 and draft.rules.prepad:
        prepad = sections[0].offset % max(1, sections[0].alignment)
        if prepad:
            reason = f"{sections[0].name} has file offset {sections[0].offset:#x} and lands {prepad} bytes off its alignment"
            draft.note(None, reason, JOIN_HINT)
    return offset + prepad, max([1, *(section.alignment for section in sections)])


def _commons(draft: _Draft) -> tuple[dict[int, int], int, int]:
    """Offsets of COMMON symbols behind .bss; st_value is their alignment (gABI, "Symbol Values")."""
    offsets: dict[int, int] = {}
    end, alignment = 0, 1
    for index in packed.common_symbols(draft.elf):
        symbol = draft.elf.symbols[index]
        end = _up(end, symbol.value)
        offsets[symbol.index] = end
        end += symbol.size
        alignment = max(alignment, symbol.value)
    if offsets:
        names = _listed([draft.elf.symbols[index].name for index in offsets])
        reason = f"COMMON symbols ({names}) have no section"
        errno = Errno.ENOEXEC if draft.rules.common_errno else None
        draft.note(errno, reason, "compile with -fno-common", crash=errno is None)
    return offsets, end, alignment


def _region(draft: _Draft, kind: RegionKind, size: int, alignment: int, pieces: tuple[Piece, ...]) -> Region:
    rounding = draft.rules.rounding
    if draft.granule and kind in _PROTECTED:
        rounding = max(rounding, draft.granule)
    permission = {RegionKind.TEXT: "rx", RegionKind.RODATA: "r"}.get(kind, "rw")
    return Region(kind, size, _up(size, rounding), max(alignment, rounding), pieces, permission)


# Symbols and relocations --------------------------------------------------------------------------------------------------


def _count_symbols(draft: _Draft, commons: dict[int, int]) -> int:
    count = packed.global_objects(draft.elf)
    if not count and not commons:
        draft.note(Errno.ENOMEM, "it has no global function or object", "export one: EXPORT_SYMBOL(name)")
    return count


def _scan_relocations(draft: _Draft) -> None:
    """Collects what loaded sections import and need, and notes relocations that stock Zephyr cannot take."""
    elf = draft.elf
    recipes = draft.arch.relocations if draft.arch else {}
    types: set[int] = set()
    unmapped: list[Section] = []
    for section in elf.relocation_sections:
        target = elf.relocation_target(section)
        if target.index not in draft.places:
            if section.size:
                unmapped.append(target)
            continue
        found, pairs = packed.uses(elf, section, _settled(draft, recipes))
        types |= found
        for number, index in pairs:
            symbol = elf.symbols[index]
            if symbol.undefined and index and symbol.name != GOT_SYMBOL:
                draft.imports[symbol.name] = draft.imports.get(symbol.name, True) and symbol.binding == c.STB_WEAK
            reloc = recipes.get(number)
            if reloc is not None and not reloc.plain:
                if reloc.operand is Operand.PAIRED and symbol.section != target.index:
                    _note_pairing(draft, reloc, symbol.name)
                place = draft.places.get(symbol.section)
                draft.needs.note(reloc, index, leaves_text=place is None or place.kind is not RegionKind.TEXT)
    _note_unmapped(draft, unmapped)
    _note_types(draft, types)


def _note_pairing(draft: _Draft, reloc: Reloc, label: str) -> None:
    """Stock looks for the other half among the relocations of the same section only."""
    reason = f"the other half of a {reloc.name} ({label}) is in another section, where its loader does not look"
    draft.note(Errno.ENOEXEC, reason, "keep the two instructions of an address together")


def _settled(draft: _Draft, recipes: Mapping[int, Reloc]) -> Callable[[int], Collection[int]]:
    """Whose symbols a relocation type may use without anything to plan for: loaded ones, for a branch those in the text."""
    loaded = frozenset(draft.places)
    text = frozenset(index for index, place in draft.places.items() if place.kind is RegionKind.TEXT)

    def settled(number: int) -> Collection[int]:
        reloc = recipes.get(number)
        if reloc is None or reloc.plain:
            return loaded
        return text if reloc.operand is Operand.SYMBOL and not reloc.from_got else ()

    return settled


def _note_types(draft: _Draft, types: set[int]) -> None:
    """Relocation types that stock Zephyr's loader does not apply, and addends where it expects none."""
    arch = draft.arch
    if arch is None:
        return
    if types and draft.rules.is_older_than(arch.stock_since):
        since = f"its loader relocates {arch.name} since version {arch.stock_since} only"
        draft.note(Errno.ENOTSUP, since, f"use Zephyr {arch.stock_since} or later")
    unknown = sorted(types & arch.relocations.keys() - arch.stock_relocations)
    if unknown:
        names = ", ".join(arch.relocation_name(number) for number in unknown)
        draft.note(Errno.ENOEXEC, f"it has relocations that its loader does not know: {names}", JOIN_HINT)
    for number in sorted(types & arch.stock_defects.keys()):
        draft.note(None, f"{arch.relocation_name(number)}: {arch.stock_defects[number]}", JOIN_HINT)
    loaded = (s for s in draft.elf.relocation_sections if draft.elf.relocation_target(s).index in draft.places)
    if not arch.uses_rela and any(section.type == c.SHT_RELA for section in loaded):
        draft.note(Errno.ENOTSUP, f"relocations with addends (SHT_RELA) on {arch.name}", "use the platform's own linker")


def _note_unmapped(draft: _Draft, targets: list[Section]) -> None:
    """Relocations of sections that are not loaded; one note for each kind of them."""
    allocated = [target.name for target in targets if target.allocated]
    if allocated:
        reason = f"relocations of {_listed(allocated)}, which no region takes"
        draft.note(Errno.ENOEXEC, reason, "discard them: " + JOIN_HINT)
    others = [target.name for target in targets if not target.allocated]
    if others and draft.rules.refuses_debug_relocations:
        reason = f"relocations of {_listed(others)}, which are not loaded"
        draft.note(Errno.ENOEXEC, reason, "strip debug sections: 'llext build' does, or objcopy --strip-debug")


def _listed(names: list[str]) -> str:
    """Up to four names, and how many more."""
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
