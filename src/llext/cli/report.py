"""What the command line shows of builds, extensions and results."""

from __future__ import annotations

import math
import struct
import sys
from typing import TYPE_CHECKING

import click

from llext.cli.options import built_line

if TYPE_CHECKING:
    from llext.abi.types import CType
    from llext.board import Board
    from llext.build import BuildResult
    from llext.loader import Extension

_FLOAT_BYTES = 4
_LEVELS = ("none", "err", "wrn", "inf", "dbg")


class Logger:
    """Writes the loader's log to standard error, as Zephyr's log does: level and module in front."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.verbose = level >= _LEVELS.index("inf")

    def __call__(self, level: str, text: str) -> None:
        """One line of the log."""
        if _LEVELS.index(level) <= self.level:
            sys.stderr.write(f"<{level}> llext: {text}\n")


def print_build(result: BuildResult) -> None:
    """What a build took and gave."""
    click.echo(f"build      {built_line(result)}")


def print_extension(board: Board, extension: Extension) -> None:
    """Regions, exports, imports and heap of a loaded extension."""
    click.echo(f"loaded     {extension.name!r} on {board.target.name}, {extension.relocations} relocations")
    for region in extension.regions.values():
        if region.kind < 5:
            click.echo(f"  {region.name:8} {region.address:#010x}  {region.size:6} bytes  {region.permission}")
    for name, symbol in extension.exports.items():
        click.echo(f"  exports  {name} at {symbol.address:#010x}")
    for wanted in extension.imports:
        by = f"provided by {wanted.symbol.owner}" if wanted.symbol else "weak, not there: NULL"
        click.echo(f"  imports  {wanted.name}: {by}")
    for note in extension.portability:
        click.echo(f"  note     {note}")
    click.echo(f"  LLEXT heap {board.heap.allocated_bytes} of {board.layout.heap_size} bytes used")


def plain(value: float | bytes | str | None) -> object:
    """A value as JSON has it: bytes as hex digits, and as text what JSON has no number for: "nan", "inf", "-inf"."""
    if isinstance(value, bytes):
        return value.hex()
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def shown(value: float | bytes | None, ctype: CType) -> str:
    """A result as text: a number of type float as short as it can be told apart from other floats, a double likewise."""
    if isinstance(value, float) and math.isfinite(value) and ctype.size == _FLOAT_BYTES:
        single = struct.pack("<f", value)
        texts = (f"{value:.{digits}g}" for digits in range(7, 10))
        return next(text for text in texts if struct.pack("<f", float(text)) == single)
    return str(plain(value))


def plain_console(board: Board) -> dict[str, object]:
    """What guest code printed, for JSON; how much of it went before that, if any did."""
    dropped = {"console_dropped": board.console_dropped} if board.console_dropped else {}
    return {"console": board.console, **dropped}


def plain_extension(board: Board, extension: Extension, calls: list[dict[str, object]]) -> dict[str, object]:
    """The JSON of ``llext run``."""
    return {
        "extension": {
            "name": extension.name,
            "regions": {
                region.name: {"address": region.address, "size": region.size, "permission": region.permission}
                for region in extension.regions.values()
            },
            "exports": {name: symbol.address for name, symbol in extension.exports.items()},
            "imports": {wanted.name: wanted.symbol.owner if wanted.symbol else None for wanted in extension.imports},
            "heap_used": extension.heap_used,
        },
        "calls": calls,
        **plain_console(board),
        "portability": [str(note) for note in extension.portability],
    }
