"""A sheet of SVG that is legible on a light page and on a dark one.

Each picture stands on a card of its own and carries both palettes, because a page and the reader's system may disagree
about which of the two they are. Text is text, in whatever the reader's sans-serif and monospace fonts are.
"""

from __future__ import annotations

from html import escape

WIDTH = 800

_LIGHT = {
    "card": "#ffffff", "ink": "#1f2328", "dim": "#59636e", "line": "#c4ccd4", "wall": "#bc4c00", "plain": "#f0f2f5",
    "text": "#b6e3ff", "rodata": "#e2c8ff", "data": "#aceebb", "bss": "#d9f2a8", "export": "#fae17d", "init": "#ffc9a8",
    "table": "#d5dbe1", "own": "#ffc1cf",
}  # fmt: skip
_DARK = {
    "card": "#0d1117", "ink": "#e6edf3", "dim": "#9ea7b3", "line": "#4a525b", "wall": "#f0883e", "plain": "#21262d",
    "text": "#0c4a8a", "rodata": "#553098", "data": "#12682e", "bss": "#4d6312", "export": "#7a5b00", "init": "#8a3b10",
    "table": "#454d57", "own": "#8a2a48",
}  # fmt: skip


def _rules(palette: dict[str, str]) -> str:
    fills = "".join(f".{name}{{fill:{colour}}}" for name, colour in palette.items())
    strokes = "".join(f".s-{name}{{stroke:{colour}}}" for name, colour in palette.items())
    return fills + strokes


_STYLE = (
    "text{font-family:sans-serif;font-size:13px}.mono{font-family:monospace}.small{font-size:12px}.bold{font-weight:bold}"
    f".title{{font-size:15px;font-weight:bold}}{_rules(_LIGHT)}"
    f"@media (prefers-color-scheme: dark){{{_rules(_DARK)}}}"
)


class Sheet:
    """One picture in the making. Lengths in SVG units; the sheet is 800 wide.

    Args:
        title: What screen readers say first, and the heading.
        height: Of the sheet.
        subtitle: A line below the heading.
    """

    def __init__(self, title: str, height: float, subtitle: str = "") -> None:
        self._title = title
        self._height = height
        self._parts: list[str] = []
        self.text(20, 30, title, "title ink")
        if subtitle:
            self.text(20, 50, subtitle, "small dim")

    def text(self, x: float, y: float, words: str, style: str = "ink", *, anchor: str = "start") -> None:
        """A line of text; y is its base line."""
        self._parts.append(
            f'<text class="{style}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words, quote=False)}</text>'
        )

    def upright(self, x: float, y: float, words: str, style: str) -> None:
        """A line of text that reads upwards, its middle at a point."""
        self._parts.append(
            f'<text class="{style}" text-anchor="middle" transform="translate({x:g} {y:g}) rotate(-90)">{escape(words, quote=False)}</text>'
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        stroke: str = "",
        dashed: bool = False,
        radius: int = 0,
    ) -> None:
        """A rectangle; a dashed one is what is there no more."""
        dash = ' stroke-dasharray="3 2"' if dashed else ""
        edge = f" s-{stroke}" if stroke else ""
        self._parts.append(
            f'<rect class="{fill}{edge}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}"{dash}/>'
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str = "line", *, width: float = 1, dashed: bool = False
    ) -> None:
        """A straight line."""
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._parts.append(
            f'<line class="s-{stroke}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke-width="{width:g}"{dash}/>'
        )

    def band(self, left: tuple[float, float, float], right: tuple[float, float, float], fill: str) -> None:
        """What leads from an edge (x, top, bottom) to another one."""
        (x1, top1, end1), (x2, top2, end2), middle = left, right, (left[0] + right[0]) / 2
        path = (
            f"M{x1:.1f} {top1:.1f}C{middle:.1f} {top1:.1f} {middle:.1f} {top2:.1f} {x2:.1f} {top2:.1f}"
            f"V{end2:.1f}C{middle:.1f} {end2:.1f} {middle:.1f} {end1:.1f} {x1:.1f} {end1:.1f}Z"
        )
        self._parts.append(f'<path class="{fill}" opacity="0.45" d="{path}"/>')

    def drop(self, upper: tuple[float, float, float], lower: tuple[float, float, float], fill: str) -> None:
        """The same downwards: edges are (y, left, right)."""
        (y1, left1, right1), (y2, left2, right2) = upper, lower
        points = f"{left1:.1f},{y1:.1f} {right1:.1f},{y1:.1f} {right2:.1f},{y2:.1f} {left2:.1f},{y2:.1f}"
        self._parts.append(f'<polygon class="{fill}" opacity="0.45" points="{points}"/>')

    def arrow(self, x1: float, y1: float, x2: float, y2: float, stroke: str = "dim") -> None:
        """A vertical or horizontal line with a head."""
        self.line(x1, y1, x2, y2, stroke, width=1.5)
        if x1 == x2:
            way = 6 if y2 > y1 else -6
            points = f"{x2 - 4:.1f},{y2 - way:.1f} {x2 + 4:.1f},{y2 - way:.1f} {x2:.1f},{y2:.1f}"
        else:
            way = 6 if x2 > x1 else -6
            points = f"{x2 - way:.1f},{y2 - 4:.1f} {x2 - way:.1f},{y2 + 4:.1f} {x2:.1f},{y2:.1f}"
        self._parts.append(f'<polygon class="{stroke}" points="{points}"/>')

    def svg(self) -> str:
        """The file."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self._height:g}" role="img">'
        card = f'<rect class="card s-line" x="0.5" y="0.5" width="{WIDTH - 1}" height="{self._height - 1:g}" rx="8"/>'
        return (
            "\n".join([head, f"<title>{escape(self._title)}</title>", f"<style>{_STYLE}</style>", card, *self._parts, "</svg>"])
            + "\n"
        )
