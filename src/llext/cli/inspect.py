"""``llext inspect``."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from llext.board import Board
from llext.cli.options import board_option, json_option
from llext.elf import ElfFile, Section
from llext.elf import constants as c
from llext.errors import LlextError
from llext.link import NEWEST, Note, Plan, exported_names, plan, stock_rules, weak_note
from llext.loader import FileSource, how_to_provide
from llext.loader.forecast import Forecast, forecast

_LARGEST_HEAP = 16 << 20


@dataclass(frozen=True)
class _Facts:
    """What is known of a file for one board; forecasts by whether the source is a file or a buffer."""

    elf: ElfFile
    board: Board
    plan: Plan
    refusal: LlextError | None
    forecasts: dict[str, Forecast]
    notes: tuple[Note, ...]


@click.command("inspect")
@click.argument("file", metavar="FILE")
@board_option
@click.option("--zephyr", default=NEWEST, show_default=True, metavar="VERSION", help="Zephyr version for notes and sizes.")
@click.option("--no-mpu", is_flag=True, help="Sizes without memory rights, as with CONFIG_ARM_MPU=n.")
@json_option
def inspect(file: str, board: str, zephyr: str, no_mpu: bool, as_json: bool) -> None:
    """Show sections and their regions, exports, imports and who provides them, relocations, RAM, portability."""
    facts = _gather(Path(file), Board(board, zephyr=zephyr, mpu=not no_mpu), zephyr)
    if as_json:
        click.echo(json.dumps(_plain(facts)))
    else:
        _print(facts)


def _gather(path: Path, board: Board, zephyr: str) -> _Facts:
    elf = ElfFile.parse(_read(path), str(path))
    refusal: LlextError | None = None
    try:
        board.check(elf)
    except LlextError as error:
        refusal = error
    rules = stock_rules(zephyr)
    try:
        made = plan(elf, rules, granule=board.target.granule if board.machine.guarded else 0)
    except LlextError as error:
        raise refusal or error from None
    found = {"file": _forecast(made, board, peek=False), "buffer": _forecast(made, board, peek=True)}
    weak = (name for name, weak in made.imports.items() if weak and board.scope.find(name) is None)
    notes = (*made.notes, *filter(None, (weak_note(rules, name) for name in weak)))
    return _Facts(elf, board, made, refusal, {source: heap for source, heap in found.items() if heap}, notes)


def _read(path: Path) -> bytes:
    source = FileSource(path)
    source.prepare()
    try:
        return source.read(-1)
    finally:
        source.finalize()


def _forecast(made: Plan, board: Board, *, peek: bool) -> Forecast | None:
    """On a heap of the board's size, or of the next larger one that has room: headers grow with the heap."""
    size = board.layout.heap_size
    while size <= _LARGEST_HEAP:
        found = forecast(made, board.layout.heap, size, peek=peek)
        if found is not None:
            return found
        size *= 2
    return None


def _region_name(facts: _Facts, section: Section) -> str:
    place = facts.plan.places.get(section.index)
    return place.kind.name.lower() if place else "-"


def _relocation_counts(facts: _Facts) -> dict[str, int]:
    arch = facts.board.target.arch
    counts: Counter[str] = Counter()
    for section in facts.elf.relocation_sections:
        if facts.elf.relocation_target(section).index in facts.plan.places:
            counts.update(arch.relocation_name(entry.type) for entry in facts.elf.relocations(section))
    return dict(counts.most_common())


def _print(facts: _Facts) -> None:
    header = facts.elf.header
    machine = c.MACHINE_NAMES.get(header.machine, f"machine {header.machine}")
    click.echo(f"{facts.elf.name}: ELF{header.bits}, {machine}, {c.TYPE_NAMES.get(header.type, header.type)}")
    if facts.refusal is not None:
        click.echo(f"  {facts.board.target.name} refuses it: {facts.refusal.message}")
    click.echo("sections")
    for section in facts.elf.sections[1:]:
        type_ = c.SECTION_TYPE_NAMES.get(section.type, f"{section.type:#x}")
        click.echo(
            f"  {section.name:24} {type_:14} {section.size:7} bytes  align {section.alignment:<4} {_region_name(facts, section)}"
        )
    click.echo("exports  " + (", ".join(exported_names(facts.elf)) or "nothing"))
    _print_imports(facts)
    counts = _relocation_counts(facts)
    click.echo(f"relocations  {sum(counts.values())}" + "".join(f"\n  {name} {count}" for name, count in counts.items()))
    click.echo("RAM")
    for kind, region in facts.plan.regions.items():
        click.echo(f"  {kind.name.lower():8} {region.size:7} bytes, {region.allocation} on the heap")
    for source, heap in facts.forecasts.items():
        click.echo(
            f"LLEXT heap, loaded from a {source}:  {heap.used} bytes in use, {heap.peak} while loading, "
            f"smallest heap {heap.smallest} bytes"
        )
    rules = facts.plan.rules
    click.echo("portability" + ("" if facts.notes else f"  {rules.label} loads it"))
    for note in facts.notes:
        click.echo(f"  {note}")


def _print_imports(facts: _Facts) -> None:
    click.echo("imports" + ("" if facts.plan.imports else "  nothing"))
    for name, weak in facts.plan.imports.items():
        found = facts.board.scope.find(name)
        if found is not None:
            click.echo(f"  {name}: {found[0].owner}")
        elif weak:
            click.echo(f"  {name}: missing; weak, so it is NULL")
        else:
            click.echo(f"  {name}: missing. {how_to_provide(name, facts.board.scope)}")


def _plain(facts: _Facts) -> dict[str, object]:
    scope = facts.board.scope
    imports = {}
    for name, weak in facts.plan.imports.items():
        found = scope.find(name)
        imports[name] = {"provider": found[0].owner if found else None, "weak": weak}
        if found is None:
            imports[name]["nearest"] = scope.nearest(name)  # type: ignore[assignment]
            imports[name]["hint"] = how_to_provide(name, scope)
    heaps = {
        source: {"used": heap.used, "peak": heap.peak, "smallest": heap.smallest} for source, heap in facts.forecasts.items()
    }
    return {
        "file": facts.elf.name,
        "board": facts.board.target.name,
        "refused": facts.refusal.message if facts.refusal else None,
        "sections": [
            {"name": s.name, "type": c.SECTION_TYPE_NAMES.get(s.type, s.type), "size": s.size, "alignment": s.alignment,
             "region": _region_name(facts, s)} for s in facts.elf.sections[1:]
        ],
        "exports": exported_names(facts.elf),
        "imports": imports,
        "relocations": _relocation_counts(facts),
        "regions": {kind.name.lower(): {"size": r.size, "heap": r.allocation} for kind, r in facts.plan.regions.items()},
        "heap": heaps,
        "portability": [str(note) for note in facts.notes],
    }  # fmt: skip
