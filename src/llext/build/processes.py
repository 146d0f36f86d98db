"""Starting compilers and linkers, and ending them when the build ends early.

Whoever stops a build (Ctrl-C, an error in another source) must not wait for compilers that are at work, nor leave them
behind. Each runs in a process group of its own, so that what it started itself ends with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

from llext.errors import BuildError

T = TypeVar("T")
R = TypeVar("R")
Process = subprocess.Popen[str]


class _Crew:
    """The processes of one parallel step; none starts any more once it is dismissed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[Process] = set()
        self._dismissed = False

    def start(self, command: Sequence[str], scratch: Path | None) -> Process:
        with self._lock:
            if self._dismissed:
                raise BuildError("the build was stopped")
            process = _start(command, scratch)
            self._processes.add(process)
            return process

    def done(self, process: Process) -> None:
        with self._lock:
            self._processes.discard(process)

    def dismiss(self) -> None:
        """Ends what runs."""
        with self._lock:
            self._dismissed = True
            for process in self._processes:
                _kill(process)


class _Work(threading.local):
    crew: _Crew | None = None


_work = _Work()
"""The crew of this thread, if it is a worker's."""


def in_parallel(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """The results of a function that runs tools, for each item, in order; the first error ends all."""
    crew = _Crew()

    def work(item: T) -> R:
        _work.crew = crew
        return function(item)

    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            crew.dismiss()
            raise


def run(
    command: Sequence[str], *, scratch: Path | None = None, timeout: float = 300, nested: bool = False
) -> subprocess.CompletedProcess[str]:
    """Runs a tool and returns what it said.

    Args:
        command: Its words.
        scratch: A folder for its temporary files, which stay behind if it is ended.
        timeout: Seconds that it may take.
        nested: Whether it starts tools in groups of their own, as ninja does and this package where CMake calls it.

    Raises:
        BuildError: it is not there, or does not end.
    """
    with started(command, scratch, nested=nested) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise BuildError(f"{Path(command[0]).name} did not end within {timeout:.0f} s") from error
    return subprocess.CompletedProcess(command, process.returncode, out, err)


@contextmanager
def started(command: Sequence[str], scratch: Path | None = None, *, nested: bool = False) -> Iterator[Process]:
    """A tool that runs beside us; it ends with the block at the latest.

    Raises:
        BuildError: it is not there.
    """
    crew = _work.crew or _Crew()
    try:
        process = crew.start(command, scratch)
    except OSError as error:
        raise BuildError(f"cannot start {command[0]}: {error.strerror}") from error
    try:
        yield process
    finally:
        if process.poll() is None:
            if nested:
                _interrupt(process)
            _kill(process)
        crew.done(process)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _start(command: Sequence[str], scratch: Path | None) -> Process:
    return subprocess.Popen(
        list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
        env=_environment(scratch), process_group=0 if os.name == "posix" else None,
    )  # fmt: skip


_PATIENCE = 1.0
"""Seconds that a tool has to end what it has started itself: nobody else knows those groups."""


def _interrupt(process: Process) -> None:
    """Ends a tool as Ctrl-C does, and what is left of its group after a moment."""
    if os.name != "posix":
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        end = monotonic() + _PATIENCE
        try:
            while monotonic() < end:
                process.poll()
                os.killpg(process.pid, 0)
                sleep(0.005)
        finally:  # who presses Ctrl-C again has no patience
            os.killpg(process.pid, signal.SIGKILL)


def _kill(process: Process) -> None:
    if os.name != "posix":
        process.kill()
    elif process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _environment(scratch: Path | None) -> dict[str, str]:
    """The environment without variables that change what a compiler reads, or how tools word what we read, behind our back."""
    own = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch)) if scratch is not None else {}
    dropped = {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH", "GCC_EXEC_PREFIX", "COMPILER_PATH"}
    dropped |= {"NINJA_STATUS", "CLICOLOR_FORCE"}
    return {name: value for name, value in os.environ.items() if name not in dropped} | own
