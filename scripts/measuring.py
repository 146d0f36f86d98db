"""What the measurements share: medians, processes, rows."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

Rows = list[dict[str, object]]


def median(work: Callable[[], object], rounds: int = 9) -> float:
    """Median seconds of one call."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def process(command: list[object], rounds: int = 7) -> float:
    """Median seconds of a whole process."""
    words = [str(word) for word in command]
    return median(lambda: subprocess.run(words, capture_output=True, check=False, cwd=ROOT), rounds)


def row(what: str, value: float, unit: str, reach: float | None = None, *, more: bool = False) -> dict[str, object]:
    """One figure; ``reach`` is an upper bound, a lower one if more is better."""
    found: dict[str, object] = {"what": what, "value": round(value, 4), "unit": unit}
    if reach is not None:
        found |= {"reach": reach, "reached": value >= reach if more else value <= reach}
    return found
