"""``llext check``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from llext.cli.check_facts import verdict_facts
from llext.cli.options import json_option
from llext.errors import Errno, UsageError
from llext.firmware import STORAGES, Compared, Export, Firmware, Import, Result, Verdict, given_heap

_FILE = click.Path(path_type=Path)
_SHOWN = 8
_WORTH_TELLING = 10
"""Units; fewer are read at once."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_FILE)
@click.option("--firmware", "elf", required=True, metavar="ZEPHYR.ELF", type=_FILE, help="The firmware, as its build left it.")
@click.option("--config", metavar=".CONFIG", type=_FILE, help="Its options, where the ELF was stripped of them.")
@click.option("--heap", metavar="BYTES[@ADDRESS]", help="Its LLEXT heap, where the ELF does not tell it: 8192@0x20001000.")
@click.option(
    "--storage", type=click.Choice(STORAGES), help="Where the firmware has the files; LLEXT_BUF_LOADER's unless given."
)
@click.option("--execute", "own", is_flag=True, help="Run the firmware's own llext_load too, and show its answer beside ours.")
@click.option("--call", "calls", multiple=True, metavar="CALL", help="With --execute: call an exported function: 'add(2, 3)'.")
@click.option("--certain", is_flag=True, help="What is only probable is a failure, too.")
@json_option
def check(
    files: tuple[Path, ...], elf: Path, config: Path | None, heap: str | None, storage: str | None, *,
    own: bool, calls: tuple[str, ...], certain: bool, as_json: bool,
) -> int:  # fmt: skip
    """Say whether a stock firmware will load extensions, in this order, and why not.

    Exit code 0 if all of them load, else 1; with --execute, also if the firmware's own loader answers otherwise.
    """
    firmware = Firmware(elf, config=config, heap=given_heap(heap) if heap else None)
    for path in files:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is no regular file" if path.exists() else "no such file"
            raise UsageError(
                f"{path}: {what}",
                hint="give .llext files, in the order in which the firmware loads them.",
                errno=Errno.ENOENT,
            )
    if not as_json:
        _print_firmware(firmware)
    verdict = firmware.check(*files, storage=storage or "")
    if not as_json:
        print_verdict(verdict)
    beside = None
    if own or calls:
        from llext.cli.executed import run_beside  # brings the emulator with it

        beside = run_beside(verdict, files, calls, storage or "")
    if as_json:
        click.echo(
            json.dumps(verdict_facts(verdict, verdict.compared(Reading())) | ({"executed": beside.facts()} if beside else {}))
        )
    elif beside is not None:
        beside.print()
    return 0 if verdict.loads and (verdict.certain or not certain) and (beside is None or beside.ok) else 1


class Reading:
    """Progress of what is read once for each firmware, on standard error; a line of its own where that is no terminal."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._begun = False

    def __call__(self, done: int, of: int) -> None:
        if of < _WORTH_TELLING:
            return
        if not self._begun:
            self._begun = True
            click.echo(f"reading the firmware's debug information, this once: {of} units", err=True)
        if self._terminal:
            click.echo(f"\r{done * 100 // max(of, 1):3} %" if done < of else "\r     \r", err=True, nl=False)


def _print_firmware(firmware: Firmware) -> None:
    click.echo(f"firmware {firmware.image.path}")
    facts = firmware.facts()
    width = max(map(len, facts))
    for name, fact in facts.items():
        click.echo(f"  {name:{width}}  {fact}")
    sys.stdout.flush()


def print_verdict(verdict: Verdict) -> None:
    """The answer, and then what the firmware's debug information has to say, which may have to be read first."""
    for result in verdict.results:
        _print_result(result)
    if verdict.smallest:
        click.echo()
    for option, size in verdict.smallest.items():
        click.echo(f"{'probably ' if verdict.unknown else ''}smallest {option} for all of them: {size // 1024}")
    for saving in verdict.savings:
        click.echo(f"{saving.bytes} bytes less: {saving.what}")
    for what in verdict.unknown:
        click.echo(f"not known: {what}")
    sys.stdout.flush()
    _print_imports(verdict, verdict.compared(Reading()))


def _print_result(result: Result) -> None:
    click.echo(f"\n{result.path}: {result.verdict}")
    if result.reason:
        click.echo(f"  {result.reason}\n    {result.hint}")
    for warning in result.warnings:
        click.echo(f"  warning: {warning}")
    if result.wants:
        _print_heap(result)
    for note in result.notes:
        if not note.refuses:
            click.echo(f"  note: {note}")


def _print_heap(result: Result) -> None:
    places = {} if result.heap is None else {each.wanted.purpose: each.offset for each in result.heap.requests}
    click.echo("  LLEXT heap          bytes  aligned  at byte")
    for wanted in result.wants:
        offset = places.get(wanted.purpose)
        where = f"{offset:7}" if offset is not None else "no room" if wanted.purpose in places else "      -"
        lost = result.lost.get(wanted.purpose, 0)
        after = "  freed again" if wanted.transient else f"  {lost} of rounding" if lost else ""
        click.echo(f"    {wanted.purpose:16} {wanted.size:6}  {wanted.alignment or 4:7}  {where}{after}")
    if result.heap is not None:
        click.echo(
            f"    in use then {result.heap.used}, at most {result.heap.peak}; {result.rounding} bytes are rounding of regions"
        )


def _print_imports(verdict: Verdict, compared: Sequence[Compared]) -> None:
    """Who provides what, and where the types of both sides differ: what debug information has more of."""
    for result, both in zip(verdict.results, compared, strict=True):
        if not result.imports:
            continue
        click.echo(f"\nimports of {result.path}")
        width = max(len(each.name) for each in result.imports)
        for each in result.imports:
            source = both.sources.get(each.name)
            click.echo(f"  {each.name:{width}}  {provider(each)}{f', {source}' if source else ''}")
        for name, differing in groupby(both.differences, key=lambda each: each.name):
            differences = list(differing)
            click.echo(f"  warning: types of {name} differ: {'; '.join(each.what for each in differences)}")
            click.echo(f"    extension: {differences[0].extension.text};\n    firmware:  {differences[0].firmware.text};")
        for line in _untold(both):
            click.echo(f"  {line}")


def _untold(both: Compared) -> Iterator[str]:
    """Of which imports types were not compared, and why."""
    for why in dict.fromkeys(both.untold.values()):
        names = [name for name, reason in both.untold.items() if reason == why]
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        yield f"types not compared of {shown}: {why}"


def provider(each: Import) -> str:
    """Who has a name, in words."""
    if isinstance(each.provider, Export):
        found = f"firmware, {each.provider.address:#010x}"
        return found if each.provider.implemented else f"{found}, and nothing is there: {each.hint}"
    return f"extension {each.provider}" if each.provider is not None else f"nobody: {each.hint}"
