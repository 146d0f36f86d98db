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
from llext.cli.code_files import check_firmware, check_places, check_regular
from llext.debug.fault import Style, coloured, plain
from llext.debug.symbol_files import bare
from llext.debug.symbolize import Symbolizer
from llext.errors import Errno, UsageError

_FILE = click.Path(path_type=Path)
_PIECE = 1 << 16
_WANTED = "give --firmware build/zephyr/zephyr.elf --symbols build/llext."


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
    _check(log, firmware, symbols)
    places = _given(at)
    reader = Symbolizer(firmware, symbols, places)
    for name, sections in places.items():
        _check_given(reader, name, sections)
    for doubt in reader.places.doubts:
        click.echo(f"note: {doubt}", err=True)
    style = coloured if has_colour(sys.stdout) else plain
    with ExitStack() as stack:
        stream = stack.enter_context(open(log or sys.stdin.fileno(), "rb", buffering=0, closefd=log is not None))
        for lines in _pieces(stream):
            sys.stdout.write("".join(_told(reader, lines, style)))
            sys.stdout.flush()


def _check(log: Path | None, firmware: Path | None, symbols: tuple[Path, ...]) -> None:
    if firmware is None and not symbols:
        raise UsageError("no file to look addresses up in: neither --firmware nor --symbols is there", hint=_WANTED)
    if firmware is not None:
        check_firmware(firmware)
    for path in symbols:
        if not path.is_dir():
            check_regular(path, _WANTED)
    if log is not None and not log.exists():
        raise UsageError(
            f"{log}: no such file or folder", hint="give the log, or let it come from standard input.", errno=Errno.ENOENT
        )
    if log is not None and log.is_dir():
        raise UsageError(f"{log}: is a folder", hint="give the log in it; folders of debug files are told by --symbols.")


def _check_given(reader: Symbolizer, name: str, sections: dict[str, int]) -> None:
    load = reader.places.loads.get(name)
    known = ", ".join(sorted(reader.places.files.names)) or "none"
    if load is None or load.code is None or not bare(load.code.path.stem).startswith(name):
        raise UsageError(
            f"--at {name}:{next(iter(sections))}: no debug file of an extension {name}",
            hint=f"--symbols names it, or its folder; extensions that are known: {known}.",
            errno=Errno.ENOENT,
        )
    check_places(f"--at {name}:", load.code, sections)


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
    rest: list[bytes] = []
    while piece := stream.read(_PIECE):
        first, *more = piece.split(b"\n")
        rest.append(first)
        if more:
            lines = [b"".join(rest), *more[:-1]]
            rest = [more[-1]]
            yield [_text(line) for line in lines]
    if any(rest):
        yield [_text(b"".join(rest))]


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", "backslashreplace")


def _told(reader: Symbolizer, lines: list[str], style: Style) -> Iterator[str]:
    for line in lines:
        yield f"{line}\n"
        for finding in reader.explain(line):
            for text in finding.text():
                yield f"{style(text, 'hint' if finding.certain else 'doubt')}\n"
