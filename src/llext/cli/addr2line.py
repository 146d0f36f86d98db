"""``llext addr2line``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from llext.cli.code_files import check_code, check_places
from llext.debug.code import Code, Spot
from llext.errors import UsageError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("addresses", nargs=-1, metavar="[ADDRESS|SECTION+OFFSET]...")
@click.option(
    "--at", "places", multiple=True, metavar="SECTION=ADDRESS", help="Where a section of an extension lies: .text=0x20001c40."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON value for each address.")
def addr2line(file: Path, addresses: tuple[str, ...], places: tuple[str, ...], as_json: bool) -> int:
    """Say what is at addresses: function, file and line, and the calls that were inlined.

    Without addresses they are read from standard input, where other lines are answered as such. Exit code 1 if one of them is not in the
    file's code.
    """
    check_code(file)
    code = Code(file.stem, file, dict(map(place_of, places)))
    check_places("--at ", code, dict(map(place_of, places)))
    failed = False
    for text in addresses or _words():
        try:
            spot, why = _spot(code, text), f"not in the code of {file}"
        except UsageError:
            if addresses:
                raise
            spot, why = None, "not an address"
        failed |= spot is None
        click.echo(_json(text, spot) if as_json else _told(text, spot, why))
    return int(failed)


def _words() -> Iterator[str]:
    """Addresses of the standard input; a line that has anything else is not taken apart."""
    for line in sys.stdin:
        words = line.split()
        yield from words if all(map(_is_address, words)) else [line.strip()]


def _is_address(text: str) -> bool:
    try:
        _number(text.rpartition("+")[2])
    except UsageError:
        return False
    return True


def _spot(code: Code, text: str) -> Spot | None:
    section, plus, offset = text.rpartition("+")
    if plus and section:
        return code.within(section, _number(offset) & ~1)
    return code.at(_number(text) & ~1)


def _told(text: str, spot: Spot | None, why: str) -> str:
    if spot is None:
        return f"{text}: {why}"
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
