# SPDX-License-Identifier: Apache-2.0
"""What the steps of main do to the LLEXT heap: python examples/several/measure.py [BOARD].

Main prints a row of figures after each step; when one comes, the board's own heap is looked at.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from llext import Board

APPLICATION = Path(__file__).resolve().parent
ROW = re.compile(r"(load|unload|begin) +(\w*) +\d+ +(\d+) +\d+")


@dataclass(frozen=True)
class Step:
    """The heap after one step.

    Attributes:
        what: The step, as main calls it.
        told: Sum of alloc_size, which is what C code can know.
        used: Bytes in use.
        most: The most that were in use during the step.
        largest: The largest free piece.
        chunks: Address, bytes and whether it is used, of each chunk.
        owners: Name of the extension -> the addresses of its blocks.
    """

    what: str
    told: int
    used: int
    most: int
    largest: int
    chunks: tuple[tuple[int, int, bool], ...]
    owners: dict[str, tuple[int, ...]]


def steps(board_name: str) -> list[Step]:
    """Builds, boots, and looks at the heap after each step."""
    found: list[Step] = []
    text = ""

    def listen(piece: bytes) -> None:
        nonlocal text
        text += piece.decode()
        *lines, text = text.split("\n")
        for row in filter(None, map(ROW.fullmatch, map(str.strip, lines))):
            found.append(step(board, f"{row[1]} {row[2]}".strip(), int(row[3])))
            board.heap.reset_peak()

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "llext", "app", "build", APPLICATION, "-d", folder, "--board", board_name]
        elf = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        with Board(app=elf, output=listen) as board:
            board.boot()
            board.run()
    return found


def step(board: Board, what: str, told: int) -> Step:
    """What the heap is like now."""
    heap = board.heap
    owners = {each.name: tuple(each.allocations) for each in board.extensions}
    return Step(what, told, heap.allocated_bytes, heap.peak, heap.largest_free, tuple(heap.chunks()), owners)


def main() -> None:
    """The table."""
    print(f"{'step':16} {'alloc_size':>10} {'in use':>8} {'at most':>8} {'largest free piece':>20}")
    for each in steps(sys.argv[1] if sys.argv[1:] else "mps2/an385"):
        print(f"{each.what:16} {each.told:10} {each.used:8} {each.most:8} {each.largest:20}")


if __name__ == "__main__":
    main()
