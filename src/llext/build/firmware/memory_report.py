"""What takes the memory of a firmware: its symbols with their sizes, as a tree by source file, from the linker's map."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from llext.target import NULL_PAGE_BYTES, MemoryArea

_ROW = re.compile(r"\s*(?P<address>[0-9a-f]+)\s+(?P<load>[0-9a-f]+)\s+(?P<size>[0-9a-f]+)\s+(?P<align>\d+) (?P<rest>.*)")
_INPUT, _SYMBOL = " " * 8, " " * 16
_ASSIGNED = re.compile(r"(?P<name>\w+) = \.")
_OBJECT = re.compile(r"(?P<file>.*):\((?P<section>.*)\)")
_MEMBER = re.compile(r"(?:.*/)?lib(?P<archive>[^/]+)\.a\((?P<member>.*)\)")
_FOLDER = re.compile(r"(?:.*/)?CMakeFiles/[^/]+\.dir/")


@dataclass
class Node:
    """A folder, a file or a symbol.

    Attributes:
        name: Its name.
        size: Bytes of it and all below.
        address: Of a symbol.
        below: What is in it, by name.
    """

    name: str
    size: int = 0
    address: int = 0
    below: dict[str, Node] = field(default_factory=dict)


def memory_tree(text: str, memory: range, *, loaded: bool) -> Node:
    """The tree of a map.

    Args:
        text: What ld.lld wrote by -Map.
        memory: The addresses of the memory that is asked about.
        loaded: Whether by where the file's bytes are stored, which is flash for initial values too, instead of where code sees them.
    """
    root = Node("Root")
    for piece in _pieces(text):
        if (piece.load if loaded else piece.address) in memory:
            _add(root, [*piece.path, piece.symbol], piece.size, piece.address)
    return root


class _Piece(NamedTuple):
    """What one line of the linker script or one section of an object gave."""

    address: int
    load: int
    size: int
    path: list[str]
    symbol: str


def _pieces(text: str) -> Iterator[_Piece]:
    piece: _Piece | None = None
    label = "(alignment)"
    for line in text.splitlines():
        found = _ROW.fullmatch(line)
        if found is None:
            continue
        address, load, size = (int(found[name], 16) for name in ("address", "load", "size"))
        rest = found["rest"]
        if rest.startswith(_SYMBOL):
            if piece and size:  # the first symbol names the piece
                yield piece._replace(symbol=rest.strip())
                piece = None
            continue
        if piece:
            yield piece
        piece = None
        assigned = _ASSIGNED.fullmatch(rest.strip())
        if assigned:
            label = assigned["name"]
        elif rest.startswith(_INPUT) and size:
            path = _path(rest.strip())
            piece = _Piece(address, load, size, path or ["zephyr", "(linker script)"], "(no name)" if path else label)
            label = "(alignment)"
    if piece:
        yield piece


def _path(text: str) -> list[str]:
    """Folders and file of an object; none for what the linker made."""
    found = _OBJECT.fullmatch(text)
    if found is None:
        return []
    file = found["file"]
    member = _MEMBER.fullmatch(file)
    if member:
        return [member["archive"], member["member"].removesuffix(".o")]
    return [part for part in _FOLDER.sub("", file).removesuffix(".obj").split("/") if part]


def _add(node: Node, path: list[str], size: int, address: int) -> None:
    node.size += size
    if path:
        _add(node.below.setdefault(path[0], Node(path[0])), path[1:], size, address)
    else:
        node.address = address


def report(root: Node, *, deepest: int = 99) -> str:
    """The tree as text: size, share and, for symbols, address."""
    rows = list(_rows(root, root.size or 1, "", deepest))
    width = max(len(row[0]) for row in rows)
    lines = [f"{'Path':{width}} {'Size':>10} {'%':>8}  Address", "=" * (width + 32)]
    lines += [f"{name:{width}} {size:>10} {share:>7.2f}%  {address}" for name, size, share, address in rows]
    return "\n".join(lines) + "\n"


def _rows(node: Node, total: int, indent: str, deepest: int) -> Iterator[tuple[str, int, float, str]]:
    if not indent:
        yield node.name, node.size, 100.0 * node.size / total, "-"
    children = sorted(node.below.values(), key=lambda each: (-each.size, each.name)) if deepest else []
    for number, child in enumerate(children):
        last = number == len(children) - 1
        at = f"{child.address:#010x}" if not child.below else "-"
        yield f"{indent}{'└── ' if last else '├── '}{child.name}", child.size, 100.0 * child.size / total, at
        yield from _rows(child, total, f"{indent}{'    ' if last else '│   '}", deepest - 1)


def read_report(build: Path, memory: MemoryArea, *, loaded: bool) -> str:
    """The report of a build folder."""
    text = (build / "zephyr" / "zephyr.map").read_text("utf-8", "replace")
    return report(memory_tree(text, range(max(memory.address, NULL_PAGE_BYTES), memory.end), loaded=loaded))
