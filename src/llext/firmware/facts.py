"""What a firmware is, each fact with where it was read, or that it was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Fact(Generic[T_co]):
    """One fact.

    Attributes:
        value: What it is, or is taken for.
        source: Where that was read; of what is not known, why it is taken for that.
        known: Whether it was read.
    """

    value: T_co
    source: str
    known: bool = True

    def __str__(self) -> str:
        shown = {True: "y", False: "n"}.get(self.value, self.value) if isinstance(self.value, bool) else self.value
        return f"{shown}  ({self.source})" if self.known else f"not known: assumed {shown}, {self.source}"


def assumed(value: T, why: str) -> Fact[T]:
    """A fact that nothing told."""
    return Fact(value, why, known=False)
