"""What a check says: of each extension what it needs, what it takes and what the firmware answers; of all of them together the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from llext.dwarf.declarations import Declaration
from llext.errors import Errno
from llext.firmware.exports import Export
from llext.firmware.memory import HeapUse
from llext.firmware.types import TypeDifference, differences, imported_types
from llext.link import Allocation, Note

if TYPE_CHECKING:
    from llext.firmware.debug_index import Progress
    from llext.firmware.firmware import Firmware


@dataclass(frozen=True)
class Import:
    """A name that an extension needs.

    Attributes:
        name: It.
        provider: The firmware's export, or the name of an extension that was loaded before; None if nobody has it.
        weak: Whether it may be missing.
        nearest: Names that are there and look like it.
        hint: What to do about it if it is missing.
    """

    name: str
    provider: Export | str | None
    weak: bool = False
    nearest: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Saving:
    """What would save memory of the LLEXT heap, and how many bytes of what is in use at the end."""

    what: str
    bytes: int


@dataclass(frozen=True)
class Result:
    """What the firmware will do with one extension.

    Attributes:
        path: Its file.
        name: The name that it is loaded under.
        errno: What llext_load returns, as a positive number; 0 if it loads.
        reason: Why, where it does not load, or may crash.
        hint: What to do about it.
        may_crash: Whether a stock loader, or the extension's code behind it, may die of it.
        certain: Whether nothing that this rests on is assumed.
        imports: What it needs.
        exports: What it offers to those behind it.
        heap: What it takes; None where nothing is known of the heap, or the file cannot be planned.
        notes: What else a stock loader would do with the file.
        warnings: What no loader looks at and goes wrong later.
        wants: What its loader asks the LLEXT heap for, in its order, whether or not there is room.
        again: What llext_load returns if the name is loaded already, and then it looks at nothing else; 0 if it is not.
        lost: Bytes that rounding adds to each region, by the purpose of its request; those that lose none are left out.
    """

    path: Path
    name: str
    errno: int = 0
    reason: str = ""
    hint: str = ""
    may_crash: bool = False
    certain: bool = True
    imports: tuple[Import, ...] = ()
    exports: tuple[str, ...] = ()
    heap: HeapUse | None = None
    notes: tuple[Note, ...] = ()
    warnings: tuple[str, ...] = ()
    wants: tuple[Allocation, ...] = ()
    again: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)

    @property
    def rounding(self) -> int:
        """Bytes that rounding of regions takes beyond the regions themselves."""
        return sum(self.lost.values())

    @property
    def loads(self) -> bool:
        """Whether it does."""
        return not self.errno and not self.may_crash

    @property
    def verdict(self) -> str:
        """In a word or two: loads, -ENODATA, may crash; with "probably" where it is not certain."""
        if self.again:
            return f"is loaded already: {self.again}, and nothing is looked at"
        word = "may crash" if self.may_crash else "loads" if not self.errno else f"-{Errno(self.errno).name} ({-self.errno})"
        return word if self.certain else f"probably {word}"


@dataclass(frozen=True)
class Compared:
    """Both sides' debug information on the imports of one extension.

    Attributes:
        sources: The firmware's source that has each of them, as its compiler was told it.
        told: Names of which both sides have the type.
        untold: The others, and which side does not have it.
        differences: Where the two differ.
    """

    sources: Mapping[str, str]
    told: tuple[str, ...]
    untold: Mapping[str, str]
    differences: tuple[TypeDifference, ...]


@dataclass(frozen=True)
class Verdict:
    """What a firmware will do with extensions, in their order.

    Attributes:
        firmware: It.
        results: One for each.
        smallest: Option of a heap's size -> bytes of the smallest one, in steps of KiB, in which all of them load; empty if that is not known.
        unknown: What is not known and would settle it.
        savings: What would save memory of that heap.
    """

    firmware: Firmware
    results: tuple[Result, ...]
    smallest: Mapping[str, int]
    unknown: tuple[str, ...]
    savings: tuple[Saving, ...] = ()

    @property
    def loads(self) -> bool:
        """Whether all of them load."""
        return all(result.loads for result in self.results)

    @property
    def smallest_heap(self) -> int | None:
        """Bytes of the smallest LLEXT heap where there is one; None if that is not known."""
        return self.smallest.get("CONFIG_LLEXT_HEAP_SIZE")

    @property
    def certain(self) -> bool:
        """Whether nothing that this rests on is assumed."""
        return all(result.certain for result in self.results)

    def compared(self, progress: Progress | None = None) -> tuple[Compared, ...]:
        """Types and sources of the imports of each extension, as debug information has them; the first time that takes seconds.

        Args:
            progress: Told while the firmware's is read.
        """
        theirs = self.firmware.declarations(progress)
        return tuple(self._compared(result, theirs) for result in self.results)

    def _compared(self, result: Result, theirs: Mapping[str, Declaration]) -> Compared:
        names = [each.name for each in result.imports if isinstance(each.provider, Export)]
        ours = imported_types(result.path, names)
        sources = {name: theirs[name].unit for name in names if name in theirs}
        told = tuple(name for name in names if name in ours and name in theirs)
        untold = {name: self._silent(name in theirs, bool(ours)) for name in names if name not in told}
        return Compared(sources, told, untold, tuple(differences(ours, theirs)))

    def _silent(self, theirs: bool, ours: bool) -> str:
        """Who does not tell a type."""
        if not theirs:
            return (
                "the firmware's debug information has none"
                if self.firmware.debug.present
                else "the firmware has no debug information"
            )
        return (
            "the extension's debug information has none"
            if ours
            else "the extension has no debug information on its imports: NAME_debug.elf of 'llext build', or gcc's, has it"
        )
