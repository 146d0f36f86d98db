"""``llext addr2line``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from llext.debug.code import Code, Spot
from llext.errors import Errno, UsageError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("addresses", nargs=-1, metavar="[ADDRESS|SECTION+OFFSET]...")
@click.option(
    "--at", "places", multiple=True, metavar="SECTION=ADDRESS", help="Where a section of an extension lies: .text=0x20001c40."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON value for each address.")
def addr2line(file: Path, addresses: tuple[str, ...], places: tuple[str, ...], as_json: bool) -> int:
    """Say what is at addresses: function, file and line, and the calls that were inlined.

    Without addresses they are read from standard input. Exit code 1 if one of them is not in the file's code.
    """
    if not file.is_file():
        raise UsageError(
            f"{file}: no such file", hint="give a zephyr.elf, or NAME_debug.elf of an extension with --at.", errno=Errno.ENOENT
        )
    code = Code(file.stem, file, dict(map(place_of, places)))
    failed = 0
    for text in addresses or _words():
        spot = _spot(code, text)
        failed |= spot is None
        click.echo(_json(text, spot) if as_json else _told(text, spot, file))
    return int(failed)


def _words() -> Iterator[str]:
    for line in sys.stdin:
        yield from line.split()


def _spot(code: Code, text: str) -> Spot | None:
    section, plus, offset = text.rpartition("+")
    if plus and section:
        return code.within(section, _number(offset) & ~1)
    return code.at(_number(text) & ~1)


def _told(text: str, spot: Spot | None, file: Path) -> str:
    if spot is None:
        return f"{text}: not in the code of {file}"
    return f"{text} = " + "\n    ".join(spot.lines())


def _json(text: str, spot: Spot | None) -> str:
    if spot is None:
        return json.dumps({"address": text, "found": False})
    facts = asdict(spot) | {"calls": [call._asdict() for call in spot.calls]}
    return json.dumps({"address": text, "found": True, **facts})


def place_of(text: str) -> tuple[str, int]:
    """A place as ``.text=0x20001c40``.

    Raises:
        UsageError: it is no place.
    """
    section, _, address = text.partition("=")
    return section, _number(address)


def _number(text: str) -> int:
    try:
        return int(text, 16) if text.lower().startswith("0x") else int(text, 0)
    except ValueError:
        raise UsageError(f"{text!r} is no address", hint="write it in hex: 0x20001c40; a place as .text=0x20001c40.") from None
