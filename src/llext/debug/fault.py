"""A guest fault as text: what, where, registers, what to do next."""

from __future__ import annotations

from llext.errors import GuestFault

_PER_LINE = 4


def fault_text(fault: GuestFault) -> str:
    """The report that the command line prints, lines ended."""
    lines = [fault.message]
    names = list(fault.registers.items())
    rows = (names[start : start + _PER_LINE] for start in range(0, len(names), _PER_LINE))
    lines += ["  " + "  ".join(f"{name:>4} {value:#010x}" for name, value in row) for row in rows]
    if fault.hint:
        lines.append(f"  {fault.hint}")
    return "\n".join(lines) + "\n"
