"""A plan in the making: what its steps share."""

from __future__ import annotations

from dataclasses import dataclass, field

from llext.arch import Arch, arch_of_machine
from llext.elf import ElfFile, Section
from llext.errors import shortened
from llext.link.annexes import Needs
from llext.link.checks import Check
from llext.link.notes import Notes
from llext.link.regions import Home, RegionKind
from llext.link.rules import StockRules

DAMAGED = "its headers are damaged, or written by a tool with a mistake: build it again."
JOIN_HINT = "join the object with 'llext build', or 'ld -r' and its linker script"


@dataclass(frozen=True)
class Piece:
    """Bytes to copy from the file into a region: ``size`` bytes from ``file_offset`` to ``offset`` in the region."""

    file_offset: int
    size: int
    offset: int


@dataclass(frozen=True)
class Place:
    """Where a section lies: its region, or its own place, and its offset in it."""

    kind: Home
    offset: int


@dataclass
class Draft:
    """A plan in the making."""

    elf: ElfFile
    rules: StockRules
    granule: int
    detached: frozenset[int] = frozenset()
    packed: bool = False
    members: dict[RegionKind, list[Section]] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    imports: dict[str, bool] = field(default_factory=dict)
    needs: Needs = field(default_factory=Needs)
    notes: Notes = field(init=False)

    def __post_init__(self) -> None:
        self.notes = Notes(self.rules, self.arch)

    def note(self, check: Check, reason: str, hint: str, *numbers: int) -> None:
        """A property of the file of which stock Zephyr may have something to say."""
        self.notes.add(check, shortened(reason), hint, *numbers)

    @property
    def arch(self) -> Arch | None:
        """The file's instruction set, if it is one of ours."""
        return arch_of_machine(self.elf.header.machine)

    @property
    def label(self) -> str:
        """The Zephyr version as messages name it."""
        return self.rules.label(measured=self.arch is not None and self.arch.stock_measured)


Layout = tuple[int, int, tuple[Piece, ...]]
"""Size, alignment and contents of a region in the making."""


def listed(names: list[str]) -> str:
    """Up to four names, and how many more."""
    names = [*map(shortened, names[:4]), *names[4:]]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
