"""Loads damaged files until one shows a mistake: another exception than the documented ones, a hang, a byte out of place.

A parent watches: where the child that works is killed by a signal or comes no further, that is a finding too, and another
child goes on behind it.
"""

from __future__ import annotations

import argparse
import faulthandler
import mmap
import os
import resource
import signal
import struct
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from fuzz_mutators import Mutant, Series
from fuzz_rig import Outcome, Rig
from fuzz_seeds import Seed, corpus
from measuring import ROOT

from llext.elf import packed

WAYS: tuple[dict[str, object], ...] = ({}, {"zephyr": "4.0", "mpu": False})
"""Boards that differ in what the plan depends on: the newest rules with memory rights, old ones without."""
THOROUGH = 50
"""Every so many files all memory in use is compared instead of what is near the heap."""
PATIENCE = 20
"""Seconds for one file; all together, a file of this size takes milliseconds."""
HOST_BYTES = 4 << 30
_PROGRESS = struct.Struct("<2Qd")


class Hang(Exception):
    """One file took too long."""


class Fuzzer:
    """Tries mutants one after the other on a few boards."""

    def __init__(self, number: int, seeds: list[Seed]) -> None:
        self.series = Series(number, seeds)
        self._rigs: dict[tuple[str, int], Rig] = {}
        self.outcomes: Counter[str] = Counter()
        self.thorough = False

    def rig(self, board: str, way: int) -> Rig:
        """The board of this kind."""
        if (board, way) not in self._rigs:
            self._rigs[board, way] = Rig(board, **WAYS[way])
        return self._rigs[board, way]

    def discard(self, board: str) -> None:
        """Boards of this name are made anew: something went wrong on one."""
        for key in [key for key in self._rigs if key[0] == board]:
            del self._rigs[key]

    def attempt(self, mutant: Mutant) -> Outcome:
        """Loads one mutant; also counts what became of it.

        Raises:
            Exception: a finding.
        """
        chance = mutant.chance
        rig = self.rig(mutant.seed.board, chance.randrange(len(WAYS)))
        if "numpy" in sys.modules:
            packed.WORTHWHILE = 1 if chance.random() < 0.15 else 150
        rig.thorough = self.thorough or not mutant.number % THOROUGH
        outcome = rig.try_file(mutant.data, peek=chance.random() < 0.5, strict=chance.random() < 0.1)
        self.outcomes[outcome.load if outcome.load == "loaded" else f"refused: {outcome.load}"] += 1
        for what in outcome.guest:
            self.outcomes["init and fini arrays: " + (what if what == "returned" else f"ended by {what}")] += 1
        self.outcomes["wild code damaged the board"] += outcome.wild
        return outcome


# One child's work ---------------------------------------------------------------------------------------------------------


class Work:
    """Mutants from one number to another, with findings saved as they come."""

    def __init__(self, fuzzer: Fuzzer, folder: Path, progress: mmap.mmap | None = None) -> None:
        self.fuzzer = fuzzer
        self.folder = folder
        self.progress = progress
        self.findings = 0

    def do(self, first: int, last: int, deadline: float) -> int:
        """Tries them and returns how many it tried."""
        signal.signal(signal.SIGALRM, _hang)
        for index in range(first, last):
            now = time.monotonic()
            if now > deadline:
                return index - first
            if self.progress is not None:
                _PROGRESS.pack_into(self.progress, 0, index, self.findings, now)
            self.try_one(index)
        return last - first

    def try_one(self, index: int) -> None:
        """Tries one mutant."""
        mutant = self.fuzzer.series.mutant(index)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        try:
            self.fuzzer.attempt(mutant)
        except Exception:  # noqa: BLE001 - any exception is a finding
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.findings += 1
            save(self.folder, self.fuzzer.series.number, mutant, traceback.format_exc())
            self.fuzzer.discard(mutant.seed.board)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _hang(_signal: int, _frame: object) -> None:
    raise Hang(f"no end after {PATIENCE} s")


def save(folder: Path, number: int, mutant: Mutant, report: str) -> None:
    """Keeps a finding: the file, and how it came to be."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{number}-{mutant.number}"
    (folder / f"{name}.elf").write_bytes(mutant.data)
    again = f"scripts/fuzz --seed {number} --only {mutant.number}"
    origin = f"{mutant.seed.name}, {' then '.join(mutant.damages)}"
    (folder / f"{name}.txt").write_text(f"{origin}\nagain: {again}\n\n{report}")
    last = report.strip().splitlines()[-1]
    print(f"FINDING {name}: {last[:300]}\n  of {origin}\n  again: {again}\n  kept: {folder / name}.elf", flush=True)


# The parent ---------------------------------------------------------------------------------------------------------------


def supervised(fuzzer_of: Callable[[], Fuzzer], words: argparse.Namespace) -> tuple[int, int, Counter[str]]:
    """Runs children until all is tried. Returns how many were tried, findings, and what became of them."""
    first, last = words.start, words.start + words.count
    deadline = time.monotonic() + 60 * words.minutes
    total: Counter[str] = Counter()
    findings = 0
    progress = mmap.mmap(-1, _PROGRESS.size)
    while first < last and time.monotonic() < deadline:
        reading, writing = os.pipe()
        _PROGRESS.pack_into(progress, 0, first, 0, time.monotonic())
        child = os.fork()
        if not child:
            os.close(reading)
            _child(fuzzer_of, words, first, last, deadline, progress, writing)
        os.close(writing)
        status, hung = _watched(child, progress)
        reached, found, _ = _PROGRESS.unpack_from(progress)
        findings += found
        with os.fdopen(reading) as pipe:
            lines = pipe.read().splitlines()
        for line in lines:
            count, what = line.split(" ", 1)
            total[what] += int(count)
        if os.WIFEXITED(status) and lines:
            return total.pop("tried") + first - words.start, findings, total
        mutant = Series(words.seed, corpus()).mutant(reached)
        how = f"came no further for {3 * PATIENCE} s" if hung else f"was ended by signal {os.WTERMSIG(status)}"
        save(words.folder, words.seed, mutant, f"the process {how}")
        findings, first = findings + 1, reached + 1
    return first - words.start, findings, total


def _watched(child: int, progress: mmap.mmap) -> tuple[int, bool]:
    """Waits for a child, or ends it if it comes no further."""
    late = 0
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status, False
        late = late + 1 if time.monotonic() - _PROGRESS.unpack_from(progress)[2] > 3 * PATIENCE else 0
        if late > 20:  # one look may meet the child in the middle of writing
            os.kill(child, signal.SIGUSR1)  # it says where it is, even out of a library's code
            time.sleep(1)
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1], True
        time.sleep(0.05)


def _child(
    fuzzer_of: Callable[[], Fuzzer], words: argparse.Namespace, first: int, last: int, deadline: float, progress: mmap.mmap,
    writing: int,
) -> None:  # fmt: skip
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_AS, (HOST_BYTES, HOST_BYTES))
        faulthandler.register(signal.SIGUSR1, all_threads=True)
        fuzzer = fuzzer_of()
        work = Work(fuzzer, words.folder, progress)
        tried = work.do(first, last, deadline)
        _PROGRESS.pack_into(progress, 0, first + tried, work.findings, time.monotonic())
        fuzzer.outcomes["tried"] = tried
        with os.fdopen(writing, "w") as pipe:
            pipe.writelines(f"{count} {what}\n" for what, count in fuzzer.outcomes.items())
        code = 0
    except BaseException:  # noqa: BLE001 - a forked process must end here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


# Coverage -----------------------------------------------------------------------------------------------------------------


def covered() -> int:
    """The same command in a process whose imports are counted too, then what of the floors that read files it reached."""
    data = f"--data-file={ROOT / 'build' / 'fuzz.coverage'}"
    tool = [sys.executable, "-m", "coverage"]
    floors = "--source=llext.elf,llext.link,llext.loader"
    again = [__file__, *(word for word in sys.argv[1:] if word != "--coverage"), "--alone"]
    code = subprocess.run([*tool, "run", "--branch", data, floors, *again], cwd=ROOT, check=False).returncode
    subprocess.run([*tool, "report", data, "--show-missing"], cwd=ROOT, check=False)
    return code


# Words --------------------------------------------------------------------------------------------------------------------


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=10_000, help="how many files")
    parser.add_argument("--seed", type=int, default=1, help="number of the series")
    parser.add_argument("--from", type=int, default=0, dest="start", help="first file of the series")
    parser.add_argument("--only", type=int, help="this file alone, with its traceback")
    parser.add_argument("--minutes", type=float, default=1e6, help="no longer than this")
    parser.add_argument("--coverage", action="store_true", help="branch coverage of elf, link and loader, instead of speed")
    parser.add_argument("--alone", action="store_true", help="in this process, with nobody who watches over it")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "fuzz-findings", help="where findings are kept")
    return parser.parse_args()


def main() -> int:
    """Runs what was asked for."""
    words = parsed()
    if words.coverage:
        return covered()
    try:
        import numpy as np  # noqa: F401 - arrays are tried too where it is there
    except ImportError:
        print("without numpy: relocations one by one only")
    seeds = corpus()
    if words.only is not None:
        return only(words, seeds)
    if words.alone:
        work = Work(Fuzzer(words.seed, seeds), words.folder)
        work.do(words.start, words.start + words.count, time.monotonic() + 60 * words.minutes)
        return 1 if work.findings else 0
    started = time.monotonic()
    tried, findings, outcomes = supervised(lambda: Fuzzer(words.seed, seeds), words)
    report(tried, findings, outcomes, time.monotonic() - started, len(seeds))
    return 1 if findings else 0


def only(words: argparse.Namespace, seeds: list[Seed]) -> int:
    """One mutant, in this process, nothing caught."""
    fuzzer = Fuzzer(words.seed, seeds)
    mutant = fuzzer.series.mutant(words.only)
    words.folder.mkdir(parents=True, exist_ok=True)
    path = words.folder / f"{words.seed}-{words.only}.elf"
    path.write_bytes(mutant.data)
    fuzzer.thorough = True
    print(f"{path}: {mutant.seed.name}, {' then '.join(mutant.damages)}", flush=True)
    print(fuzzer.attempt(mutant))
    return 0


def report(tried: int, findings: int, outcomes: Counter[str], seconds: float, files: int) -> None:
    """What became of all."""
    print(f"{tried} damaged files of {files} in {seconds:.0f} s, {tried / max(seconds, 1e-9):.0f} a second")
    for what, count in sorted(outcomes.items(), key=lambda each: -each[1]):
        if count:
            print(f"{count:9} {what}")
    print(f"{findings:9} findings")


if __name__ == "__main__":
    sys.exit(main())
