"""The one wall clock that guest code is under: it stops a call that does not come back.

A daemon thread looks at the running call a few times per allowance and sleeps for good while nothing runs, so arming
it costs two attribute stores. A forked process has no such thread, so the child makes its own.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from time import monotonic

_STEPS = 20


class Watchdog:
    """Calls ``stop`` when an armed deadline passes, and ``breathe`` a few times a second until then.

    Args:
        stop: A bound method, held weakly, that ends the running call.
        breathe: One that lets it stop for a moment.
    """

    def __init__(self, stop: Callable[[], None], breathe: Callable[[], None]) -> None:
        self._stop = weakref.WeakMethod(stop)
        self._breathe = weakref.WeakMethod(breathe)
        self._wake = threading.Event()
        weakref.finalize(stop.__self__, self._end)  # type: ignore[attr-defined]  # wakes the thread for its end
        self._thread: threading.Thread | None = None
        self.deadline = 0.0
        self._allowance = 10.0
        self._parked = True
        _WATCHDOGS.add(self)

    def arm(self, seconds: float) -> None:
        """Starts the allowance of one call."""
        self._allowance = seconds
        self.deadline = monotonic() + seconds
        if self._parked:
            self._start()

    def disarm(self) -> None:
        """Ends it."""
        self.deadline = 0.0

    def hurry(self) -> None:
        """Lets the allowance of a running call be over, so that it is stopped again and again until it ends."""
        if self.deadline:
            self.deadline = self._allowance = 1e-9

    def start_anew(self) -> None:
        """Takes up work in a forked process, where the thread is gone and its event may be in any state."""
        self._thread, self._wake, self._parked = None, threading.Event(), True
        if self.deadline:
            self._start()

    def _start(self) -> None:
        self._parked = False
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="llext-watchdog", daemon=True)
            self._thread.start()
        self._wake.set()

    def _end(self) -> None:
        self._wake.set()

    def _watch(self) -> None:
        idle = 0
        while True:
            if idle > _STEPS:
                self._wake.clear()
                self._parked = True
                self._wake.wait()
                idle = 0
            threading.Event().wait(max(0.001, min(0.25, self._allowance / _STEPS)))
            stop, breathe = self._stop(), self._breathe()
            if stop is None or breathe is None:
                return
            idle = 0 if self.deadline else idle + 1
            if self.deadline:
                (stop if monotonic() > self.deadline else breathe)()
            del stop, breathe


_WATCHDOGS: weakref.WeakSet[Watchdog] = weakref.WeakSet()


def _start_all_anew() -> None:
    for watchdog in list(_WATCHDOGS):
        watchdog.start_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_all_anew)
