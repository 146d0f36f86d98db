"""Objects of an extension to its .llext and debug file, for add_llext_target."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from llext.build import cache
from llext.build.extension import pack_objects
from llext.build.firmware.slids import inject
from llext.errors import LlextError
from llext.target import load_target


def main(words: Sequence[str]) -> int:
    """Packs; errors are words on stderr."""
    parser = argparse.ArgumentParser(prog="pack")
    for name in ("--board", "--kind", "--output", "--debug"):
        parser.add_argument(name, required=True)
    parser.add_argument("--slids", action="store_true")
    parser.add_argument("objects", nargs="+")
    found = parser.parse_args(words)
    try:
        pack_objects([Path(name) for name in found.objects], Path(found.output), Path(found.debug), load_target(found.board), found.kind)
        if found.slids:
            output = Path(found.output)
            cache.write_file(output, inject(output.read_bytes(), output.name))
    except LlextError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
