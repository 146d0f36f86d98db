"""``llext run``."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from click.core import ParameterSource

from llext.board import CLOCKS, Board
from llext.build import BuildOptions, BuildResult, build_extension
from llext.cache import cache_folder, digest, make_folder
from llext.cli import report
from llext.cli.boot import STRICT, built, is_application, live, milliseconds, split_words
from llext.cli.call import CallText, parse_call
from llext.cli.options import board_option, build_options, is_source, json_option, make_build_options, split_inputs
from llext.errors import Errno, LlextError, LoadError, UsageError
from llext.link import NEWEST, VERSIONS
from llext.loader import Extension, FileSource, GuestFunction
from llext.loader.extension import is_void_of_nothing
from llext.target import load_target

_LEVELS = ("none", "err", "wrn", "inf", "dbg")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="SOURCE...|FILE|APP")
@click.option("--load", "others", multiple=True, metavar="OTHER", help="Load this extension first; may be given several times.")
@click.option("--call", "calls", multiple=True, metavar="CALL", help="Call: 'add(2, 3)' or 'float mix(float, int)(1.5, 2)'.")
@board_option
@build_options
@click.option(
    "--heap-size", metavar="KiB", type=click.IntRange(min=1), help="LLEXT heap; 64 unless given, less on a small board."
)
@click.option(
    "--log-level", type=click.Choice(_LEVELS), default="none", show_default=True, help="Log of the loader, on stderr."
)
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    metavar="S",
    type=click.FloatRange(min=0.001),
    help="Wall seconds a call may take.",
)
@click.option("--clock", type=click.Choice(CLOCKS), default="free", show_default=True, help="counted: instructions take time.")
@click.option("--no-mpu", is_flag=True, help="No memory rights, as with CONFIG_ARM_MPU=n.")
@click.option("--strict", is_flag=True, help="Refuse what stock Zephyr refuses, with its errno.")
@click.option("--zephyr", default=NEWEST, show_default=True, metavar="VERSION", help=f"Zephyr version: {', '.join(VERSIONS)}.")
@click.option("--trace", type=click.Path(dir_okay=False), metavar="FILE", help="Write who ran when, for ui.perfetto.dev.")
@click.option("--for", "ends", metavar="TIME", help="Of an application: end after so much virtual time, 2s or 500ms.")
@click.option("-d", "--build-dir", metavar="FOLDER", help="Of an application: build there; APP/build unless given.")
@STRICT
@json_option
@click.option("-v", "--verbose", is_flag=True, help="Show regions, exports, imports, and stack and heap of each call.")
def run(
    files: tuple[str, ...],
    others: tuple[str, ...],
    calls: tuple[str, ...],
    board: str,
    heap_size: int | None,
    log_level: str,
    timeout: float,
    clock: str,
    no_mpu: bool,
    strict: bool,
    zephyr: str,
    trace: str | None,
    as_json: bool,
    verbose: bool,
    build_dir: str | None,
    ends: str | None,
    kconfig_strict: bool,
    **choices: object,
) -> int:
    """Load an extension on a virtual board and call it; sources are built first.

    Without --call, the one exported function that takes nothing is called.
    """
    if is_application(files):
        return _application(
            (*files, *(f"-D{name}" for name in choices["defines"])),  # type: ignore[attr-defined]
            board if "board" in _given() else None,
            build_dir,
            ends,
            strict=kconfig_strict,
            timeout=timeout,
            clock=clock,
            zephyr=zephyr,
            trace=trace,
            log=log_level,
        )
    texts = [parse_call(text) for text in calls]
    if trace is not None:
        _check_trace(Path(trace), [Path(name) for name in (*files, *others)])
    options = make_build_options(**choices)  # type: ignore[arg-type]
    sources, ready = split_inputs(files)
    session = _Session(board, options, as_json=as_json, verbose=verbose)
    path = session.build(sources) if sources else ready
    assert path is not None
    powered = Board(
        board, heap_size=heap_size and heap_size * 1024, mpu=not no_mpu, zephyr=zephyr, timeout=timeout,
        output=None if as_json else _write, log=_logger(log_level), clock=clock, trace=trace is not None,
    )  # fmt: skip
    with powered, interruptible(powered):
        try:
            return session.run(powered, others, path, texts, strict=strict)
        except LlextError as error:
            for name, value in report.plain_console(powered).items():
                error.details.setdefault(name, value)
            if session.called:  # what went before is not lost
                error.details.setdefault("calls", session.called)
            raise
        finally:
            if trace is not None:
                powered.write_trace(trace)


def _check_trace(trace: Path, read: list[Path]) -> None:
    """Refuses a trace that could not be written when all is done, or would take the place of what the run reads."""
    folder = Path(os.path.realpath(trace)).parent
    if not folder.is_dir():
        raise UsageError(
            f"cannot write {trace}: there is no folder {folder}", hint="give a file in a folder that is there: --trace FILE"
        )
    if trace.exists() and any(path.exists() and path.samefile(trace) for path in read):
        raise UsageError(f"{trace} would be overwritten, and the run reads it", hint="give another file: --trace FILE")


def _application(
    files: tuple[str, ...], board: str | None, folder: str | None, ends: str | None, *,
    strict: bool, timeout: float, clock: str, zephyr: str, trace: str | None, log: str,
) -> int:  # fmt: skip
    """Builds an application and boots it."""
    _refuse_others()
    path, defines = split_words(files)
    wanted = None if ends is None else milliseconds(ends)
    if trace is not None:
        _check_trace(Path(trace), [path])
    firmware = built(path, defines, board, folder, strict=strict)
    named = board if firmware == path else None
    powered = Board(
        named,
        app=firmware,
        zephyr=zephyr,
        timeout=timeout,
        output=_write,
        clock=clock,
        trace=trace is not None,
        log=_logger(log),
    )
    with powered, interruptible(powered):
        try:
            return live(powered, wanted)
        finally:
            if trace is not None:
                powered.write_trace(trace)


_OF_APPLICATIONS = {
    "files",
    "board",
    "timeout",
    "clock",
    "zephyr",
    "trace",
    "ends",
    "build_dir",
    "log_level",
    "defines",
    "kconfig_strict",
}


def _given() -> dict[str, str]:
    """Options that stand in the command line: names of their parameters, and how they are written."""
    context = click.get_current_context()
    return {
        str(each.name): each.opts[-1]
        for each in context.command.params
        if context.get_parameter_source(str(each.name)) is not ParameterSource.DEFAULT
    }


def _refuse_others() -> None:
    """Options that say how an extension is built, loaded and called mean nothing for an application."""
    others = [option for name, option in _given().items() if name not in _OF_APPLICATIONS]
    if others:
        raise UsageError(
            f"{others[0]} is not for applications: it is about one extension",
            hint="what an application is made of stands in its CMakeLists.txt and prj.conf; Board(app=...) in Python calls and loads.",
        )


@contextmanager
def interruptible(board: Board) -> Iterator[None]:
    """Lets Ctrl-C stop guest code at once.

    Python handles a signal when the emulator comes back, which an endless loop never does; the signal's wake-up
    descriptor tells a thread, and that stops the emulator. While guest code runs, the handler itself raises nothing: it
    would do so in the first line of whichever callback the emulator makes next, where nobody can catch it.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        if board.machine.nesting:
            board.interrupt()
        else:
            signal.default_int_handler(number, frame)

    reader, writer = socket.socketpair()
    writer.setblocking(False)
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)

    def watch() -> None:
        while reader.recv(1):
            board.interrupt()

    watcher = threading.Thread(target=watch, name="llext-ctrl-c", daemon=True)
    watcher.start()
    handled = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handled)
        signal.set_wakeup_fd(before)
        writer.close()
        watcher.join()
        reader.close()


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _logger(level: str) -> report.Logger | None:
    return None if level == "none" else report.Logger(_LEVELS.index(level))


class _Session:
    """One ``llext run``: how it builds, what it called, how it shows that."""

    def __init__(self, board: str, options: BuildOptions, *, as_json: bool, verbose: bool) -> None:
        self.board = board
        self.options = options
        self.as_json = as_json
        self.verbose = verbose
        self.called: list[dict[str, object]] = []
        self.built: dict[Path, str] = {}

    def build(self, sources: list[Path]) -> Path:
        """Builds sources into the cache and returns the file to load."""
        place = digest("run", self.board, [str(path.absolute()) for path in sources], str(self.options))
        output = make_folder(cache_folder() / "run" / place[:16]) / (sources[0].stem + ".llext")
        result: BuildResult = build_extension(sources, output, load_target(self.board), self.options)
        if result.warnings:
            sys.stderr.write(result.warnings)
        if self.verbose and not self.as_json:
            report.print_build(result)
        self.built[output] = str(sources[0])
        return output

    def run(self, board: Board, others: tuple[str, ...], path: Path, texts: list[CallText], *, strict: bool) -> int:
        """Loads and brings up one after the other, calls, then tears down and unloads the other way round."""
        loaded: list[Extension] = []
        for other in others:
            extension = self._load(board, Path(other), loaded, strict=strict)
            if extension not in loaded:
                extension.bringup()
                loaded.append(extension)
        extension = self._load(board, path, loaded, strict=strict)
        if self.verbose and not self.as_json:
            report.print_extension(board, extension)
        functions = [(text, extension.fn(text.name, text.prototype)) for text in texts] or [_only_function(extension)]
        if extension not in loaded:
            extension.bringup()
            loaded.append(extension)
        for text, function in functions:
            self._call(board, text, function)
        shown = report.plain_extension(board, extension, self.called)
        for each in reversed(loaded):
            each.teardown()
            _unload(board, each)
        if self.as_json:
            click.echo(json.dumps(shown | report.plain_console(board)))
        return 0

    def _load(self, board: Board, path: Path, loaded: list[Extension], *, strict: bool) -> Extension:
        """Loads a ready file, or what sources were built into under the name of the first source.

        A file that is loaded already is that extension, as a library that is named twice is one library.
        """
        if is_source(path):
            path = self.build([path])
        extension = board.load(FileSource(path, self.built.get(path)), strict=strict)
        if extension in loaded:
            board.unload(extension)
        return extension

    def _call(self, board: Board, text: CallText, function: GuestFunction) -> None:
        with board.measure() as cost:
            result = function(*text.values)
        doubt = {"typed_by": "int32"} if function.typed_by == "int32" else {}
        arguments = [report.plain(value) for value in text.values]
        self.called.append({"name": text.name, "args": arguments, "result": report.plain(result), **doubt})
        if self.as_json:
            return
        if result is not None and (function.typed_by != "int32" or text.prototype or text.values or not _only_printed(board)):
            unknown = "  (type not known, taken as int)" if function.typed_by == "int32" else ""
            click.echo(f"{text.shown} = {report.shown(result, function.prototype.result)}{unknown}")
        if self.verbose:
            click.echo(f"  {text.name}: stack {cost.stack} bytes, system heap {cost.heap} bytes at most")


def _unload(board: Board, extension: Extension) -> None:
    """Unloads an extension; one whose threads go on stays until the board is put away."""
    try:
        board.unload(extension)
    except LoadError as error:
        if error.errno is not Errno.EBUSY:
            raise
        sys.stderr.write(f"note: {error.message}; it ends with the board\n")


def _only_printed(board: Board) -> bool:
    """Whether the guest has written to the console: then the result of an untyped call is left out."""
    return bool(board.console)


def _only_function(extension: Extension) -> tuple[CallText, GuestFunction]:
    """The one exported function that takes nothing.

    Raises:
        UsageError: there is none, or more than one.
    """
    functions = [extension.fn(name) for name, symbol in extension.exports.items() if symbol.code]
    takes_nothing = [function for function in functions if is_void_of_nothing(function.prototype)]
    if len(functions) == 1 and functions[0].typed_by == "int32":
        takes_nothing = functions
    if len(takes_nothing) == 1:
        name = takes_nothing[0].symbol.name
        return CallText(name, None, ()), takes_nothing[0]
    if not functions:
        raise UsageError(
            f"extension {extension.name!r} exports no function", hint="EXPORT_SYMBOL(name) exports one.", errno=Errno.ENOENT
        )
    lines = "\n    ".join(
        str(function.prototype) if function.typed_by != "int32" else function.symbol.name for function in functions
    )
    count = "no" if not takes_nothing else "more than one"
    raise UsageError(
        f"what shall be called? {count} exported function takes nothing", hint=f"choose with --call 'name(...)':\n    {lines}"
    )
