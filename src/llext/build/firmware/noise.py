"""What CMake, ninja, compilers and linkers print, less what says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DULL = ("-- Configuring incomplete", "CMake Generate step failed")
_FOR_DEVELOPERS = re.compile(r"^This warning is for project developers\.[^.]*\.\n?", re.MULTILINE)
_MEMORY = re.compile(r"Memory region  .*Used Size|\s+\w+:\s+\d+ [KMG]?B\s+\d+ [KMG]?B\s+[\d.]+%")


def said(text: str, *, failed: bool = False) -> Iterator[str]:
    """What compilers and linkers said, without ninja's own lines and the commands that failed.

    Args:
        text: All that ninja printed.
        failed: Whether the build failed; then nobody wants to know how much memory is left.
    """
    skip = False
    for line in text.splitlines():
        if skip:
            skip = False
        elif line.startswith("FAILED: "):
            skip = True
        elif not re.match(r"\[\d+/\d+\] |ninja: |-- ", line) and not (failed and _MEMORY.match(line)):
            yield line


def without_noise(stderr: str) -> str:
    """What CMake said, less the lines that say only that it failed, or how to hear less of it."""
    lines = [line for line in _FOR_DEVELOPERS.sub("", stderr).splitlines() if not line.startswith(_DULL)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
