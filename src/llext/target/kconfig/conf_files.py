r"""Reading configuration files: lines ``CONFIG_NAME=value``, ``# CONFIG_NAME is not set`` and comments.

Kconfiglib's own reader warns without a line, or not at all, about what people get wrong most: spaces, quotes, comments
behind a value. So the lines are read here, and only what they mean is Kconfig's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llext.errors import ConfigError
from llext.target.kconfig.model import Diagnostic, Place

_SET = re.compile(r"CONFIG_(\w+)=(.*)")
_UNSET = re.compile(r"# CONFIG_(\w+) is not set")
_SPACED = re.compile(r"\s*CONFIG_(\w+)\s*=\s*(.*)")
_MOST = 1 << 22
"""Bytes of a configuration file."""
_OTHER = re.compile(r"\s*(\w+)\s*=\s*(.*)")


@dataclass(frozen=True)
class Assignment:
    """What one line says.

    Attributes:
        name: The option, without prefix.
        text: What stands behind the equals sign, without spaces at the end.
        place: Where it stands.
    """

    name: str
    text: str
    place: Place


@dataclass(frozen=True)
class ConfText:
    """What a file says: assignments, in order, and lines that say nothing."""

    assignments: tuple[Assignment, ...]
    malformed: tuple[Diagnostic, ...] = ()


def read_conf(path: Path) -> ConfText:
    """Reads a configuration file: UTF-8, with or without a byte order mark, with lines that end in any way.

    Raises:
        ConfigError: it cannot be read, or is no text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}", hint="it was named as a configuration file.") from error
    if len(data) > _MOST:  # a device may have no end
        raise ConfigError(f"{path}: is larger than {_MOST >> 20} MiB", hint="it was named as a configuration file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}:{line}: not UTF-8: byte {data[error.start]:#04x}",
            hint="save the file as UTF-8.",
            place=f"{path}:{line}",
        ) from error
    return parse_conf(text, str(path))


def parse_conf(text: str, name: str) -> ConfText:
    """The lines of a configuration file; ``name`` is what messages call it."""
    lines = enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1)
    said = [_said(line, Place(name, number)) for number, line in lines]
    return ConfText(
        tuple(each for each in said if isinstance(each, Assignment)),
        tuple(each for each in said if isinstance(each, Diagnostic)),
    )


def _said(line: str, place: Place) -> Assignment | Diagnostic | None:
    """What one line says; None if it says nothing, and may."""
    if match := _SET.match(line):
        return _spaced(line, place) if match[2][:1].isspace() else Assignment(match[1], match[2].rstrip(), place)
    if match := _UNSET.match(line):
        return Assignment(match[1], "n", place)
    return _malformed(line, place) if line.strip() and not line.lstrip().startswith("#") else None


def parse_words(words: Iterable[str], name: str = "-D") -> ConfText:
    """Assignments of the command line, each ``CONFIG_NAME=value``, with or without ``-D`` in front."""
    assignments: list[Assignment] = []
    malformed: list[Diagnostic] = []
    for word in words:
        place = Place(f"{name}{word.removeprefix('-D')}")
        bare, _, kind = word.removeprefix("-D").partition("=")
        parsed = parse_conf(f"{bare.partition(':')[0]}={kind}", name)
        assignments += [Assignment(each.name, each.text, place) for each in parsed.assignments]
        malformed += [Diagnostic(each.severity, each.text, place, each.hint) for each in parsed.malformed]
    return ConfText(tuple(assignments), tuple(malformed))


def _spaced(line: str, place: Place) -> Diagnostic:
    match = _SPACED.match(line)
    assert match is not None
    text = "no spaces may stand around the equals sign, nor in front of the line"
    return Diagnostic("error", text, place, f"write CONFIG_{match[1]}={match[2].rstrip()}", match[1])


def _malformed(line: str, place: Place) -> Diagnostic:
    if _SPACED.match(line):
        return _spaced(line, place)
    text = f"not an assignment: {line.strip()}"
    if (match := _OTHER.match(line)) and _bare(match[1]):
        return Diagnostic("error", text, place, f"did you mean CONFIG_{_bare(match[1])}={match[2].rstrip()}?")
    return Diagnostic("error", text, place, "lines are CONFIG_NAME=value, '# CONFIG_NAME is not set', or comments.")


def _bare(name: str) -> str:
    """A name without what was meant to be ``CONFIG_``."""
    import difflib

    head, under, rest = name.partition("_")
    return rest if under and difflib.SequenceMatcher(None, head.upper(), "CONFIG").ratio() > 0.7 else name
