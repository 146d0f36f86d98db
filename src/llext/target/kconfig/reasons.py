"""Why a value that was asked for did not take effect: dependencies, what selects an option, its choice, its range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llext.target.kconfig.model import PREFIX
from llext.target.kconfig.origins import active_range, kind_of, selecting, selectors, where

if TYPE_CHECKING:
    from llext.target.kconfig.conf_files import Assignment

_LETTERS = "nmy"
_DEEPEST = 6
"""How far dependencies of dependencies are followed."""


@dataclass(frozen=True)
class Reason:
    """Why a value did not take effect, and what would help."""

    text: str
    hint: str = ""


def obstacle(symbol: Any, last: Mapping[str, Assignment]) -> Reason:
    """What keeps an option from the value that was assigned to it."""
    switch = kind_of(symbol) in {"bool", "tristate"}
    wanted = symbol.user_value if switch else 2
    if not any(node.prompt for node in symbol.nodes):
        return no_prompt(symbol)
    if wanted == 1 and not symbol.kconfig.modules.tri_value:
        return Reason("m is y while MODULES=n", "set CONFIG_MODULES=y.")
    if switch and wanted < symbol.tri_value and (by := list(selectors(symbol))):
        names = ", ".join(f"{each.name} ({where(each, last)})" for each in by)
        return Reason(f"it is selected by {names}", f"turn CONFIG_{by[0].name} off.")
    if symbol.visibility < wanted:
        return unmet_reason(symbol, wanted, last)
    if symbol.choice is not None and symbol.choice.selection not in {None, symbol}:
        winner = symbol.choice.selection
        return Reason(f"its choice has {winner.name} ({where(winner, last)})", f"take the line of CONFIG_{winner.name} away.")
    if symbol.choice is not None:
        return Reason("a choice has always one member that is y", "set the one that it shall be to y.")
    limits = active_range(symbol)
    if limits:
        return Reason(f"it must be from {limits[0]} to {limits[1]}")
    return Reason("Kconfig took another value")


def no_prompt(symbol: Any) -> Reason:
    """Why an option that has no prompt cannot be set."""
    by = list(dict.fromkeys(each.name for each, _ in selecting(symbol)))
    if by:
        return Reason(f"it has no prompt, and only options that select it turn it on: {', '.join(by)}")
    return Reason("it has no prompt, and follows from other options and the board")


# Dependencies -----------------------------------------------------------------------------------------------------------


def unmet_reason(symbol: Any, wanted: int, last: Mapping[str, Assignment]) -> Reason:
    """What an option needs to have a value, and what to set for it."""
    needs = list(_needs(symbol, wanted, last))
    most = f"it can be {_LETTERS[symbol.visibility]} at most, since " if symbol.visibility else ""
    ways = [way for way in dict.fromkeys(_ways(symbol, wanted)) if way]
    return Reason(f"{most}it needs {' and '.join(dict.fromkeys(needs)) or 'what its prompt asks for'}",
                  f"set {' and '.join(ways)}." if ways else "")  # fmt: skip


def _needs(symbol: Any, wanted: int, last: Mapping[str, Assignment]) -> Iterator[str]:
    """What of an option's dependencies is not met, in words."""
    for expression in _conditions(symbol, wanted):
        yield from _failing(expression, wanted, last)


def _conditions(symbol: Any, wanted: int) -> Iterator[Any]:
    """What stands between an option, or a choice, and a value: its dependencies, or else the conditions of its prompt."""
    from kconfiglib import Choice, expr_value

    dependencies = symbol.direct_dep
    if isinstance(dependencies, Choice):
        yield from _conditions(dependencies, wanted)
    elif expr_value(dependencies) < wanted:
        yield dependencies
        return
    yield from (node.prompt[1] for node in symbol.nodes if node.prompt)


def _failing(expression: Any, wanted: int, last: Mapping[str, Assignment]) -> Iterator[str]:
    import kconfiglib

    if kconfiglib.expr_value(expression) >= wanted:
        return
    if not isinstance(expression, tuple):
        yield from _failing_leaf(expression, wanted, last)
    elif expression[0] == kconfiglib.AND:
        for part in expression[1:]:
            yield from _failing(part, wanted, last)
    elif expression[0] == kconfiglib.OR:
        parts = kconfiglib.split_expr(expression, kconfiglib.OR)
        yield "(" + " or ".join(" and ".join(_failing(part, wanted, last)) for part in parts) + ")"
    elif expression[0] == kconfiglib.NOT and not isinstance(expression[1], tuple):
        leaf = expression[1]
        yield f"{leaf.name}=n (it is {_LETTERS[leaf.tri_value]}, {where(leaf, last)})"
    else:
        yield kconfiglib.expr_str(expression)


def _failing_leaf(leaf: Any, wanted: int, last: Mapping[str, Assignment]) -> Iterator[str]:
    import kconfiglib

    if isinstance(leaf, kconfiglib.Choice):
        for condition in _conditions(leaf, wanted):
            yield from _failing(condition, wanted, last)
    elif leaf.is_constant:
        yield "what is never there"
    elif not leaf.nodes:
        yield f"{leaf.name}, which does not exist here"
    else:
        at = f", {last[leaf.name].place}" if leaf.name in last else ""
        yield f"{leaf.name}={_letter(leaf, wanted)} (it is {_LETTERS[leaf.tri_value]}{at})"


def _letter(leaf: Any, wanted: int) -> str:
    """The value that an option needs at least: a bool is never m."""
    return "y" if kind_of(leaf) == "bool" else _LETTERS[wanted]


def _ways(symbol: Any, wanted: int) -> Iterator[str]:
    """Assignments that would meet an option's dependencies, the innermost first; nothing where there are none."""
    for leaf, value in lacking(symbol, wanted):
        if any(node.prompt for node in leaf.nodes):
            yield f"{PREFIX}{leaf.name}={_letter(leaf, value) if value else 'n'}"
        elif value:
            yield from (f"{PREFIX}{each.name}=y" for each in _switches(leaf)[:1])


def _switches(symbol: Any) -> list[Any]:
    """Options that could be turned on now and select one that has no prompt."""
    return [each for each, _ in selecting(symbol) if each.visibility == 2]


def lacking(symbol: Any, wanted: int, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """What would have to have other values so that an option can have one: options with those values, the innermost first."""
    for expression in _conditions(symbol, wanted) if depth < _DEEPEST else ():
        for leaf, value in _missing(expression, wanted):
            if value:
                yield from lacking(leaf, value, depth + 1)
            yield leaf, value


def _missing(expression: Any, wanted: int) -> Iterator[tuple[Any, int]]:
    """The options in a conjunction that have not the value that they need; of an alternative the first."""
    import kconfiglib

    if kconfiglib.expr_value(expression) >= wanted:
        return
    if isinstance(expression, kconfiglib.Choice):
        for condition in _conditions(expression, wanted):
            yield from _missing(condition, wanted)
    elif not isinstance(expression, tuple):
        if not expression.is_constant and expression.nodes:
            yield expression, wanted
    elif expression[0] == kconfiglib.AND:
        yield from _missing(expression[1], wanted)
        yield from _missing(expression[2], wanted)
    elif expression[0] == kconfiglib.OR:
        yield from _missing(expression[1], wanted)
    elif expression[0] == kconfiglib.NOT and not isinstance(expression[1], tuple):
        yield expression[1], 0
