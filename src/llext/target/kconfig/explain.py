"""All about one option, for people: value, who set it, why it cannot be set otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llext.target.kconfig.model import PREFIX, Configuration, Place, Setting
from llext.target.kconfig.origins import active_range, kind_of, selectors, where
from llext.target.kconfig.places import generated_by, place_of
from llext.target.kconfig.reasons import Reason, no_prompt, unmet_reason

if TYPE_CHECKING:
    from llext.target.kconfig.conf_files import Assignment


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
        reason = no_prompt(symbol)
        yield Reason(f"set: {reason.text}", reason.hint)
    elif switch and symbol.tri_value and (by := list(selectors(symbol))):
        yield Reason(f"n: it is selected by {', '.join(f'{each.name} ({where(each, last)})' for each in by)}")
    elif not symbol.visibility:
        reason = unmet_reason(symbol, 1 if kind_of(symbol) == "tristate" else 2, last)
        yield Reason(f"{'y' if switch else 'set'}: {reason.text}", reason.hint)
    elif kind_of(symbol) == "tristate" and symbol.visibility == 1:
        yield Reason(f"y: {unmet_reason(symbol, 2, last).text}")
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
