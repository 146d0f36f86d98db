"""Room for veneers: which branches may need one, and where they stand in the text.

One veneer serves every branch to the same offset of the same symbol. In a text that its shortest branch crosses, they
stand together at the end and only branches that leave the text may need one. A larger text is cut, between sections, into
groups of sections that its branches cross, with a pool of veneers behind each; a section that is larger itself has one on
either side, so that what is out of a branch's reach in it still gets one of them.

Where addends stand in the fields (SHT_REL), the fields of those branches are looked into; a loader that leaves the
contents of regions where they are until they have a place asks ``branch_fields`` what that takes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from llext.arch import Arch, arch_of_machine
from llext.elf import ElfFile, Section, packed
from llext.link.annexes import Annex, annex
from llext.link.branches import Goal, branch_span, branches
from llext.link.checks import Check
from llext.link.draft import Draft, Layout, Piece, Place
from llext.link.regions import RegionKind, kind_of, up

_Key = tuple[int, int]
"""Index of a symbol, and the addend of a branch to it."""


@dataclass(frozen=True)
class _Text:
    """The sections with code, and how far the shortest branch between them reaches; 0 where none can be too far."""

    sections: frozenset[int]
    reach: int

    def near(self, section: Section) -> frozenset[int]:
        """Sections that no branch of this one can miss."""
        if not self.reach:
            return self.sections
        return frozenset({section.index}) if section.size <= self.reach else frozenset()


def _text_of(elf: ElfFile, arch: Arch) -> _Text:
    sections = [section for section in elf.sections[1:] if kind_of(section) is RegionKind.TEXT]
    indexes = frozenset(section.index for section in sections)
    span = max((s.offset + s.size for s in sections), default=0) - min((s.offset for s in sections), default=0)
    extent = max(span, sum(section.size + section.alignment for section in sections)) + _most_veneers(elf, arch)
    reaches = {number: reloc.high or 0 for number, reloc in arch.branches.items()}
    if extent <= min(reaches.values(), default=extent):
        return _Text(indexes, 0)
    used = {number for section in elf.relocation_sections if section.info in indexes for number in packed.types(elf, section)}
    reach = min((reach for number, reach in reaches.items() if number in used), default=extent)
    return _Text(indexes, reach if extent > reach else 0)


def _most_veneers(elf: ElfFile, arch: Arch) -> int:
    """Bytes of veneers if every relocation needed one of its own."""
    count = sum(section.size // (section.entry_size or section.size or 1) for section in elf.relocation_sections)
    return count * arch.veneer(elf).size if arch.branches else 0


def _branching(elf: ElfFile, arch: Arch) -> Iterator[tuple[Section, Section, frozenset[int]]]:
    """Relocation sections of loaded sections, with the sections that their branches cannot miss."""
    text = _text_of(elf, arch)
    for section in elf.relocation_sections:
        target = elf.relocation_target(section)
        if target.index and kind_of(target) is not None:
            yield section, target, text.near(target)


def branch_fields(elf: ElfFile) -> Iterator[tuple[int, int]]:
    """Ranges of the file, as offset and size in bytes, that ``plan`` looks into besides its tables."""
    arch = arch_of_machine(elf.header.machine)
    if arch is None or not arch.branches or elf.symbol_section is None:
        return  # without symbols, planning refuses the file
    for section, _target, near in _branching(elf, arch):
        span = branch_span(elf, section, arch.branches, near)
        if span is not None:
            yield span


def add_veneers(draft: Draft, layouts: dict[RegionKind, Layout]) -> tuple[Annex, ...]:
    """Makes room in the text and moves what stands behind it."""
    elf, arch = draft.elf, draft.arch
    if arch is None:
        return ()
    asked: dict[int, list[Goal]] = {}
    for section, target, near in _branching(elf, arch):
        if target.index in draft.places and (goals := branches(elf, section, arch.branches, near)):
            asked.setdefault(target.index, []).extend(goals)
    if not asked:
        return ()
    text = layouts.get(RegionKind.TEXT, (0, 1, ()))
    size = arch.veneer(elf).size
    planned = _Pools(draft, arch, size, asked, text)
    if planned.crossing():
        reason = "branches in its text do not reach, and its loader has veneers for imports at most"
        draft.note(Check.OUT_OF_REACH, reason, next(iter(arch.branches.values())).hint)
    pools: list[Annex] = []
    moves, shift = [], 0
    for cut, keys in planned.cuts():
        made = annex(RegionKind.TEXT, cut + shift, size, sorted(keys))
        pools.append(made)
        end = made.offset + made.size
        shift = end - cut if cut == text[0] else up(end - cut, text[1])
        moves.append((cut, shift))
    layouts[RegionKind.TEXT] = (text[0] + shift, max(text[1], 4), tuple(_moved(draft, text[2], moves)))
    return tuple(pools)


class _Pools:
    """Where pools stand and whom they serve."""

    def __init__(self, draft: Draft, arch: Arch, size: int, asked: Mapping[int, list[Goal]], text: Layout) -> None:
        self.draft = draft
        self.arch = arch
        self.asked = asked
        self.extent = text[0]
        self.reach = _text_of(draft.elf, arch).reach
        places = {index: place.offset for index, place in draft.places.items() if place.kind is RegionKind.TEXT}
        self.sections = sorted((draft.elf.sections[index] for index in places), key=lambda each: places[each.index])
        # What the pools can add to a distance at most: every branch in two of them, and their alignment.
        count = sum(map(len, asked.values()))
        self.slack = 2 * size * count + (2 * len(self.sections) + 2) * text[1] if self.reach else 0

    def cuts(self) -> list[tuple[int, set[_Key]]]:
        """Offsets in the text as it is without veneers, in order, and what needs a veneer there."""
        groups = self._groups()
        cuts: dict[int, set[_Key]] = {}
        start = 0
        for number, group in enumerate(groups):
            last = number == len(groups) - 1
            end = self.extent if last else self._end(group[-1])
            keys = set().union(*(self._far(section) for section in group))
            if last:
                keys |= set().union(*(self._far_from_elsewhere(index) for index in self.asked))
            cuts.setdefault(end, set()).update(keys)
            if self.reach and end - start > self.reach - self.slack:
                cuts.setdefault(start, set()).update(keys)
            start = end
        return sorted((cut, keys) for cut, keys in cuts.items() if keys)

    def crossing(self) -> bool:
        """Whether a branch from one place of the text to another may be too far."""
        return any(self._offset(symbol) is not None for section in self.sections for symbol, _ in self._far(section))

    def _groups(self) -> list[list[Section]]:
        groups: list[list[Section]] = [[]]
        for section in self.sections:
            group = groups[-1]
            if self.reach and group and self._end(section) - self._start(group[0]) > self.reach - self.slack:
                groups.append([])
            groups[-1].append(section)
        return groups

    def _start(self, section: Section) -> int:
        return self.draft.places[section.index].offset

    def _end(self, section: Section) -> int:
        return self._start(section) + section.size

    def _far(self, section: Section) -> set[_Key]:
        """Where branches of a section of the text go that may be too far."""
        found = set()
        for symbol, addend, number in self.asked.get(section.index, ()):
            goal = self._offset(symbol)
            reach = self.arch.branches[number].high or 0
            if goal is None:
                found.add((symbol, addend))
                continue
            goal += addend
            if max(abs(goal - self._start(section)), abs(goal - self._end(section))) + self.slack > reach:
                found.add((symbol, addend))
        return found

    def _far_from_elsewhere(self, index: int) -> set[_Key]:
        """The same for a section that is not in the text."""
        if self.draft.places[index].kind is RegionKind.TEXT:
            return set()
        return {(symbol, addend) for symbol, addend, _ in self.asked[index]}

    def _offset(self, index: int) -> int | None:
        """Offset of a symbol in the text, or None if it is not there."""
        symbol = self.draft.elf.symbols[index]
        place = self.draft.places.get(symbol.section)
        return place.offset + symbol.value if place is not None and place.kind is RegionKind.TEXT else None


def _moved(draft: Draft, pieces: tuple[Piece, ...], moves: list[tuple[int, int]]) -> Iterator[Piece]:
    """Pieces of the text, cut where pools stand, in the order of the text; the places of sections go with them."""
    cuts = [cut for cut, _ in moves]

    def shifted(offset: int) -> int:
        found = bisect_right(cuts, offset)
        return offset + (moves[found - 1][1] if found else 0)

    for index, place in draft.places.items():
        if place.kind is RegionKind.TEXT:
            draft.places[index] = Place(place.kind, shifted(place.offset))
    for piece in pieces:
        inner = cuts[bisect_right(cuts, piece.offset) : bisect_left(cuts, piece.offset + piece.size)]
        for start, end in zip([piece.offset, *inner], [*inner, piece.offset + piece.size], strict=True):
            yield Piece(piece.file_offset + start - piece.offset, end - start, shifted(start))
