"""Where in which file something of a devicetree was said: of preprocessed text, by the line markers in it.

Asked only when a devicetree is refused: edtlib names a node's path, and people want their overlay's line. This reads
names, braces and semicolons; what values mean is dtlib's business. Syntax: Devicetree Specification v0.4, chapter 6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<marker>^\#(?:line)?[ \t]+(?P<number>\d+)[ \t]+"(?P<file>(?:[^"\\]|\\.)*)"[^\n]*\n?)
      | (?P<skip>\s+ | /\*.*?\*/ | //[^\n]*)
      | (?P<text>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*')
      | (?P<label>[A-Za-z_]\w*):
      | &(?P<ref>[A-Za-z_]\w*|\{[^}\n]*\})
      | /(?P<command>[a-z][a-z0-9-]*)/
      | (?P<word>[\w,.+*?\#@-]+)
      | (?P<sign>.)""",
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.ASCII,
)


@dataclass(frozen=True)
class Place:
    """A line of a file.

    Attributes:
        file: As the preprocessor was told it; empty if the text has no line markers.
        line: From 1.
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else f"line {self.line}"


@dataclass
class Places:
    """What a text says where; of things that are said more than once, all places in their order.

    Attributes:
        labels: Label -> the path that it stands at first.
        nodes: Path -> where the node is opened.
        properties: (path, property) -> where it is set.
        references: Label or {path} -> where it is referred to.
        lines: Place -> the text of that line.
    """

    labels: dict[str, str] = field(default_factory=dict)
    label_places: dict[str, list[Place]] = field(default_factory=dict)
    nodes: dict[str, list[Place]] = field(default_factory=dict)
    properties: dict[tuple[str, str], list[Place]] = field(default_factory=dict)
    references: dict[str, list[Place]] = field(default_factory=dict)
    lines: dict[Place, str] = field(default_factory=dict)

    @property
    def end(self) -> Place | None:
        """The last line that says something."""
        return next((place for place in reversed(self.lines) if self.lines[place].strip()), None)

    def of(self, path: str, name: str = "") -> Place | None:
        """Where a property was set last, or else where its node was opened last."""
        found = self.properties.get((path, name)) or self.nodes.get(path)
        return found[-1] if found else None


class _Scanner:
    """One pass over a text."""

    def __init__(self) -> None:
        self.places = Places()
        self.file, self.line = "", 1
        self.open: list[str] = []
        self.pending: list[str] = []
        self.last: tuple[str, str, Place] | None = None
        self.in_value = False

    def scan(self, text: str) -> Places:
        for match in _TOKEN.finditer(text):
            kind, word = match.lastgroup or "", match[0]
            if match["marker"] is not None:
                self.file, self.line = match["file"], int(match["number"])
                continue
            if kind != "skip":
                self._take(kind, match[kind])
            self.line += word.count("\n")
        return self.places

    def _take(self, kind: str, word: str) -> None:
        place = Place(self.file, self.line)
        if kind == "ref":
            self.places.references.setdefault(word, []).append(place)
        if kind == "label":
            self.places.label_places.setdefault(word, []).append(place)
            self.pending.append(word)
        elif kind == "sign" and word in "{};=":
            self._sign(word)
        elif not self.in_value and (kind != "sign" or word == "/") and (self.last is None or self.last[0] != "command"):
            self.last = (kind, word, place)

    def _sign(self, sign: str) -> None:
        if sign == "{":
            self._enter()
        elif sign == "}" and self.open:
            self.open.pop()
        elif self.last is not None and self.last[0] == "word" and self.open and not self.in_value:
            self.places.properties.setdefault((self.open[-1], self.last[1]), []).append(self.last[2])
        self.in_value = sign == "="
        if sign != "=":
            self.last, self.pending = None, []

    def _enter(self) -> None:
        kind, word, place = self.last or ("sign", "/", Place(self.file, self.line))
        above = self.open[-1].rstrip("/") if self.open else ""
        if kind == "ref":
            path = word[1:-1] if word.startswith("{") else self.places.labels.get(word, f"&{word}")
        else:
            path = f"{above}/{word}" if kind == "word" else "/"
        for label in self.pending:
            self.places.labels.setdefault(label, path)
        self.places.nodes.setdefault(path, []).append(place)
        self.open.append(path)


def read_places(text: str) -> Places:
    """Reads what stands where in the preprocessed text of a devicetree; text that is none gives what it gives."""
    places = _Scanner().scan(text)
    places.lines = _lines(text)
    return places


_MARKER = re.compile(r'#(?:line)?[ \t]+(\d+)[ \t]+"((?:[^"\\]|\\.)*)"', re.ASCII)


def _lines(text: str) -> dict[Place, str]:
    lines: dict[Place, str] = {}
    file, number = "", 1
    for line in text.split("\n"):
        marker = _MARKER.match(line)
        if marker:
            file, number = marker[2], int(marker[1])
            continue
        lines[Place(file, number)] = line
        number += 1
    return lines
