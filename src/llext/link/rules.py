"""Zephyr's own loader by version, as data: what its checks refuse, how it rounds, how big its structures are.

3.7 and 4.0 were measured on real firmware; 4.2 and 4.4 are from Zephyr's source and say so.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from llext.abi.structs import struct_llext
from llext.errors import UsageError


@dataclass(frozen=True)
class StockRules:
    """One Zephyr version's loader.

    Attributes:
        version: ``4.0``.
        measured: Whether firmware of this version was measured; else the rules are from source.
        rounding: Every region, string and symbol table is aligned and rounded to this many bytes; 1 keeps the file's.
        prepad: Whether regions keep (file offset mod alignment); older loaders ignore sh_addralign.
        refuses_debug_relocations: Whether relocations of sections that are not loaded make the load fail.
        separate_names: Whether names of symbols and of sections must be in sections of their own.
        weak_is_null: Whether an undefined weak symbol becomes NULL.
        common_errno: -ENOEXEC for a COMMON symbol; False where its section index leads to a wild access.
    """

    version: str
    measured: bool
    rounding: int
    prepad: bool
    refuses_debug_relocations: bool
    separate_names: bool
    weak_is_null: bool
    common_errno: bool

    @property
    def struct_bytes(self) -> int:
        """sizeof(struct llext) on a 32-bit target without user mode."""
        return struct_llext(self.version).size

    def label(self, *, measured: bool = True) -> str:
        """The version as messages name it.

        Args:
            measured: Whether firmware of the file's ISA was measured at all.
        """
        return f"Zephyr {self.version}" + ("" if self.measured and measured else " (from source)")

    def is_older_than(self, version: str) -> bool:
        """Whether this version came before another."""
        return VERSIONS.index(self.version) < VERSIONS.index(version)


_RULES = {
    rules.version: rules
    for rules in (
        StockRules("3.7", True, 32, False, True, True, False, False),
        StockRules("4.0", True, 32, False, True, True, False, False),
        StockRules("4.2", False, 1, True, False, False, False, False),
        StockRules("4.4", False, 1, True, False, False, True, True),
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
