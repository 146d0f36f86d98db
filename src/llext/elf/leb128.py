"""Numbers of variable length, LEB128 (DWARF 5 section 7.6), as build attributes and line tables have them."""

from __future__ import annotations

_MOST_BITS = 64
"""No number here has more; a longer one is nonsense, and would take the square of its length to put together."""


def uleb(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number, and the offset of what follows it; what the data's end cuts short is taken as it is."""
    value = shift = 0
    while at < len(data):
        byte = data[at]
        value |= (byte & 0x7F) << min(shift, _MOST_BITS)
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    return value, at


def sleb(data: bytes, at: int) -> tuple[int, int]:
    """A signed number, and the offset of what follows it."""
    value, end = uleb(data, at)
    bits = 7 * (end - at)
    negative = end > at and data[end - 1] & 0x40 and bits <= _MOST_BITS
    return value - (1 << bits) if negative else value, end
