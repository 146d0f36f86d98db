"""Why guest code stopped, and who is asked what runs then."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from llext.machine.registers import MachineFault


class Event(Enum):
    """Why guest code does not run just now.

    Attributes:
        ENTERED: The outermost call stands at its first instruction.
        RETURNED: The code came to the trap, to which outermost calls and interrupt handlers return.
        LEFT: A service asked for it (``Machine.leave``).
        SLICE: The code has executed as many instructions as ``Machine.slice`` says.
        BREATH: It stopped for a moment, so that Python handles signals.
    """

    ENTERED = 0
    RETURNED = 1
    LEFT = 2
    SLICE = 3
    BREATH = 4


Director = Callable[["Event | MachineFault"], int]
"""Told why guest code stopped; returns the address at which code goes on, its registers set, or raises."""
