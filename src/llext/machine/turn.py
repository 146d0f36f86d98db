"""Who may use a machine now: one thread at a time, and nobody waits.

An emulator that two threads enter corrupts itself. A lock that is only ever tried costs some 50 ns a call, and the
thread that holds it may take it again (a Python export that calls guest code).
"""

from __future__ import annotations

import threading

from llext.errors import Errno, UsageError


class Turn:
    """Held by a thread while it calls, loads or unloads; a context manager.

    Attributes:
        take: Takes it without waiting (argument False); False if another thread has it.
        give_back: Gives it back, once for each time that it was taken.
    """

    def __init__(self) -> None:
        lock = threading.RLock()
        self.take = lock.acquire
        self.give_back = lock.release

    def __enter__(self) -> None:
        if not self.take(False):
            raise self.taken()

    def __exit__(self, *_exception: object) -> None:
        self.give_back()

    @staticmethod
    def taken() -> UsageError:
        """What the second thread is told."""
        return UsageError(
            "another thread uses this board just now",
            hint="a board serves one thread at a time: give each thread a board of its own, or put a lock around its use.",
            errno=Errno.EBUSY,
        )
