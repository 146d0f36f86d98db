"""What a relocation's symbol stands for: S, its code bit T, its slot, its thread offset, its other half."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from llext.arch import Arch, Operand, Reloc
from llext.elf import ElfSymbol, Relocation
from llext.elf import constants as c
from llext.errors import LinkError
from llext.link.annexes import GOT_SYMBOL
from llext.link.checks import NO_HIGH_PART, UNEXPECTED_INDEX
from llext.link.plan import Plan
from llext.link.regions import Home, RegionKind


@dataclass(frozen=True)
class Symbol:
    """A name with an address, and who gave it.

    Attributes:
        name: The exact name.
        address: Guest address; bit 0 is set for Thumb code. Of a thread-local variable its offset in the thread's block.
        owner: Who provides it, in words: ``kernel``, ``Python``, ``runtime``, ``extension 'codec'``.
        code: Whether it is a function.
        thread: Whether it is a variable of which every thread has its own.
    """

    name: str
    address: int
    owner: str
    code: bool = True
    thread: bool = False


@dataclass(frozen=True)
class Placed:
    """A region that has an address and bytes: where the linker writes."""

    address: int
    data: memoryview


Resolve = Callable[[str, bool], Symbol | None]
"""(name, weak) -> the symbol; None for an undefined weak one; raises LinkError for an undefined strong one."""


class Target(NamedTuple):
    """What a symbol stands for.

    Attributes:
        s: Its address without its code bit; of a thread-local variable its offset from the thread pointer.
        t: Its code bit.
        missing: Whether it is an undefined weak symbol.
        function: Whether it is known to be a function, so that ``t`` says in which state it runs.
        thread: Whether it is thread-local.
    """

    s: int
    t: int
    missing: bool = False
    function: bool = False
    thread: bool = False


class Where(NamedTuple):
    """A place in the file that uses a symbol: for messages, and to find what else is there."""

    section: str
    offset: int
    section_index: int = 0

    def __str__(self) -> str:
        return f"{self.section}+{self.offset:#x}"


class Symbols:
    """Answers for the symbols of one file that is being linked; each is looked up once."""

    def __init__(self, plan: Plan, arch: Arch, regions: Mapping[Home, Placed], resolve: Resolve) -> None:
        self.plan = plan
        self.arch = arch
        self.regions = regions
        self.resolve = resolve
        self.known: dict[int, Target] = {0: Target(0, 0)}

    def target(self, index: int, where: Where) -> Target:
        """What a symbol stands for.

        Raises:
            LinkError: nothing provides it, or it is in a section that is not loaded.
        """
        found = self.known.get(index)
        if found is None:
            found = self.known[index] = self._target(self.plan.elf.symbols[index], where)
        return found

    def _target(self, symbol: ElfSymbol, where: Where) -> Target:
        bit = self.arch.code_symbol_bit
        if not symbol.undefined:
            function = symbol.type == c.STT_FUNC
            t = symbol.value & bit if function else 0
            return Target(self._defined(symbol, where) - t, t, function=function and bool(bit))
        if symbol.name == GOT_SYMBOL and self.plan.got is not None:
            return Target(self.got_origin(), 0)
        try:
            found = self.resolve(symbol.name, symbol.binding == c.STB_WEAK)
        except LinkError as error:
            error.lines = self._not_found(symbol.name, where)
            raise
        if found is None:
            return Target(0, 0, missing=True)
        if found.thread:
            return Target(found.address + self.arch.thread_pointer.bias, 0, thread=True)
        t = found.address & bit if found.code else 0
        return Target(found.address - t, t, function=found.code and bool(bit))

    def _not_found(self, name: str, where: Where) -> tuple[str, ...]:
        """What Zephyr logs of a symbol that nobody has."""
        table = self.plan.elf.symbol_section
        assert table is not None  # the plan wants one
        what = f"Undefined symbol with no entry in symbol table {name}, offset {where.offset}, link section {table.index}"
        return what, f"Could not find symbol {name}!"

    def _defined(self, symbol: ElfSymbol, where: Where) -> int:
        if symbol.section == c.SHN_ABS:
            return symbol.value
        if symbol.section == c.SHN_COMMON:
            return self.regions[RegionKind.BSS].address + self.plan.commons[symbol.index]
        place = self.plan.places.get(symbol.section)
        if place is not None:
            return self.regions[place.kind].address + place.offset + symbol.value
        real = symbol.section < c.SHN_LORESERVE
        if real and not self.plan.elf.sections[symbol.section].size:
            return 0  # an empty section has no address; nothing can be read through it
        name = self.plan.elf.sections[symbol.section].name if real else f"{symbol.section:#x}"
        raise LinkError(
            f"{self.plan.elf.name}: {where} uses {symbol.name!r} in section {name}, which is not loaded",
            hint="keep what refers to that section out of the extension, or give the section the flag SHF_ALLOC.",
            lines=() if real else (UNEXPECTED_INDEX, f"Could not find symbol {symbol.name}!"),
        )

    # Operands other than the symbol itself ------------------------------------------------------------------------------

    def operand(self, reloc: Reloc, index: int, where: Where) -> Target:
        """S and T as a relocation type means them."""
        match reloc.operand:
            case Operand.SYMBOL:
                return self.target(index, where)
            case Operand.GOT_ORIGIN:
                return Target(self.got_origin(), 0)
            case Operand.GOT | Operand.THREAD_GOT:
                return Target(self._slot(index, thread=reloc.operand is Operand.THREAD_GOT), 0)
            case Operand.THREAD:
                return self.thread_offset(index, where)
            case Operand.PAIRED:
                symbol = self.plan.elf.symbols[index]
                return Target(self._other_half(reloc, repr(symbol.name), where, (symbol.section, symbol.value)), 0)
            case _:
                assert reloc.operand is Operand.DIFFERENCE
                minuend = self._other_half(reloc, "the same place", where, (where.section_index, where.offset))
                return Target(minuend - self.target(index, where).s, 0)

    def got_origin(self) -> int:
        """GOT_ORG."""
        got = self.plan.got
        assert got is not None  # the plan saw every relocation
        return self.regions[got.kind].address + got.offset

    def _slot(self, index: int, *, thread: bool) -> int:
        got = self.plan.got
        assert got is not None
        return self.got_origin() + got.slots[index, thread]

    def thread_offset(self, index: int, where: Where) -> Target:
        """The symbol's offset from the thread pointer.

        Raises:
            LinkError: it is no thread-local variable of the firmware.
        """
        symbol = self.plan.elf.symbols[index]
        if not symbol.undefined:
            raise LinkError(
                f"{self.plan.elf.name}: {where} uses {symbol.name!r}, a thread-local variable of the file's own: threads have "
                "room for the firmware's only",
                hint="compile with -femulated-tls: it then takes the variable by a call.",
            )
        found = self.target(index, where)
        if not found.thread and not found.missing:
            raise LinkError(
                f"{self.plan.elf.name}: {where} takes {symbol.name!r} for a thread-local variable, which it is not",
                hint="declare it without __thread.",
            )
        return found

    def _other_half(self, reloc: Reloc, name: str, where: Where, at: tuple[int, int]) -> int:
        """The value of the relocation that another one completes, at an offset of a section."""
        found = self._halves.get((*at, reloc.operand))
        if found is None:
            raise LinkError(
                f"{self.plan.elf.name}: {reloc.name} at {where}: at {name} there is no relocation that it completes",
                hint=reloc.hint,
                lines=(NO_HIGH_PART,) if reloc.operand is Operand.PAIRED else (),
            )
        high, entry = found
        s, t, *_ = self.operand(high, entry.symbol, where)
        place = self.plan.places[at[0]]
        return high.value(s, entry.addend or 0, self.regions[place.kind].address + place.offset + at[1], t)

    def is_completed(self, reloc: Reloc, where: Where) -> bool:
        """Whether a relocation that is half a value has the other half that it must have at the same place."""
        return reloc.completed_by is not Operand.DIFFERENCE or (where.section_index, where.offset) in self._differences

    @cached_property
    def _halves(self) -> dict[tuple[int, int, Operand], tuple[Reloc, Relocation]]:
        """Section, offset and kind of what completes it -> a relocation that is half a value."""
        return {
            (section, entry.offset, reloc.completed_by): (reloc, entry)
            for section, reloc, entry in self._parts()
            if reloc.completed_by is not None
        }

    @cached_property
    def _differences(self) -> set[tuple[int, int]]:
        """Section and offset of each difference."""
        return {(section, entry.offset) for section, reloc, entry in self._parts() if reloc.operand is Operand.DIFFERENCE}

    def _parts(self) -> Iterator[tuple[int, Reloc, Relocation]]:
        elf, table = self.plan.elf, self.arch.relocations
        for section in elf.relocation_sections:
            if self.plan.relocates(elf.relocation_target(section)):
                for entry in elf.relocations(section):
                    reloc = table.get(entry.type)
                    if reloc is not None:
                        yield section.info, reloc, entry

    # Messages -------------------------------------------------------------------------------------------------------------

    def name(self, index: int) -> str:
        """A symbol's name."""
        return self.plan.elf.symbols[index].name
