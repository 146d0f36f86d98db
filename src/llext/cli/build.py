"""``llext build``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from llext.arch import named_chip
from llext.build import BuildResult, build_extension
from llext.cli.options import board_option, build_options, built_line, json_option, make_build_options
from llext.errors import UsageError
from llext.target import load_target

if TYPE_CHECKING:
    from llext.firmware import Verdict

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", metavar="FILE", help="File to write; by default the first source's name with .llext.")
@board_option
@click.option("--cpu", metavar="NAME", help="Build for a CPU as compilers name it, instead of a board: cortex-m7, rv32imac.")
@click.option("--float-abi", default="", metavar="ABI", help="With --cpu: soft, softfp or hard.")
@click.option("--firmware", metavar="ZEPHYR.ELF", type=_FILE, help="Build for this firmware, and check that it loads there.")
@click.option(
    "--config", metavar=".CONFIG", type=_FILE, help="With --firmware: its options, where the ELF was stripped of them."
)
@build_options
@json_option
def build(
    sources: tuple[str, ...], output: str | None, board: str, cpu: str | None, float_abi: str, firmware: Path | None,
    config: Path | None, as_json: bool, **choices: object,
) -> int:  # fmt: skip
    """Compile and join C and assembler sources into an extension that loads here and on stock Zephyr.

    Writes FILE, which is loaded, and FILE_debug.elf, which has the DWARF for gdb. With --firmware the exit code is 1 if that firmware will
    not load it.
    """
    options = replace(make_build_options(**choices), types=True)  # type: ignore[arg-type]
    paths = [Path(name) for name in sources]
    target = Path(output) if output else Path((paths[0].stem or "extension") + ".llext")
    _refuse_several(cpu, firmware, config, float_abi)
    if firmware is not None:
        from llext.firmware import Firmware

        made_for = Firmware(firmware, config=config)
        result = made_for.build(paths, target, options)
        return _told(result, made_for.check(target), as_json=as_json)
    result = build_extension(paths, target, named_chip(cpu, float_abi) if cpu else load_target(board), options)
    return _told(result, None, as_json=as_json)


def _refuse_several(cpu: str | None, firmware: Path | None, config: Path | None, float_abi: str) -> None:
    """What to build for is said once."""
    context = click.get_current_context()
    board = "--board" if context.get_parameter_source("board") is ParameterSource.COMMANDLINE else ""
    given = [word for word in (cpu and "--cpu", board, firmware and "--firmware") if word]
    if len(given) > 1:
        raise UsageError(" and ".join(given), hint="give one of them: a board has its CPU, and so has a firmware.")
    if float_abi and not cpu:
        raise UsageError("--float-abi goes with --cpu", hint="a board and a firmware have their own float ABI.")
    if config and not firmware:
        raise UsageError("--config goes with --firmware", hint="it has the options of a firmware.")


def _told(result: BuildResult, verdict: Verdict | None, *, as_json: bool) -> int:
    if result.warnings:
        sys.stderr.write(result.warnings)
    if as_json:
        click.echo(json.dumps(_facts(result, verdict)))
    else:
        click.echo(built_line(result))
        click.echo(f"{result.debug}: the same with debug information")
    if verdict is None:
        return 0
    if not as_json:
        from llext.cli.check import print_verdict

        print_verdict(verdict)
    return 0 if verdict.loads else 1


def _facts(result: BuildResult, verdict: Verdict | None) -> dict[str, object]:
    facts: dict[str, object] = {
        "output": str(result.output), "debug": str(result.debug), "compiler": result.compiler,
        "milliseconds": round(result.milliseconds, 1), "cached": result.cached, "sizes": result.sizes,
        "file_size": result.file_size, "dead_code_removed": result.removed,
    }  # fmt: skip
    if verdict is not None:
        from llext.cli.check_facts import verdict_facts

        facts["check"] = verdict_facts(verdict, verdict.compared())
    return facts
