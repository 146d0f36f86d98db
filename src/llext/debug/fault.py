"""A guest fault as text: what, where, the source, the calls that led there, registers, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from llext.errors import Frame, GuestFault

Style = Callable[[str, str], str]
"""(text, role) -> the text as it is shown; roles are ``error``, ``place``, ``dim``, ``doubt`` and ``hint``."""

_PER_LINE = 4
_SHOWN_FIRST, _SHOWN_LAST = 12, 4
"""Frames of a long chain that are shown: those next to the fault, and those next to the call from Python."""


def plain(text: str, role: str) -> str:  # noqa: ARG001 - a style
    """No colour."""
    return text


def coloured(text: str, role: str) -> str:
    """Colours of a terminal (ECMA-48 SGR)."""
    code = {"error": "1;31", "place": "1", "dim": "2", "doubt": "33", "hint": "36"}[role]
    return f"\x1b[{code}m{text}\x1b[0m"


def fault_text(fault: GuestFault, style: Style = plain) -> str:
    """The whole report, lines ended.

    Args:
        fault: The fault.
        style: How its parts are set off: ``plain`` or ``coloured``.
    """
    kind, _, rest = fault.message.partition(": ")
    lines = [f"{style(kind, 'error')}: {rest}", *_source(fault, style), *(f"  {note}" for note in fault.notes)]
    lines += [*_calls(fault.chain, style), *_registers(fault, style)]
    if fault.hint:
        lines.append(f"  {style(fault.hint, 'hint')}")
    return "".join(f"{line}\n" for line in lines)


def _source(fault: GuestFault, style: Style) -> Iterator[str]:
    """The line that was running, between two before and two behind it."""
    frame = fault.place
    if frame is None:
        return
    yield f"  at {style(f'{frame.file}:{frame.line}', 'place')}"
    for number, text in frame.source():
        row = f"{number:6} | {text.expandtabs(4)}"
        yield style(f"> {row}", "place") if number == frame.line else style(f"  {row}", "dim")


def _calls(chain: tuple[Frame, ...], style: Style) -> Iterator[str]:
    """The chain without the fault itself. What calls itself is told once; the middle of a very long chain is left out."""
    if len(chain) < 2:
        return
    yield "  called from"
    rows = list(_runs(chain))
    left_out = rows[_SHOWN_FIRST:-_SHOWN_LAST]
    for row in rows:
        if row not in left_out:
            yield _call(*row, style)
        elif row is left_out[0]:
            yield style(f"    ... {sum(count for _, _, count in left_out)} more", "dim")


def _runs(chain: tuple[Frame, ...]) -> Iterator[tuple[int, Frame, int]]:
    """Number, frame, and how often it stands there in a row."""
    number = 1
    for frame, same in groupby(chain[1:]):
        count = len(list(same))
        yield number, frame, count
        number += count


def _call(number: int, frame: Frame, count: int, style: Style) -> str:
    at = f" at {style(f'{frame.file}:{frame.line}', 'place')}" if frame.file else ""
    maybe = "" if frame.certain else style("maybe ", "doubt")
    pc = f"{frame.pc:#010x} in " if frame.pc else ""
    return f"    #{number:<2} {maybe}{pc}{frame.where}{at}" + (f", {count} times" if count > 1 else "")


def _registers(fault: GuestFault, style: Style) -> Iterator[str]:
    names = list(fault.registers.items())
    for start in range(0, len(names), _PER_LINE):
        row = names[start : start + _PER_LINE]
        yield style("  " + "  ".join(f"{name:>4} {value:#010x}" for name, value in row), "dim")


def fault_facts(fault: GuestFault) -> dict[str, object]:
    """The report as plain values, for ``--json``: what ``details`` has, source and chain."""
    frame = fault.place
    return fault.details | {
        "file": fault.file or None,
        "line": fault.line or None,
        "source": [{"line": number, "text": text} for number, text in frame.source()] if frame else [],
        "chain": [_plain(frame) for frame in fault.chain],
    }


def _plain(frame: Frame) -> dict[str, object]:
    return {
        "pc": frame.pc, "where": frame.where, "extension": frame.extension or None, "section": frame.section or None,
        "offset": frame.offset, "symbol": frame.symbol or None, "symbol_offset": frame.symbol_offset,
        "file": frame.file or None, "line": frame.line or None, "how": frame.how, "certain": frame.certain,
    }  # fmt: skip
