# SPDX-License-Identifier: Apache-2.0
"""Runs the example and measures what the loudspeaker got: how strong each of the three tones is, frame by frame.

``python examples/switching/levels.py docs/examples/switching.svg`` draws it, too.
"""

import sys
from cmath import exp, pi
from itertools import pairwise
from math import log10
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))

from svg import Sheet  # noqa: E402 - found by the line above

from llext import Board  # noqa: E402

RATE, FRAME, AMPLITUDE = 16000, 160, 8192
TONES = {100: "wall", 1000: "ink", 5000: "dim"}
"""Hertz, each a whole number of times in a frame; and colours of the picture."""


def heard() -> list[int]:
    """The samples."""
    with Board("mps2/an385", app=HERE) as board:
        board.boot()
        board.run()
        out = bytearray(2 * RATE)
        count = board.call("recording", out, RATE)
    return [int.from_bytes(out[at : at + 2], "little", signed=True) for at in range(0, 2 * count, 2)]


def decibels(frame: list[int], hertz: int) -> float:
    """How much stronger a tone is than it came in."""
    size = abs(sum(sample * exp(-2j * pi * hertz * at / RATE) for at, sample in enumerate(frame))) * 2 / FRAME
    return 20 * log10(max(size, 1) / AMPLITUDE)


def levels() -> dict[int, list[float]]:
    """Of each tone, its level in each frame."""
    samples = heard()
    frames = [samples[at : at + FRAME] for at in range(0, len(samples), FRAME)]
    return {hertz: [decibels(frame, hertz) for frame in frames] for hertz in TONES}


def picture(found: dict[int, list[float]]) -> str:
    """The levels over time."""
    count = len(found[100])
    left, top, width, height, low, high = 60, 80, 640, 240, -50, 10
    sheet = Sheet("The filter changes while sound goes on", 370, "level of each tone at the loudspeaker, per frame of 10 ms")

    def y(level: float) -> float:
        return top + height * (high - max(level, low)) / (high - low)

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
    sheet.text(left + width / 2, top + height + 40, "call, then music, then call again", "small dim", anchor="middle")
    return sheet.svg()


def main() -> None:
    """Prints the levels in the middle of each piece."""
    found = levels()
    print("            100 Hz   1000 Hz   5000 Hz")
    for name, frame in (("call", 10), ("music", 34), ("call again", 55)):
        print(f"{name:10}" + "".join(f"{found[hertz][frame]:+7.1f} dB" for hertz in TONES))
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(picture(found), "utf-8")


if __name__ == "__main__":
    main()
