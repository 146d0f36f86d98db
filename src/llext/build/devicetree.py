"""Finds an application's overlays, and has the preprocessor make one text of board file and overlays.

Overlays are found as Zephyr finds them (application development, "set devicetree overlays"). What the text means is
``target.devicetree``'s business.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llext.build.compile import listed_files
from llext.build.processes import run
from llext.build.toolchain import HEADERS, zig_program
from llext.errors import BuildError, nearest
from llext.target import Target
from llext.target.boards import board_file
from llext.target.devicetree import BINDINGS, VENDORS, read_tree, target_of
from llext.target.dt_header import header_text
from llext.target.tree import Tree

_DTS = HEADERS.parent / "dts"
_FLAGS = ("-E", "-x", "assembler-with-cpp", "-nostdinc", "-undef", "-D__DTS__")


@dataclass(frozen=True)
class Overlays:
    """What is laid over a board's devicetree.

    Attributes:
        files: In the order in which they are read; a later one wins.
        notes: What was left aside and perhaps meant, in words.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Devicetree:
    """All that is made of a board's devicetree for an application.

    Attributes:
        tree: Its facts.
        target: The board as the overlays leave it.
        header: Text of zephyr/devicetree_generated.h.
        files: Every file that was read, bindings too, absolute, sorted.
        notes: What is no error but worth a look, in words; what the preprocessor warned of too.
    """

    tree: Tree
    target: Target
    header: str
    files: tuple[Path, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Preprocessed:
    """One text of a board file and its overlays.

    Attributes:
        text: With line markers, their names as people write them.
        files: Every file that was read, absolute, sorted.
        warnings: What the preprocessor said.
    """

    text: str
    files: tuple[Path, ...]
    warnings: str


def read_devicetree(application: Path, board: str, overlays: str = "", extra: str = "") -> Devicetree:
    """Reads a board's devicetree with the overlays and bindings of an application; arguments as of ``find_overlays``.

    Raises:
        TargetError: there is no such board, or the devicetree is refused: with file and line.
        BuildError: an overlay or a file that one includes is not there.
    """
    source = board_file(board)
    found = find_overlays(application, board, overlays, extra)
    made = preprocess(source, found.files, application)
    own = application / "dts" / "bindings"
    tree = read_tree(made.text, [own])
    bindings = {path.absolute() for folder in (BINDINGS, own) for path in (*folder.rglob("*.yaml"), *folder.glob(VENDORS))}
    warnings = [f"{place}: {what}" for place, what in _WARNING.findall(made.warnings)]
    notes = (*found.notes, *warnings, *tree.notes)
    files = tuple(sorted({*made.files, *bindings}))
    return Devicetree(tree, target_of(board, tree), header_text(tree), files, notes)


def find_overlays(application: Path, board: str, overlays: str = "", extra: str = "") -> Overlays:
    """The overlays of an application for a board.

    Args:
        application: Its folder; names are relative to it.
        board: ``mps2/an385``, whose file is ``boards/mps2_an385.overlay``.
        overlays: DTC_OVERLAY_FILE: names, separated by semicolons or blanks, instead of those that are found.
        extra: EXTRA_DTC_OVERLAY_FILE: further ones, behind the others.

    Raises:
        BuildError: one that is named is not there.
    """
    added = _named(application, extra, "EXTRA_DTC_OVERLAY_FILE")
    named = _named(application, overlays, "DTC_OVERLAY_FILE")
    if named:
        return Overlays((*named, *added))
    own, common = application / "boards" / f"{board.replace('/', '_')}.overlay", application / "app.overlay"
    if own.is_file():
        notes = [f"{common} is not used: {own} takes its place"] if common.is_file() else []
        return Overlays((own, *added), tuple(notes))
    return Overlays(((common,) if common.is_file() else ()) + added, _similar(own))


def _named(application: Path, names: str, variable: str) -> tuple[Path, ...]:
    """The files of a CMake list; a name that has blanks stands for itself if there is such a file."""
    paths: list[Path] = []
    for item in filter(None, names.split(";")):
        whole = (application / item).is_file()
        paths += [application / name for name in ([item] if whole else item.split())]
    for path in paths:
        if not path.is_file():
            there = [str(each.relative_to(application)) for each in application.rglob("*.overlay")]
            near = nearest(path.name, there, cutoff=0.4)
            hint = f"did you mean {' or '.join(near)}?" if near else "names are relative to the application's folder."
            raise BuildError(f"{variable} names {path}, which does not exist", hint=hint)
    return tuple(paths)


def _similar(own: Path) -> tuple[str, ...]:
    """Tells of overlays of other boards whose names are nearly this board's."""
    names = sorted(path.name for path in own.parent.glob("*.overlay"))
    near = nearest(own.name, names, cutoff=0.85)
    return tuple(f"{own.parent / name} is not used: this board's would be {own.name}" for name in near)


def include_folders(application: Path | None = None) -> tuple[Path, ...]:
    """Where #include <...> of a devicetree looks, in this order; those of the application first, as Zephyr has it."""
    own = [application / name for name in ("include", "dts/common", "dts")] if application is not None else []
    return (*own, HEADERS, HEADERS / "zephyr", _DTS / "common", _DTS)


def preprocess(board: Path, overlays: Sequence[Path] = (), application: Path | None = None) -> Preprocessed:
    """Makes one text of a board file and overlays.

    Raises:
        BuildError: no compiler, or an include is not found or the like: with file and line; what the preprocessor
            said is in ``diagnostics``.
    """
    program = zig_program()
    if program is None:
        raise BuildError("no preprocessor for devicetrees: the package 'ziglang' is not installed", hint="pip install ziglang.")
    folders = [str(folder) for folder in include_folders(application)]
    with tempfile.TemporaryDirectory(prefix="llext-") as scratch:
        source, output, listing = (Path(scratch) / name for name in ("devicetree.dts", "out.dts", "out.d"))
        source.write_text("".join(_include(path) for path in (board, *overlays)), "utf-8", "surrogateescape")
        words = ("-MD", "-MF", str(listing), "-MT", "x", *(word for folder in folders for word in ("-I", folder)))
        command = [str(program), "clang", "--target=arm-none-eabi", *_FLAGS, *words, str(source), "-o", str(output)]
        done = run(command, scratch=Path(scratch))
        said = _without(done.stderr, source)
        if done.returncode:
            raise _refused(said, folders)
        text = _plain(output.read_text("utf-8", "surrogateescape")).replace(str(source), "<devicetree>")
        files = {Path(os.path.normpath(path)) for path in listed_files(listing, board)} - {source.absolute()}
    return Preprocessed(text, tuple(sorted(files)), said)


_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How such a file begins, low byte first and high byte first."""


def _include(path: Path) -> str:
    name = str(path.absolute())
    if '"' in name or "\n" in name:
        raise BuildError(f"{name}: a devicetree file cannot have quotes or line ends in its path", hint="rename the folder.")
    if path.is_file() and path.read_bytes()[:2] in _UTF_16:
        raise BuildError(f"{name}:1: the file is UTF-16", hint="save it as UTF-8.")
    return f'#include "{name}"\n'


def _without(said: str, source: Path) -> str:
    """What the preprocessor said, less the lines about the file of ours that includes the others."""
    return "".join(line for line in said.splitlines(keepends=True) if not line.startswith(f"In file included from {source}:"))


_ERROR = re.compile(r"^(?P<place>.+?:\d+):\d+: (?:fatal )?error: (?P<what>.*)$", re.MULTILINE)
_WARNING = re.compile(r"^(.+?:\d+):\d+: warning: (.*?)(?: \[-W.*\])?$", re.MULTILINE)
_ABSENT = re.compile(r"'(?P<name>.*)' file not found")


def _refused(said: str, folders: list[str]) -> BuildError:
    found = _ERROR.search(said)
    if found is None:
        return BuildError("the devicetree cannot be preprocessed", diagnostics=said)
    absent = _ABSENT.match(found["what"])
    if absent is None:
        return BuildError(f"{found['place']}: {found['what']}", diagnostics=said)
    headers = [str(path.relative_to(folder)) for folder in folders for path in Path(folder).rglob("*") if _includable(path)]
    near = nearest(absent["name"], dict.fromkeys(headers))
    hint = f"did you mean {' or '.join(near)}?" if near else f"folders that are searched: {', '.join(folders)}."
    return BuildError(f"{found['place']}: {absent['name']} is not found", hint=hint, diagnostics=said)


def _includable(path: Path) -> bool:
    """Whether a devicetree may include a file: no header of C code."""
    return path.suffix == ".dtsi" or (path.suffix == ".h" and ("dts" in path.parts or "dt-bindings" in path.parts))


_MARKER = re.compile(r'^(# \d+ ")((?:[^"\\]|\\.)*)(".*)$', re.MULTILINE)


def _plain(text: str) -> str:
    """The text with readable names in its line markers; clang writes what is no ASCII as bytes in octal."""
    return _MARKER.sub(lambda marker: marker[1] + os.path.normpath(_unescaped(marker[2])) + marker[3], text)


def _unescaped(name: str) -> str:
    if "\\" not in name:
        return name
    data = re.sub(rb"\\([0-7]{3}|.)", _byte, name.encode("utf-8", "surrogateescape"))
    return data.decode("utf-8", "surrogateescape")


def _byte(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8)]) if len(escape[1]) == 3 else escape[1]
