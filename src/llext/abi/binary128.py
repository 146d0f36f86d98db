"""IEEE 754 binary128, which is long double on RISC-V, to Python's float (binary64) and back.

Every binary64 number is a binary128 number; the other way rounds to nearest, halves to even.
"""

from __future__ import annotations

import struct

SIZE = 16
_FRACTION, _SPECIAL, _BIAS = 112, 0x7FFF, 0x3FFF
_FRACTION64, _SPECIAL64, _BIAS64 = 52, 0x7FF, 0x3FF
_GAP = _FRACTION - _FRACTION64
_DOUBLE = struct.Struct("<d")


def pack(value: float) -> bytes:
    """16 bytes, little endian. Exact; a nan keeps its payload.

    Raises:
        struct.error: not a number.
        OverflowError: an integer beyond the range of a double.
    """
    bits = int.from_bytes(_DOUBLE.pack(value), "little")
    sign, exponent = bits >> 63, bits >> _FRACTION64 & _SPECIAL64
    fraction = bits & (1 << _FRACTION64) - 1
    if exponent == _SPECIAL64:
        exponent = _SPECIAL
    elif exponent:
        exponent += _BIAS - _BIAS64
    elif fraction:  # a subnormal double: its highest bit becomes the implied one
        shift = _FRACTION64 + 1 - fraction.bit_length()
        exponent = _BIAS - _BIAS64 + 1 - shift
        fraction = fraction << shift & (1 << _FRACTION64) - 1
    return ((sign << 15 | exponent) << _FRACTION | fraction << _GAP).to_bytes(SIZE, "little")


def unpack(data: bytes) -> float:
    """The nearest double of 16 bytes; beyond its range an infinity, below its smallest a zero, with their sign."""
    bits = int.from_bytes(data, "little")
    negative, exponent = bits >> 127, bits >> _FRACTION & _SPECIAL
    fraction = bits & (1 << _FRACTION) - 1
    magnitude = _special(fraction) if exponent == _SPECIAL else _finite(exponent, fraction)
    return -magnitude if negative else magnitude


def _finite(exponent: int, fraction: int) -> float:
    """Python divides integers, and converts them, with correct rounding."""
    significand = fraction | (1 << _FRACTION if exponent else 0)
    power = max(exponent, 1) - _BIAS - _FRACTION
    try:
        return significand / (1 << -power) if power < 0 else float(significand << power)
    except OverflowError:
        return float("inf")


def _special(fraction: int) -> float:
    """An infinity, or a nan with the top of its payload, made quiet as a conversion in hardware does."""
    payload = fraction >> _GAP | (1 << _FRACTION64 - 1 if fraction else 0)
    value: float = _DOUBLE.unpack((_SPECIAL64 << _FRACTION64 | payload).to_bytes(8, "little"))[0]
    return value
