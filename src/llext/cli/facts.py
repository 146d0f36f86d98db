"""What ``inspect`` knows of a file for one board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from llext.board import Board
from llext.elf import ElfFile
from llext.errors import Errno, LlextError, LoadError
from llext.link import Annex, Note, Plan, exported_names, note_exports, note_weak, plan, stock_notes, stock_rules
from llext.loader import FileSource
from llext.loader.forecast import Forecast, forecast

_LARGEST_HEAP = 16 << 20


@dataclass(frozen=True)
class Added:
    """A table or veneers that the linker adds: the region they stand in, their bytes, the symbols that they are for."""

    region: str
    size: int
    symbols: list[str]


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
    def added(self) -> dict[str, Added]:
        """What the linker adds to the file, by name; nothing that is not there."""
        found = {}
        if self.plan.veneers:
            found["veneers"] = self._added(self.plan.veneers, self._veneer_name)
        if self.plan.got is not None:
            found["got"] = self._added((self.plan.got,), lambda index, _thread: self.elf.symbols[index].name)
        return found

    def _added(self, annexes: tuple[Annex, ...], name: Callable[[int, int], str]) -> Added:
        names = [name(*slot) for annex in annexes for slot in annex.slots]
        return Added(annexes[0].kind.name.lower(), sum(annex.size for annex in annexes), names)

    def _veneer_name(self, index: int, addend: int) -> str:
        """Where a veneer goes: a symbol, and how far behind it."""
        plain = next(iter(self.board.target.arch.branches.values())).veneer or 0
        return self.elf.symbols[index].name + (f"{addend - plain:+#x}" if addend != plain else "")


def gather(path: Path, board: Board, zephyr: str) -> Facts:
    """Reads a file and plans its load.

    Raises:
        ElfError: it is malformed.
        LoadError: it cannot be read, or planned.
    """
    data = _read(path)
    elf = ElfFile.parse(data, str(path))
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
    late = made.notes_to_come()
    for name, weak in made.imports.items():
        if weak and board.scope.find(name) is None:
            note_weak(late, name)
    note_exports(late, exported_names(elf))
    notes = (*stock_notes(data, rules), *late.in_order())
    return Facts(elf, board, made, refusal, {source: heap for source, heap in found.items() if heap}, notes)


def verdict_on_refused(path: Path, zephyr: str) -> tuple[Note, ...]:
    """What stock Zephyr would do with a file of which ``gather`` can say nothing; empty if that is nothing special.

    Raises:
        LoadError: it cannot be read.
    """
    return stock_notes(_read(path), stock_rules(zephyr))


_MOST_BYTES = 256 << 20


def _read(path: Path) -> bytes:
    """A whole file, as far as a board could have room for it: the rest is not read."""
    source = FileSource(path)
    source.prepare()
    try:
        data = source.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise LoadError(
                f"{path}: it has more than {_MOST_BYTES >> 20} MiB: no board has room for that",
                hint="is it the right file? Debug information goes into a file of its own: 'llext build' does that.",
            )
        return data
    except OSError as error:
        raise LoadError(f"{path}: {error.strerror or error}", errno=Errno.EIO) from None
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
