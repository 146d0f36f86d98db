"""Parsing Kconfig files by kconfiglib, which is imported when the first tree is read.

Kconfiglib takes its settings from the process's environment, so one tree is read at a time, in an environment of its own
that is put back afterwards. What it raises becomes one ``ConfigError`` with file and line.
"""

from __future__ import annotations

import glob
import io
import os
import re
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
from llext.target.kconfig.inputs import Devicetree, Function, board_symbols
from llext.target.kconfig.model import Diagnostic, Place

TREE = Path(__file__).parent.parent.parent / "zephyr" / "kconfig"
"""The Kconfig files of this package: what ``srctree`` and ``ZEPHYR_BASE`` are to an application's."""

ROOT = "Kconfig.zephyr"
_TEMPORARY = "llext-kconfig-"
_GENERATED = {"Kconfig.board": "board", "Kconfig.dts": "devicetree"}
_ONE_AT_A_TIME = Lock()
_AT = re.compile(r"(?P<file>[^\n]+?):(?P<line>\d+): (?P<text>.*)", re.DOTALL)
_DEFINED = re.compile(
    r"^(?:\.\.\.depends (?:on|again on) (?:the choice symbol )?)?(\S.*?) \(defined at ([^\n]+?):(\d+)[,)]", re.MULTILINE
)
_UNDECODED = re.compile(r"Malformed \S+ in '(.+?)'")
_UNENDED = re.compile(r"expected '(?P<word>\w+)' at end of '(?P<file>.+?)'")
_CALL = re.compile(r"\$\((dt_\w+|shields?_\w+)\b")


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
    root = own if own.exists() else TREE / "Kconfig"
    printed = io.StringIO()
    functions = devicetree.all_functions()
    with tempfile.TemporaryDirectory(prefix=_TEMPORARY) as folder:
        generated = Path(folder)
        (generated / "Kconfig.board").write_text(board_symbols(board), encoding="utf-8")
        (generated / "Kconfig.dts").write_text(devicetree.symbols(), encoding="utf-8")
        with _ONE_AT_A_TIME, _environment(application, generated, board), _functions(functions), redirect_stdout(printed):
            kconfig = _parsed(root)
    files = tuple(file for file in map(_absolute, kconfig.kconfig_filenames) if not generated_by(str(file)))
    if TREE / ROOT not in files:
        raise ConfigError(f"{own} does not source {ROOT}", hint=f'add a line: source "{ROOT}"', place=f"{own}:1")
    told = [_told(text) for text in kconfig.warnings]
    notes = [Diagnostic("note", line) for line in printed.getvalue().splitlines()]
    return Tree(kconfig, files, (*told, *notes, *_unknown_calls(files, functions), *_unknown_names(kconfig)))


def _parsed(root: Path) -> Any:
    """Kconfiglib's object of a tree of files, and its errors as ours."""
    import kconfiglib

    kconfig = kconfiglib.Kconfig.__new__(kconfiglib.Kconfig)
    try:
        kconfig.__init__(str(root.absolute()), warn_to_stderr=False, encoding="utf-8-sig")
    except kconfiglib.KconfigError as error:
        _close_files(kconfig)
        raise _as_ours(str(error), root) from error
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
        "srctree": glob.escape(str(TREE)),
        "ZEPHYR_BASE": glob.escape(str(TREE)),
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


def _absolute(name: str) -> Path:
    """Kconfiglib names files of its source tree relative to that."""
    return TREE / name


def generated_by(name: str) -> str:
    """Who is behind a Kconfig file that was generated: ``board`` or ``devicetree``; empty if it was not."""
    folder, _, file = name.replace(os.sep, "/").rpartition("/")
    return _GENERATED.get(file, "") if folder.rpartition("/")[2].startswith(_TEMPORARY) else ""


def place_of(name: str, line: int) -> Place:
    """A line of a Kconfig file: those of this package by their full path, those of an application too."""
    return Place(os.path.join(TREE, name), line)  # noqa: PTH118 - for every option, and Path takes ten times as long


def _as_ours(text: str, root: Path) -> ConfigError:
    """One of kconfiglib's errors in our words, and at a place."""
    text = text.strip()
    if text.startswith("Dependency loop"):
        return _loop(text)
    if match := _UNDECODED.search(text):
        return ConfigError(f"{match[1]}: not UTF-8", hint="save the file as UTF-8.", place=match[1])
    if match := _UNENDED.search(text):
        place = _last_line(match["file"])
        return ConfigError(f"{place}: there is no {match['word']}", hint="the file ends before it.", place=str(place))
    match = _AT.match(text)
    if match is None:
        return ConfigError(f"{root}: {text}", place=str(root))
    place = place_of(match["file"], int(match["line"]))
    return ConfigError(f"{place}: {_shortened(match['text'])}", hint=_hint(match["text"], place), place=str(place))


def _last_line(name: str) -> Place:
    lines = _absolute(name).read_text(encoding="utf-8-sig").count("\n")
    return place_of(name, max(1, lines))


def _shortened(text: str) -> str:
    """Kconfiglib's words without its advice about environment variables."""
    text = re.sub(r"\s*Check that\b.*", "", text, flags=re.DOTALL)
    return text.removeprefix("error: ").strip().rstrip(".")


def _hint(text: str, place: Place) -> str:
    if "recursive 'source'" in text:
        return "a file must not source itself, not through others either."
    if "blank string" in text and (called := _CALL.search(text)):
        return f"there is no function {called[1]}, so that it stands for nothing."
    missing = re.match(r"'(.+?)' not found", text)
    if not missing:
        return ""
    folder = Path(place.file).parent
    if glob.escape(str(folder)) != str(folder):
        return f"[, * and ? in the name of {folder} are patterns to source: call it otherwise."
    beside = folder / missing[1]
    if beside.exists():
        return "'source' looks in Zephyr's tree; for a file beside this one write rsource."
    return "'source' looks in Zephyr's tree, rsource beside the file that has it; osource and orsource need none to be there."


def _loop(text: str) -> ConfigError:
    """Options that depend on each other: all of them, in order, each with its place."""
    found = [
        (name.removeprefix("<").partition(" ")[0], place_of(file, int(line))) for name, file, line in _DEFINED.findall(text)
    ]
    ring = list(reversed(found[:-1] if len(found) > 1 and found[0] == found[-1] else found))
    first = ring.index(min(ring, key=lambda each: each[1]))  # kconfiglib begins anywhere
    ring = ring[first:] + ring[:first]
    name, at = ring[0]
    chain = " needs ".join(f"{each} ({place})" for each, place in [*ring, ring[0]])
    if len(ring) == 1:
        chain = f"{name} is selected by an option that needs it"
    return ConfigError(
        f"{at}: options depend on each other in a loop: {chain}",
        hint="take one 'depends on', 'select' or 'default ... if' out of it.",
        place=str(at),
    )


def _told(text: str) -> Diagnostic:
    """One of kconfiglib's warnings."""
    match = _AT.match(text)
    if match and match["text"].startswith("warning: "):
        return Diagnostic("warning", match["text"].removeprefix("warning: "), place_of(match["file"], int(match["line"])))
    plain = text.removeprefix("warning: ")
    defined = re.search(r"\(defined at ([^\n]+?):(\d+)[,)]", plain)
    return Diagnostic("warning", plain, place_of(defined[1], int(defined[2])) if defined else None)


def _unknown_calls(files: tuple[Path, ...], functions: Mapping[str, Function]) -> Iterator[Diagnostic]:
    """Calls of functions that nobody has, which Kconfig replaces by nothing without a word."""
    for file in files:
        if TREE in file.parents:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1):
            for name in _CALL.findall(line):
                if name not in functions:
                    text = f"there is no function {name}: it stands for nothing"
                    yield Diagnostic("warning", text, Place(str(file), number))


def _unknown_names(kconfig: Any) -> Iterator[Diagnostic]:
    """Names in an application's Kconfig files that nobody defines, and that look like known ones: they are n for ever."""
    from llext.target.kconfig.names import meant

    known = [symbol.name for symbol in kconfig.unique_defined_syms]
    for node in kconfig.node_iter():
        if not os.path.isabs(node.filename) or generated_by(node.filename):  # noqa: PTH117 - as above
            continue  # of this package, or of the board
        for symbol in sorted(node.referenced, key=lambda each: str(each.name)):
            undefined = not symbol.nodes and not symbol.is_constant and symbol.name.isidentifier()
            if undefined and (near := meant(symbol.name, known)):
                text, place = f"there is no option {symbol.name}: it is n", place_of(node.filename, node.linenr)
                yield Diagnostic("warning", text, place, f"did you mean {near}?", symbol.name)
