"""``llext symbolize``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import RawIOBase
from pathlib import Path

import click

from llext.cli.addr2line import place_of
from llext.cli.app import has_colour
from llext.debug.fault import Style, coloured, plain
from llext.debug.symbolize import Symbolizer
from llext.errors import Errno, UsageError

_FILE = click.Path(path_type=Path)
_PIECE = 1 << 16


@click.command()
@click.argument("log", required=False, type=_FILE)
@click.option("--firmware", metavar="ZEPHYR.ELF", type=_FILE, help="The firmware that wrote the log.")
@click.option(
    "--symbols",
    multiple=True,
    metavar="FILE|FOLDER",
    type=_FILE,
    help="Debug files of its extensions; may be given several times.",
)
@click.option(
    "--at",
    multiple=True,
    metavar="NAME:SECTION=ADDRESS",
    help="Where a section of an extension lies, if the log does not say it: bad:.text=0x20001c40.",
)
def symbolize(log: Path | None, firmware: Path | None, symbols: tuple[Path, ...], at: tuple[str, ...]) -> None:
    """Print a device's log with file and line of the addresses of a crash, and its fault registers in words.

    LOG is a file; without it standard input is read as it comes, from a serial terminal for example. The loader's messages at level DBG
    tell where extensions lie.
    """
    for path in filter(None, (firmware, *symbols, log)):
        if not path.exists():
            raise UsageError(
                f"{path}: no such file or folder",
                hint="give --firmware build/zephyr/zephyr.elf --symbols build/llext.",
                errno=Errno.ENOENT,
            )
    reader = Symbolizer(firmware, symbols, _given(at))
    for doubt in reader.places.doubts:
        click.echo(f"note: {doubt}", err=True)
    style = coloured if has_colour(sys.stdout) else plain
    with ExitStack() as stack:
        stream = stack.enter_context(open(log or sys.stdin.fileno(), "rb", buffering=0, closefd=log is not None))
        for lines in _pieces(stream):
            sys.stdout.write("".join(_told(reader, lines, style)))
            sys.stdout.flush()


def _given(places: Iterable[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for text in places:
        name, colon, place = text.partition(":")
        if not (name and colon and "=" in place):
            raise UsageError(
                f"--at {text}: an extension, its section and an address are wanted", hint="as in bad:.text=0x20001c40."
            )
        section, address = place_of(place)
        found.setdefault(name, {})[section] = address
    return found


def _pieces(stream: RawIOBase) -> Iterator[list[str]]:
    """Lines as they come, without their ends: of what is there all at once. Bytes that are no UTF-8 are shown as such."""
    rest = b""
    while piece := stream.read(_PIECE):
        *lines, rest = (rest + piece).split(b"\n")
        yield [_text(line) for line in lines]
    if rest:
        yield [_text(rest)]


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", "backslashreplace")


def _told(reader: Symbolizer, lines: list[str], style: Style) -> Iterator[str]:
    for line in lines:
        yield f"{line}\n"
        for finding in reader.explain(line):
            for text in finding.text():
                yield f"{style(text, 'hint' if finding.certain else 'doubt')}\n"
