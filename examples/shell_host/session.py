# SPDX-License-Identifier: Apache-2.0
"""Writes what somebody types to shell_host: the extension is built for the board, and its file goes over the line as hex digits."""

import subprocess
import sys
import tempfile
from pathlib import Path

LINES = 3
"""Lines over which the digits of a file are spread."""


def hex_of(source: Path, *words: str) -> str:
    """The digits of an extension that is built from a source; words go to ``llext build``."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "extension.llext"
        build = [sys.executable, "-m", "llext", "build", str(source), "-o", str(output), *words]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        return output.read_bytes().hex()


def load(name: str, digits: str) -> str:
    """A command that loads them, over several lines."""
    size = -(-len(digits) // LINES)
    return f"llext load_hex {name} " + "\\\n".join(digits[at : at + size] for at in range(0, len(digits), size))


def main() -> None:
    counter = hex_of(Path(__file__).with_name("counter.c"), *sys.argv[1:])
    for command in (
        load("one", counter),
        load("two", counter),
        "llext list_symbols one",
        "llext call_fn one count",
        "llext call_fn one count",
        "llext call_fn one reset",
        "llext call_fn one count",
        "llext call_fn two count",
        "llext unload one",
        "llext call_fn one count",
        "llext load_hex bad 00ff",
        "llext lode_hex",
    ):
        print(command)


if __name__ == "__main__":
    main()
