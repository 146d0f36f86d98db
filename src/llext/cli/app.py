"""The group of subcommands, each imported when it is used; one place where errors become words and exit codes."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import TextIO

import click

from llext import __version__
from llext.errors import BuildError, ConfigError, GuestFault, LlextError, UsageError

_COMMANDS = {
    "build": "Compile C into an extension: NAME.llext and NAME_debug.elf.",
    "run": "Build if need be, load on a virtual board, call, unload.",
    "inspect": "Show what is in an extension and what it needs.",
    "check": "Will a stock firmware load it? Asks its zephyr.elf.",
    "link": "Link it for one firmware and one address: an image that needs no loader.",
    "symbolize": "Add file and line to the addresses of a device's crash log.",
    "addr2line": "Say which function, file and line an address is.",
    "boards": "List the boards.",
    "new": "Start a project of your own: an extension, an application.",
    "app": "Build, configure and clean a Zephyr application.",
    "cmake-dir": "Where CMake finds our package: -DZephyr_DIR=$(llext cmake-dir).",
}
_NAMES = {"app": "application", "cmake-dir": "cmake_dir"}  # this module has that name already


class _Commands(click.Group):
    """Subcommands by name; ``llext --help`` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        name = _NAMES.get(cmd_name, cmd_name)
        command: click.Command = getattr(import_module(f"llext.cli.{name}"), name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(_COMMANDS)}."
            ctx.fail(f"No such command '{args[0]}'. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="llext")
def app() -> None:
    """Loadable extensions for microcontrollers: build, load, call, inspect, on a virtual board."""


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        code = _run(words)
        sys.stdout.flush()
    except OSError as error:
        return _without_output(error)
    return code


def _run(words: list[str]) -> int:
    try:
        code = app.main(words, prog_name="llext", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        return _usage(error, as_json="--json" in words)
    except GuestFault as error:
        if error.reason != "interrupted":
            return report(error, as_json="--json" in words)
        if "--json" in words:
            _print_json(error)
        else:
            _interrupted(error)
        return 130
    except LlextError as error:
        return report(error, as_json="--json" in words)
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted\n")  # click has ended the line that ^C stands in
        return 130
    return code if isinstance(code, int) else 0


def _without_output(error: OSError) -> int:
    """A file that cannot be used, or an output that takes no more: then nothing may be written to it at exit either."""
    if error.filename is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):  # the reader of our output has gone, and needs no words
        report(LlextError(f"{error.filename or 'output'}: {error.strerror or error}"), as_json=False)
    return 1


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    if as_json:
        _print_json(UsageError(error.format_message()))
    else:
        error.show()
    return 2


def report(error: LlextError, *, as_json: bool) -> int:
    """Says what went wrong, once, and returns the exit code."""
    if as_json:
        _print_json(error)
    elif isinstance(error, BuildError | ConfigError) and error.diagnostics:
        sys.stderr.write(error.diagnostics.rstrip("\n") + "\n")
        sys.stderr.write(f"error: {error}\n")
    elif isinstance(error, GuestFault):
        from llext.debug import coloured, fault_text, plain

        sys.stderr.write(fault_text(error, coloured if has_colour(sys.stderr) else plain))
    else:
        sys.stderr.write(f"error: {error}\n")
    sys.stderr.flush()
    return 2 if isinstance(error, UsageError) else 1


def _interrupted(fault: GuestFault) -> None:
    """Where guest code was when Ctrl-C came."""
    at = f", {fault.file}:{fault.line}" if fault.file else ""
    sys.stderr.write(f"interrupted, at pc {fault.pc:#010x} in {fault.where}{at}\n")
    for frame in fault.chain[1:6]:
        at = f" at {frame.file}:{frame.line}" if frame.file else ""
        sys.stderr.write(f"  called from {'' if frame.certain else 'maybe '}{frame.where}{at}\n")


def has_colour(stream: TextIO) -> bool:
    """A terminal whose user has not asked for plain text (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _print_json(error: LlextError) -> None:
    number = -int(error.errno) if error.errno is not None else None
    shown: dict[str, object] = {"kind": error.kind, "errno": number, "message": error.message}
    if error.errno is not None:
        shown["errno_name"] = error.errno.name
    if error.hint:
        shown["hint"] = error.hint
    if isinstance(error, BuildError | ConfigError) and error.diagnostics:
        shown["diagnostics"] = error.diagnostics
    shown |= _details(error)
    sys.stdout.write(json.dumps({"error": shown}, default=str) + "\n")


def _details(error: LlextError) -> dict[str, object]:
    if not isinstance(error, GuestFault):
        return error.details
    from llext.debug import fault_facts

    return fault_facts(error)
