"""Giving options the values that files ask for, and finding out which of them did not take effect."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from llext.target.kconfig.conf_files import Assignment, ConfText
from llext.target.kconfig.limits import HEX, INT, in_c, unusable
from llext.target.kconfig.model import Diagnostic, Place
from llext.target.kconfig.names import OURS, elsewhere, meant, similar
from llext.target.kconfig.origins import kind_of
from llext.target.kconfig.reasons import lacking, obstacle

_STRING = re.compile(r'"((?:[^\\"]|\\.)*)"\s*(.*)')
_LONGEST = 100
"""Characters of a text that may be a number, or one with a mistake that can be told."""
_MARKS = {
    "LLEXT_NOT_THERE": ("is not there yet on the virtual board", "the option is kept, but nothing stands behind it."),
    "LLEXT_NOT_IN_ZEPHYR": ("is no option of Zephyr's", "docs/kconfig.md says what Zephyr calls it."),
    "DEPRECATED": ("is deprecated", ""),
    "EXPERIMENTAL": ("is experimental", ""),
}


@dataclass
class Settled:
    """What came of the assignments.

    Attributes:
        last: The last assignment of each option that took one.
        rank: In which of the texts that stood; later ones have larger numbers.
        diagnostics: What there is to tell.
    """

    last: dict[str, Assignment] = field(default_factory=dict)
    rank: dict[str, int] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def say(self, severity: str, text: str, at: Assignment | Place, hint: str = "") -> None:
        """Notes something about an assignment, or a place."""
        place, name = (at.place, at.name) if isinstance(at, Assignment) else (at, "")
        self.diagnostics.append(Diagnostic(severity, text, place, hint, name))


def settle(kconfig: Any, texts: Iterable[ConfText], *, strict: bool, lenient: bool) -> Settled:
    """Assigns all values, in order, and says what is wrong with them.

    Args:
        kconfig: Kconfiglib's object; its options are changed.
        texts: The files and the command line, the most general one first.
        strict: Names that nobody knows are errors, not warnings.
        lenient: Values that did not take effect are warnings, as Zephyr has it.
    """
    settled = Settled()
    defined = {symbol.name: symbol for symbol in kconfig.unique_defined_syms}
    unknown: set[str] = set()
    kconfig.warn = False
    for number, text in enumerate(texts):
        settled.diagnostics += text.malformed
        here: dict[str, Assignment] = {}
        for assignment in text.assignments:
            if assignment.name in defined:
                _assign(defined[assignment.name], assignment, settled, here)
                settled.rank[assignment.name] = number
            elif assignment.name not in unknown:
                unknown.add(assignment.name)
                _undefined(assignment, defined, settled, strict=strict)
    _judge(defined, settled, "warning" if lenient else "error")
    settled.diagnostics += unusable(kconfig, settled.last)
    _marks(kconfig, settled)
    return settled


def _assign(symbol: Any, assignment: Assignment, settled: Settled, here: dict[str, Assignment]) -> None:
    value = _value(symbol, assignment, settled)
    if value is None:
        return
    twice = here.get(symbol.name)
    if twice is not None and twice.text != assignment.text:
        settled.say("warning", f"CONFIG_{symbol.name} is set a second time: it was {twice.text} at {twice.place}", assignment)
    if symbol.choice is not None and value != "n":
        symbol.choice.set_value(value)  # the choice's mode, as kconfiglib infers it from a file
    symbol.set_value(value)
    here[symbol.name] = settled.last[symbol.name] = assignment


def _undefined(assignment: Assignment, defined: dict[str, Any], settled: Settled, *, strict: bool) -> None:
    name = f"CONFIG_{assignment.name}"
    near = meant(assignment.name, defined)
    if near:
        settled.say("error", f"there is no option {name}", assignment, f"did you mean CONFIG_{near}?")
    elif assignment.name in elsewhere():
        told = "error" if strict else "note" if assignment.text == "n" else "warning"
        settled.say(told, f"{name} has no effect: Zephyr has it, but nothing here depends on it", assignment)
    else:
        ours = assignment.name.startswith(OURS)
        told = "error" if strict or ours else "note" if assignment.text == "n" else "warning"
        looks_like = similar(assignment.name, defined)
        hint = f"there is CONFIG_{looks_like}; " if looks_like else ""
        hint += "an option of the application's own is defined in its Kconfig." if told == "error" or looks_like else ""
        settled.say(told, f"{name} has no effect: nothing here knows it", assignment, hint)


# Values as text ---------------------------------------------------------------------------------------------------------


def _value(symbol: Any, assignment: Assignment, settled: Settled) -> str | None:
    """What an assignment says, as kconfiglib takes it; None if it is no value of that type, which is said."""
    kind, text = kind_of(symbol), assignment.text
    if kind in {"bool", "tristate"}:
        return _switch(kind, assignment, settled)
    if kind == "string":
        return _string(assignment, settled)
    problem = _number_problem(kind, text)
    if problem:
        settled.say("error", f"CONFIG_{symbol.name}={text}: {problem[0]}", assignment, problem[1])
        return None
    return text


def _switch(kind: str, assignment: Assignment, settled: Settled) -> str | None:
    text, first = assignment.text, assignment.text[:1]
    allowed = "yn" if kind == "bool" else "ymn"
    if first and first in allowed:
        if text != first:
            settled.say("note", f"CONFIG_{assignment.name}={text} is read as {first}", assignment)
        return first
    wanted = {"1": "y", "0": "n", "on": "y", "off": "n", "true": "y", "false": "n"}.get(
        text.strip('"').lower(), text.strip('"')[:1]
    )
    hint = f"write CONFIG_{assignment.name}={wanted}" if wanted in {"y", "n"} else f"it is {', '.join(allowed[:-1])} or n."
    if first == "m":
        hint = "only options of type tristate can be m."
    settled.say("error", f"CONFIG_{assignment.name}={text}: not a value of type {kind}", assignment, hint)
    return None


def _string(assignment: Assignment, settled: Settled) -> str | None:
    match = _STRING.fullmatch(assignment.text)
    if match is None:
        hint = f'write CONFIG_{assignment.name}="{assignment.text.strip(chr(34))}"'
        hint += " (in a shell, quotes around all of it too)." if assignment.place.line == 0 else "."
        settled.say("error", f"CONFIG_{assignment.name}={assignment.text}: text stands between quotes", assignment, hint)
        return None
    if match[2]:
        settled.say("note", f"CONFIG_{assignment.name}: what stands behind the text is left out: {match[2]}", assignment)
    return re.sub(r"\\(.)", r"\1", match[1])


def _number_problem(kind: str, text: str) -> tuple[str, str] | None:
    """Why a text is no number of that type, and what to write; None if it is one."""
    if len(text) > _LONGEST:
        return "not a number that C has", ""
    bare = text.partition("#")[0].strip().strip('"')
    pattern, base = (HEX, 16) if kind == "hex" else (INT, 10)
    if pattern.fullmatch(text):
        return None if in_c(int(text, base)) else ("not a number that C has", "")
    if kind == "hex":
        return "not a hexadecimal number", _advice(text, bare, HEX)
    if re.fullmatch(r"0\d+", bare):
        return "C would read it as an octal number", f"write {int(bare)}."
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", bare):
        return "a number of type int is decimal", f"write {int(bare, 16)}."
    return "not a whole number", _advice(text, bare, INT)


def _advice(text: str, bare: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(bare):
        return ""
    what = "comments stand on lines of their own" if "#" in text else "numbers have no quotes"
    return f"write {bare}: {what}."


# What took effect -------------------------------------------------------------------------------------------------------


def _judge(defined: dict[str, Any], settled: Settled, severity: str) -> None:
    """Compares what was asked for with what came out."""
    for name, assignment in settled.last.items():
        symbol = defined[name]
        if _same(symbol):
            if not any(node.prompt for node in symbol.nodes):
                settled.say("warning", f"CONFIG_{name} cannot be set; it is {symbol.str_value} anyway", assignment)
        elif not _overruled(symbol, assignment, settled):
            why = obstacle(symbol, settled.last)
            got = symbol.str_value or "empty"
            told = "warning" if _harmless(symbol) or _turned_off(symbol, settled.rank) else severity
            settled.say(
                told, f"CONFIG_{name}={assignment.text} has no effect, it stays {got}: {why.text}", assignment, why.hint
            )


def _same(symbol: Any) -> bool:
    kind, value = kind_of(symbol), symbol.str_value
    if kind in {"bool", "tristate"}:
        return bool(symbol.tri_value == symbol.user_value)
    if kind == "string":
        return bool(value == symbol.user_value)
    pattern, base = (HEX, 16) if kind == "hex" else (INT, 10)
    return bool(pattern.fullmatch(value)) and int(value, base) == int(symbol.user_value, base)


def _harmless(symbol: Any) -> bool:
    """Whether it is the log level of a module while there is no log: nobody misses a message that was not to be."""
    name = symbol.choice.name if symbol.choice is not None else None
    return bool(
        name and name.endswith("_LOG_LEVEL_CHOICE") and not symbol.visibility and not symbol.kconfig.syms["LOG"].tri_value
    )


def _turned_off(symbol: Any, rank: dict[str, int]) -> bool:
    """Whether a later file, or the command line, turned off what the option needs: -DCONFIG_LOG=n leaves prj.conf as it is."""
    wanted = symbol.user_value if kind_of(symbol) in {"bool", "tristate"} else 2
    return any(rank.get(leaf.name, -1) > rank[symbol.name] for leaf, _ in lacking(symbol, wanted))


def _overruled(symbol: Any, assignment: Assignment, settled: Settled) -> bool:
    """Whether a later file chose another member of the same choice, as it may."""
    winner = symbol.choice.selection if symbol.choice is not None else None
    by = settled.last.get(winner.name) if winner is not None and winner is not symbol else None
    return by is not None and by.place.file != assignment.place.file


def _marks(kconfig: Any, settled: Settled) -> None:
    """Says of options that are on what their marks say."""
    for mark, (text, hint) in _MARKS.items():
        marker = kconfig.syms.get(mark)
        switch = kconfig.syms.get(f"WARN_{mark}")
        if marker is None or not marker.tri_value or (switch is not None and switch.nodes and not switch.tri_value):
            continue
        for symbol in kconfig.unique_defined_syms:
            if symbol.tri_value and any(target is marker for target, _ in symbol.selects):
                at = settled.last.get(symbol.name)
                place = at.place if at else None
                settled.diagnostics.append(Diagnostic("warning", f"CONFIG_{symbol.name} {text}", place, hint, symbol.name))
