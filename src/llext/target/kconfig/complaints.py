"""What kconfiglib says about Kconfig files, in our words and with file and line; and what it should say and does not."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llext.errors import ConfigError
from llext.target.kconfig import places
from llext.target.kconfig.inputs import Function
from llext.target.kconfig.model import Diagnostic, Place
from llext.target.kconfig.names import meant
from llext.target.kconfig.places import absolute, generated_by, place_of

_AT = re.compile(r"(?P<file>[^\n]+?):(?P<line>\d+): (?P<text>.*)", re.DOTALL)
_DEFINED = re.compile(
    r"^(?:\.\.\.depends (?:on|again on) (?:the choice symbol )?)?(\S.*?) \(defined at ([^\n]+?):(\d+)[,)]", re.MULTILINE
)
_UNDECODED = re.compile(r"Malformed \S+ in '(.+?)'")
_UNENDED = re.compile(r"expected '(?P<word>\w+)' at end of '(?P<file>.+?)'")
_CALL = re.compile(r"\$\((dt_\w+|shields?_\w+)\b")


def as_ours(text: str, root: Path) -> ConfigError:
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
    lines = absolute(name).read_text(encoding="utf-8-sig").count("\n")
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


def told(text: str) -> Diagnostic:
    """One of kconfiglib's warnings."""
    match = _AT.match(text)
    if match and match["text"].startswith("warning: "):
        return Diagnostic("warning", match["text"].removeprefix("warning: "), place_of(match["file"], int(match["line"])))
    plain = text.removeprefix("warning: ")
    defined = re.search(r"\(defined at ([^\n]+?):(\d+)[,)]", plain)
    return Diagnostic("warning", plain, place_of(defined[1], int(defined[2])) if defined else None)


def unknown_calls(files: tuple[Path, ...], functions: Mapping[str, Function]) -> Iterator[Diagnostic]:
    """Calls of functions that nobody has, which Kconfig replaces by nothing without a word."""
    for file in files:
        if places.TREE in file.parents:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1):
            for name in _CALL.findall(line):
                if name not in functions:
                    text = f"there is no function {name}: it stands for nothing"
                    yield Diagnostic("warning", text, Place(str(file), number))


def unknown_names(kconfig: Any) -> Iterator[Diagnostic]:
    """Names in an application's Kconfig files that nobody defines, and that look like known ones: they are n for ever."""
    known = [symbol.name for symbol in kconfig.unique_defined_syms]
    for node in kconfig.node_iter():
        if not os.path.isabs(node.filename) or generated_by(node.filename):  # noqa: PTH117 - as above
            continue  # of this package, or of the board
        for symbol in sorted(node.referenced, key=lambda each: str(each.name)):
            undefined = not symbol.nodes and not symbol.is_constant and symbol.name.isidentifier()
            if undefined and (near := meant(symbol.name, known)):
                text, place = f"there is no option {symbol.name}: it is n", place_of(node.filename, node.linenr)
                yield Diagnostic("warning", text, place, f"did you mean {near}?", symbol.name)
