"""RAM that each way of loading takes, while it loads and afterwards: bytes of the file that are in RAM, and of the LLEXT heap.

    python examples/load_places/measure.py [NAME...] [--board BOARD] [--no-rights]

SPDX-License-Identifier: Apache-2.0
"""

import argparse
import re
import tempfile
from pathlib import Path

from llext import Board
from llext.build.firmware import Project, build_application

APP = Path(__file__).resolve().parent
FILES = ["checksum", "curve", "curve_whole"]
WAYS = ["flash, persistent", "flash, temporary", "read, temporary", "a copy, temporary", "RAM, persistent", "RAM, writable"]
NO_RIGHTS = {"mps2/an385": "-DCONFIG_ARM_MPU=n", "qemu_riscv32": "-DCONFIG_RISCV_PMP=n"}


def measured(board: Board, name: str, way: int, size: int) -> tuple[int, int, int, int]:
    """Bytes of the file in RAM and of the LLEXT heap: at most while loading, then those that stay."""
    heap = board.heap
    before = heap.allocated_bytes
    heap.reset_peak()
    with board.measure() as cost:
        if board.call("load", FILES.index(name), way):
            raise SystemExit(f"{name}: {WAYS[way]}: it does not load")
    peak, after = heap.peak - before, heap.allocated_bytes - before
    board.call("unload")
    stays = size if "RAM" in WAYS[way] else 0
    return stays + cost.heap, peak, stays, after


def table(board: Board, name: str, size: int) -> None:
    """Prints the table of a file."""
    print(f"{f'{name}, {size} bytes':24}{'while loading':>20}{'afterwards':>24}")
    print(" " * 22 + "   RAM = file + heap     RAM = file + heap")
    for number, way in enumerate(WAYS):
        row = measured(board, name, number, size)
        sums = (sum(row[:2]), *row[:2], sum(row[2:]), *row[2:])
        print(f"{way:22}" + "{:8}{:7}{:7}  {:8}{:7}{:7}".format(*sums))


def main() -> None:
    """Prints a table for each file, and what the loader remarked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(FILES))
    parser.add_argument("--board", default="mps2/an385", choices=list(NO_RIGHTS))
    parser.add_argument("--no-rights", action="store_true", help="as with CONFIG_ARM_MPU=n")
    given = parser.parse_args()
    defines = [NO_RIGHTS[given.board]] if given.no_rights else []
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        elf = build_application(Project.of(APP, Path(folder) / "build", given.board, defines))
        with Board(app=elf, log=lambda level, text: notes.append(text) if level == "wrn" else None) as board:
            board.boot()
            board.run()
            for name in given.names or FILES:
                notes.clear()
                table(board, name, (elf.parent / f"{name}.llext").stat().st_size)
                for note in dict.fromkeys(re.sub(r"0x\w+", "ADDRESS", note) for note in notes):
                    print("note:", note)


if __name__ == "__main__":
    main()
