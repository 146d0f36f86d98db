"""Numbers that Kconfig takes and nothing can be built with: priorities that no thread has, defaults that are no numbers.

A ``range`` of Kconfig cannot be -NUM_COOP_PRIORITIES, and a default may be any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from llext.target.kconfig.model import Diagnostic, Place
from llext.target.kconfig.origins import kind_of, origin

if TYPE_CHECKING:
    from llext.target.kconfig.conf_files import Assignment

INT = re.compile(r"-?(0|[1-9]\d*)")
HEX = re.compile(r"(0[xX])?[0-9a-fA-F]+")
_PRIORITIES = ("MAIN_THREAD_PRIORITY", "SYSTEM_WORKQUEUE_PRIORITY", "LOG_PROCESS_THREAD_PRIORITY")
_COUNTS = ("NUM_COOP_PRIORITIES", "NUM_PREEMPT_PRIORITIES")


def in_c(value: int) -> bool:
    """Whether a number has a type in C."""
    return -(1 << 63) <= value < 1 << 64


def unusable(kconfig: Any, last: Mapping[str, Assignment]) -> Iterator[Diagnostic]:
    """What is wrong with the numbers that came out."""
    malformed = set()
    for symbol in kconfig.unique_defined_syms:
        if kind_of(symbol) in {"int", "hex"} and symbol.str_value and not _is_number(kind_of(symbol), symbol.str_value):
            malformed.add(symbol.name)
            words = f"CONFIG_{symbol.name} is {symbol.str_value}: not a number of type {kind_of(symbol)} that C has"
            yield Diagnostic("error", words, _place(symbol, last), name=symbol.name)
    if not malformed.intersection((*_PRIORITIES, *_COUNTS)):
        yield from _priorities(kconfig.syms, last)


def _is_number(kind: str, text: str) -> bool:
    pattern, base = (HEX, 16) if kind == "hex" else (INT, 10)
    return pattern.fullmatch(text) is not None and in_c(int(text, base))


def _priorities(symbols: Mapping[str, Any], last: Mapping[str, Assignment]) -> Iterator[Diagnostic]:
    """Priorities of threads beyond the cooperative and preemptible ones that there are."""
    cooperative, preemptible = (int(symbols[name].str_value or 0) for name in _COUNTS)
    first, final = -cooperative, preemptible - 1
    limits = f"it must be from {first} to {final}" if first <= final else "there are no priorities at all"
    hint = " and ".join(f"CONFIG_{name} ({symbols[name].str_value})" for name in _COUNTS) + " say how many there are."
    for name in _PRIORITIES:
        symbol = symbols[name]
        if symbol.str_value and not first <= int(symbol.str_value) <= final:
            said = next((last[each] for each in (name, *_COUNTS) if each in last), None)
            place = said.place if said else _place(symbol, last)
            yield Diagnostic("error", f"CONFIG_{name} is {symbol.str_value}: {limits}", place, hint, name)


def _place(symbol: Any, last: Mapping[str, Assignment]) -> Place | None:
    return origin(symbol, last)[1]
