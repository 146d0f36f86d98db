"""Links one relocatable file three ways at the same addresses: by ours, by ld.lld, by GNU ld.

The others get the file rewritten, ours as it is. Every loaded section gets a name of its own, ``.s`` and its index, so
that a linker script can put each where our plan did; nothing is merged (SHF_MERGE) or chosen (SHF_GROUP); what our plan
does not load (.ARM.exidx, debug) is made SHT_NULL. Undefined symbols get addresses by a second file, which defines them
as absolute: functions with their code bit, near enough for branches, and variables anywhere; thread-local ones in a
.tdata. COMMON symbols are defined there too, at the addresses that our plan gives them, which overrides them.
"""

import hashlib
import mmap
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from llext.arch import Arch, Operand, arch_of_machine
from llext.build.toolchain import zig_program
from llext.elf import ElfFile, Relocation, Section
from llext.elf import constants as c
from llext.elf.writer import ElfWriter
from llext.errors import LinkError, LoadError
from llext.link import Placed, Plan, RegionKind, Symbol, apply, plan, stock_rules

SHF_TLS, SHF_DROPPED = 0x400, c.SHF_MERGE | c.SHF_STRINGS | 0x200 | 0x80  # SHF_GROUP, SHF_LINK_ORDER
TABLES = (RegionKind.SYMTAB, RegionKind.STRTAB, RegionKind.SHSTRTAB)
BASES = {
    RegionKind.TEXT: 0x2468_0000, RegionKind.RODATA: 0x2571_0000, RegionKind.DATA: 0x5A93_0000, RegionKind.BSS: 0xBCDE_0000,
    RegionKind.EXPORT: 0x2671_0000, RegionKind.PREINIT: 0x2672_0000, RegionKind.INIT: 0x2673_0000, RegionKind.FINI: 0x2674_0000,
}  # fmt: skip
"""Far apart, with bits that differ; constants near enough to the text for what few types need that."""
NEAR = 0xE0000
"""Undefined functions lie within so many bytes of the start of the text: less than conditional branches and JAL reach."""
GOT_SYMBOL = "_GLOBAL_OFFSET_TABLE_"
RESERVED_GOT_WORDS = {c.EM_ARM: 0, c.EM_RISCV: 1}


def linker_lld(_arch: Arch) -> list[str]:
    """ld.lld as it is called here."""
    return [str(zig_program()), "ld.lld", "-O0", "--no-relax", "--target2=rel", "--threads=1", "-n", "--no-check-sections"]


def linker_gnu(arch: Arch) -> list[str]:
    """GNU ld as it is called here."""
    more = ["--no-relax"] if arch.compiler.gnu_linker else ["--target2=rel"]
    quiet = ["--no-warn-mismatch", "--no-warn-rwx-segments", "--no-check-sections"]
    return [f"{arch.compiler.gcc_prefix}ld", *arch.compiler.gnu_linker, *more, *quiet, "-n"]


@dataclass(frozen=True)
class Case:
    """A file, where its regions lie, and what its undefined symbols are."""

    data: bytes
    bases: Mapping[RegionKind, int] = field(default_factory=lambda: BASES)
    given: Mapping[str, Symbol] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    @cached_property
    def elf(self) -> ElfFile:
        return ElfFile.parse(self.data, "member")

    @cached_property
    def arch(self) -> Arch:
        arch = arch_of_machine(self.elf.header.machine)
        assert arch is not None
        return arch

    @cached_property
    def plan(self) -> Plan:
        return plan(self.elf, stock_rules())

    @cached_property
    def sections(self) -> dict[str, int]:
        """Script name of each loaded section -> address."""
        places = {index: place for index, place in self.plan.places.items() if place.kind not in TABLES}
        return {name_of(self.elf.sections[index]): self.bases[place.kind] + place.offset for index, place in places.items()}

    @cached_property
    def symbols(self) -> dict[str, Symbol]:
        """What provides each undefined name."""
        absent = self.missing | {GOT_SYMBOL}
        wanted = {s.name: s.type == c.STT_TLS for s in self.elf.symbols[1:] if s.undefined and s.name not in absent}
        return {name: self.given.get(name) or self._chosen(name, thread) for name, thread in wanted.items()}

    def _chosen(self, name: str, thread: bool) -> Symbol:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
        if thread or name in self._thread_local:
            return Symbol(name, number % 64 * 4, "test", code=False, thread=True)
        if name in self._branched_to or (number >> 40) % 2:
            near = self.bases[RegionKind.TEXT] + number % (2 * NEAR) - NEAR & ~3
            return Symbol(name, near | self.arch.code_symbol_bit, "test", code=True)
        return Symbol(name, number & 0xFFFFFFFF, "test", code=False)

    @cached_property
    def _branched_to(self) -> set[str]:
        return self._used_by(lambda reloc: reloc.low is not None and reloc.high - reloc.low < 1 << 27)

    @cached_property
    def _thread_local(self) -> set[str]:
        return self._used_by(lambda reloc: reloc.operand in (Operand.THREAD, Operand.THREAD_GOT))

    def _used_by(self, wanted) -> set[str]:
        table, elf = self.arch.relocations, self.elf
        uses = (entry for section in elf.relocation_sections for entry in elf.relocations(section))
        return {elf.symbols[u.symbol].name for u in uses if u.type in table and wanted(table[u.type])}


def name_of(section: Section) -> str:
    """The name of a loaded section in the rewritten file."""
    return f".s{section.index}"


# Ours -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Linked:
    """What a linker made: the bytes of each loaded section, of the global offset table with its address, of veneers."""

    sections: dict[str, bytes]
    got: tuple[int, bytes]
    veneers: bytes = b""


def linked_by_us(case: Case, report=None) -> Linked | str:
    """Sections as our linker writes them, or its error."""
    try:
        regions = {kind: region for kind, region in case.plan.regions.items() if kind not in TABLES}
        placed = {kind: _placed(case, kind) for kind in regions}
        apply(
            case.plan,
            case.arch,
            placed,
            lambda name, weak: case.symbols[name] if name in case.symbols else _none(name, weak),
            report,
        )
    except (LinkError, LoadError) as error:
        return str(error)
    found = {}
    for index, place in case.plan.places.items():
        if place.kind in placed and place.kind is not RegionKind.BSS:
            section = case.elf.sections[index]
            found[name_of(section)] = bytes(placed[place.kind].data[place.offset : place.offset + section.size])
    got = bytes_of(placed, (case.plan.got,) if case.plan.got else ())
    return Linked(found, (_got_address(case), got), bytes_of(placed, case.plan.veneers))


def bytes_of(placed, annexes) -> bytes:
    """What stands in annexes, one behind the other."""
    return b"".join(placed[a.kind].data[a.offset : a.offset + a.size] for a in annexes)


def _none(name: str, weak: bool) -> None:
    if not weak:
        raise LinkError(f"undefined symbol {name}")


def _placed(case: Case, kind: RegionKind) -> Placed:
    region = case.plan.regions[kind]
    data = bytearray(region.size)
    for piece in region.pieces:
        data[piece.offset : piece.offset + piece.size] = case.elf.contents_at(piece.file_offset, piece.size)
    return Placed(case.bases[kind], memoryview(data))


def _got_address(case: Case) -> int:
    got = case.plan.got
    return case.bases[got.kind] + got.offset if got else 0


# The others -------------------------------------------------------------------------------------------------------------


def linked_by(case: Case, linker: list[str], folder: Path) -> Linked | str:
    """Sections as another linker writes them, or what it says."""
    (folder / "in.o").write_bytes(rewritten(case))
    (folder / "names.o").write_bytes(companion(case))
    (folder / "t.ld").write_text(script(case))
    command = [*linker, "-e", "0", "-T", "t.ld", "in.o", "names.o", "-o", "out.elf"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, close_fds=False)
    if done.returncode:
        return done.stderr or f"ended with {done.returncode}"
    with (folder / "out.elf").open("rb") as file:  # with holes of a gigabyte where ld.lld joins sections that lie far apart
        elf = ElfFile.parse(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    by_name = {section.name: section for section in elf.sections}
    found = {name: bytes(elf.contents(by_name[name])) for name in case.sections if name in by_name}
    got = by_name.get(".got")
    return Linked(
        {name: data for name, data in found.items() if data}, (got.address, bytes(elf.contents(got))) if got else (0, b"")
    )


def rewritten(case: Case) -> bytes:
    """The file with a name for each loaded section, and without what is not loaded."""
    elf, out = case.elf, bytearray(case.data)
    kept = {index for index, place in case.plan.places.items() if place.kind not in TABLES}
    names = bytearray(elf.contents(elf.sections[elf.header.section_names]))
    for section in elf.sections[1:]:
        at = elf.header.section_offset + section.index * elf.header.section_entry_size
        if section.index in kept:
            out[at : at + 4] = len(names).to_bytes(4, "little")
            names += name_of(section).encode() + b"\0"
            out[at + 8 : at + 12] = (section.flags & ~SHF_DROPPED).to_bytes(4, "little")
        elif not (_needed(section, elf) or (section.type in (c.SHT_REL, c.SHT_RELA) and section.info in kept)):
            out[at + 4 : at + 8] = bytes(4)
    at = elf.header.section_offset + elf.header.section_names * elf.header.section_entry_size
    out[at + 16 : at + 24] = len(out).to_bytes(4, "little") + len(names).to_bytes(4, "little")
    return bytes(out + names)


def _needed(section: Section, elf: ElfFile) -> bool:
    """Tables, and the attributes, by which a linker knows what the CPU executes."""
    return section.type in (c.SHT_SYMTAB, c.SHT_STRTAB, c.SHT_ARM_ATTRIBUTES) or section.index == elf.header.section_names


def companion(case: Case) -> bytes:
    """A file that defines what ours is told by ``resolve``, and the COMMON symbols."""
    writer = ElfWriter(case.elf.header.machine, flags=case.elf.header.flags)
    threads = [symbol for symbol in case.symbols.values() if symbol.thread]
    if threads:
        block = writer.section(".tdata", bytes(256), flags=c.SHF_ALLOC | c.SHF_WRITE | SHF_TLS)
        for symbol in threads:
            writer.symbol(symbol.name, block, symbol.address, type_=c.STT_TLS)
    for symbol in case.symbols.values():
        if not symbol.thread:
            writer.symbol(symbol.name, c.SHN_ABS, symbol.address, type_=c.STT_FUNC if symbol.code else c.STT_OBJECT)
    for index, offset in case.plan.commons.items():
        common = case.elf.symbols[index]
        writer.symbol(common.name, c.SHN_ABS, case.bases[RegionKind.BSS] + offset, size=common.size, type_=c.STT_OBJECT)
    return writer.build()


def script(case: Case) -> str:
    """A linker script that puts each section, and the global offset table, where our plan has it."""
    lines = [(address, f"{name} {address:#x} : {{ KEEP(*({name})) }}") for name, address in case.sections.items()]
    if case.plan.got:
        address = _got_address(case) - 4 * RESERVED_GOT_WORDS[case.arch.machine]
        lines.append((address, f".got {address:#x} : {{ *(.got.plt) *(.got) }}"))
    lines.append((0x7FFF_0000, ".tdata 0x7fff0000 : { *(.tdata) }"))
    text = "\n".join(f"  {line}" for _, line in sorted(lines))
    return f"SECTIONS {{\n{text}\n  /DISCARD/ : {{ *(.ARM.exidx*) *(.iplt) *(.rel*.iplt) }}\n}}\n"


# Global offset tables ---------------------------------------------------------------------------------------------------

_SLOTS = (Operand.GOT, Operand.THREAD_GOT)


def slots_read(case: Case, linked: Linked) -> Iterator[tuple[str, int, bytes]]:
    """Script name, offset, and what the slot holds that it leads to, of each reference to the global offset table."""
    for name, entry in _slot_references(case):
        data = linked.sections[name]
        value = _signed(int.from_bytes(data[entry.offset : entry.offset + 4], "little"))
        if case.arch.relocations[entry.type].completed_by:
            low, at = next(_low_halves(case, name, entry.offset))
            word = int.from_bytes(linked.sections[low][at : at + 4], "little")
            value = (value & ~0xFFF) + (_signed(word) >> 20)
        start = linked.got[0] if case.arch.relocations[entry.type].from_got else case.sections[name] + entry.offset
        at = start + value - _addend(case, name, entry) - linked.got[0]
        yield name, entry.offset, linked.got[1][at : at + 4]


def _slot_references(case: Case) -> Iterator[tuple[str, Relocation]]:
    table = case.arch.relocations
    for section in case.elf.relocation_sections:
        name = name_of(case.elf.sections[section.info])
        if name in case.sections:
            found = (entry for entry in case.elf.relocations(section) if entry.type in table)
            yield from ((name, entry) for entry in found if table[entry.type].operand in _SLOTS)


def without_slots(case: Case, linked: Linked) -> Linked:
    """The same with references to slots cleared: their order in the table is everybody's own."""
    sections = {name: bytearray(data) for name, data in linked.sections.items()}
    for name, entry in _slot_references(case):
        sections[name][entry.offset : entry.offset + 4] = bytes(4)
        for low, offset in _low_halves(case, name, entry.offset):
            sections[low][offset + 2 : offset + 4] = bytes(2)
    return replace(linked, sections={name: bytes(data) for name, data in sections.items()})


def _low_halves(case: Case, name: str, offset: int) -> Iterator[tuple[str, int]]:
    """Where the loads are that complete a slot's address."""
    for section in case.elf.relocation_sections:
        for entry in case.elf.relocations(section):
            symbol, reloc = case.elf.symbols[entry.symbol], case.arch.relocations.get(entry.type)
            if (f".s{symbol.section}", symbol.value) == (name, offset) and reloc and reloc.operand is Operand.PAIRED:
                yield f".s{section.info}", entry.offset


def _addend(case: Case, name: str, entry: Relocation) -> int:
    data = bytes(case.elf.contents(case.elf.sections[int(name[2:])]))
    return _signed(int.from_bytes(data[entry.offset : entry.offset + 4], "little")) if entry.addend is None else entry.addend


def _signed(word: int) -> int:
    return (word ^ 0x80000000) - 0x80000000


# Comparison -------------------------------------------------------------------------------------------------------------


def differences(case: Case, ours: Linked, theirs: Linked) -> Iterator[str]:
    """Every section that differs, with the first byte that does and the relocation there; every slot that does."""
    if case.plan.got:
        pairs = zip(slots_read(case, ours), slots_read(case, theirs), strict=True)
        yield from (f"slot: ours {mine}, theirs {other}" for mine, other in pairs if mine != other or len(mine[2]) != 4)
        ours, theirs = without_slots(case, ours), without_slots(case, theirs)
    for name, data in ours.sections.items():
        other = theirs.sections.get(name, b"")
        if data != other:
            yield _difference(case, name, data, other)


def _difference(case: Case, name: str, data: bytes, other: bytes) -> str:
    at = next((at for at, pair in enumerate(zip(data, other, strict=False)) if pair[0] != pair[1]), min(len(data), len(other)))
    index = int(name[2:])
    tables = [section for section in case.elf.relocation_sections if section.info == index]
    near = [entry for table in tables for entry in case.elf.relocations(table) if entry.offset <= at < entry.offset + 8]
    words = [
        f"{case.arch.relocation_name(e.type)}+{e.offset:#x} {case.elf.symbols[e.symbol].name}{e.addend or 0:+d}" for e in near
    ]
    at &= ~1
    return (
        f"{case.elf.sections[index].name}+{at:#x} (address {case.sections[name] + at:#x}): ours {data[at : at + 8].hex(' ')}, "
        f"theirs {other[at : at + 8].hex(' ')}; {', '.join(words)}"
    )
