"""What came of running a firmware's own loader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from llext.errors import Errno


@dataclass(frozen=True)
class Stop:
    """Why code did not come to its end. Addresses are guest addresses.

    Attributes:
        reason: In words.
        pc: Where it was.
        where: The function or memory that this is in, in words; empty if nothing is known there.
        address: What it touched, or None.
    """

    reason: str
    pc: int
    where: str = ""
    address: int | None = None

    def __str__(self) -> str:
        return f"{self.reason}, at {self.pc:#010x}" + (f" in {self.where}" if self.where else "")


@dataclass(frozen=True)
class Answered:
    """A function of the firmware that was not run.

    Attributes:
        name: It.
        count: How often it was called.
        returned: What its callers got; None for nothing.
        why: What it would need.
    """

    name: str
    count: int
    returned: int | None
    why: str


@dataclass(frozen=True)
class Taken:
    """One request to the LLEXT heap: size and alignment in bytes, and the byte of its memory where it lies; None for no room."""

    size: int
    alignment: int
    offset: int | None


@dataclass(frozen=True)
class RegionPlace:
    """One region as struct llext has it. ``in_file`` is the offset in the file's buffer if it stayed there, else None."""

    name: str
    address: int
    size: int
    in_file: int | None = None


@dataclass(frozen=True)
class Load:
    """One llext_load.

    Attributes:
        path: The file.
        name: The name that it was loaded under.
        returned: What it returned; None if it did not come to that.
        stop: Why not.
        regions: Of struct llext; none if it does not load.
        alloc_size: The member of that name.
        exports: Names and addresses of its export table.
        requests: To the LLEXT heap, in order; None if the firmware's allocator has no symbol to watch.
        used: Bytes of the LLEXT heap in use then, headers included; None if it cannot be read.
        peak: At most meanwhile; None if unknown.
        log: What its code wrote to log and console.
        buffer: Where the file lay.
    """

    path: Path
    name: str
    returned: int | None
    stop: Stop | None = None
    regions: tuple[RegionPlace, ...] = ()
    alloc_size: int = 0
    exports: tuple[tuple[str, int], ...] = ()
    requests: tuple[Taken, ...] | None = None
    used: int | None = None
    peak: int | None = None
    log: tuple[str, ...] = ()
    buffer: int = 0

    @property
    def loads(self) -> bool:
        """Whether it returned 0."""
        return self.returned == 0

    @property
    def verdict(self) -> str:
        """In a word or two: loads, -ENODATA (-61), stopped."""
        return "stopped" if self.returned is None else "loads" if not self.returned else returned_name(self.returned)


def returned_name(value: int) -> str:
    """A return value with the name that it has among error numbers."""
    known = {-int(number): f"-{number.name} ({-number})" for number in Errno}
    return known.get(value, str(value))


@dataclass(frozen=True)
class Unload:
    """One llext_unload: its name, what it returned or why it did not."""

    name: str
    returned: int | None
    stop: Stop | None = None


@dataclass(frozen=True)
class Called:
    """One call of an exported function.

    Attributes:
        text: As it was asked for.
        result: What it returned.
        typed: Whether its type is known; else arguments and result are taken as 32-bit integers.
        stop: Why it did not return.
        log: What it wrote.
    """

    text: str
    result: int | float | bytes | None = None
    typed: bool = False
    stop: Stop | None = None
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Executed:
    """What a firmware's own loader did.

    Attributes:
        loads: One for each file, in order; after one that stopped the loader there are no more.
        calls: Of exported functions.
        unloads: In reverse order.
        left: Bytes of the LLEXT heap in use when all was unloaded; None if it cannot be read.
        answered: What was not run.
        model: The CPU that ran it, as the emulator names it.
        layouts: Where the layout of its structures was read.
        untold: What this run cannot tell.
    """

    loads: tuple[Load, ...]
    calls: tuple[Called, ...]
    unloads: tuple[Unload, ...]
    left: int | None
    answered: tuple[Answered, ...]
    model: str
    layouts: str
    untold: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything loaded, ran and was unloaded, and the heap is as it was before."""
        done = all(load.loads for load in self.loads) and not any(call.stop for call in self.calls)
        return done and all(unload.returned == 0 for unload in self.unloads) and not self.left
