# SPDX-License-Identifier: Apache-2.0
"""Writes src/call.inc and src/music.inc: coefficients of second-order sections, by the bilinear transform."""

from math import cos, pi, sin, sqrt, tan
from pathlib import Path

RATE, ONE = 16000, 1 << 14
Section = tuple[int, int, int, int, int]


def scaled(b: list[float], a: list[float]) -> Section:
    """b0, b1, b2, a1, a2 with a0 = 1, as whole numbers."""
    values = [value / a[0] for value in (*b, *a[1:])]
    return tuple(round(value * ONE) for value in values)


def edge(hertz: float, q: float, *, high: bool) -> Section:
    """A second-order pass: what is above (or below) the edge stays."""
    k = tan(pi * hertz / RATE)
    a = [1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k]
    return scaled([1, -2, 1] if high else [k * k, 2 * k * k, k * k], a)


def shelf(hertz: float, decibels: float, *, high: bool) -> Section:
    """A shelf: what is above (or below) the edge is so much stronger."""
    gain, w = 10 ** (decibels / 40), 2 * pi * hertz / RATE
    side = cos(w) if not high else -cos(w)
    slope = sqrt(2 * gain) * sin(w)
    up, down = gain + 1, gain - 1
    sign = 1 if not high else -1
    b = [gain * (up - down * side + slope), sign * 2 * gain * (down - up * side), gain * (up - down * side - slope)]
    a = [up + down * side + slope, sign * -2 * (down + up * side), up + down * side - slope]
    return scaled(b, a)


FILTERS = {
    "call": [edge(300, q, high=True) for q in (0.541, 1.307)] + [edge(3400, q, high=False) for q in (0.541, 1.307)],
    "music": [shelf(250, 6, high=False), shelf(4000, 3, high=True)],
}


def main() -> None:
    """Writes the files."""
    for name, sections in FILTERS.items():
        rows = [f"\t{{{', '.join(map(str, section))}}},\n" for section in sections]
        text = "/* SPDX-License-Identifier: Apache-2.0. Made by design.py. */\n" + "".join(rows)
        (Path(__file__).parent / f"src/{name}.inc").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
