"""The one formatter behind printk, printf, snprintf and their relatives: C11 7.21.6.1 for a 32-bit guest.

int, long, size_t and pointers have 32 bits, long long and intmax_t 64, long double is double. Where C leaves a choice
this does what glibc does: ``(nil)``, ``(null)``, ``inf``. An unknown conversion is echoed as it stands.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple, Protocol

FIELD_LIMIT = 64 * 1024
"""Width and precision are cut to this many characters, so that no template can eat the host's memory."""


class Arguments(Protocol):
    """A va_list of a 32-bit guest."""

    def word(self) -> int: ...
    def dword(self) -> int: ...
    def double(self) -> float: ...


class Strings(Protocol):
    """Guest memory, for %s and %n."""

    def string(self, address: int, limit: int | None) -> bytes: ...
    def store(self, address: int, value: int, size: int) -> None: ...


class _Conversion(NamedTuple):
    """One conversion of a template; width and precision may be ``*``."""

    text: bytes
    flags: str
    width: int | str
    precision: int | str | None
    length: str
    kind: str


_PATTERN = re.compile(rb"%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d*))?(hh|h|ll|l|j|z|t|L)?([a-zA-Z%])")
_INTEGER_BYTES = {"hh": 1, "h": 2, "ll": 8, "j": 8}
_KNOWN = frozenset("diouxXcspnfFeEgGaAm%") - {"m"}


@lru_cache(maxsize=256)
def _parse(template: bytes) -> tuple[bytes | _Conversion, ...]:
    """A template as literal pieces and conversions."""
    pieces: list[bytes | _Conversion] = []
    at = 0
    for match in _PATTERN.finditer(template):
        if match.start() < at:
            continue
        flags, width, precision, length, kind = ((group or b"").decode("latin-1") for group in match.groups())
        pieces.append(template[at : match.start()])
        at = match.end()
        if kind not in _KNOWN:
            pieces.append(match[0])
            continue
        pieces.append(
            _Conversion(
                match[0], flags, width if width == "*" else int(width or 0),
                None if match[3] is None else precision if precision == "*" else int(precision or 0), length, kind,
            )
        )  # fmt: skip
    pieces.append(template[at:])
    return tuple(piece for piece in pieces if piece != b"")


def render(template: bytes, arguments: Arguments, memory: Strings) -> bytes:
    """The text of a template with its arguments."""
    out: list[bytes] = []
    for piece in _parse(template):
        out.append(piece if isinstance(piece, bytes) else _render(piece, arguments, memory, out))
    return b"".join(out)


def _signed(value: int, bits: int) -> int:
    sign = 1 << bits - 1
    return (value & 2 * sign - 1 ^ sign) - sign


def _render(item: _Conversion, arguments: Arguments, memory: Strings, out: list[bytes]) -> bytes:
    flags, width, precision = item.flags, item.width, item.precision
    if width == "*":
        width = _signed(arguments.word(), 32)
        if width < 0:
            flags, width = flags + "-", -width
    if precision == "*":
        precision = _signed(arguments.word(), 32)
    if isinstance(precision, int):
        precision = None if precision < 0 else min(precision, FIELD_LIMIT)
    width = min(int(width), FIELD_LIMIT)
    assert not isinstance(precision, str)
    return _CONVERTERS[item.kind](item, flags, width, precision, arguments, memory, out)


def _pad(body: bytes, flags: str, width: int) -> bytes:
    return body.ljust(width) if "-" in flags else body.rjust(width)


def _number(sign: str, prefix: str, digits: str, flags: str, width: int, *, zeros: bool) -> bytes:
    """Sign, prefix, digits; the field filled with zeros behind the prefix if the flags say so."""
    if zeros and "0" in flags and "-" not in flags:
        digits = digits.rjust(width - len(sign) - len(prefix), "0")
    return _pad((sign + prefix + digits).encode(), flags, width)


def _sign(negative: bool, flags: str) -> str:
    return "-" if negative else "+" if "+" in flags else " " if " " in flags else ""


def _raw_integer(item: _Conversion, arguments: Arguments) -> tuple[int, int]:
    """(value as it was passed, bits of its type)."""
    size = _INTEGER_BYTES.get(item.length, 4)
    value = arguments.dword() if size == 8 else arguments.word()
    return value & (1 << 8 * size) - 1, 8 * size


def _decimal(item, flags, width, precision, arguments, _memory, _out) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    value = _signed(*_raw_integer(item, arguments))
    return _integer_text(str(abs(value)), _sign(value < 0, flags), "", flags, width, precision, value == 0)


def _unsigned(item, flags, width, precision, arguments, _memory, _out) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    value, _ = _raw_integer(item, arguments)
    digits = {"u": "d", "o": "o", "x": "x", "X": "X"}[item.kind]
    text, prefix = format(value, digits), ""
    if "#" in flags and item.kind in "xX" and value:
        prefix = "0" + item.kind
    if "#" in flags and item.kind == "o":
        if value == 0:
            return _integer_text("0", "", "", flags, width, max(precision or 0, 1) if precision is not None else None, False)
        precision = max(precision or 0, len(text) + 1) if precision is not None or "0" not in flags or "-" in flags else None
        if precision is None:
            return _number("", "", "0" + text, flags, width, zeros=True)
    return _integer_text(text, "", prefix, flags, width, precision, value == 0)


def _integer_text(digits: str, sign: str, prefix: str, flags: str, width: int, precision: int | None, zero: bool) -> bytes:
    if precision is not None:
        digits = "" if zero and precision == 0 else digits.rjust(precision, "0")
    return _number(sign, prefix, digits, flags, width, zeros=precision is None)


def _character(_item, flags, width, _precision, arguments, _memory, _out) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return _pad(bytes([arguments.word() & 0xFF]), flags, width)


def _string(_item, flags, width, precision, arguments, memory, _out) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    address = arguments.word()
    text = (b"(null)" if precision is None or precision >= 6 else b"") if not address else memory.string(address, precision)
    return _pad(text, flags, width)


def _pointer(_item, flags, width, _precision, arguments, _memory, _out) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    value = arguments.word()
    if not value:
        return _pad(b"(nil)", flags, width)
    return _integer_text(format(value, "x"), _sign(False, flags), "0x", flags, width, _precision, False)


def _count(item, _flags, _width, _precision, arguments, memory, out) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    memory.store(arguments.word(), sum(map(len, out)), _INTEGER_BYTES.get(item.length, 4))
    return b""


def _percent(_item, _flags, _width, _precision, _arguments, _memory, _out) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return b"%"


def _floating(item, flags, width, precision, arguments, _memory, _out) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    value = arguments.double()
    sign = _sign(math.copysign(1, value) < 0, flags)
    upper = item.kind.isupper()
    if not math.isfinite(value):
        text = "nan" if math.isnan(value) else "inf"
        return _pad((sign + (text.upper() if upper else text)).encode(), flags, width)
    if item.kind in "aA":
        digits, prefix = _hexadecimal(abs(value), precision, flags), "0x"
        if upper:
            digits, prefix = digits.upper(), "0X"
        return _number(sign, prefix, digits, flags, width, zeros=True)
    shown = 6 if precision is None else precision
    digits = f"%{'#' if '#' in flags else ''}.{shown}{item.kind.lower()}" % abs(value)
    return _number(sign, "", digits.upper() if upper else digits, flags, width, zeros=True)


def _hexadecimal(value: float, precision: int | None, flags: str) -> str:
    """1.8p+3 of a non-negative double, as glibc writes it: rounded half to even, subnormals as 0x0.xxxp-1022."""
    mantissa, _, exponent = value.hex().removeprefix("0x").partition("p")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0") if precision is None else fraction
    if precision is not None:
        fraction = fraction.ljust(precision, "0")
        if precision < len(fraction):
            number = int(whole + fraction, 16)
            shift = 4 * (len(fraction) - precision)
            half, kept = 1 << shift - 1, number >> shift
            rest = number & (1 << shift) - 1
            kept += rest > half or (rest == half and bool(kept & 1))
            text = format(kept, "x").rjust(precision + 1, "0")
            whole, fraction = text[: len(text) - precision], text[len(text) - precision :]
    point = "." if fraction or "#" in flags else ""
    return f"{whole}{point}{fraction}p{int(exponent):+d}"


_CONVERTERS = {
    "d": _decimal, "i": _decimal, "o": _unsigned, "u": _unsigned, "x": _unsigned, "X": _unsigned, "c": _character,
    "s": _string, "p": _pointer, "n": _count, "%": _percent,
    **dict.fromkeys("fFeEgGaA", _floating),
}  # fmt: skip
