"""Draws what docs/examples/several.md shows: the LLEXT heap after each step of examples/several, from a run of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from svg import Sheet

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs" / "examples"
NAME = "several-heap.svg"
sys.path.insert(0, str(ROOT / "examples" / "several"))

from measure import Step, steps

FILLS = {"counter": "text", "median": "data", "sine": "export", "left": "rodata", "right": "own"}
_PITCH, _LEFT, _RIGHT, _TOP, _MARK = 30, 150, 780, 98, 256


def picture(found: list[Step], board: str) -> str:
    """One row a step: the chunks of the heap, coloured by the extension that holds them."""
    start = found[0].chunks[0][0]
    end = max(address + size for step in found for address, size, used in step.chunks if used)
    span = -(-(end - start) // _MARK) * _MARK
    bottom = _TOP + _PITCH * len(found)
    title = f"The LLEXT heap of examples/several on {board}"
    sheet = Sheet(title, bottom + 44, "each row is the heap after one step; empty is free; from left to right by address")

    def x(address: float) -> float:
        return _LEFT + (address - start) / span * (_RIGHT - _LEFT)

    for mark in range(0, span + 1, _MARK):
        sheet.line(x(start + mark), _TOP - 6, x(start + mark), bottom)
        anchor = "start" if not mark else "end" if mark == span else "middle"
        sheet.text(x(start + mark), _TOP - 12, f"{mark}", "small mono dim", anchor=anchor)
    for number, step in enumerate(found):
        y = _TOP + _PITCH * number + 4
        sheet.text(20, y + 16, step.what, "small ink")
        _row(sheet, step, x, y)
    sheet.text(
        20,
        bottom + 26,
        "bytes behind the heap's own record; a name stands in the extension's struct llext; the heap goes on to the right",
        "small dim",
    )
    return sheet.svg()


def _row(sheet: Sheet, step: Step, x: Callable[[float], float], y: float) -> None:
    named = set()
    for address, size, used in step.chunks:
        if not used:
            continue
        owner = next(name for name, blocks in step.owners.items() if any(address < block <= address + 8 for block in blocks))
        left, right = x(address), x(address + size)
        sheet.box(left, y, max(1.5, right - left - 0.5), _PITCH - 8, FILLS[owner])
        if owner not in named and right - left > 8 * len(owner):  # its largest block comes first: struct llext
            sheet.text((left + right) / 2, y + 16, owner, "small ink", anchor="middle")
            named.add(owner)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=DOCS, metavar="FOLDER", help="where to write; by default docs/examples/")
    file = parser.parse_args().into / NAME
    file.write_text(picture(steps("mps2/an385"), "mps2/an385"), "utf-8")
    print(file)
