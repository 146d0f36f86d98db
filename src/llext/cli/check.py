"""``llext check``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from llext.cli.options import json_option
from llext.errors import Errno, UsageError
from llext.firmware import STORAGES, Export, Firmware, Import, Result, Verdict

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_FILE)
@click.option("--firmware", "elf", required=True, metavar="ZEPHYR.ELF", type=_FILE, help="The firmware, as its build left it.")
@click.option("--config", metavar=".CONFIG", type=_FILE, help="Its options, where the ELF was stripped of them.")
@click.option(
    "--storage", type=click.Choice(STORAGES), help="Where the firmware has the files; LLEXT_BUF_LOADER's unless given."
)
@click.option("--certain", is_flag=True, help="What is only probable is a failure, too.")
@json_option
def check(files: tuple[Path, ...], elf: Path, config: Path | None, storage: str | None, *, certain: bool, as_json: bool) -> int:
    """Say whether a stock firmware will load extensions, in this order, and why not.

    Exit code 0 if all of them load, else 1.
    """
    firmware = Firmware(elf, config=config)
    for path in files:
        if not path.is_file():
            raise UsageError(
                f"{path}: no such file",
                hint="give .llext files, in the order in which the firmware loads them.",
                errno=Errno.ENOENT,
            )
    verdict = firmware.check(*files, storage=storage or "")
    if as_json:
        click.echo(json.dumps(_facts(verdict)))
    else:
        _print(verdict)
    return 0 if verdict.loads and (verdict.certain or not certain) else 1


def _print(verdict: Verdict) -> None:
    click.echo(f"firmware {verdict.firmware.image.path}")
    facts = verdict.firmware.facts()
    width = max(map(len, facts))
    for name, fact in facts.items():
        click.echo(f"  {name:{width}}  {fact}")
    for result in verdict.results:
        _print_result(result)
    if verdict.smallest_heap is not None:
        click.echo(f"\nsmallest CONFIG_LLEXT_HEAP_SIZE for all of them: {verdict.smallest_heap // 1024}")
    for what in verdict.unknown:
        click.echo(f"not known: {what}")


def _print_result(result: Result) -> None:
    click.echo(f"\n{result.path}: {result.verdict}")
    if result.reason:
        click.echo(f"  {result.reason}\n    {result.hint}")
    if result.imports:
        click.echo("  imports")
        width = max(len(each.name) for each in result.imports)
        for each in result.imports:
            click.echo(f"    {each.name:{width}}  {_provider(each)}")
    if result.heap is not None:
        _print_heap(result)
    for note in result.notes:
        if not note.refuses:
            click.echo(f"  note: {note}")


def _provider(each: Import) -> str:
    if isinstance(each.provider, Export):
        return f"firmware, {each.provider.address:#010x}"
    if each.provider is not None:
        return f"extension {each.provider}"
    return "nobody; weak, so that it is NULL" if each.weak else f"nobody: {each.hint}"


def _print_heap(result: Result) -> None:
    assert result.heap is not None
    click.echo("  LLEXT heap          bytes  aligned  at byte")
    for request in result.heap.requests:
        wanted = request.wanted
        where = "no room" if request.offset is None else f"{request.offset:7}"
        after = "  freed again" if wanted.transient and request.offset is not None else ""
        click.echo(f"    {wanted.purpose:16} {wanted.size:6}  {wanted.alignment or 4:7}  {where}{after}")
    click.echo(
        f"    in use then {result.heap.used}, at most {result.heap.peak}; {result.rounding} bytes are alignment and rounding"
    )


def _facts(verdict: Verdict) -> dict[str, object]:
    firmware = verdict.firmware
    return {
        "firmware": {
            "path": str(firmware.image.path),
            "facts": {
                name: {"value": fact.value, "source": fact.source, "known": fact.known}
                for name, fact in firmware.facts().items()
            },
        },
        "extensions": [_result_facts(result) for result in verdict.results],
        "smallest_heap": verdict.smallest_heap,
        "unknown": list(verdict.unknown),
        "loads": verdict.loads,
        "certain": verdict.certain,
    }


def _result_facts(result: Result) -> dict[str, object]:
    heap = result.heap
    return {
        "path": str(result.path), "name": result.name, "verdict": result.verdict, "errno": result.errno, "reason": result.reason,
        "hint": result.hint, "may_crash": result.may_crash, "certain": result.certain, "exports": list(result.exports),
        "imports": [
            {"name": each.name, "provider": _provider(each), "found": each.provider is not None, "weak": each.weak, "nearest": list(each.nearest)}
            for each in result.imports
        ],
        "heap": None if heap is None else {
            "used": heap.used, "peak": heap.peak, "rounding": result.rounding,
            "requests": [
                {"purpose": each.wanted.purpose, "size": each.wanted.size, "alignment": each.wanted.alignment, "offset": each.offset,
                 "freed": each.wanted.transient} for each in heap.requests
            ],
        },
        "notes": [str(note) for note in result.notes],
    }  # fmt: skip
