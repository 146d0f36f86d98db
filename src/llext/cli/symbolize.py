"""``llext symbolize``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import click

from llext.debug.symbolize import Symbolizer
from llext.errors import Errno, UsageError

_FILE = click.Path(path_type=Path)


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
def symbolize(log: Path | None, firmware: Path | None, symbols: tuple[Path, ...]) -> None:
    """Print a device's log with file and line of the addresses of a crash.

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
    reader = Symbolizer(firmware, symbols)
    with _lines(log) as stream:
        for line in stream:
            for text in reader.feed(line.rstrip("\r\n")):
                click.echo(text)
    for name, why in reader.missing.items():
        click.echo(f"note: extension {name}: {why}", err=True)


def _lines(log: Path | None) -> TextIO:
    """The log's text: bytes that are no UTF-8 are shown as such."""
    file = log or sys.stdin.fileno()
    return open(file, encoding="utf-8", errors="backslashreplace", newline="", closefd=log is not None)
