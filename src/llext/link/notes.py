"""What stock Zephyr of some version would say of a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from llext.arch import Arch
from llext.errors import Errno
from llext.link.checks import LINES, Check
from llext.link.rules import StockRules


@dataclass(frozen=True)
class Note:
    """What stock Zephyr of one version would do with this file.

    Attributes:
        version: Label of the version.
        errno: Its answer; None where it does not refuse or may crash.
        reason: Why.
        hint: What to change in the build.
        crash: Whether a stock loader may die of it.
        check: What it is about.
        numbers: What its line in Zephyr's log counts: regions, sections, offsets.
    """

    version: str
    errno: Errno | None
    reason: str
    hint: str
    crash: bool
    check: Check
    numbers: tuple[int, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What Zephyr's loader logs when it refuses the file for this."""
        line = LINES.get(self.check) if self.errno is not None else None
        return () if line is None else (line.format(*self.numbers),)

    @property
    def refuses(self) -> bool:
        """Whether the file does not get into a stock loader."""
        return self.errno is not None or self.crash

    def __str__(self) -> str:
        if self.errno is not None:
            return f"{self.version} refuses it: -{self.errno.name}, {self.reason}; {self.hint}"
        return f"{self.version} {'may crash' if self.crash else 'loads it, but'}: {self.reason}; {self.hint}"


@dataclass
class Notes:
    """Notes on one file, in the making.

    Attributes:
        rules: The version that speaks.
        arch: The file's instruction set, if it is one of ours.
        found: What it says so far.
    """

    rules: StockRules
    arch: Arch | None
    found: list[Note] = field(default_factory=list)

    def add(self, check: Check, reason: str, hint: str, *numbers: int) -> None:
        """A property of the file; a note if the version has something to say of it."""
        answer = self.rules.answers.get(check)
        if answer is not None:
            label = self.rules.label(measured=answer.measured and self.arch is not None and self.arch.stock_measured)
            self.found.append(Note(label, answer.errno, reason, hint, answer.crash, check, numbers))

    def in_order(self) -> tuple[Note, ...]:
        """As a stock loader would come to them, so that its answer is the first that refuses."""
        return tuple(sorted(self.found, key=lambda note: note.check))


def note_weak(notes: Notes, name: str) -> None:
    """An undefined weak symbol that the firmware does not export."""
    reason = f"the weak symbol {name} is undefined, unless the firmware exports it"
    notes.add(Check.WEAK, reason, "define it, or do not refer to it")


def note_exports(notes: Notes, names: Iterable[str]) -> None:
    """Names that the export table has more than once."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            reason = f"it exports {name} more than once, and only the first can be found"
            notes.add(Check.DUPLICATE_EXPORT, reason, "give each export its own name: EXPORT_SYMBOL_NAMED(symbol, name)")
        seen.add(name)


def note_dependencies(notes: Notes, names: list[str]) -> None:
    """Extensions whose exports are used, in the order of their first use."""
    lost = names[notes.rules.tracked :]
    if lost:
        reason = f"it uses {len(names)} extensions, and {', '.join(lost)} can be unloaded while it does"
        notes.add(Check.UNTRACKED, reason, "join some of them into one extension")


def note_name(notes: Notes, name: str, cut: str) -> None:
    """The name under which it is loaded, and what fits into struct llext."""
    if name != cut:
        reason = f"its name is cut to {cut!r}, and it is not loaded while another extension has that name"
        notes.add(Check.LONG_NAME, reason, "give it a name of at most 15 bytes")
