"""Parsing Kconfig files by kconfiglib, which is imported when the first tree is read.

Kconfiglib takes its settings from the process's environment, so one tree is read at a time, in an environment of its own
that is put back afterwards. What it raises becomes one ``ConfigError`` with file and line.
"""

from __future__ import annotations

import glob
import io
import os
import sys
import tempfile
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from llext.errors import ConfigError
from llext.target.kconfig import places
from llext.target.kconfig.complaints import as_ours, told, unknown_calls, unknown_names
from llext.target.kconfig.inputs import Devicetree, Function, board_symbols
from llext.target.kconfig.model import Diagnostic
from llext.target.kconfig.places import TEMPORARY, absolute, generated_by, place_of

ROOT = "Kconfig.zephyr"
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Tree:
    """Kconfig files that have been read.

    Attributes:
        kconfig: Kconfiglib's object.
        files: All of them.
        diagnostics: What there is to tell about them.
    """

    kconfig: Any
    files: tuple[Path, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_tree(application: Path, board: Mapping[str, str], devicetree: Devicetree) -> Tree:
    """Reads an application's Kconfig, or ours if it has none.

    Raises:
        ConfigError: a file that is not there or cannot be read, a syntax error, options that depend on each other in a loop;
            or an application's Kconfig does not source Kconfig.zephyr.
    """
    own = application / "Kconfig"
    root = own if own.exists() else places.TREE / "Kconfig"
    printed = io.StringIO()
    functions = devicetree.all_functions()
    with tempfile.TemporaryDirectory(prefix=TEMPORARY) as folder:
        generated = Path(folder)
        (generated / "Kconfig.board").write_text(board_symbols(board), encoding="utf-8")
        (generated / "Kconfig.dts").write_text(devicetree.symbols(), encoding="utf-8")
        with _ONE_AT_A_TIME, _environment(application, generated, board), _functions(functions), redirect_stdout(printed):
            kconfig = _parsed(root)
    files = tuple(file for file in map(absolute, kconfig.kconfig_filenames) if not generated_by(str(file)))
    if places.TREE / ROOT not in files:
        raise ConfigError(f"{own} does not source {ROOT}", hint=f'add a line: source "{ROOT}"', place=f"{own}:1")
    warned = [told(text) for text in kconfig.warnings]
    notes = [Diagnostic("note", line) for line in printed.getvalue().splitlines()]
    return Tree(kconfig, files, (*warned, *notes, *unknown_calls(files, functions), *unknown_names(kconfig)))


def _parsed(root: Path) -> Any:
    """Kconfiglib's object of a tree of files, and its errors as ours."""
    import kconfiglib

    kconfig = kconfiglib.Kconfig.__new__(kconfiglib.Kconfig)
    try:
        kconfig.__init__(str(root.absolute()), warn_to_stderr=False, encoding="utf-8-sig")
    except kconfiglib.KconfigError as error:
        _close_files(kconfig)
        raise as_ours(str(error), root) from error
    except RecursionError as error:
        _close_files(kconfig)
        place = place_of(kconfig.filename, kconfig.linenr)
        raise ConfigError(f"{place}: nested too deeply", hint="write it in several steps.", place=str(place)) from error
    except OSError as error:
        _close_files(kconfig)
        raise ConfigError(
            f"{error.filename or root}: {error.strerror or error}", hint="it was sourced as a Kconfig file."
        ) from error
    kconfig._encoding = "utf-8"  # noqa: SLF001 - what it writes has no byte order mark; what it read may have had one
    return kconfig


def _close_files(kconfig: Any) -> None:
    """Closes what kconfiglib leaves open after an error: the file that it was reading, and those that source it."""
    readers = [reader for _, reader in getattr(kconfig, "_filestack", ())]
    for reader in [*readers, getattr(kconfig, "_readline", None)]:
        if reader is not None:
            reader.__self__.close()


@contextmanager
def _environment(application: Path, generated: Path, board: Mapping[str, str]) -> Iterator[None]:
    """What Kconfig files find in the environment, which is all put back."""
    folder = glob.escape(str(application.absolute()))
    wanted = {
        "srctree": glob.escape(str(places.TREE)),
        "ZEPHYR_BASE": glob.escape(str(places.TREE)),
        "KCONFIG_BINARY_DIR": glob.escape(str(generated)),
        "APPLICATION_SOURCE_DIR": folder,
        "APP_DIR": folder,
        "BOARD": board.get("BOARD", ""),
        "BOARD_QUALIFIERS": board.get("BOARD_QUALIFIERS", ""),
    }
    unwanted = [name for name in os.environ if name.startswith(("KCONFIG_", "CONFIG_"))]
    before = {name: os.environ.get(name) for name in {*wanted, *unwanted}}
    for name in unwanted:
        del os.environ[name]
    os.environ |= wanted
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ |= {name: value} if value is not None else {}


@contextmanager
def _functions(functions: Mapping[str, Function]) -> Iterator[None]:
    """Makes preprocessor functions known to kconfiglib, which looks for them in a module of this name."""
    module = types.ModuleType("kconfigfunctions")
    module.functions = {name: (_adapted(function), 0, None) for name, function in functions.items()}  # type: ignore[attr-defined]
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        del sys.modules[module.__name__]
        if before is not None:
            sys.modules[module.__name__] = before


def _adapted(function: Function) -> Function:
    """A function as kconfiglib calls it, which says where it was called with too many words or too few."""

    def called(kconfig: Any, name: str, *words: str) -> str:
        import inspect

        from kconfiglib import KconfigError

        try:
            inspect.signature(function).bind(*words)
        except TypeError as error:
            raise KconfigError(f"{kconfig.filename}:{kconfig.linenr}: $({name}): {error}") from error
        return function(*words)

    return called
