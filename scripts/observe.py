"""What a real load did, step by step: a board is watched through its public parts while it loads one file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from llext import Board, Extension
from llext.build import build_extension
from llext.elf import ElfFile
from llext.link import Plan, allocations, plan, stock_rules
from llext.target import load_target

Chunks = tuple[tuple[int, int, bool], ...]


@dataclass(frozen=True)
class Step:
    """One request to the LLEXT heap, or one block given back.

    Attributes:
        purpose: What the block is for.
        address: Where it lies.
        size: Bytes asked for.
        alignment: What it was asked for with.
        freed: Whether it was given back.
        chunks: Every chunk of the heap afterwards: address, bytes, whether it is used.
    """

    purpose: str
    address: int
    size: int
    alignment: int
    freed: bool
    chunks: Chunks


@dataclass(frozen=True)
class Observed:
    """One load.

    Attributes:
        plan: What was planned.
        extension: What was loaded.
        steps: What the heap was asked, in order.
        linked: Address -> bytes of each loaded region afterwards, as guest code sees them.
        board: Name of the board.
        heap: Address of the LLEXT heap.
    """

    plan: Plan
    extension: Extension
    steps: tuple[Step, ...]
    linked: dict[str, bytes]
    board: str
    heap: int

    def word(self, region: str, offset: int) -> int:
        """The linked word at an offset of a region, least significant byte first."""
        return int.from_bytes(self.linked[region][offset : offset + 4], "little")

    def given(self, section: str, offset: int) -> int:
        """The same word in the file."""
        found = self.plan.elf.section(section)
        return int.from_bytes(bytes(self.plan.elf.contents(found))[offset : offset + 4], "little")


def program(essay: Path) -> str:
    """The program that an essay tells of: its first block of C."""
    return re.search(r"^```c\n(.*?)^```", essay.read_text("utf-8"), re.MULTILINE | re.DOTALL)[1]


def observe(text: str, board: str, folder: Path) -> Observed:
    """Builds a program for a board, loads it as ``llext run`` does, and writes down what happened."""
    source = folder / "hello.c"
    source.write_text(text, "utf-8")
    output = build_extension([source], folder / "hello.llext", load_target(board)).output
    with Board(board) as powered:
        made = plan(ElfFile.parse(output.read_bytes(), output.name), stock_rules(), granule=powered.target.granule)
        steps = _watch(powered, [each.purpose for each in allocations(made, peek=False)])
        extension = powered.load(output)
        linked = {name: powered.memory.read(each.address, each.size) for name, each in extension.regions.items()}
        return Observed(made, extension, tuple(steps), linked, board, powered.heap.address)


def _watch(board: Board, purposes: list[str]) -> list[Step]:
    """Lets the board's heap tell what it is asked; until the load has ended, since then all is freed."""
    heap, steps, taken = board.heap, [], {}
    allocate, free = heap.aligned_alloc, heap.free

    def aligned_alloc(alignment: int, size: int) -> int | None:
        address = allocate(alignment, size)
        taken[address] = Step(purposes[len(taken)], address, size, alignment, False, tuple(heap.chunks()))
        steps.append(taken[address])
        return address

    def give_back(address: int) -> None:
        free(address)
        known = taken[address]
        steps.append(Step(known.purpose, address, known.size, known.alignment, True, tuple(heap.chunks())))

    heap.aligned_alloc, heap.free = aligned_alloc, give_back
    return steps
