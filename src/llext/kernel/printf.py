"""The one formatter behind printk, printf, snprintf and vsnprintf: C11 7.21.6.1 for a 32-bit guest.

int, long, size_t, ptrdiff_t and pointers have 32 bits, long long and intmax_t 64; long double is read as the nearest
double. Where C leaves room this writes what glibc writes: ``(nil)``, ``(null)``, ``inf``, and one hexadecimal digit before the point of %a.
``%lc`` and ``%ls`` are taken as %c and %s. What is not a conversion of C11, a lone % included, is echoed as it stands.

It returns bytes and prints nothing; where they go is the console's business, where arguments lie is the ABI's.

A template is parsed once, into literals and converters. A converter is a function that fetches its argument from the
call and returns its text. Where Python's own % writes what C does, it does the writing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import methodcaller
from typing import Protocol

FIELD_LIMIT = 64 * 1024
"""Width, precision and the text of one %s are cut to this many bytes, so that no conversion eats the host's memory."""

CALL_LIMIT = 1024 * 1024
"""The output of one call is cut to this many bytes; conversions behind the cut are not performed."""

CACHED_LENGTH = 1024
"""Longer templates are parsed anew for each call, so that no guest fills the host's memory with parsed ones."""


class Arguments(Protocol):
    """A va_list of a 32-bit guest. Each method takes the next argument, aligned as the guest's ABI asks."""

    def word(self) -> int:
        """The next 32-bit argument, unsigned."""
        ...

    def dword(self) -> int:
        """The next 64-bit argument, unsigned."""
        ...

    def double(self) -> float:
        """The next double."""
        ...

    def long_double(self) -> float:
        """The next long double, as the nearest double."""
        ...


class Strings(Protocol):
    """Guest memory as far as %s and %n touch it. Faults of the guest are raised here and pass through render."""

    def string(self, address: int, limit: int | None) -> bytes:
        """Bytes from address up to a NUL, which is left out, or to limit bytes if there is none before."""
        ...

    def store(self, address: int, value: int, size: int) -> None:
        """Stores an unsigned value of 1, 2, 4 or 8 bytes."""
        ...


def render(template: bytes, arguments: Arguments, memory: Strings) -> bytes:
    """The text of a template with its arguments, without a NUL at its end; at most CALL_LIMIT bytes."""
    call = _Call(arguments, memory)
    output = call.output
    for piece in _cached(template) if len(template) <= CACHED_LENGTH else _pieces(template):
        output += piece if isinstance(piece, bytes) else piece(call)
        if len(output) > CALL_LIMIT:
            break
    return bytes(output[:CALL_LIMIT])


@dataclass(slots=True)
class _Call:
    """One call of render: whence arguments come and what has been written so far."""

    arguments: Arguments
    memory: Strings
    output: bytearray = field(default_factory=bytearray)


_Converter = Callable[[_Call], bytes]


@dataclass(frozen=True, slots=True)
class _Specification:
    """A conversion specification: flags in any order, width 0 and precision None if absent, length as written."""

    flags: bytes
    width: int
    precision: int | None
    length: bytes
    kind: bytes


# Quantifiers are possessive: a guest's template of a million zeros must not send the matcher back and forth.
_SPECIFICATION = re.compile(
    rb"%(?P<flags>[-+ #0']*+)"
    rb"(?P<width>\*|\d++)?+"
    rb"(?P<dot>\.(?P<precision>\*|\d*+))?+"
    rb"(?P<length>hh?|ll?|[jztL])?+"
    rb"(?P<kind>[diouxXcspnfFeEgGaA%])"
)
_SIZES = {b"hh": 1, b"h": 2, b"ll": 8, b"j": 8, b"L": 8}
"""Bytes of an integer by length modifier, 4 for those not named; L with an integer is glibc's ll."""


@lru_cache(maxsize=256)
def _cached(template: bytes) -> tuple[bytes | _Converter, ...]:
    return tuple(_pieces(template))


def _pieces(template: bytes) -> Iterator[bytes | _Converter]:
    """Literals and converters in the order of the template."""
    end = 0
    for match in _SPECIFICATION.finditer(template):
        if match.start() > end:
            yield template[end : match.start()]
        yield _parsed(match)
        end = match.end()
    if end < len(template):
        yield template[end:]


def _parsed(match: re.Match[bytes]) -> _Converter:
    """The converter of a specification; one with ``*`` is completed at each call."""
    width, precision = match["width"] or b"", match["precision"] or b""
    specification = _Specification(
        flags=match["flags"],
        width=0 if width == b"*" else _number(width),
        precision=None if match["dot"] is None or precision == b"*" else _number(precision),
        length=match["length"] or b"",
        kind=match["kind"],
    )
    if b"*" in (width, precision):
        return _starred(specification, star_width=width == b"*", star_precision=precision == b"*")
    return _CONVERTERS[specification.kind](specification)


def _number(digits: bytes) -> int:
    """A width or precision, cut to FIELD_LIMIT before int() sees thousands of digits, which it refuses."""
    significant = digits.lstrip(b"0")
    return min(int(significant[:9] or b"0"), FIELD_LIMIT)


def _starred(specification: _Specification, *, star_width: bool, star_precision: bool) -> _Converter:
    """Takes width and precision from the arguments; a negative width means ``-``, a negative precision none."""

    def convert(call: _Call) -> bytes:
        flags, width, precision = specification.flags, specification.width, specification.precision
        if star_width:
            width = _signed(call.arguments.word())
            flags = flags + b"-" if width < 0 else flags
            width = min(abs(width), FIELD_LIMIT)
        if star_precision:
            precision = _signed(call.arguments.word())
            precision = None if precision < 0 else min(precision, FIELD_LIMIT)
        complete = _Specification(flags, width, precision, specification.length, specification.kind)
        return _CONVERTERS[specification.kind](complete)(call)

    return convert


def _signed(word: int) -> int:
    """A 32-bit word as an int."""
    return (word & 0xFFFFFFFF ^ 0x80000000) - 0x80000000


def _padded(specification: _Specification, text: bytes) -> bytes:
    """The text in its field, filled with spaces."""
    return text.ljust(specification.width) if b"-" in specification.flags else text.rjust(specification.width)


def _numeric(specification: _Specification, lead: bytes, digits: bytes) -> bytes:
    """Sign or 0x, then digits, in a field that flag 0 fills with zeros between the two."""
    if b"0" in specification.flags and b"-" not in specification.flags:
        digits = digits.rjust(specification.width - len(lead), b"0")
    return _padded(specification, lead + digits)


def _sign(specification: _Specification, *, negative: bool) -> bytes:
    """The sign of a signed conversion."""
    if negative:
        return b"-"
    return b"+" if b"+" in specification.flags else b" " if b" " in specification.flags else b""


def _python_template(specification: _Specification, flags: bytes, kind: bytes) -> bytes:
    """A template for Python's bytes % with those of the specification's flags that are named."""
    kept = bytes(flag for flag in flags if flag in specification.flags)
    width = b"%d" % specification.width if specification.width else b""
    precision = b"" if specification.precision is None else b".%d" % specification.precision
    return b"%" + kept + width + precision + kind


def _integer(specification: _Specification) -> _Converter:
    """%d %i %o %u %x %X."""
    bits = 8 * _SIZES.get(specification.length, 4)
    mask = (1 << bits) - 1
    sign = 1 << bits - 1 if specification.kind in b"di" else 0
    write = _integer_writer(specification)

    def narrow(call: _Call) -> bytes:
        return write((call.arguments.word() & mask ^ sign) - sign)

    def wide(call: _Call) -> bytes:
        return write((call.arguments.dword() & mask ^ sign) - sign)

    return wide if bits == 64 else narrow


def _integer_writer(specification: _Specification) -> Callable[[int], bytes]:
    """Python's % where it agrees with C: not with a precision, and not with ``#`` (0o, and 0x before zero)."""
    if specification.precision is not None or b"#" in specification.flags:
        return lambda value: _integer_text(specification, value)
    flags = b"-+ 0" if specification.kind in b"di" else b"-0"
    return _python_template(specification, flags, _BASES[specification.kind][-1:]).__mod__


_BASES = {b"d": b"%d", b"i": b"%d", b"u": b"%d", b"o": b"%o", b"x": b"%x", b"X": b"%X", b"p": b"%x"}
_PREFIXES = {b"x": b"0x", b"X": b"0X", b"p": b"0x"}


def _integer_text(specification: _Specification, value: int) -> bytes:
    """An integer with everything C knows; a precision turns flag 0 off."""
    kind, precision = specification.kind, specification.precision
    digits = b"" if value == precision == 0 else _BASES[kind] % abs(value)
    lead = _sign(specification, negative=value < 0) if kind in b"dip" else b""
    if precision is not None:
        digits = digits.rjust(precision, b"0")
    if b"#" in specification.flags:
        lead += _PREFIXES.get(kind, b"") if value else b""
        digits = b"0" + digits if kind == b"o" and not digits.startswith(b"0") else digits
    return _numeric(specification, lead, digits) if precision is None else _padded(specification, lead + digits)


def _pointer(specification: _Specification) -> _Converter:
    """%p: glibc's %#x, which also heeds the flags of signed numbers."""
    shown = replace(specification, flags=specification.flags + b"#")

    def convert(call: _Call) -> bytes:
        address = call.arguments.word()
        return _integer_text(shown, address) if address else _padded(specification, b"(nil)")

    return convert


def _character(specification: _Specification) -> _Converter:
    return lambda call: _padded(specification, bytes((call.arguments.word() & 0xFF,)))


def _string(specification: _Specification) -> _Converter:
    """%s: glibc writes (null) for NULL whole or not at all; a precision of 0 reads no memory."""
    precision = specification.precision
    null = b"(null)" if precision is None or precision >= len(b"(null)") else b""

    def convert(call: _Call) -> bytes:
        address = call.arguments.word()
        if not address or precision == 0:
            return _padded(specification, b"" if address else null)
        return _padded(specification, call.memory.string(address, precision)[:FIELD_LIMIT])

    return convert


def _count(specification: _Specification) -> _Converter:
    """%n: stores how many bytes came before it."""
    size = _SIZES.get(specification.length, 4)

    def convert(call: _Call) -> bytes:
        call.memory.store(call.arguments.word(), len(call.output) & (1 << 8 * size) - 1, size)
        return b""

    return convert


def _percent(_specification: _Specification) -> _Converter:
    return lambda _call: b"%"


def _fetcher(specification: _Specification) -> Callable[[Arguments], float]:
    """Takes the double, or the long double, that a conversion is about."""
    return methodcaller("long_double" if specification.length == b"L" else "double")


def _floating(specification: _Specification) -> _Converter:
    """%f %e %g and their capitals: Python writes what C11 asks, save for inf and nan.

    glibc (2.36) departs from C11 itself where rounding carries %#g to a power of ten: 999999.5 is 1.e+06 there.
    """
    template = _python_template(specification, b"-+ #0", specification.kind)
    fetch = _fetcher(specification)

    def convert(call: _Call) -> bytes:
        value = fetch(call.arguments)
        return template % value if math.isfinite(value) else _not_finite(specification, value)

    return convert


def _hexadecimal(specification: _Specification) -> _Converter:
    """%a and %A."""
    fetch = _fetcher(specification)

    def convert(call: _Call) -> bytes:
        value = fetch(call.arguments)
        if not math.isfinite(value):
            return _not_finite(specification, value)
        lead = _sign(specification, negative=math.copysign(1, value) < 0) + b"0x"
        text = _numeric(specification, lead, _hexadecimal_digits(specification, abs(value)))
        return text.upper() if specification.kind == b"A" else text

    return convert


def _hexadecimal_digits(specification: _Specification, magnitude: float) -> bytes:
    """1.8p+0 and the like: one digit before the point, which is 0 for subnormals and may be rounded up to 2."""
    mantissa, exponent = magnitude.hex().removeprefix("0x").split("p")
    whole, fraction = mantissa.split(".")
    if specification.precision is None:
        fraction = fraction.rstrip("0")
    elif specification.precision < len(fraction):
        whole, fraction = _rounded(whole, fraction, specification.precision)
    else:
        fraction = fraction.ljust(specification.precision, "0")
    point = "." if fraction or b"#" in specification.flags else ""
    return f"{whole}{point}{fraction}p{exponent}".encode()


def _rounded(whole: str, fraction: str, precision: int) -> tuple[str, str]:
    """A hexadecimal number with fewer digits behind its point, halves to even."""
    dropped = 4 * (len(fraction) - precision)
    number = int(whole + fraction, 16)
    kept, rest = number >> dropped, number & (1 << dropped) - 1
    half = 1 << dropped - 1
    kept += rest > half or (rest == half and kept % 2 == 1)
    digits = f"{kept:0{precision + 1}x}"
    return digits[0], digits[1:]


def _not_finite(specification: _Specification, value: float) -> bytes:
    """Infinities and nan, signed also for nan, never filled with zeros."""
    name = b"nan" if math.isnan(value) else b"inf"
    sign = _sign(specification, negative=math.copysign(1, value) < 0)
    return _padded(specification, sign + (name.upper() if specification.kind.isupper() else name))


_CONVERTERS: dict[bytes, Callable[[_Specification], _Converter]] = {
    b"c": _character,
    b"s": _string,
    b"p": _pointer,
    b"n": _count,
    b"%": _percent,
    b"a": _hexadecimal,
    b"A": _hexadecimal,
    **dict.fromkeys((b"d", b"i", b"o", b"u", b"x", b"X"), _integer),
    **dict.fromkeys((b"f", b"F", b"e", b"E", b"g", b"G"), _floating),
}
