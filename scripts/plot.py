"""One picture: seconds over relocations, both on logarithmic scales, as SVG."""

from __future__ import annotations

import math

WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT = 660, 400, 70, 50, 40


def line_plot(points: list[tuple[int, float]]) -> str:
    """The points, joined; a dashed line where time would grow as the count does."""
    decades = range(2, 7)
    low = math.floor(math.log10(min(seconds for _, seconds in points)))
    high = math.ceil(math.log10(max(seconds for _, seconds in points)))

    def x(count: float) -> float:
        return LEFT + (math.log10(count) - 2) / 4 * (WIDTH - LEFT - RIGHT)

    def y(seconds: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(seconds) - low) / (high - low) * (HEIGHT - BOTTOM - 20)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">']
    parts.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>')
    for decade in decades:
        at = x(10**decade)
        parts.append(f'<line x1="{at:.1f}" y1="20" x2="{at:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{10**decade:,}</text>')
    for decade in range(low, high + 1):
        at = y(10.0**decade)
        label = f"{10.0**decade * 1e3:g} ms"
        parts.append(f'<line x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{label}</text>')
    last, slowest = points[-1]
    straight = [(count, slowest * count / last) for count in (max(100, last * 10**low / slowest), last)]
    parts.append(_polyline([(x(a), y(b)) for a, b in straight], "#999", ' stroke-dasharray="4 4"'))
    parts.append(_polyline([(x(a), y(b)) for a, b in points], "#1f77b4"))
    parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="#1f77b4"/>' for a, b in points]
    parts.append(f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">relocations</text>')
    parts.append(f'<text x="{LEFT + 10}" y="36">time to parse, plan, copy and link; dashed: proportional to the count</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _polyline(points: list[tuple[float, float]], colour: str, extra: str = "") -> str:
    text = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    return f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="2"{extra}/>'
