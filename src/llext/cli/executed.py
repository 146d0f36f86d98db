"""What ``llext check --execute`` shows: the firmware's own answer beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from llext.cli.call import parse_call
from llext.cli.report import plain
from llext.errors import Errno, UsageError
from llext.firmware import Verdict
from llext.firmware.execute import Call, Called, Executed, Load, Stop
from llext.firmware.execute.compared import Row, compare

_MARK = {True: "!", False: " "}


@dataclass(frozen=True)
class Beside:
    """The own answer, or why there is none; and the lines that stand beside each other for each load."""

    executed: Executed | None
    refused: UsageError | None
    rows: tuple[tuple[Row, ...], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the firmware's own loader did it, and as predicted."""
        return self.executed is not None and self.executed.ok and not any(row.differs for rows in self.rows for row in rows)

    def print(self) -> None:
        """For people."""
        if self.executed is None:
            click.echo(f"\nnot executed: {self.refused}")
        else:
            _print(self.executed, self.rows)

    def facts(self) -> dict[str, object]:
        """For programs."""
        if self.executed is not None:
            return {"ran": True, "ok": self.ok} | _facts(self.executed, self.rows)
        assert self.refused is not None
        return {"ran": False, "reason": self.refused.message, "hint": self.refused.hint, "errno": self.refused.errno}


def run_beside(verdict: Verdict, files: Sequence[Path], calls: Sequence[str], storage: str) -> Beside:
    """Runs the firmware's own loader; a firmware whose loader cannot be run is an answer, too.

    Raises:
        UsageError: a call that cannot be made.
    """
    parsed = [parse_call(text) for text in calls]
    wanted = [Call(each.name, each.values, each.prototype) for each in parsed]
    try:
        executed = verdict.firmware.execute(*files, calls=wanted, storage=storage)
    except UsageError as error:
        if error.errno is not Errno.ENOSYS:
            raise
        return Beside(None, error)
    return Beside(executed, None, compare(verdict, executed))


def _print(executed: Executed, loads: Sequence[Sequence[Row]]) -> None:
    click.echo(f"\nits own llext_load, run on {executed.model}; its structures: {executed.layouts}")
    for load, rows in zip(executed.loads, loads, strict=False):
        _print_load(load, rows)
    for called in executed.calls:
        _print_call(called)
    for unload in executed.unloads:
        click.echo(f"llext_unload {unload.name}: {unload.returned if unload.stop is None else unload.stop}")
    if executed.left is not None:
        mark = "! " if executed.left else ""
        click.echo(
            f"{mark}LLEXT heap at the end: {executed.left} bytes in use{', which should be none' if executed.left else ''}"
        )
    _print_rest(executed)


def _print_load(load: Load, rows: Sequence[Row]) -> None:
    click.echo(f"\n{load.path}: its own answer: {load.verdict}")
    if load.stop is not None:
        click.echo(f"  it {load.stop}")
    widths = [
        max(len(text) for text in column) for column in zip(*((row.what, row.ours) for row in rows), ("", "ours"), strict=True)
    ]
    click.echo(f"    {'':{widths[0]}}  {'ours':{widths[1]}}  its own")
    for row in rows:
        click.echo(
            f"  {_MARK[row.differs]} {row.what:{widths[0]}}  {row.ours:{widths[1]}}  {row.own}{'  differs' if row.differs else ''}"
        )
    for line in load.log:
        click.echo(f"  log: {line}")


def _print_call(called: Called) -> None:
    click.echo(f"\n{called.text}: {f'it {called.stop}' if called.stop is not None else plain(called.result)}")
    if not called.typed:
        click.echo("  its type is not known: arguments and result were taken as 32-bit integers")
    for line in called.log:
        click.echo(f"  log: {line}")


def _print_rest(executed: Executed) -> None:
    if executed.answered:
        click.echo("\nnot run, but answered:")
        width = max(len(each.name) for each in executed.answered)
        for each in executed.answered:
            returned = "nothing" if each.returned is None else each.returned
            click.echo(f"  {each.name:{width}}  {each.count} times with {returned}; it needs {each.why}")
    for what in executed.untold:
        click.echo(f"this run cannot tell {what}")


def _facts(executed: Executed, loads: Sequence[Sequence[Row]]) -> dict[str, object]:
    return {
        "cpu": executed.model, "layouts": executed.layouts, "heap_left": executed.left,
        "loads": [_load_facts(load, rows) for load, rows in zip(executed.loads, loads, strict=False)],
        "calls": [
            {"call": each.text, "result": plain(each.result), "typed": each.typed, "stop": _stop_facts(each.stop), "log": list(each.log)}
            for each in executed.calls
        ],
        "unloads": [
            {"name": each.name, "returned": each.returned, "stop": _stop_facts(each.stop)} for each in executed.unloads
        ],
        "answered": [
            {"name": each.name, "count": each.count, "returned": each.returned, "why": each.why} for each in executed.answered
        ],
        "untold": list(executed.untold),
    }  # fmt: skip


def _load_facts(load: Load, rows: Sequence[Row]) -> dict[str, object]:
    requests = None if load.requests is None else [
        {"size": each.size, "alignment": each.alignment, "offset": each.offset} for each in load.requests
    ]  # fmt: skip
    return {
        "path": str(load.path), "name": load.name, "returned": load.returned, "verdict": load.verdict, "stop": _stop_facts(load.stop),
        "regions": [
            {"name": each.name, "address": each.address, "size": each.size, "in_file": each.in_file} for each in load.regions
        ],
        "alloc_size": load.alloc_size, "exports": dict(load.exports), "requests": requests, "used": load.used, "peak": load.peak,
        "log": list(load.log),
        "compared": [{"what": row.what, "ours": row.ours, "own": row.own, "differs": row.differs} for row in rows],
    }  # fmt: skip


def _stop_facts(stop: Stop | None) -> dict[str, object] | None:
    return None if stop is None else {"reason": stop.reason, "pc": stop.pc, "where": stop.where, "address": stop.address}
