"""Points at which functions of math.h are tried, and what they should give there, from mpmath with 300 bits."""

import math
import random
import struct

import mpmath
from mpmath import mp, mpf

BITS = 300
"""Enough for what the arguments cancel: a double next to a multiple of pi/2 is 2^-62 away from it."""


class Format:
    """float or double."""

    def __init__(self, name, letter, digits, least, most):
        self.name, self.letter, self.digits, self.least, self.most = name, letter, digits, least, most
        self.size = struct.calcsize(letter)
        self.bits_letter = {4: "I", 8: "Q"}[self.size]

    def pack(self, values):
        return struct.pack(f"<{len(values)}{self.letter}", *values)

    def unpack(self, data):
        return struct.unpack(f"<{len(data) // self.size}{self.letter}", data)

    def of_bits(self, bits):
        return struct.unpack(f"<{self.letter}", struct.pack(f"<{self.bits_letter}", bits))[0]

    def rounded(self, value):
        """The nearest number of the format; infinity for what is too large."""
        try:
            return self.unpack(self.pack([value]))[0]
        except OverflowError:
            return math.copysign(math.inf, value)

    def ulps(self, found, exact):
        """By how many units in the last place of the exact value something is off; infinity counts as the next power of 2."""
        edge = mpf(2) ** self.most
        if abs(exact) >= edge:
            exact = mpf(mpmath.sign(exact)) * edge
        given = mpf(mpmath.sign(found)) * edge if math.isinf(found) else mpf(found)
        exponent = mpmath.frexp(exact)[1] - self.digits if exact else self.least
        return float(abs(given - exact) / mpf(2) ** min(max(exponent, self.least), self.most - self.digits))


DOUBLE = Format("double", "d", 53, -1074, 1024)
FLOAT = Format("float", "f", 24, -149, 128)


def _tgamma(x):
    return mp.gamma(x)


def _lgamma(x):
    return mp.log(abs(mp.gamma(x))) if x < 1e5 else mp.loggamma(x)


def _cbrt(x):
    return mp.sign(x) * mp.cbrt(abs(x))


def _erfc(x):
    return mp.erfc(x)


EXACT = {
    "acos": mp.acos, "acosh": mp.acosh, "asin": mp.asin, "asinh": mp.asinh, "atan": mp.atan, "atanh": mp.atanh, "cbrt": _cbrt,
    "cos": mp.cos, "cosh": mp.cosh, "erf": mp.erf, "erfc": _erfc, "exp": mp.exp, "exp2": lambda x: mpf(2) ** x,
    "expm1": mp.expm1, "lgamma": _lgamma, "log": mp.log, "log10": mp.log10, "log1p": mp.log1p,
    "log2": lambda x: mp.log(x) / mp.log(2), "sin": mp.sin, "sinh": mp.sinh, "tan": mp.tan, "tanh": mp.tanh,
    "tgamma": _tgamma, "atan2": mp.atan2, "hypot": mp.hypot, "pow": mp.power,
}  # fmt: skip

ANY = (None, None)
"""All bit patterns."""
RANGES = {
    "acos": [(-1, 1)], "acosh": [(1, 2), (1, 1e3), (1, 1e300)], "asin": [(-1, 1)], "asinh": [(-2, 2), ANY], "atan": [(-3, 3), ANY],
    "atanh": [(-1, 1)], "cbrt": [(-30, 30), ANY], "cos": [(-7, 7), (-1e5, 1e5), ANY], "cosh": [(-2, 2), (-720, 720)],
    "erf": [(-6, 6), (-1e-3, 1e-3)], "erfc": [(-6, 6), (0, 27)], "exp": [(-1, 1), (-750, 715)], "exp2": [(-1, 1), (-1080, 1028)],
    "expm1": [(-1, 1), (-45, 715)], "lgamma": [(0, 4), (0, 200), (1, 1e5)], "log": [(0.9, 1.1), (0, 10), ANY],
    "log10": [(0.9, 1.1), (0, 10), ANY], "log1p": [(-0.9, 1), (-1e-3, 1e-3), ANY], "log2": [(0.9, 1.1), (0, 10), ANY],
    "sin": [(-7, 7), (-1e5, 1e5), ANY], "sinh": [(-2, 2), (-720, 720)], "tan": [(-7, 7), (-1e5, 1e5), ANY], "tanh": [(-1, 1), (-30, 30)],
    "tgamma": [(0, 10), (-10, 0), (0, 175)],
    "atan2": [(-3, 3), ANY], "hypot": [(-3, 3), (-1e150, 1e150), ANY], "pow": [(0, 3), (0, 40), (0.99, 1.01)],
}  # fmt: skip
HARD = [  # close to multiples of pi/2 (Muller; Kahan), and where algorithms change
    6381956970095103 * 2.0**797, 16367173 * 2.0**72, 5.0, 1.5707963267948966, 3.141592653589793, 4.71238898038469, 0.7853981633974483,
    0.34657359027997264, 1.0397207708399179, 0.5, 1.0, 2.0, 1.4616321449683622, 2.0**-26, 2.0**-27, 2.0**-28, 2.0**-54, 1e-300, 5e-324,
    1.1754943508222875e-38, 2.2250738585072014e-308, 1e-310, 1.9e-315, 3.1e-40, 709.782712893384, 88.72283935546875, -745.1332191019411, 36.7, 22.0, 0.84375, 1.25,
]  # fmt: skip


def points(name, format_, count):
    """Arguments of a function, the same each time: pairs for those of two."""
    chance = random.Random(f"{name} {format_.name}")
    two = name in {"atan2", "hypot", "pow"}
    found = []
    for low, high in RANGES[name] * (count // len(RANGES[name])):
        row = tuple(_number(chance, format_, low, high, name, which) for which in range(1 + two))
        found.append(row)
    hard = [format_.rounded(value) for value in (*HARD, *(-value for value in HARD))]
    found += [(a, chance.choice(hard)) if two else (a,) for a in hard]
    return [row for row in found if all(map(math.isfinite, row)) and REGULAR.get(name, math.isfinite)(row[0])]


def _number(chance, format_, low, high, name, which):
    if low is None:
        return format_.of_bits(chance.getrandbits(8 * format_.size))
    if name == "pow" and which == 1:
        return format_.rounded(chance.choice([chance.uniform(-5, 5), chance.uniform(-400, 400), chance.randrange(-20, 20) / 2]))
    if format_ is FLOAT:
        low, high = max(low, -1e37), min(high, 1e37)
    if (name == "acosh" and high > 1e3) or (name == "hypot" and high > 3):
        return format_.rounded(math.copysign(2.0 ** chance.uniform(0.1, math.log2(high)), low))
    return format_.rounded(chance.uniform(low, high))


REGULAR = {
    **dict.fromkeys(("acos", "asin"), lambda x: abs(x) <= 1),
    **dict.fromkeys(("log", "log2", "log10", "lgamma", "pow"), lambda x: x > 0),
    **dict.fromkeys(("exp", "expm1", "exp2", "sinh", "cosh"), lambda x: abs(x) < 2000),
    **dict.fromkeys(("erf", "erfc"), lambda x: abs(x) < 28),
    "acosh": lambda x: x >= 1,
    "atanh": lambda x: abs(x) < 1,
    "atan2": lambda x: x != 0,  # the reference has no zero with a sign
    "log1p": lambda x: x > -1,
    "tgamma": lambda x: (abs(x) < 200 and x != int(x)) or 0 < x < 172,
}
"""Where a function has a value that is no special case; it goes by the first argument."""


CANCEL = {"sin", "cos", "tan", "acosh", "asinh", "atanh", "tanh", "sinh", "log1p", "expm1"}


def exact(name, *arguments):
    """The value to 300 bits. (More where a sum begins with 1.)"""
    with mp.workprec(BITS + (1100 if name in CANCEL else 0)):
        return EXACT[name](*map(mpf, arguments))
