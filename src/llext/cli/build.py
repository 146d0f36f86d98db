"""``llext build``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from llext.arch import named_chip
from llext.build import build_extension
from llext.cli.options import board_option, build_options, built_line, json_option, make_build_options
from llext.errors import UsageError
from llext.target import load_target


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", metavar="FILE", help="File to write; by default the first source's name with .llext.")
@board_option
@click.option("--cpu", metavar="NAME", help="Build for a CPU as compilers name it, instead of a board: cortex-m7, rv32imac.")
@click.option("--float-abi", default="", metavar="ABI", help="With --cpu: soft, softfp or hard.")
@build_options
@json_option
def build(
    sources: tuple[str, ...], output: str | None, board: str, cpu: str | None, float_abi: str, as_json: bool, **choices: object
) -> None:
    """Compile and join C and assembler sources into an extension that loads here and on stock Zephyr.

    Writes FILE, which is loaded, and FILE_debug.elf, which has the DWARF for gdb.
    """
    options = replace(make_build_options(**choices), types=True)  # type: ignore[arg-type]
    paths = [Path(name) for name in sources]
    target = Path(output) if output else Path((paths[0].stem or "extension") + ".llext")
    context = click.get_current_context()
    if cpu and context.get_parameter_source("board") is ParameterSource.COMMANDLINE:
        raise UsageError("--cpu and --board", hint="give one of them: a board has its CPU.")
    if float_abi and not cpu:
        raise UsageError("--float-abi goes with --cpu", hint="a board has its own float ABI.")
    result = build_extension(paths, target, named_chip(cpu, float_abi) if cpu else load_target(board), options)
    if result.warnings:
        sys.stderr.write(result.warnings)
    if as_json:
        shown = {
            "output": str(result.output), "debug": str(result.debug), "compiler": result.compiler,
            "milliseconds": round(result.milliseconds, 1), "cached": result.cached, "sizes": result.sizes,
            "file_size": result.file_size, "dead_code_removed": result.removed,
        }  # fmt: skip
        click.echo(json.dumps(shown))
    else:
        click.echo(built_line(result))
        click.echo(f"{result.debug}: the same with debug information")
