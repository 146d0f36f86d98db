"""Zephyr's own loader by version, as data: what its checks refuse, how it rounds, how big its structures are.

3.7 and 4.0 were measured on real firmware; 4.2 and 4.4 are from Zephyr's source and say so.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from llext.abi.structs import struct_llext
from llext.errors import UsageError
from llext.link.checks import ANSWERS, Answer, Check
from llext.link.regions import up


@dataclass(frozen=True, eq=False)
class StockRules:
    """One Zephyr version's loader.

    Attributes:
        version: ``4.0``.
        measured: Whether firmware of this version was measured; else the rules are from source.
        rounding: Every region, string and symbol table is aligned and rounded to this many bytes; 1 keeps the file's.
        prepad: Whether regions keep (file offset mod alignment); older loaders ignore sh_addralign.
        tracked: How many extensions that it uses an extension keeps from being unloaded.
        answers: What it says of a file that has one of these properties; a property that is not there it takes.
        power_of_two: Whether regions are rounded to a power of two, and aligned to that (MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT).
        exact: Whether alignments that its loader ignores are ignored, as a device does; our own loader keeps them.
        told_bytes: sizeof(struct llext) of the firmware in question; 0 takes that of the version.
    """

    version: str
    measured: bool
    rounding: int
    prepad: bool
    tracked: int
    answers: Mapping[Check, Answer]
    power_of_two: bool = False
    exact: bool = False
    told_bytes: int = 0

    @property
    def struct_bytes(self) -> int:
        """sizeof(struct llext) on a 32-bit target; without user mode unless it was told."""
        return self.told_bytes or struct_llext(self.version).size

    def rounded(self, size: int, alignment: int, *, table: bool = False, granule: int = 0) -> tuple[int, int]:
        """Bytes and alignment that its loader asks the heap for.

        Args:
            size: Of the region.
            alignment: What its sections ask for.
            table: Whether it is a symbol or string table, which newer loaders leave as it is.
            granule: Bytes that the region must own whole, or 0.
        """
        plain = self.prepad and table
        rounding = 1 if plain else self.rounding
        if self.exact and not self.prepad:
            alignment = 1
        if self.power_of_two and not plain:
            rounding = alignment = 1 << (max(size, alignment, rounding) - 1).bit_length()
        rounding = max(rounding, granule)
        return up(size, rounding), max(alignment, rounding)

    def label(self, *, measured: bool = True) -> str:
        """The version as messages name it.

        Args:
            measured: Whether firmware of the file's ISA was measured at all.
        """
        return f"Zephyr {self.version}" + ("" if self.measured and measured else " (from source)")

    def is_older_than(self, version: str) -> bool:
        """Whether this version came before another."""
        return VERSIONS.index(self.version) < VERSIONS.index(version)


def _answers(column: int) -> Mapping[Check, Answer]:
    return {check: answer for check, row in ANSWERS.items() if (answer := row[column]) is not None}


_RULES = {
    rules.version: rules
    for rules in (
        StockRules("3.7", True, 32, False, 0, _answers(0)),
        StockRules("4.0", True, 32, False, 8, _answers(1)),
        StockRules("4.2", False, 1, True, 8, _answers(2)),
        StockRules("4.4", False, 1, True, 8, _answers(3)),
    )
}
VERSIONS = tuple(_RULES)
NEWEST = VERSIONS[-1]


def stock_rules(version: str = NEWEST) -> StockRules:
    """The rules of a Zephyr version.

    Raises:
        UsageError: a version that is not modelled.
    """
    try:
        return _RULES[version]
    except KeyError:
        near = difflib.get_close_matches(version, VERSIONS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"no rules for Zephyr {version!r}", hint=f"{hint}There are {', '.join(VERSIONS)}.") from None
