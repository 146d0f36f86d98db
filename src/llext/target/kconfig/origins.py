"""Who gave an option its value: a line of a file, another option, a choice, the board, or a default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from llext.target.kconfig.model import Place
from llext.target.kconfig.places import generated_by, place_of

if TYPE_CHECKING:
    from llext.target.kconfig.conf_files import Assignment


def kind_of(symbol: Any) -> str:
    """An option's type, as Kconfig files name it."""
    import kconfiglib

    return str(kconfiglib.TYPE_TO_STR[symbol.orig_type])


def selecting(symbol: Any) -> Iterator[tuple[Any, Any]]:
    """Options that select this one, each with the expression that must hold."""
    import kconfiglib

    if symbol.rev_dep is symbol.kconfig.n:
        return
    for expression in kconfiglib.split_expr(symbol.rev_dep, kconfiglib.OR):
        yield kconfiglib.split_expr(expression, kconfiglib.AND)[0], expression


def selectors(symbol: Any) -> Iterator[Any]:
    """The options that are on and select this one."""
    import kconfiglib

    yield from (by for by, expression in selecting(symbol) if kconfiglib.expr_value(expression))


def origin(symbol: Any, last: Mapping[str, Assignment]) -> tuple[str, Place | None]:
    """Who gave an option its value, and where; words as in ``Setting.origin``."""
    import kconfiglib

    chosen = symbol.choice is not None and symbol.choice.selection is symbol
    if symbol.name in last and symbol.visibility and (symbol.choice is None or symbol.choice.user_selection is symbol):
        return "conf", last[symbol.name].place
    if chosen:
        return "choice", _first_place(symbol.choice)
    if symbol.tri_value and kconfiglib.expr_value(symbol.rev_dep) >= symbol.tri_value:
        return "select", _first_place(next(selectors(symbol)))
    if symbol.tri_value and kconfiglib.expr_value(symbol.weak_rev_dep) >= symbol.tri_value:
        return "imply", None
    return _default(symbol)


def _default(symbol: Any) -> tuple[str, Place | None]:
    import kconfiglib

    active = next((default for default in symbol.defaults if kconfiglib.expr_value(default[1])), None)
    if active is None or (symbol.choice is not None and not symbol.tri_value):
        return "", None
    node = next((node for node in symbol.nodes if any(_same_default(each, active) for each in node.defaults)), symbol.nodes[0])
    generated = generated_by(node.filename)
    return (generated, None) if generated else ("default", place_of(node.filename, node.linenr))


def _same_default(one: Any, other: Any) -> bool:
    return one[0] is other[0] or one[0] == other[0]


def _first_place(item: Any) -> Place | None:
    nodes = (node for node in item.nodes if not generated_by(node.filename))
    return next((place_of(node.filename, node.linenr) for node in nodes), None)


def where(symbol: Any, last: Mapping[str, Assignment]) -> str:
    """Who set an option, in a few words."""
    how, place = origin(symbol, last)
    if how == "conf":
        return str(place)
    names = ", ".join(each.name for each in selectors(symbol)) if how == "select" else ""
    return {"select": f"selected by {names}", "choice": "by default", "board": "by the board"}.get(how, "by default")


def active_range(symbol: Any) -> tuple[str, str] | None:
    """The least and the largest value that a number may have, as text."""
    import kconfiglib

    ranges = (each for each in symbol.ranges if kconfiglib.expr_value(each[2]))
    found = next(ranges, None)
    return (found[0].str_value, found[1].str_value) if found else None
