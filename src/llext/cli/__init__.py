"""The command line: words in, words out. What it knows, the library knows."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Runs ``llext`` and exits: 0, 1 if the build, the load or the guest failed, 2 for wrong usage."""
    from llext.cli.app import run

    sys.exit(run(arguments))


__all__ = ["main"]
