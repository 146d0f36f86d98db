"""From a plan and addresses to linked bytes, in place. Pure: what it reads and writes is what it is given.

One relocation is: S and A and P to a value by the type's recipe, a check, the value into its field. Where there are very
many, ``batch`` does the ordinary ones as arrays with the same recipes, and the others come back here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from llext.arch import Arch, Field, Reloc, Veneer
from llext.elf import Relocation, Section, packed
from llext.errors import LinkError
from llext.link import batch
from llext.link.checks import UNKNOWN_RELOCATION
from llext.link.plan import Plan
from llext.link.regions import Home, RegionKind
from llext.link.symbols import Placed, Resolve, Symbols, Target, Where

Report = Callable[[Reloc, int, str, int], None]
"""(type, place, symbol name, symbol address): called for each relocation when the log wants it."""


def apply(plan: Plan, arch: Arch, regions: Mapping[Home, Placed], resolve: Resolve, report: Report | None = None) -> int:
    """Relocates every loaded section in place and returns the number of relocations.

    Args:
        plan: What goes where.
        arch: Recipes.
        regions: Address and bytes of each region of the plan, and of each section that is detached.
        resolve: Gives the address of an undefined symbol.
        report: Told of each relocation, or None.

    Raises:
        LinkError: an unsupported type, a value out of range, an undefined symbol, a place outside its section.
    """
    count = 0
    linker = _Linker(plan, arch, regions, resolve, report)
    columns = None if report else packed.columns(plan.elf)
    for section in plan.elf.relocation_sections:
        target = plan.elf.relocation_target(section)
        if plan.relocates(target):
            count += linker.batch(columns, section, target) if columns else linker.section(section, target)
    linker.fill_got()
    return count


UNKNOWN = (
    "no compiler needs it in a relocatable file: build with 'llext build', or by its flags; 'ld -r' joins, plain ld does not."
)
NO_BASE = "compile without the option that asks for such code (-frwpi, -msingle-pic-base and the like): nobody sets its base."


class _Linker:
    """State of one ``apply``."""

    def __init__(self, plan: Plan, arch: Arch, regions: Mapping[Home, Placed], resolve: Resolve, report: Report | None) -> None:
        self.plan = plan
        self.arch = arch
        self.regions = regions
        self.symbols = Symbols(plan, arch, regions, resolve)
        self.report = report
        self._addresses: batch.Addresses | None = None

    def _bytes_of(self, target: Section) -> tuple[int, memoryview]:
        """Address and bytes of a loaded section."""
        place = self.plan.places[target.index]
        placed = self.regions[place.kind]
        return placed.address + place.offset, placed.data[place.offset : place.offset + target.size]

    def section(self, section: Section, target: Section) -> int:
        """Applies one relocation section."""
        entries = self.plan.elf.relocations(section)
        self._entries(entries, target)
        return len(entries)

    def batch(self, columns: packed.Columns, section: Section, target: Section) -> int:
        """Applies one relocation section, what can be as arrays."""
        base, data = self._bytes_of(target)
        self._addresses = self._addresses or batch.addresses(columns, self.symbols)
        count, rest = batch.section(columns, self._addresses, self.symbols, section, target, base, data)
        self._entries(rest, target)
        return count

    def _entries(self, entries: Iterable[Relocation], target: Section) -> None:
        base, data = self._bytes_of(target)
        table, known, limit = self.arch.relocations, self.symbols.known, target.size
        for offset, number, index, addend in entries:
            reloc = table.get(number)
            if reloc is None or not reloc.plain:
                self._unusual(reloc, Relocation(offset, number, index, addend), target)
                continue
            field = reloc.field
            size = field.size
            if not size:
                continue
            if offset + size > limit:
                raise self._behind_the_end(reloc, target, offset)
            s, t, _, _, thread = known.get(index) or self.symbols.target(index, Where(target.name, offset))
            if thread:
                raise self._thread_local(reloc, target, offset, index)
            word = int.from_bytes(data[offset : offset + size], "little")
            value = reloc.value(s, field.addend(word) if addend is None else addend, base + offset, t)
            if reloc.low is not None:
                value = self._checked(reloc, value, target, offset, index)
            data[offset : offset + size] = (field.insert(word, value) & (1 << 8 * size) - 1).to_bytes(size, "little")
            if self.report is not None:
                self.report(reloc, base + offset, self.symbols.name(index), s | t)

    def _unusual(self, reloc: Reloc | None, entry: Relocation, target: Section) -> None:
        """Everything that a plain word or a plain immediate does not need."""
        offset, number, index, addend = entry
        if reloc is None or reloc.refused:
            raise self._unsupported(reloc, number, target, offset, index)
        base, data = self._bytes_of(target)
        field, where = reloc.field, Where(target.name, offset, target.index)
        found = self._operand(reloc, index, target, where)
        word = int.from_bytes(data[offset : offset + field.size], "little")
        given = field.addend(word) if addend is None else addend
        origin = self.symbols.got_origin() if reloc.from_got else base + offset
        value = reloc.value(found.s, given, origin, found.t)
        if found.missing and reloc.nop is not None:
            _store(data, offset, field.size, reloc.nop)
        elif field.store is not None:
            if not field.store(data, offset, value):
                raise self._out_of_range(reloc, value, target, offset, index)
        else:
            if reloc.may_detour is None or reloc.may_detour(word):
                value = self._within_reach(reloc, found, given, index, base + offset, value)
            if reloc.low is not None:
                value = self._checked(reloc, value, target, offset, index)
            _put(data, offset, field, value)
            if reloc.second is not None:
                _put(data, offset + field.size, reloc.second, value)
        if self.report is not None:
            self.report(reloc, base + offset, self.symbols.name(index), found.s | found.t)

    def _operand(self, reloc: Reloc, index: int, target: Section, where: Where) -> Target:
        """What the symbol stands for, once it is certain that this relocation may use it here."""
        total = reloc.field.size + (reloc.second.size if reloc.second else 0)
        if where.offset + max(1, total) > target.size:
            raise self._behind_the_end(reloc, target, where.offset)
        if not self.symbols.is_completed(reloc, where):
            raise LinkError(f"{self._at(reloc, target, where.offset)}: nothing at this place completes it", hint=reloc.hint)
        found = self.symbols.operand(reloc, index, where)
        if reloc.state is not None and found.function and found.t != reloc.state:
            raise self._wrong_state(reloc, target, where.offset, index)
        return found

    def _within_reach(self, reloc: Reloc, found: Target, given: int, index: int, place: int, value: int) -> int:
        """The value; of a branch that does not reach the one to a veneer that goes where it goes, if it reaches one."""
        if reloc.veneer is None or reloc.veneer_reaches(value) or value % reloc.alignment:
            return value  # no veneer mends a target that is misaligned; the check names it
        offsets = self._veneers.get((index, given))
        if not offsets:
            return value
        placed = self.regions[RegionKind.TEXT]
        lowest = place + (reloc.low or 0) - reloc.veneer - placed.address
        first = bisect_left(offsets, lowest)
        for at in offsets[first : first + 2]:  # the code bit may put the first one just out of reach
            detour = reloc.value(placed.address + at, reloc.veneer, place, found.t)
            if reloc.veneer_reaches(detour):
                veneer = self._veneer
                placed.data[at : at + veneer.size] = veneer.code(
                    (found.s + given - reloc.veneer & 0xFFFFFFFF) | (reloc.state or 0)
                )
                return detour
        return value

    @cached_property
    def _veneers(self) -> dict[tuple[int, int], list[int]]:
        """Offsets in the text of all veneers for a branch, by its symbol and addend, in order."""
        found: dict[tuple[int, int], list[int]] = {}
        for annex in self.plan.veneers:
            for key, slot in annex.slots.items():
                found.setdefault(key, []).append(annex.offset + slot)
        return found

    @cached_property
    def _veneer(self) -> Veneer:
        return self.arch.veneer(self.plan.elf)

    def fill_got(self) -> None:
        """Stores the address, or the thread offset, of every symbol that has a slot."""
        got = self.plan.got
        if got is None:
            return
        data = self.regions[got.kind].data
        for (index, thread), offset in got.slots.items():
            where = Where("the global offset table", offset)
            found = self.symbols.thread_offset(index, where) if thread else self.symbols.target(index, where)
            _store(data, got.offset + offset, 4, found.s | found.t)

    def _checked(self, reloc: Reloc, value: int, target: Section, offset: int, index: int) -> int:
        """The value as a signed 32-bit number that the field can hold."""
        value = (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        if value % reloc.alignment:
            raise self._misaligned(reloc, value, target, offset, index)
        if value < reloc.low or value > reloc.high:  # type: ignore[operator]  # both are set together
            raise self._out_of_range(reloc, value, target, offset, index)
        if reloc.residue is not None and reloc.residue(value):
            raise self._out_of_range(reloc, value, target, offset, index)
        return value

    # Errors ---------------------------------------------------------------------------------------------------------------

    def _at(self, reloc: Reloc, target: Section, offset: int) -> str:
        return f"{self.plan.elf.name}: {reloc.name} at {target.name}+{offset:#x}"

    def _behind_the_end(self, reloc: Reloc, target: Section, offset: int) -> LinkError:
        return LinkError(
            f"{self._at(reloc, target, offset)} lies behind the end of the section ({target.size:#x} bytes)",
            hint="the file is damaged, or was changed behind its tables' back: build it again.",
        )

    def _unsupported(self, reloc: Reloc | None, number: int, target: Section, offset: int, index: int) -> LinkError:
        name = self.arch.relocation_name(number)
        reason = f": {reloc.refused}" if reloc else ""
        return LinkError(
            f"{self.plan.elf.name}: {name} ({number}) at {target.name}+{offset:#x} for {self.symbols.name(index)!r} is not "
            f"supported{reason}",
            hint=reloc.hint if reloc else NO_BASE if "BREL" in name or "SBREL" in name else UNKNOWN,
            lines=self._unknown_there(number),
        )

    def _unknown_there(self, number: int) -> tuple[str, ...]:
        """What Zephyr logs of a type that its loader does not know."""
        return () if number in self.arch.stock_relocations else (UNKNOWN_RELOCATION.format(number),)

    def _wrong_state(self, reloc: Reloc, target: Section, offset: int, index: int) -> LinkError:
        to, by = ("Arm", "Thumb") if reloc.state else ("Thumb", "Arm")
        return LinkError(
            f"{self._at(reloc, target, offset)}: {self.symbols.name(index)!r} is {to}-state code, and this {by}-state branch "
            "cannot switch",
            hint="build it for the board's CPU; in assembler mark a function by .type NAME, %function behind .thumb.",
        )

    def _thread_local(self, reloc: Reloc, target: Section, offset: int, index: int) -> LinkError:
        return LinkError(
            f"{self._at(reloc, target, offset)}: {self.symbols.name(index)!r} is thread-local and has no address of its own",
            hint="declare it with __thread, and compile with -ftls-model=local-exec.",
        )

    def _out_of_range(self, reloc: Reloc, value: int, target: Section, offset: int, index: int) -> LinkError:
        symbol = self.symbols.name(index)
        room = "has no room for that" if reloc.low is None else f"holds {reloc.low:#x} to {reloc.high:#x}"
        return LinkError(
            f"{self._at(reloc, target, offset)}: {symbol!r} is {value:+#x} bytes away, and the field {room}",
            hint=reloc.hint,
            details={"symbol": symbol, "distance": value},
            lines=self._unknown_there(reloc.number) or self.arch.stock_out_of_range(symbol),
        )

    def _misaligned(self, reloc: Reloc, value: int, target: Section, offset: int, index: int) -> LinkError:
        symbol = self.symbols.name(index)
        return LinkError(
            f"{self._at(reloc, target, offset)}: {symbol!r} is {value:+#x} bytes away, which is no multiple of {reloc.alignment}",
            hint="the target of this instruction must be aligned: in assembler by .balign in front of it.",
            details={"symbol": symbol, "distance": value},
        )


def _put(data: memoryview, offset: int, field: Field, value: int) -> None:
    """Puts a value into the field at an offset."""
    word = int.from_bytes(data[offset : offset + field.size], "little")
    _store(data, offset, field.size, field.insert(word, value))


def _store(data: memoryview, offset: int, size: int, word: int) -> None:
    data[offset : offset + size] = (word & (1 << 8 * size) - 1).to_bytes(size, "little")
