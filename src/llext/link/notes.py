"""What stock Zephyr of some version would say of a file."""

from __future__ import annotations

from dataclasses import dataclass

from llext.errors import Errno
from llext.link.rules import StockRules


@dataclass(frozen=True)
class Note:
    """What stock Zephyr of one version would do with this file.

    Attributes:
        version: Label of the version.
        errno: Its answer; None where it does not refuse or may crash.
        reason: Why.
        hint: What to change in the build.
        crash: Whether a stock loader may die of it.
    """

    version: str
    errno: Errno | None
    reason: str
    hint: str
    crash: bool = False

    def __str__(self) -> str:
        if self.errno is not None:
            return f"{self.version} refuses it: -{self.errno.name}, {self.reason}; {self.hint}"
        return f"{self.version} {'may crash' if self.crash else 'loads it, but'}: {self.reason}; {self.hint}"


def weak_note(rules: StockRules, label: str, name: str) -> Note | None:
    """What a version says of an undefined weak symbol that the firmware does not export; None if that is NULL to it."""
    if rules.weak_is_null:
        return None
    reason = f"the weak symbol {name} is undefined, unless the firmware exports it"
    return Note(label, Errno.ENODATA, reason, "define it, or do not refer to it")
