"""``llext inspect``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click
from click.core import ParameterSource

from llext.board import Board
from llext.cli.compare import compare, comparison_text
from llext.cli.facts import Facts, gather, verdict_on_refused
from llext.cli.options import board_option, compile_choices, compile_options, json_option
from llext.elf import Section
from llext.elf import constants as c
from llext.errors import ElfError, LlextError, LoadError, UsageError
from llext.link import NEWEST, exported_names, stock_rules
from llext.loader import how_to_provide


@click.command("inspect")
@click.argument("files", nargs=-1, required=True, metavar="FILE")
@board_option
@click.option("--zephyr", default=NEWEST, show_default=True, metavar="VERSION", help="Zephyr version for notes and sizes.")
@click.option("--no-mpu", is_flag=True, help="Sizes without memory rights, as with CONFIG_ARM_MPU=n.")
@click.option("--compare", "comparing", is_flag=True, help="Build SOURCE... in three ways and show what each costs.")
@compile_options
@json_option
def inspect(
    files: tuple[str, ...], board: str, zephyr: str, no_mpu: bool, comparing: bool, as_json: bool, **choices: object
) -> None:
    """Show sections and their regions, exports, imports and who provides them, relocations, RAM, portability.

    With --compare SOURCE...: the same sources built plain, with long calls and position independent, side by side.
    """
    powered = Board(board, zephyr=zephyr, mpu=not no_mpu)
    paths = [Path(name) for name in files]
    if comparing:
        compared = compare(paths, powered, zephyr, compile_choices(**choices))  # type: ignore[arg-type]
        click.echo(json.dumps(compared) if as_json else comparison_text(compared))
        return
    _refuse_compile_options(choices)
    if len(paths) > 1:
        raise UsageError(f"{len(paths)} files", hint="inspect one file; --compare takes the sources of one extension.")
    try:
        facts = gather(paths[0], powered, zephyr)
    except (ElfError, LoadError) as error:
        _add_verdict(error, paths[0], zephyr, as_json=as_json)
        raise
    if as_json:
        click.echo(json.dumps(_plain(facts)))
    else:
        _print(facts)


def _add_verdict(error: LlextError, path: Path, zephyr: str, *, as_json: bool) -> None:
    """We refuse the file; stock Zephyr may say something else, or believe it."""
    if not path.is_file():
        return
    notes = [str(note) for note in verdict_on_refused(path, zephyr)]
    error.details["portability"] = notes
    if not as_json:
        taken = f"  {stock_rules(zephyr).label()} has no objection: a stock loader checks less"
        click.echo("portability" + "".join(f"\n  {note}" for note in notes) + ("" if notes else taken))


def _refuse_compile_options(choices: Iterable[str]) -> None:
    """A file that is built is not compiled again."""
    context = click.get_current_context()
    given = [name for name in choices if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        words = {parameter.name: parameter.opts[0] for parameter in context.command.params}
        named = ", ".join(words[name] for name in given)
        raise UsageError(
            f"{named} without --compare", hint="a file is inspected as it was built; --compare SOURCE... compiles."
        )


_ADDED = {"veneers": "veneers", "got": "global offset table"}


def _region_name(facts: Facts, section: Section) -> str:
    place = facts.plan.places.get(section.index)
    return place.kind.name.lower() if place else "-"


def _print(facts: Facts) -> None:
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
    counts = facts.relocations
    click.echo(f"relocations  {sum(counts.values())}" + "".join(f"\n  {name} {count}" for name, count in counts.items()))
    for name, added in facts.added.items():
        click.echo(f"{_ADDED[name]}  {added.size} bytes in {added.region}: {', '.join(added.symbols)}")
    click.echo("RAM")
    for kind, region in facts.plan.regions.items():
        click.echo(f"  {kind.name.lower():8} {region.size:7} bytes, {region.allocation} on the heap")
    for source, heap in facts.forecasts.items():
        click.echo(
            f"LLEXT heap, loaded from a {source}:  {heap.used} bytes in use, {heap.peak} while loading, "
            f"smallest heap {heap.smallest} bytes"
        )
    click.echo("portability" + ("" if facts.notes else f"  {facts.plan.label} loads it"))
    for note in facts.notes:
        click.echo(f"  {note}")


def _print_imports(facts: Facts) -> None:
    click.echo("imports" + ("" if facts.plan.imports else "  nothing"))
    for name, weak in facts.plan.imports.items():
        found = facts.board.scope.find(name)
        if found is not None:
            click.echo(f"  {name}: {found[0].owner}")
        elif weak:
            click.echo(f"  {name}: missing; weak, so it is NULL")
        else:
            click.echo(f"  {name}: missing. {how_to_provide(name, facts.board.scope)}")


def _plain(facts: Facts) -> dict[str, object]:
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
        "relocations": facts.relocations,
        "added": {
            name: {"region": added.region, "size": added.size, "slots": added.symbols} for name, added in facts.added.items()
        },
        "regions": {kind.name.lower(): {"size": r.size, "heap": r.allocation} for kind, r in facts.plan.regions.items()},
        "heap": heaps,
        "portability": [str(note) for note in facts.notes],
    }  # fmt: skip
