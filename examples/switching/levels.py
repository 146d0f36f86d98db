# SPDX-License-Identifier: Apache-2.0
"""Runs the example and measures what the loudspeaker got: how strong each of the three tones is, frame by frame.

``python examples/switching/levels.py docs/examples/switching.svg`` draws it, too, with scripts/svg.py of the repository.
"""

import re
import sys
from cmath import exp, pi
from itertools import pairwise
from math import log10
from pathlib import Path

from llext import Board

HERE = Path(__file__).resolve().parent
RATE, FRAME, AMPLITUDE = 16000, 160, 8192
TONES = {100: "wall", 1000: "ink", 5000: "dim"}
"""Hertz, each a whole number of times in a frame; and colours of the picture."""


def heard() -> tuple[list[int], str]:
    """The samples, and what main printed."""
    with Board("mps2/an385", app=HERE) as board:
        board.boot()
        board.run()
        out = bytearray(2 * RATE)
        count = board.call("recording", out, RATE)
        return [int.from_bytes(out[at : at + 2], "little", signed=True) for at in range(0, 2 * count, 2)], board.console


def decibels(frame: list[int], hertz: int) -> float:
    """How much stronger a tone is than it came in."""
    size = abs(sum(sample * exp(-2j * pi * hertz * at / RATE) for at, sample in enumerate(frame))) * 2 / FRAME
    return 20 * log10(max(size, 1) / AMPLITUDE)


def levels(samples: list[int]) -> dict[int, list[float]]:
    """Of each tone, its level in each frame."""
    frames = [samples[at : at + FRAME] for at in range(0, len(samples), FRAME)]
    return {hertz: [decibels(frame, hertz) for frame in frames] for hertz in TONES}


def picture(samples: list[int], console: str) -> str:
    """The levels over time; behind them, each time from the wish for another filter to its first frame."""
    sys.path.insert(0, str(HERE.parent.parent / "scripts"))
    try:
        from svg import Sheet
    except ImportError:
        raise SystemExit(
            "the picture is drawn by scripts/svg.py of the llext repository, which is not beside this folder"
        ) from None
    found = levels(samples)
    waits = [int(word) / 10_000 for word in re.findall(r"in use after (\d+) us", console)]
    changes = [at for at, (a, b) in enumerate(pairwise(found[5000]), 1) if abs(a - b) > 10]
    count = len(found[100])
    left, top, width, height, low, high = 60, 80, 640, 240, -50, 10
    sheet = Sheet("The filter changes while sound goes on", 370, "level of each tone at the loudspeaker, in frames of 10 ms")

    def y(level: float) -> float:
        return top + height * (high - max(level, low)) / (high - low)

    for at, wait in zip(changes, waits, strict=True):
        sheet.box(left + width * (at - wait) / count, top, width * wait / count, height, "table")
    for level in range(low, high + 1, 10):
        sheet.line(left, y(level), left + width, y(level))
        sheet.text(left - 8, y(level) + 4, f"{level} dB", "small dim", anchor="end")
    for at in range(0, count, 10):
        sheet.text(left + width * at / count, top + height + 18, f"{at * 10} ms", "small dim", anchor="middle")
    for hertz, colour in TONES.items():
        points = [(left + width * (at + 0.5) / count, y(level)) for at, level in enumerate(found[hertz])]
        for (x1, y1), (x2, y2) in pairwise(points):
            sheet.line(x1, y1, x2, y2, colour, width=3)
        sheet.text(left + width + 8, points[-1][1] + 4, f"{hertz:,} Hz", "small ink")
    sheet.text(
        left + width / 2,
        top + height + 40,
        "call, music, call; grey: a filter is read, and waits for the next frame",
        "small dim",
        anchor="middle",
    )
    return sheet.svg()


def main() -> None:
    """Prints the levels in the middle of each piece."""
    samples, console = heard()
    found = levels(samples)
    print("            100 Hz   1000 Hz   5000 Hz")
    for name, frame in (("call", 10), ("music", 34), ("call again", 55)):
        print(f"{name:10}" + "".join(f"{found[hertz][frame]:+7.1f} dB" for hertz in TONES))
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(picture(samples, console), "utf-8")


if __name__ == "__main__":
    main()
