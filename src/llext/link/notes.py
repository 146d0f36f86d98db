"""What stock Zephyr of some version would say of a file."""

from __future__ import annotations

from dataclasses import dataclass

from llext.errors import Errno


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
