"""A plan that has addresses and linked bytes, as the ELF file that debuggers take for a linked program.

Every section stands at its address, program headers say where its bytes are stored, symbols have their addresses, and the DWARF of the
debug file is relocated for them: gdb, lldb and addr2line need to be told nothing more. Pure, as all of this floor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from llext.arch import Arch, patch_all
from llext.elf import ElfFile, ElfSymbol, ElfWriter, Section
from llext.elf import constants as c
from llext.link.plan import Plan
from llext.link.regions import TABLES, Home, RegionKind, kind_of, permission_of
from llext.link.symbols import Placed, Symbol

_FLAGS = {"r": c.SHF_ALLOC, "rx": c.SHF_ALLOC | c.SHF_EXECINSTR, "rw": c.SHF_ALLOC | c.SHF_WRITE}
_WIDEST, _PAGE = 8, 4096
"""Alignments of debug sections and of segments in the file are not more: there a larger one is room for nothing."""


@dataclass(frozen=True)
class ElfNote:
    """A section of notes (gABI chapter 5, "Note Section").

    Attributes:
        section: Its name.
        owner: Who defines the number of its type.
        type: That number.
        contents: What it says.
    """

    section: str
    owner: str
    type: int
    contents: bytes


def matches(elf: ElfFile, debug: ElfFile) -> bool:
    """Whether a debug file is of the same build: what is loaded of it are the same sections with the same bytes."""

    def loaded(file: ElfFile) -> list[tuple[str, int, bytes]]:
        return [(each.name, each.size, bytes(file.contents(each))) for each in _loaded(file)]

    return elf.header.machine == debug.header.machine and loaded(elf) == loaded(debug)


def _loaded(elf: ElfFile) -> list[Section]:
    """What is loaded, by name: tools that strip a file may give its sections another order."""
    return sorted((section for section in elf.sections[1:] if kind_of(section) is not None), key=lambda section: section.name)


def linked_elf(
    plan: Plan,
    arch: Arch,
    regions: Mapping[Home, Placed],
    imports: Mapping[str, Symbol],
    *,
    debug: ElfFile | None = None,
    stored: Mapping[Home, int] | None = None,
    notes: Sequence[ElfNote] = (),
) -> bytes:
    """The file.

    Args:
        plan: What goes where.
        arch: Recipes.
        regions: Address and linked bytes of each region.
        imports: What undefined symbols stand for.
        debug: The file with the symbols and the DWARF, which ``matches``; the plan's own without it.
        stored: Where a region's bytes lie that are copied before they are used.
        notes: Sections of notes to add.
    """
    maker = _Maker(plan, arch, debug or plan.elf, imports)
    for home, placed in sorted(regions.items(), key=lambda row: row[1].address):
        if home not in TABLES and placed.data.nbytes:
            maker.region(home, placed, (stored or {}).get(home, placed.address))
    for note in notes:
        maker.note(note)
    for section in maker.donor.elf_sections():
        maker.debug_section(section)
    maker.symbols()
    return maker.writer.build()


@dataclass(frozen=True)
class _Part:
    """A section to be, in a region: what the file has there, or what the linker added."""

    offset: int
    name: str
    size: int
    alignment: int
    section: Section | None = None


class _Donor:
    """The file that gives symbols and DWARF, and where its sections came to lie."""

    def __init__(self, plan: Plan, elf: ElfFile) -> None:
        self.elf = elf
        twins = zip(_loaded(plan.elf), _loaded(elf), strict=True)
        self.twins = {section.index: twin.index for section, twin in twins}
        self.made: dict[int, int] = {}
        """Its section -> the section that was made of it."""
        self.addresses: dict[int, int] = {}

    def elf_sections(self) -> Iterator[Section]:
        """Its sections that nobody loads and that tools look into."""
        for section in self.elf.sections[1:]:
            told = section.name.startswith(".debug") or section.name == ".comment" or section.type == c.SHT_ARM_ATTRIBUTES
            if told and not section.allocated and section.type not in (c.SHT_REL, c.SHT_RELA) and section.size:
                yield section


class _Maker:
    """One file in the making."""

    def __init__(self, plan: Plan, arch: Arch, donor: ElfFile, imports: Mapping[str, Symbol]) -> None:
        self.plan = plan
        self.arch = arch
        self.imports = imports
        self.donor = _Donor(plan, donor)
        self.writer = ElfWriter(plan.elf.header.machine, c.ET_EXEC, flags=plan.elf.header.flags)
        self.commons: dict[str, int] = {}
        """COMMON symbols by name, with their addresses."""
        self.common_section = c.SHN_ABS

    # Sections ---------------------------------------------------------------------------------------------------------

    def region(self, home: Home, placed: Placed, stored: int) -> None:
        """The sections of a region, and the program header that loads them."""
        kind = home if isinstance(home, RegionKind) else home.kind
        parts = sorted(self._parts(home), key=lambda each: each.offset)
        made = [self._part(kind, part, placed) for part in parts]
        flags = [self._flags(kind, part) for part in parts]
        rights = c.PF_R
        for bit, right in ((c.SHF_WRITE, c.PF_W), (c.SHF_EXECINSTR, c.PF_X)):
            rights |= right if any(each & bit for each in flags) else 0
        alignment = min(max(part.alignment for part in parts), _PAGE)
        self.writer.segment(made, flags=rights, physical=stored + parts[0].offset, alignment=alignment)

    def _flags(self, kind: RegionKind, part: _Part) -> int:
        if part.section is None:
            return _FLAGS[permission_of(kind)]
        return part.section.flags & ~(c.SHF_GROUP | c.SHF_MERGE | c.SHF_STRINGS)

    def _parts(self, home: Home) -> Iterator[_Part]:
        for index, place in self.plan.places.items():
            if place.kind == home:
                section = self.plan.elf.sections[index]
                yield _Part(place.offset, section.name, section.size, section.alignment, section)
        annexes = [("veneers", each) for each in self.plan.veneers] + ([("got", self.plan.got)] if self.plan.got else [])
        for name, annex in annexes:
            if annex.kind == home and annex.size:
                yield _Part(annex.offset, f".{name}", annex.size, 4)
        if home is RegionKind.BSS and self.plan.commons:
            start = min(self.plan.commons.values())
            yield _Part(start, "COMMON", self.plan.regions[home].size - start, 1)

    def _part(self, kind: RegionKind, part: _Part, placed: Placed) -> int:
        section, address = part.section, placed.address + part.offset
        empty = kind is RegionKind.BSS
        made = self.writer.section(
            part.name,
            b"" if empty else bytes(placed.data[part.offset : part.offset + part.size]),
            type_=c.SHT_NOBITS if empty else section.type if section else c.SHT_PROGBITS,
            flags=self._flags(kind, part),
            alignment=part.alignment,
            size=part.size,
            address=address,
        )
        if section is not None:
            self._known(self.donor.twins[section.index], made, address)
        elif part.name == "COMMON":
            self.common_section = made
            base = placed.address
            names = self.plan.elf.symbols
            self.commons = {names[index].name: base + offset for index, offset in self.plan.commons.items()}
        return made

    def _known(self, index: int, made: int, address: int) -> None:
        self.donor.made[index], self.donor.addresses[index] = made, address

    def note(self, note: ElfNote) -> None:
        """A section of notes."""
        owner = note.owner.encode() + b"\0"
        words = (len(owner), len(note.contents), note.type)
        parts = (b"".join(word.to_bytes(4, "little") for word in words), owner, note.contents)
        data = b"".join(part + bytes(-len(part) % 4) for part in parts)
        self.writer.section(note.section, data, type_=c.SHT_NOTE, flags=0)

    def debug_section(self, section: Section) -> None:
        """A section that tools look into, with its relocations applied."""
        elf = self.donor.elf
        data = bytearray(elf.contents(section))
        for table in elf.relocation_sections:
            if table.info == section.index:
                patch_all(self.arch, elf.relocations(table), self._value, data)
        flags = section.flags & (c.SHF_MERGE | c.SHF_STRINGS)
        alignment = min(section.alignment, _WIDEST)
        made = self.writer.section(
            section.name, data, type_=section.type, flags=flags, alignment=alignment, entry_size=section.entry_size
        )
        self._known(section.index, made, 0)

    # Symbols ----------------------------------------------------------------------------------------------------------

    def _value(self, index: int) -> int:
        """What a symbol stands for in DWARF, where addresses of code have no bit of their instruction set."""
        symbol = self.donor.elf.symbols[index]
        found = self._address(symbol)
        if found is None:
            return 0
        is_code = symbol.type == c.STT_FUNC or symbol.undefined
        return found & ~self.arch.code_symbol_bit if is_code else found

    def _address(self, symbol: ElfSymbol) -> int | None:
        """Its address; None of one that is not there."""
        if symbol.undefined:
            found = self.imports.get(symbol.name)
            return found.address if found else None
        if symbol.section == c.SHN_COMMON:
            return self.commons.get(symbol.name)
        if symbol.section == c.SHN_ABS:
            return symbol.value
        base = self.donor.addresses.get(symbol.section, 0 if self._is_debug(symbol.section) else None)
        return None if base is None else base + symbol.value

    def _is_debug(self, index: int) -> bool:
        return index < c.SHN_LORESERVE and not self.donor.elf.sections[index].allocated

    def symbols(self) -> None:
        """All of them, local ones first as they stand in the file; what is nowhere is left out."""
        for symbol in self.donor.elf.symbols[1:]:
            address = self._address(symbol)
            if symbol.undefined:
                if address is not None:
                    code = c.STT_FUNC if self.imports[symbol.name].code else c.STT_OBJECT
                    self._symbol(symbol, c.SHN_ABS, address, code)
            elif address is not None:
                self._symbol(symbol, self._section_of(symbol), address, symbol.type)

    def _section_of(self, symbol: ElfSymbol) -> int | None:
        if symbol.section == c.SHN_COMMON:
            return self.common_section
        return c.SHN_ABS if symbol.section == c.SHN_ABS else self.donor.made.get(symbol.section)

    def _symbol(self, symbol: ElfSymbol, section: int | None, address: int, type_: int) -> None:
        if section is not None:
            name = "" if symbol.type == c.STT_SECTION else symbol.name
            type_ = c.STT_OBJECT if type_ == c.STT_COMMON else type_
            self.writer.symbol(name, section, address & 0xFFFFFFFF, size=symbol.size, binding=symbol.binding, type_=type_)
