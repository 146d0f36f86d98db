"""Ctrl-C while the emulator calls back.

Python handles a signal at the first line of Python code that it comes to, which may be that of a callback, before any of its
own handlers for exceptions. An exception cannot cross the emulator's C frames, so that ctypes reports and drops it. Here
it is taken up and raised behind the emulator instead.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llext.machine.machine import Machine

CALLED: list[tuple[int, Machine]] = []
"""Threads with an open call from Python and the machine that is called, the latest last."""


def _dropped(unraisable: sys.UnraisableHookArgs) -> None:
    error = unraisable.exc_value
    mine = threading.get_ident()
    machine = next((machine for thread, machine in reversed(CALLED) if thread == mine), None)
    if isinstance(error, KeyboardInterrupt) and machine is not None:
        machine.carry(error)
    else:
        _BEFORE[-1](unraisable)


def install() -> None:
    """Takes dropped exceptions up; again, if somebody else has done so in the meantime."""
    if sys.unraisablehook is not _dropped:
        _BEFORE.append(sys.unraisablehook)
        sys.unraisablehook = _dropped


_BEFORE = [sys.__unraisablehook__]
"""Who took them before, the latest last."""
