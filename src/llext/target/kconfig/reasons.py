"""Why an option has its value, and why it cannot have another: in words, with the lines that say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llext.target.kconfig.model import PREFIX, Configuration, Place, Setting
from llext.target.kconfig.tree import generated_by, place_of

if TYPE_CHECKING:
    from llext.target.kconfig.conf_files import Assignment

_LETTERS = "nmy"
_DEEPEST = 6
"""How far dependencies of dependencies are followed."""


def kind_of(symbol: Any) -> str:
    """An option's type, as Kconfig files name it."""
    import kconfiglib

    return str(kconfiglib.TYPE_TO_STR[symbol.orig_type])


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
        return _no_prompt(symbol)
    if wanted == 1 and not symbol.kconfig.modules.tri_value:
        return Reason("m is y while MODULES=n", "set CONFIG_MODULES=y.")
    if switch and wanted < symbol.tri_value and (by := list(selectors(symbol))):
        names = ", ".join(f"{each.name} ({_where(each, last)})" for each in by)
        return Reason(f"it is selected by {names}", f"turn CONFIG_{by[0].name} off.")
    if symbol.visibility < wanted:
        return _unmet(symbol, wanted, last)
    if symbol.choice is not None and symbol.choice.selection not in {None, symbol}:
        winner = symbol.choice.selection
        return Reason(f"its choice has {winner.name} ({_where(winner, last)})", f"take the line of CONFIG_{winner.name} away.")
    if symbol.choice is not None:
        return Reason("a choice has always one member that is y", "set the one that it shall be to y.")
    limits = active_range(symbol)
    if limits:
        return Reason(f"it must be from {limits[0]} to {limits[1]}")
    return Reason("Kconfig took another value")


def _no_prompt(symbol: Any) -> Reason:
    by = list(dict.fromkeys(each.name for each, _ in _selecting(symbol)))
    if by:
        return Reason(f"it has no prompt, and only options that select it turn it on: {', '.join(by)}")
    return Reason("it has no prompt, and follows from other options and the board")


# Dependencies -----------------------------------------------------------------------------------------------------------


def _unmet(symbol: Any, wanted: int, last: Mapping[str, Assignment]) -> Reason:
    needs = list(unmet(symbol, wanted, last))
    most = f"it can be {_LETTERS[symbol.visibility]} at most, since " if symbol.visibility else ""
    ways = [way for way in dict.fromkeys(_ways(symbol, wanted)) if way]
    return Reason(f"{most}it needs {' and '.join(dict.fromkeys(needs)) or 'what its prompt asks for'}",
                  f"set {' and '.join(ways)}." if ways else "")  # fmt: skip


def unmet(symbol: Any, wanted: int, last: Mapping[str, Assignment]) -> Iterator[str]:
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
        yield f"{leaf.name}=n (it is {_LETTERS[leaf.tri_value]}, {_where(leaf, last)})"
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
    return [each for each, _ in _selecting(symbol) if each.visibility == 2]


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


# Who set it -------------------------------------------------------------------------------------------------------------


def _selecting(symbol: Any) -> Iterator[tuple[Any, Any]]:
    """Options that select this one, each with the expression that must hold."""
    import kconfiglib

    if symbol.rev_dep is symbol.kconfig.n:
        return
    for expression in kconfiglib.split_expr(symbol.rev_dep, kconfiglib.OR):
        yield kconfiglib.split_expr(expression, kconfiglib.AND)[0], expression


def selectors(symbol: Any) -> Iterator[Any]:
    """The options that are on and select this one."""
    import kconfiglib

    yield from (by for by, expression in _selecting(symbol) if kconfiglib.expr_value(expression))


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


def _where(symbol: Any, last: Mapping[str, Assignment]) -> str:
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


# All about one ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explanation:
    """All about one option.

    Attributes:
        setting: Its value, and who set it.
        prompt: What the menu calls it; empty if it cannot be set.
        help: Its help text.
        defined: Where Kconfig files define it.
        set_by: Who set it, in words, with the place.
        obstacles: Why it cannot be set to what it might be; empty if nothing keeps it.
        hint: What to do so that it can be set; may be empty.
        limits: Least and largest value of a number, if it has any.
    """

    setting: Setting
    prompt: str
    help: str
    defined: tuple[Place, ...]
    set_by: str
    obstacles: tuple[str, ...]
    hint: str = ""
    limits: tuple[str, str] | None = None

    @property
    def assignment(self) -> str:
        """The option and its value as a configuration file has them."""
        shown = f'"{self.setting.value}"' if self.setting.kind == "string" else self.setting.value or "(nothing)"
        return f"{PREFIX}{self.setting.name}={shown}"

    def line(self) -> str:
        """Value and origin in one line."""
        return f"{self.assignment}  {self.set_by}"

    def facts(self) -> dict[str, object]:
        """The same as plain values, for JSON."""
        return {
            "name": self.setting.name, "type": self.setting.kind, "value": self.setting.value, "set_by": self.set_by,
            "origin": self.setting.origin, "prompt": self.prompt, "help": self.help, "range": self.limits,
            "obstacles": list(self.obstacles), "hint": self.hint, "defined": [str(place) for place in self.defined],
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [f"{self.assignment}  ({self.setting.kind})", f"  set by     {self.set_by}"]
        lines += [f"  {'menu' if self.prompt else 'no menu':9}  {self.prompt}".rstrip()]
        lines += [f"  range      {self.limits[0]} to {self.limits[1]}"] if self.limits else []
        lines += [f"  cannot be  {each}" for each in self.obstacles]
        lines += [f"  to do      {self.hint}"] if self.hint else []
        return "\n".join([*lines, *(f"  defined    {place}" for place in self.defined)])


def explanation(configuration: Configuration, name: str) -> Explanation:
    """All about an option that there is."""
    symbol, setting, last = configuration.inside.kconfig.syms[name], configuration.values[name], configuration.inside.last
    prompts = [node.prompt[0] for node in symbol.nodes if node.prompt]
    reasons = list(_obstacles(symbol, last))
    return Explanation(
        setting,
        prompts[0] if prompts else "",
        next((node.help for node in symbol.nodes if node.help), ""),
        tuple(place_of(node.filename, node.linenr) for node in symbol.nodes if not generated_by(node.filename)),
        _set_by(symbol, setting),
        tuple(reason.text for reason in reasons),
        next((reason.hint for reason in reasons if reason.hint), ""),
        active_range(symbol),
    )


def _obstacles(symbol: Any, last: Mapping[str, Assignment]) -> Iterator[Reason]:
    """What keeps an option from any value that its type has."""
    switch = kind_of(symbol) in {"bool", "tristate"}
    if not any(node.prompt for node in symbol.nodes):
        reason = _no_prompt(symbol)
        yield Reason(f"set: {reason.text}", reason.hint)
    elif switch and symbol.tri_value and (by := list(selectors(symbol))):
        yield Reason(f"n: it is selected by {', '.join(f'{each.name} ({_where(each, last)})' for each in by)}")
    elif not symbol.visibility:
        reason = _unmet(symbol, 1 if kind_of(symbol) == "tristate" else 2, last)
        yield Reason(f"{'y' if switch else 'set'}: {reason.text}", reason.hint)
    elif kind_of(symbol) == "tristate" and symbol.visibility == 1:
        yield Reason(f"y: {_unmet(symbol, 2, last).text}")
    elif symbol.choice is not None and symbol.tri_value:
        yield Reason("n: a choice has always one member that is y", "set the one that it shall be to y.")


def _set_by(symbol: Any, setting: Setting) -> str:
    """Who set an option, in words."""
    at = f" ({setting.place})" if setting.place else ""
    if setting.origin == "select":
        names = ", ".join(each.name for each in selectors(symbol))
        return f"selected by {names}{at}"
    words = {
        "conf": str(setting.place),
        "choice": f"its choice, by default{at}",
        "imply": "another option that implies it",
        "board": "the board",
        "devicetree": "the devicetree",
        "default": f"default{at}",
    }
    return words.get(setting.origin, "nobody")
