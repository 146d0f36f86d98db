"""What a configuration is: options with their values, who set them, and what there is to say about them.

Frozen facts and nothing else: they are compared, hashed and written to files. Whoever asks why an option has its value
asks ``Configuration.explain``, which looks at Kconfig's own objects; these are no part of what is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llext.errors import ConfigError, UsageError, nearest, shortened

if TYPE_CHECKING:
    from llext.target.kconfig.explain import Explanation

PREFIX = "CONFIG_"


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file.

    Attributes:
        file: Its path as the caller gave it, or in words where there is no file: ``-D``.
        line: From 1; 0 where there are no lines.
    """

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Diagnostic:
    """Something to tell about a configuration.

    Attributes:
        severity: ``error``, ``warning`` or ``note``.
        text: What is wrong, and why.
        place: Where; None if it is at no line.
        hint: What to do next; may be empty.
        name: The option that it is about, without prefix; empty if it is about none.
    """

    severity: str
    text: str
    place: Place | None = None
    hint: str = ""
    name: str = ""

    def __str__(self) -> str:
        at = f"{self.place}: " if self.place else ""
        return f"{at}{self.severity}: {shortened(self.text)}" + (f"\n  {self.hint}" if self.hint else "")


@dataclass(frozen=True)
class Setting:
    """One option.

    Attributes:
        name: Without prefix.
        kind: ``bool``, ``tristate``, ``int``, ``hex`` or ``string``.
        value: As Kconfig has it: ``y``, ``m`` or ``n``; a number as it was written; the text itself, without quotes.
        written: Whether ``.config`` has it: an option that could not be set and has no value is left out.
        origin: Who set it: ``conf`` (a file or the command line), ``select``, ``imply``, ``choice`` (its default), ``board``,
            ``devicetree``, ``default``, or empty: nobody.
        place: Where that stands, if anywhere.
    """

    name: str
    kind: str
    value: str
    written: bool
    origin: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Configuration:
    """The values of all options of one application on one board.

    Attributes:
        settings: Every option, in the order of the Kconfig files.
        diagnostics: What there is to tell; in the order of the files.
        files: Every file that was read, so that a build knows when to configure again.
    """

    settings: tuple[Setting, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    files: tuple[Path, ...] = ()
    inside: Any = field(default=None, compare=False, repr=False)
    """``kconfig``, kconfiglib's object with the values in it, and ``last``, the assignments; only ``explain`` and the menu look."""

    @cached_property
    def values(self) -> Mapping[str, Setting]:
        """The settings by name."""
        return {setting.name: setting for setting in self.settings}

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics for which nothing may be built."""
        return tuple(each for each in self.diagnostics if each.severity == "error")

    def __getitem__(self, name: str) -> str:
        """An option's value, with or without ``CONFIG_`` in front.

        Raises:
            UsageError: there is no such option; the message names the nearest ones.
        """
        bare = name.removeprefix(PREFIX)
        if bare not in self.values:
            near = nearest(bare, self.values)
            hint = f"did you mean {' or '.join(PREFIX + each for each in near)}?" if near else ""
            raise UsageError(f"there is no option {PREFIX}{bare}", hint=hint)
        return self.values[bare].value

    def on(self, name: str) -> bool:
        """Whether an option is y or m; one that does not exist is not."""
        setting = self.values.get(name.removeprefix(PREFIX))
        return setting is not None and setting.kind in {"bool", "tristate"} and setting.value != "n"

    def number(self, name: str) -> int:
        """The value of an int or hex; 0 if it has none."""
        value = self[name]
        return int(value, 16 if self.values[name.removeprefix(PREFIX)].kind == "hex" else 10) if value else 0

    def check(self) -> Configuration:
        """Itself, if it has no errors.

        Raises:
            ConfigError: it has; the message is the first one, ``diagnostics`` has all that there is to tell besides.
        """
        if self.errors:
            first, more = self.errors[0], len(self.errors) - 1
            others = [each for each in self.diagnostics if each is not first]
            text = f"{first.place}: {first.text}" if first.place else first.text
            raise ConfigError(
                text + (f" (and {more} more)" if more else ""),
                hint=first.hint,
                place=str(first.place or ""),
                diagnostics="\n".join(map(str, others)),
            )
        return self

    def explain(self, name: str) -> Explanation:
        """An option's value, who set it, and why it cannot be set otherwise, if it cannot.

        Raises:
            UsageError: there is no such option; the message names the nearest ones.
        """
        from llext.target.kconfig.explain import explanation

        _ = self[name]
        return explanation(self, name.removeprefix(PREFIX))
