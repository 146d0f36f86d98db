"""What the registers of a fault say, in words: how an instruction set's tables of them are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Words = Callable[[int], tuple[str, ...]]
"""A register's value -> what it means, a line for each thing."""
Seen = Mapping[str, int]
"""The registers that a dump has shown so far, by lower-case name."""


@dataclass(frozen=True)
class Bit:
    """A bit of a status register.

    Attributes:
        mask: The bit.
        name: Its name in the manual.
        means: What is so if it is set.
        usually: What causes it as a rule; empty if there is no rule.
        printed: What Zephyr's fault handler prints for it.
    """

    mask: int
    name: str
    means: str
    usually: str = ""
    printed: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.means}" + (f"; usually {self.usually}" if self.usually else "")


@dataclass(frozen=True)
class FaultVocabulary:
    """Names and words of one instruction set; all names in lower case.

    Attributes:
        registers: Registers with a meaning, under each name that dumps have for them; no words if a value says nothing.
        touched: Registers with the address that was touched -> (value, registers) -> why it is none, or empty.
        counters: Names of the program counter.
        links: Names of the register with the return address.
        numbers: Names of registers that hold no address, and whose bits are not told.
        decimal: Registers that Zephyr prints in decimal.
        phrases: Lines of Zephyr's fault handler -> what they mean.
        reasons: Numbers of fatal errors that Zephyr calls unknown -> what they are.
    """

    registers: Mapping[str, Words]
    touched: Mapping[str, Callable[[int, Seen], str]]
    counters: frozenset[str]
    links: frozenset[str]
    numbers: frozenset[str] = frozenset()
    decimal: frozenset[str] = frozenset()
    phrases: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)


def bits(table: tuple[Bit, ...], shift: int = 0) -> Words:
    """The words of a register of single bits.

    Args:
        table: Its bits.
        shift: Where in the table's bits those of this register begin, if it is a part of another.
    """

    def words(value: int) -> tuple[str, ...]:
        return tuple(str(bit) for bit in table if value << shift & bit.mask)

    return words
