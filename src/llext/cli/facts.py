"""What ``inspect`` knows of a file for one board."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from llext.board import Board
from llext.elf import ElfFile
from llext.errors import LlextError
from llext.link import Annex, Note, Plan, plan, stock_rules, weak_note
from llext.loader import FileSource
from llext.loader.forecast import Forecast, forecast

_LARGEST_HEAP = 16 << 20


@dataclass(frozen=True)
class Facts:
    """What is known of a file for one board; forecasts by whether the source is a file or a buffer."""

    elf: ElfFile
    board: Board
    plan: Plan
    refusal: LlextError | None
    forecasts: dict[str, Forecast]
    notes: tuple[Note, ...]

    @property
    def relocations(self) -> dict[str, int]:
        """Relocations of loaded sections by the names of their types, most frequent first."""
        arch = self.board.target.arch
        counts: Counter[str] = Counter()
        for section in self.elf.relocation_sections:
            if self.elf.relocation_target(section).index in self.plan.places:
                counts.update(arch.relocation_name(entry.type) for entry in self.elf.relocations(section))
        return dict(counts.most_common())

    @property
    def added(self) -> dict[str, Annex]:
        """What the linker adds to the file, by name."""
        annexes = {"veneers": self.plan.veneers, "got": self.plan.got}
        return {name: annex for name, annex in annexes.items() if annex is not None}

    def slots_of(self, annex: Annex) -> list[str]:
        """The symbols that have a slot in it."""
        return [self.elf.symbols[index].name for index, _ in annex.slots]


def gather(path: Path, board: Board, zephyr: str) -> Facts:
    """Reads a file and plans its load.

    Raises:
        ElfError: it is malformed.
        LoadError: it cannot be read, or planned.
    """
    elf = ElfFile.parse(_read(path), str(path))
    refusal: LlextError | None = None
    try:
        board.check(elf)
    except LlextError as error:
        refusal = error
    rules = stock_rules(zephyr)
    try:
        made = plan(elf, rules, granule=board.target.granule if board.machine.guarded else 0)
    except LlextError as error:
        raise refusal or error from None
    found = {"file": _forecast(made, board, peek=False), "buffer": _forecast(made, board, peek=True)}
    weak = (name for name, weak in made.imports.items() if weak and board.scope.find(name) is None)
    notes = (*made.notes, *filter(None, (weak_note(rules, made.label, name) for name in weak)))
    return Facts(elf, board, made, refusal, {source: heap for source, heap in found.items() if heap}, notes)


def _read(path: Path) -> bytes:
    source = FileSource(path)
    source.prepare()
    try:
        return source.read(-1)
    finally:
        source.finalize()


def _forecast(made: Plan, board: Board, *, peek: bool) -> Forecast | None:
    """On a heap of the board's size, or of the next larger one that has room: headers grow with the heap."""
    size = board.layout.heap_size
    while size <= _LARGEST_HEAP:
        found = forecast(made, board.layout.heap, size, peek=peek)
        if found is not None:
            return found
        size *= 2
    return None
