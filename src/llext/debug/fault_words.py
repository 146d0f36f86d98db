"""What the registers in a fatal dump mean, in words; the tables are in arch/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from llext.arch import ARCHES
from llext.errors import Errno

_VOCABULARIES = [arch.fault_registers for arch in ARCHES]
_REGISTERS = {name: words for each in _VOCABULARIES for name, words in each.registers.items()}
_TOUCHED = {name: doubt for each in _VOCABULARIES for name, doubt in each.touched.items()}
_DECIMAL = frozenset().union(*(each.decimal for each in _VOCABULARIES))
_NUMBERS = frozenset().union(*(each.numbers for each in _VOCABULARIES))
COUNTERS = frozenset().union(*(each.counters for each in _VOCABULARIES))
LINKS = frozenset().union(*(each.links for each in _VOCABULARIES))
_PHRASES = {phrase: words for each in _VOCABULARIES for phrase, words in each.phrases.items()}
_PHRASE = re.compile(r"(?:^|\s)(" + "|".join(map(re.escape, sorted(_PHRASES, key=len, reverse=True))) + r")\s*$")
_REASONS = {number: words for each in _VOCABULARIES for number, words in each.reasons.items()}
_REASON = re.compile(r"ZEPHYR FATAL ERROR (\d+): Unknown error")
_BEGINS = re.compile(r"\*{5} .+ \*{5}|Fault! EXC #")
_NEAR_NULL = 1024
"""Bytes from address 0 that Zephyr guards on Cortex-M where it looks for null pointers."""
_ERRORS = 256
_ALL = 1 << 32


@dataclass
class Dump:
    """The registers of the fatal dump that is being read.

    Attributes:
        seen: Values by lower-case name.
    """

    seen: dict[str, int] = field(default_factory=dict)

    def begins(self, line: str) -> None:
        """Forgets the registers of the dump before, if a line is the first of another."""
        if _BEGINS.search(line):
            self.seen.clear()

    def phrases(self, line: str) -> Iterator[str]:
        """What a line of the fault handler without a value means."""
        if found := _PHRASE.search(line):
            yield _PHRASES[found[1]]
        if (reason := _REASON.search(line)) and int(reason[1]) in _REASONS:
            yield f"error {reason[1]}: {_REASONS[int(reason[1])]}"

    def words(self, name: str, text: str) -> Iterator[str]:
        """What the value of a register means, and note it."""
        value = value_of(name, text)
        self.seen[name] = value
        yield from _REGISTERS[name](value) if name in _REGISTERS else ()

    def touched(self, name: str) -> str | None:
        """Why the value of a register is not the address that was touched; empty if it is, None if it never is."""
        return _TOUCHED[name](self.seen.get(name, 0), self.seen) if name in _TOUCHED else None


def value_of(name: str, text: str) -> int:
    """A register's value as Zephyr prints it: hex, with 0x or without, but for a few."""
    is_decimal = name in _DECIMAL and text.isdecimal() and len(text) < 8
    return int(text, 10 if is_decimal else 16)


def has_meaning(name: str) -> bool:
    """Whether a register's value is told in words."""
    return name in _REGISTERS or name in _TOUCHED


def is_number(name: str) -> bool:
    """Whether a register is one whose value is no address."""
    return name in _NUMBERS or (name in _REGISTERS and name not in COUNTERS and name not in LINKS)


def near_null(address: int) -> str:
    """What an address is if a NULL pointer led to it; or empty."""
    if address < _NEAR_NULL:
        return "a NULL pointer" + (f" plus {address}: a member or element of what it should point to" if address else "")
    below = _ALL - address
    if not 0 < below <= _NEAR_NULL:
        return ""
    known = below in Errno._value2member_map_ if below <= _ERRORS else False
    error = f", or the error {-below} ({Errno(below).name}) taken for a pointer" if known else ""
    return f"a NULL pointer minus {below}{error}"
