"""Applications on the command line: what is one, building it if need be, booting it."""

from __future__ import annotations

import os
import re
import select
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from llext.board import Board
from llext.build.firmware.project import Project, build_application
from llext.errors import GuestFault, LlextError, UsageError

STRICT = click.option("--kconfig-strict", is_flag=True, help="Of an application: options that nobody knows are errors.")
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "min": 60e3, "h": 3600e3}
_LONGEST = 1 << 40
"""Milliseconds that a board can be let run for."""
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(us|ms|s|min|h)?")


def is_application(words: Sequence[str]) -> bool:
    """Whether what shall be run is an application: its folder, or a firmware file."""
    path = Path(words[0])
    return path.is_dir() or path.suffix == ".elf" or not (path.suffix or path.exists())


def milliseconds(text: str) -> float:
    """A time as people write it: 2s, 500ms, 1.5 s; without a unit in seconds.

    Raises:
        UsageError: it is none.
    """
    found = _TIME.fullmatch(text.strip())
    wanted = float(found[1]) * _UNITS[found[2] or "s"] if found else -1.0
    if not 0 <= wanted < _LONGEST:
        raise UsageError(f"{text!r} is no time to run for", hint="give it with a unit: 500ms, 2s, 1min; 30 years are the most.")
    return wanted


def split_words(words: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """The application, and what CMake is told.

    Raises:
        UsageError: there are other words.
    """
    others = [word for word in words[1:] if not word.startswith("-D")]
    if others:
        raise UsageError(
            f"what is {others[0]!r}?", hint="llext run APP -- -DCONFIG_X=y: behind the application come CMake's words."
        )
    return Path(words[0]), tuple(words[1:])


def built(app: Path, defines: Sequence[str], board: str | None, folder: str | None, *, strict: bool = False) -> Path:
    """The firmware of an application, built if need be."""
    if app.suffix == ".elf" and not app.is_dir():
        if defines or folder or strict:
            raise UsageError(f"{app}: is built already", hint="give the application's folder to build it in another way.")
        return app
    project = Project.of(app, Path(folder) if folder else None, board, defines, strict=strict)
    return build_application(project, _say)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _say_refusal(error: LlextError) -> None:
    """C code that loads an extension is told a number; whoever watches wants to know why."""
    sys.stdout.flush()
    sys.stderr.write(f"note: {error.message}\n" + (f"  {error.hint}\n" if error.hint else ""))


def _standard_input() -> bytes | None:
    """What standard input has: b"" at its end or without one, None if nothing has come for a moment."""
    try:
        number = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return b""
    if os.name == "posix" and not select.select([number], [], [], _MOMENT)[0]:
        return None
    return os.read(number, 1 << 16)


_MOMENT = 0.1
"""Seconds after which Ctrl-C is heard, at the latest."""


def live(board: Board, ends: float | None) -> int:
    """Boots an application and lets it run to its end, or for so many milliseconds."""
    extensions = board.kernel.extensions
    if extensions:
        extensions.refused = _say_refusal
    board.kernel.input_source = _standard_input
    board.kernel.input_is_shown = sys.stdin is not None and sys.stdin.isatty()
    board.boot()
    if ends is None:
        board.run()
        return 0
    try:
        board.run_for(ms=ends)
    except GuestFault as fault:
        if fault.reason == "timeout" and not board.kernel.counted:
            fault.hint = _NO_TIME
        raise
    return 0


_NO_TIME = (
    "a loop that does not end? It takes no time by this board's clock, so that --for does not end it either: --clock counted "
    "lets computing take time; --timeout S allows more of yours."
)
