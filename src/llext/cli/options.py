"""Options that several subcommands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from llext.build import SUFFIXES, BuildOptions, BuildResult
from llext.errors import UsageError
from llext.target import DEFAULT_BOARD

Command = Callable[..., Any]

_LANGUAGES = {
    ".c": "C++ (.C)", ".c++": "C++", ".h": "a header", ".hpp": "a header", ".asm": "assembler of this kind", ".rs": "Rust",
    ".zig": "Zig", ".m": "Objective-C", ".ll": "LLVM's language",
}  # fmt: skip


def board_option(command: Command) -> Command:
    """``--board``."""
    return click.option(
        "--board", default=DEFAULT_BOARD, show_default=True, metavar="NAME", help="Virtual board; 'llext boards' lists them."
    )(command)


def json_option(command: Command) -> Command:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")(command)


def compile_options(command: Command) -> Command:
    """Options that reach the compiler."""
    return _decorated(command, (
        click.option("-D", "defines", multiple=True, metavar="NAME[=VALUE]", help="Define a macro."),
        click.option("-I", "includes", multiple=True, metavar="FOLDER", help="Search headers there."),
        click.option("--cflag", "cflags", multiple=True, metavar="FLAG", help="Pass a flag to the compiler."),
        click.option("-O", "optimize", default="s", show_default=True, metavar="LEVEL",
                     type=click.Choice(["0", "1", "2", "3", "s", "z", "g"]), help="Optimisation: 0 1 2 3 s z g."),
        click.option("--toolchain", type=click.Choice(["auto", "zig", "gcc"]), default="auto", show_default=True,
                     help="zig from its wheel, or the GNU compiler from the PATH."),
    ))  # fmt: skip


def build_options(command: Command) -> Command:
    """Options of every command that builds an extension."""
    return _decorated(compile_options(command), (
        click.option("--pic", is_flag=True, help="Position-independent code, with a global offset table."),
        click.option("--type", "kind", type=click.Choice(["relocatable", "object"]), default="relocatable", show_default=True,
                     help="Join sources, or take one object as the compiler leaves it."),
        click.option("--helpers", type=click.Choice(["link", "import"]), default="link", show_default=True,
                     help="Compiler helpers (__aeabi_*): linked into the extension, or left to the firmware."),
    ))  # fmt: skip


def _decorated(command: Command, options: Iterable[Callable[[Command], Command]]) -> Command:
    for option in options:
        command = option(command)
    return command


def compile_choices(
    toolchain: str, optimize: str, cflags: tuple[str, ...], includes: tuple[str, ...], defines: tuple[str, ...]
) -> BuildOptions:
    """The library's options from those that reach the compiler."""
    flags = (*(f"-I{folder}" for folder in includes), *(f"-D{name}" for name in defines), *cflags)
    return BuildOptions(toolchain, optimize, flags)


def make_build_options(helpers: str, pic: bool, kind: str, **choices: Any) -> BuildOptions:
    """The library's options from the command line's."""
    return replace(compile_choices(**choices), helpers=helpers, model="pic" if pic else "far", kind=kind)


def is_source(path: Path) -> bool:
    """Whether a file is one that is compiled."""
    return path.suffix in SUFFIXES


def split_inputs(files: tuple[str, ...]) -> tuple[list[Path], Path | None]:
    """Sources to build, or the one ready file.

    Raises:
        UsageError: both, several ready files, or a source in another language.
    """
    paths = [Path(name) for name in files]
    for path in paths:
        if path.suffix.lower() in _LANGUAGES and not is_source(path):
            raise UsageError(
                f"{path}: {_LANGUAGES[path.suffix.lower()]} is not compiled here",
                hint=f"sources are C, C++ and assembler, and end in {', '.join(SUFFIXES)}.",
            )
    sources = [path for path in paths if is_source(path)]
    ready = [path for path in paths if not is_source(path)]
    if sources and ready:
        raise UsageError(
            f"{ready[0]} is no source, and {sources[0]} is one",
            hint="give sources to build one extension from, or one ready file; --load adds others.",
        )
    if len(ready) > 1:
        raise UsageError("several ready files", hint=f"load one of them first: llext run --load {ready[0]} {ready[1]}")
    return sources, ready[0] if ready else None


def built_line(result: BuildResult) -> str:
    """One line about a build."""
    sizes = ", ".join(f"{name} {size}" for name, size in result.sizes.items())
    how = "unchanged, nothing compiled" if result.cached else f"{result.compiler}, {result.milliseconds:.0f} ms"
    saved = f"; dead code removed: {result.removed} bytes"
    return f"{result.output} ({how}): {sizes}; file {result.file_size} bytes{saved}"
