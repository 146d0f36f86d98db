"""From an ELF file to a plan: which regions, how big, how aligned, what goes where in them. No addresses yet.

Follows the mapping, merging and padding of Zephyr's loader wherever that gives a layout, so that both ask their heap
for the same bytes. Where Zephyr refuses (several NOBITS sections, interleaved sections, COMMON symbols), the sections
of a region are packed one after the other instead, and a portability note says what Zephyr would answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from llext.arch import arch_of_machine
from llext.elf import ElfFile, Section
from llext.elf import constants as c
from llext.errors import LoadError
from llext.link.annexes import Annex
from llext.link.draft import Draft, Layout, Piece, Place
from llext.link.layout import lay_out
from llext.link.notes import Note, Notes
from llext.link.regions import TABLES, RegionKind, permission_of
from llext.link.rules import StockRules
from llext.link.scan import count_symbols, scan_relocations
from llext.link.veneers import add_veneers

_PROTECTED = (RegionKind.TEXT, RegionKind.RODATA)


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
        veneers: Groups of veneers for branches that may need some, in the order of the text.
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
    veneers: tuple[Annex, ...]
    imports: dict[str, bool]
    symbol_count: int
    notes: tuple[Note, ...]

    def relocates(self, target: Section) -> bool:
        """Whether relocations of a section are applied: it is loaded, and more than a table."""
        place = self.places.get(target.index)
        return place is not None and place.kind not in TABLES

    def contents(self, kind: RegionKind) -> bytearray:
        """The bytes of a region as the file has them, not linked; what its pieces leave out is zero.

        Raises:
            ElfError: a piece of it lies behind the end of the file.
        """
        region = self.regions[kind]
        data = bytearray(region.size)
        for piece in region.pieces:
            data[piece.offset : piece.offset + piece.size] = self.elf.contents_at(piece.file_offset, piece.size)
        return data

    def notes_to_come(self) -> Notes:
        """Room for what only linking shows: of the same version, on the same file."""
        return Notes(self.rules, arch_of_machine(self.elf.header.machine))


def plan(
    elf: ElfFile,
    rules: StockRules,
    *,
    granule: int = 0,
    detached: frozenset[int] = frozenset(),
    detours: bool = True,
    packed: bool = False,
) -> Plan:
    """Plans the load of a relocatable file.

    Args:
        elf: The file; symbol tables and relocations must be at hand, contents of regions need not.
        rules: Zephyr version for sizes and notes.
        granule: Bytes that text and rodata must own whole (memory rule ``guarded``), or 0.
        detached: Indexes of sections that stay where the file has them.
        detours: Whether branches that may not reach get veneers, which a stock loader does not make.
        packed: Whether sections of a region lie one behind the other, as linkers put them, instead of as in the file.

    Raises:
        LoadError: not a relocatable file, or one that no loader could place.
        ElfError: a table of the file is malformed.
    """
    _check_type(elf)
    draft = Draft(elf, rules, granule, detached, packed)
    layouts, commons = lay_out(draft)
    scan_relocations(draft)
    got = _add_got(draft, layouts)
    veneers = add_veneers(draft, layouts) if detours else ()
    regions = {kind: _region(draft, kind, *layouts[kind]) for kind in sorted(layouts)}
    count = count_symbols(draft, commons)
    return Plan(
        elf, rules, draft.label, regions, draft.places, commons, got, veneers, draft.imports, count, draft.notes.in_order()
    )  # fmt: skip


def _add_got(draft: Draft, layouts: dict[RegionKind, Layout]) -> Annex | None:
    """Makes room for the global offset table behind the constants."""
    size, alignment, pieces = layouts.get(RegionKind.RODATA, (0, 1, ()))
    got = draft.needs.got_at(size)
    if got is not None:
        layouts[RegionKind.RODATA] = (got.offset + got.size, max(alignment, 4), pieces)
    return got


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
        lines=() if elf.header.type == c.ET_DYN else ("Unsupported ELF file type",),
    )


def _region(draft: Draft, kind: RegionKind, size: int, alignment: int, pieces: tuple[Piece, ...]) -> Region:
    granule = draft.granule if kind in _PROTECTED else 0
    allocation, alignment = draft.rules.rounded(size, alignment, table=kind in TABLES, granule=granule)
    return Region(kind, size, allocation, alignment, pieces, permission_of(kind))
