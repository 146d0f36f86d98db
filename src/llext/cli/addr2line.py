"""``llext addr2line``."""

from __future__ import annotations

from pathlib import Path

import click

from llext.debug.code import Code
from llext.errors import Errno, UsageError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.option(
    "--at", "places", multiple=True, metavar="SECTION=ADDRESS", help="Where a section of an extension lies: .text=0x20001c40."
)
def addr2line(file: Path, addresses: tuple[str, ...], places: tuple[str, ...]) -> int:
    """Say what is at addresses: function, file and line.

    Exit code 1 if one of them is not in the file's code.
    """
    if not file.is_file():
        raise UsageError(
            f"{file}: no such file", hint="give a zephyr.elf, or NAME_debug.elf of an extension with --at.", errno=Errno.ENOENT
        )
    code = Code(file.stem, file, dict(map(_place, places)))
    failed = 0
    for text in addresses:
        spot = code.at(_number(text) & ~1)
        failed |= spot is None
        click.echo(f"{text} = {spot}" if spot else f"{text}: not in the code of {file}")
    return int(failed)


def _place(text: str) -> tuple[str, int]:
    section, _, address = text.partition("=")
    return section, _number(address)


def _number(text: str) -> int:
    try:
        return int(text, 16) if text.lower().startswith("0x") else int(text, 0)
    except ValueError:
        raise UsageError(f"{text!r} is no address", hint="write it in hex: 0x20001c40; a place as .text=0x20001c40.") from None
