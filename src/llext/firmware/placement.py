"""Where the regions of an extension go that is linked for one firmware, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from llext.errors import Errno, UsageError
from llext.firmware.address_map import ADDRESSES, AddressMap, Area
from llext.link import Plan, RegionKind

_CONSTANT = (
    RegionKind.TEXT, RegionKind.RODATA, RegionKind.EXPORT, RegionKind.PREINIT, RegionKind.INIT, RegionKind.FINI,
)  # fmt: skip
VARIABLE = (RegionKind.DATA, RegionKind.BSS)
_WORD = 4


@dataclass(frozen=True)
class Layout:
    """Addresses of regions.

    Attributes:
        stored: Where the image has them; zeroed memory is not in it.
        used: Where they are used.
        end: Where the image ends.
    """

    stored: dict[RegionKind, int]
    used: dict[RegionKind, int]
    end: int


@dataclass(frozen=True)
class _Block:
    """Regions that lie one behind the other.

    Attributes:
        option: The option that says where.
        start: What it says.
        plan: What the regions are.
        kinds: Those that there are, in order.
    """

    option: str
    start: int
    plan: Plan
    kinds: tuple[RegionKind, ...]

    @property
    def alignment(self) -> int:
        """Of its start: the layout is the same wherever it lies."""
        return max((_WORD, *(self.plan.regions[kind].alignment for kind in self.kinds)))

    def addresses(self) -> dict[RegionKind, int]:
        """Where its regions begin."""
        found, at = {}, self.start
        for kind in self.kinds:
            region = self.plan.regions[kind]
            alignment = max(_WORD, region.alignment)
            found[kind] = at = -(-at // alignment) * alignment
            at += region.size
        return found

    @property
    def end(self) -> int:
        """Where its last region ends."""
        return max((at + self.plan.regions[kind].size for kind, at in self.addresses().items()), default=self.start)

    def check(self, map_: AddressMap) -> None:
        """Raises UsageError if it cannot lie there."""
        self._check_start()
        if self.end > ADDRESSES:
            raise UsageError(
                f"{self.option} {self.start:#010x}: {self.end - self.start} bytes reach behind the end of the address space",
                hint="give a lower address.",
            )
        area = map_.collision(self.start, self.end)
        if area is not None:
            raise self._collision(map_, area)

    def _check_start(self) -> None:
        if not 0 <= self.start < ADDRESSES:
            raise UsageError(f"{self.option} {self.start:#x}: addresses have 32 bits", hint="give one from 0x0 to 0xffffffff.")
        wanted = self.alignment
        if self.start % wanted:
            wants = next((kind.name.lower() for kind in self.kinds if self.plan.regions[kind].alignment == wanted), "code")
            raise UsageError(
                f"{self.option} {self.start:#010x} is not aligned: {wants} of {self.plan.elf.name} wants {wanted} bytes",
                hint=f"the next address that is: {self.option} {-(-self.start // wanted) * wanted:#010x}",
            )

    def _collision(self, map_: AddressMap, area: Area) -> UsageError:
        size = self.end - self.start
        free = map_.next_free(area.end, size, self.alignment)
        fits = free + size <= ADDRESSES
        names = ", ".join(kind.name.lower() for kind in self.kinds)
        return UsageError(
            f"{self.option} {self.start:#010x}: {names} of {self.plan.elf.name} take {self.start:#010x} to {self.end - 1:#010x}, "
            f"and there lies the firmware's {area}",
            hint=_free_hint(map_, self.option, free, size)
            if fits
            else f"nothing behind it is free: give a lower {self.option}.",
            errno=Errno.EADDRINUSE,
            details={"area": area.name, "start": area.start, "end": area.end, "next_free": free if fits else None},
        )


def _free_hint(map_: AddressMap, option: str, free: int, size: int) -> str:
    """The next free address, and whether there is memory, as far as that is known."""
    near = next((area for area in map_.memories if area.overlaps(free - 1, free + size)), None)
    behind = ""
    if near is not None and not near.holds(free, free + size):
        behind = f"; but {near} is too small for that"
    elif near is None and map_.memories:
        behind = "; but that is in no memory that the configuration tells of"
    return f"the next free address behind it: {option} {free:#010x}{behind}"


def lay_out_image(plan: Plan, map_: AddressMap, at: int, ram: int | None) -> Layout:
    """Gives regions addresses.

    Args:
        plan: What they are.
        map_: What is taken.
        at: Where the image begins.
        ram: Where data and bss begin; behind the constants without it.

    Raises:
        UsageError: something is there already, or an address is not aligned or not one.
    """
    if ram is None:
        block = _Block("--at", at, plan, _present(plan, (*_CONSTANT, *VARIABLE)))
        block.check(map_)
        used = block.addresses()
        stored: dict[RegionKind, int] = {kind: place for kind, place in used.items() if kind is not RegionKind.BSS}
    else:
        block = _Block("--at", at, plan, _present(plan, (*_CONSTANT, RegionKind.DATA)))
        variables = _Block("--ram", ram, plan, _present(plan, VARIABLE))
        block.check(map_)
        variables.check(map_)
        _refuse_overlap(block, variables)
        stored = block.addresses()
        used = stored | variables.addresses()
    end = max((place + plan.regions[kind].size for kind, place in stored.items()), default=at)
    return Layout(stored, used, end)


def _present(plan: Plan, kinds: tuple[RegionKind, ...]) -> tuple[RegionKind, ...]:
    return tuple(kind for kind in kinds if kind in plan.regions)


def _refuse_overlap(image: _Block, variables: _Block) -> None:
    if Area("", image.start, image.end).overlaps(variables.start, variables.end):
        raise UsageError(
            f"--ram {variables.start:#010x}: data and bss would lie in the image, {image.start:#010x} to {image.end - 1:#010x}",
            hint="give RAM that is not in it; without --ram they lie behind the constants.",
        )


def place_warnings(plan: Plan, map_: AddressMap, layout: Layout, at: int, ram: int | None) -> Iterator[str]:
    """What is not known of the places, or known to go wrong."""
    variables = {kind: layout.used[kind] for kind in _present(plan, VARIABLE)}
    ends = [place + plan.regions[kind].size for kind, place in variables.items()]
    yield from _of_place(map_, "--at", at, layout.end)
    if ram is not None and ends:
        yield from _of_place(map_, "--ram", ram, max(ends))
    flash = next((area for area in map_.memories if area.name == "flash"), None)
    if flash is not None and ends and flash.overlaps(min(variables.values()), max(ends)):
        yield f"data and bss lie in {flash}, where code cannot write: --ram gives them RAM"
    elif ends and ram is None and map_.memory(at, layout.end) is None and map_.is_near(at, layout.end):
        yield f"--at {at:#010x}: not known whether code can write there, and data and bss lie there; --ram puts them elsewhere"


def _of_place(map_: AddressMap, option: str, start: int, end: int) -> Iterator[str]:
    if map_.memory(start, end) is None:
        if not map_.is_near(start, end):
            yield f"{option} {start:#010x}: nothing is known of memory there, no section of the firmware is near"
        elif map_.memories:
            known = " and ".join(map(str, map_.memories))
            yield f"{option} {start:#010x}: that is not in {known}, as the firmware's configuration tells"
    if map_.malloc is not None and map_.malloc.overlaps(start, end):
        yield (
            f"{option} {start:#010x}: the firmware's C library takes all RAM behind its last section for malloc "
            f"({map_.malloc.start:#010x} to {map_.malloc.end - 1:#010x}): give CONFIG_COMMON_LIBC_MALLOC_ARENA_SIZE a number"
        )
