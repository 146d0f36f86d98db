"""From a plan and addresses to linked bytes, in place. Pure: what it reads and writes is what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llext.arch import Arch, Reloc
from llext.elf import ElfSymbol, Section
from llext.elf import constants as c
from llext.errors import LinkError
from llext.link.plan import Plan
from llext.link.regions import RegionKind


@dataclass(frozen=True)
class Symbol:
    """A name with an address, and who gave it.

    Attributes:
        name: The exact name.
        address: Guest address; bit 0 is set for Thumb code.
        owner: Who provides it, in words: ``kernel``, ``Python``, ``runtime``, ``extension 'codec'``.
        code: Whether it is a function.
    """

    name: str
    address: int
    owner: str
    code: bool = True


@dataclass(frozen=True)
class Placed:
    """A region that has an address and bytes: where the linker writes."""

    address: int
    data: memoryview


Resolve = Callable[[str, bool], Symbol | None]
"""(name, weak) -> the symbol; None for an undefined weak one; raises LinkError for an undefined strong one."""

Report = Callable[[Reloc, int, str, int], None]
"""(type, place, symbol name, symbol address): called for each relocation when the log wants it."""


def apply(plan: Plan, arch: Arch, regions: Mapping[RegionKind, Placed], resolve: Resolve, report: Report | None = None) -> int:
    """Relocates every loaded section in place and returns the number of relocations.

    Args:
        plan: What goes where.
        arch: Recipes.
        regions: Address and bytes of each region of the plan.
        resolve: Gives the address of an undefined symbol.
        report: Told of each relocation, or None.

    Raises:
        LinkError: an unsupported type, a value out of range, an undefined symbol, a place outside its section.
    """
    count = 0
    linker = _Linker(plan, arch, regions, resolve, report)
    for section in plan.elf.relocation_sections:
        target = plan.elf.relocation_target(section)
        if target.index in plan.places:
            count += linker.section(section, target)
    return count


class _Linker:
    """State of one ``apply``: addresses of symbols that were asked for before."""

    def __init__(
        self, plan: Plan, arch: Arch, regions: Mapping[RegionKind, Placed], resolve: Resolve, report: Report | None
    ) -> None:
        self.plan = plan
        self.arch = arch
        self.regions = regions
        self.resolve = resolve
        self.report = report
        self._known: dict[int, tuple[int, int, bool]] = {0: (0, 0, False)}

    def section(self, section: Section, target: Section) -> int:
        """Applies one relocation section."""
        elf, table = self.plan.elf, self.arch.relocations
        place = self.plan.places[target.index]
        placed = self.regions[place.kind]
        base, data = placed.address + place.offset, placed.data[place.offset : place.offset + target.size]
        known, entries = self._known, elf.relocations(section)
        for offset, number, index, addend in entries:
            reloc = table.get(number)
            if reloc is None:
                raise LinkError(self._unsupported(number, target, offset, index))
            field = reloc.field
            size = field.size
            if not size:
                continue
            if offset + size > target.size:
                raise LinkError(
                    f"{elf.name}: {reloc.name} at {target.name}+{offset:#x} lies behind the end of the section "
                    f"({target.size:#x} bytes)"
                )
            s, t, missing = known.get(index) or self._address(index, target, offset)
            word = int.from_bytes(data[offset : offset + size], "little")
            if missing and reloc.nop is not None:
                word = reloc.nop
            else:
                value = reloc.value(s, field.addend(word) if addend is None else addend, base + offset, t)
                if reloc.low is not None:
                    value = (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000
                    if value < reloc.low or value > reloc.high or value % reloc.alignment:  # type: ignore[operator]
                        raise self._out_of_range(reloc, value, target, offset, index)
                word = field.insert(word, value)
            data[offset : offset + size] = (word & (1 << 8 * size) - 1).to_bytes(size, "little")
            if self.report is not None:
                self.report(reloc, base + offset, elf.symbols[index].name, s | t)
        return len(entries)

    def _address(self, index: int, target: Section, offset: int) -> tuple[int, int, bool]:
        """(S without its code bit, T, whether it is an undefined weak symbol)."""
        symbol = self.plan.elf.symbols[index]
        bit = self.arch.code_symbol_bit
        if symbol.undefined:
            found = self.resolve(symbol.name, symbol.binding == c.STB_WEAK)
            if found is None:
                result = (0, 0, True)
            else:
                t = found.address & bit if found.code else 0
                result = (found.address - t, t, False)
        else:
            value = self._defined(symbol, target, offset)
            t = value & bit if symbol.type == c.STT_FUNC else 0
            result = (value - t, t, False)
        self._known[index] = result
        return result

    def _defined(self, symbol: ElfSymbol, target: Section, offset: int) -> int:
        if symbol.section == c.SHN_ABS:
            return symbol.value
        if symbol.section == c.SHN_COMMON:
            return self.regions[RegionKind.BSS].address + self.plan.commons[symbol.index]
        place = self.plan.places.get(symbol.section)
        if place is None:
            name = self.plan.elf.sections[symbol.section].name if symbol.section < c.SHN_LORESERVE else f"{symbol.section:#x}"
            if symbol.section < c.SHN_LORESERVE and not self.plan.elf.sections[symbol.section].size:
                return 0  # an empty section has no address; nothing can be read through it
            raise LinkError(
                f"{self.plan.elf.name}: {target.name}+{offset:#x} uses {symbol.name!r} in section {name}, which is not loaded",
                hint="keep what refers to that section out of the extension, or give the section the flag SHF_ALLOC.",
            )
        return self.regions[place.kind].address + place.offset + symbol.value

    def _unsupported(self, number: int, target: Section, offset: int, index: int) -> str:
        symbol = self.plan.elf.symbols[index].name
        name = self.arch.relocation_name(number)
        return f"{self.plan.elf.name}: {name} ({number}) at {target.name}+{offset:#x} for {symbol!r} is not supported"

    def _out_of_range(self, reloc: Reloc, value: int, target: Section, offset: int, index: int) -> LinkError:
        symbol = self.plan.elf.symbols[index].name
        return LinkError(
            f"{self.plan.elf.name}: {reloc.name} at {target.name}+{offset:#x}: {symbol!r} is {value:+#x} bytes away, "
            f"and the field holds {reloc.low:#x} to {reloc.high:#x}",
            hint=reloc.hint,
            details={"symbol": symbol, "distance": value},
        )
