"""Objects of an extension to its .llext and debug file, or what commands of POST_BUILD made to its .llext, for add_llext_target."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from llext import cache
from llext.build.extension import pack_made, pack_objects
from llext.build.firmware.slids import inject
from llext.errors import LlextError
from llext.target import load_target


def _pack(found: argparse.Namespace) -> None:
    output, debug = Path(found.output), Path(found.debug)
    if found.slids:
        output = output.with_name(f"{output.name}.plain")
    if found.made:
        if not debug.exists():  # then its commands run again in the next build
            Path(found.made).unlink(missing_ok=True)
        pack_made(debug, output)
    else:
        objects = [Path(name) for name in found.objects]
        pack_objects(objects, output, debug, load_target(found.board), found.kind, _linker_words(found.link))
    if found.slids:
        _write(Path(found.output), inject(output.read_bytes(), found.output))


def _write(path: Path, data: bytes) -> None:
    """Leaves an equal file alone: what is made from it need not be made again."""
    if not path.is_file() or path.read_bytes() != data:
        cache.write_file(path, data)


def _linker_words(options: Sequence[str]) -> list[str]:
    """Link options as the linker itself takes them: those for a compiler say to whom they go, with commas between words."""
    words: list[str] = []
    for option in options:
        passed = next((prefix for prefix in _PREFIXES if option.startswith(prefix)), None)
        words += [option] if passed is None else option.removeprefix(passed).split(",")
    return words


_PREFIXES = ("-Wl,", "LINKER:")


def main(words: Sequence[str]) -> int:
    """Packs; errors are words on stderr."""
    parser = argparse.ArgumentParser(prog="pack")
    for name in ("--board", "--kind", "--output", "--debug"):
        parser.add_argument(name, required=True)
    parser.add_argument("--slids", action="store_true")
    parser.add_argument("--made", metavar="STAMP", help="commands of POST_BUILD made what is packed, when the stamp was touched")
    parser.add_argument("--link", action="append", default=[])
    parser.add_argument("objects", nargs="*")
    found = parser.parse_args(words)
    try:
        _pack(found)
    except LlextError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
