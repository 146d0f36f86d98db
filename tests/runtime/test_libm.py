"""libm on boards against a correctly rounded reference, within the units in the last place that docs/libc.md states."""

import ctypes
import ctypes.util
import itertools
import math
import os
import random
import re
import struct
from functools import cache

import pytest
from conftest import BOARDS, COUNTED, PROLOGUE, ROOT

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.target import load_target

if not os.environ.get("LLEXT_REQUIRE_TOOLS"):
    pytest.importorskip("mpmath")
from libm_reference import DOUBLE, EXACT, FLOAT, exact, points

COUNT = 240
"""Random points per function and format."""
FORMATS = [DOUBLE, FLOAT]
TESTED = ["mps2/an385", "mps2/an386", "qemu_riscv32"]
DRIVER = "".join(
    f"""
void one_{t}(uintptr_t f, const {t} *x, {t} *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		out[i] = (({t} (*)({t}))f)(x[i]);
	}}
}}
EXPORT_SYMBOL(one_{t});
void two_{t}(uintptr_t f, const {t} *x, {t} *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		out[i] = (({t} (*)({t}, {t}))f)(x[2 * i], x[2 * i + 1]);
	}}
}}
EXPORT_SYMBOL(two_{t});
void three_{t}(uintptr_t f, const {t} *x, {t} *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		out[i] = (({t} (*)({t}, {t}, {t}))f)(x[3 * i], x[3 * i + 1], x[3 * i + 2]);
	}}
}}
EXPORT_SYMBOL(three_{t});
void part_{t}(uintptr_t f, const {t} *x, {t} *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		int whole;

		out[2 * i] = (({t} (*)({t}, int *))f)(x[i], &whole);
		out[2 * i + 1] = whole;
	}}
}}
EXPORT_SYMBOL(part_{t});
void split_{t}(uintptr_t f, const {t} *x, {t} *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		out[2 * i + 1] = (({t} (*)({t}, {t} *))f)(x[i], &out[2 * i]);
	}}
}}
EXPORT_SYMBOL(split_{t});
void quotient_{t}(uintptr_t f, const {t} *x, {t} *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		int quotient;

		out[2 * i] = (({t} (*)({t}, {t}, int *))f)(x[2 * i], x[2 * i + 1], &quotient);
		out[2 * i + 1] = quotient & 7;
	}}
}}
EXPORT_SYMBOL(quotient_{t});
void scale_{t}(uintptr_t f, const {t} *x, {t} *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		out[i] = (({t} (*)({t}, int))f)(x[2 * i], (int)x[2 * i + 1]);
	}}
}}
EXPORT_SYMBOL(scale_{t});
void integer_{t}(uintptr_t f, const {t} *x, int *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		out[i] = ((int (*)({t}))f)(x[i]);
	}}
}}
EXPORT_SYMBOL(integer_{t});
void wide_{t}(uintptr_t f, const {t} *x, long long *out, int n)
{{
	for (int i = 0; i < n; i++) {{
		out[i] = ((long long (*)({t}))f)(x[i]);
	}}
}}
EXPORT_SYMBOL(wide_{t});
"""
    for t in ("double", "float")
)


class Libm:
    """The functions of one board, called by their addresses, so that they are those of the firmware."""

    def __init__(self, name, folder):
        source = folder / "driver.c"
        source.write_text(PROLOGUE + DRIVER)
        target = load_target(name)
        self.board = Board(name, timeout=100)
        self.extension = self.board.load(build_extension([source], folder / "driver.llext", target, BuildOptions()).output)

    def call(self, name, way, format_, data, size):
        symbol, _ = self.board.scope.find(name)
        out = bytearray()
        step = 50 * format_.size * {"two": 2, "quotient": 2, "scale": 2, "three": 3}.get(way, 1)
        for at in range(0, len(data), step):
            part = data[at : at + step]
            count = 50 * len(part) // step
            piece = bytearray(count * size)
            self.extension.fn(f"{way}_{format_.name}")(symbol.address, part, piece, count)
            out += piece
        return bytes(out)

    def values(self, name, way, format_, rows, results=1):
        flat = [value for row in rows for value in row]
        found = format_.unpack(self.call(c_name(name, format_), way, format_, format_.pack(flat), results * format_.size))
        return list(zip(*[iter(found)] * results, strict=True))


@cache
def libm_of(name, folder):
    return Libm(name, folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    yield tmp_path_factory.mktemp("libm")
    libm_of.cache_clear()


@pytest.fixture(params=TESTED)
def libm(request, folder):
    place = folder / request.param.replace("/", "-")
    place.mkdir(exist_ok=True)
    return libm_of(request.param, place)


def c_name(name, format_):
    return name if format_ is DOUBLE else name.replace("_r", "") + "f" + ("_r" if name.endswith("_r") else "")


def stated():
    """The table of docs/libc.md: function -> (double, float)."""
    rows = re.findall(r"^\| ([a-z0-9, ]+) \| ([0-9.]+) \| ([0-9.]+) \|", (ROOT / "docs" / "libc.md").read_text(), re.MULTILINE)
    return {name: (float(double), float(single)) for names, double, single in rows for name in names.split(", ")}


STATED = stated()


def way_of(name):
    return "two" if name in {"atan2", "hypot", "pow"} else "one"


@cache
def reference(name, format_):
    rows = points(name, format_, COUNT)
    return rows, [exact(name, *row) for row in rows]


def test_every_function_that_rounds_has_a_stated_error():
    assert set(STATED) == set(EXACT)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize("name", EXACT)
def test_results_are_within_the_stated_error(libm, name, format_):
    rows, expected = reference(name, format_)
    found = libm.values(name, way_of(name), format_, rows)
    worst = max((format_.ulps(value, value_), row) for (value,), value_, row in zip(found, expected, rows, strict=True))
    assert worst[0] <= STATED[name][format_ is FLOAT], worst
    assert len(rows) > 100
    line = f"libm: {c_name(name, format_)}: {len(rows)} points, worst {worst[0]:.3f} ulp"
    if line not in COUNTED:
        COUNTED.append(line)


# Special cases and exact functions: the host's C library ----------------------------------------------------------------

HOST = ctypes.CDLL(ctypes.util.find_library("m"))
TYPES = {DOUBLE: ctypes.c_double, FLOAT: ctypes.c_float}
SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    3.0,
    -3.0,
    2.5,
    -1.5,
    1e30,
    -1e30,
    1e-30,
    -1e-40,
    -104.0,
    math.inf,
    -math.inf,
]
SPECIAL.append(math.nan)
ONE = ["ceil", "fabs", "floor", "nearbyint", "rint", "round", "sqrt", "trunc", "logb"]
TWO = ["copysign", "fdim", "fmax", "fmin", "fmod", "nextafter", "remainder"]
ROUNDS_ODDLY = {"fmax", "fmin"}
"""The sign of a zero among zeros is not said (C11 F.10.9.2)."""


def host(name, format_, row, result=None):
    function = HOST[c_name(name, format_)]
    kind = TYPES[format_]
    function.restype, function.argtypes = result or kind, [kind] * len(row)
    return function(*row)


def same(a, b):
    return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))


def varied(format_, width, count=200):
    """Special numbers in all pairs, random bits, and random numbers that meet halves and integers."""
    chance = random.Random(format_.name)
    numbers = [format_.rounded(value) for value in SPECIAL]
    rows = list(itertools.product(numbers, repeat=width)) if width < 3 else []
    draws = (
        lambda: format_.of_bits(chance.getrandbits(8 * format_.size)),
        lambda: format_.rounded(chance.randrange(-9, 9) / 2),
        lambda: format_.rounded(math.ldexp(chance.uniform(-1, 1), chance.randrange(-5, 70))),
    )
    return rows + [tuple(draws[turn % 3]() for _ in range(width)) for turn in range(count)]


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_exact_functions_give_the_hosts_bits(libm, name, format_):
    width = 2 if name in TWO else 1
    rows = varied(format_, width)
    for row, (value,) in zip(rows, libm.values(name, "two" if width == 2 else "one", format_, rows), strict=True):
        expected = host(name, format_, row)
        zeros = name in ROUNDS_ODDLY and value == expected == 0
        assert same(value, expected) or zeros, (name, row, value, expected)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_fused_operations_round_once(libm, format_):
    rows = varied(format_, 3, 300)
    for x, y, _ in varied(format_, 3, 300):  # products that nearly cancel, and sums next to the middle of two numbers
        product = format_.rounded(x * y) if math.isfinite(x) and math.isfinite(y) else 0.0
        rows += [
            (x, y, -product),
            (x, y, format_.rounded(product * 2.0 ** (format_.digits + 1)) if math.isfinite(product) else 0.0),
        ]
    for row, (value,) in zip(rows, libm.values("fma", "three", format_, rows), strict=True):
        expected = host("fma", format_, row)
        no_sign = row[2] == value == expected == 0  # musl's sum of a product that vanishes and +0: docs/libc.md
        assert same(value, expected) or no_sign, row


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_special_cases_of_all_functions_are_those_of_annex_f(libm, format_):
    for name in EXACT:
        way = way_of(name)
        rows = [tuple(map(format_.rounded, row)) for row in itertools.product(SPECIAL, repeat=2 if way == "two" else 1)]
        for row, (value,) in zip(rows, libm.values(name, way, format_, rows), strict=True):
            expected = host(name, format_, row)
            if math.isfinite(expected) and expected != 0:
                assert value == pytest.approx(expected, rel=2.0 ** (4 - format_.digits), abs=format_.of_bits(4)), (name, row)
            else:
                assert same(value, expected), (name, row, value, expected)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_numbers_are_taken_apart_and_scaled_as_on_the_host(libm, format_):
    rows = varied(format_, 1)
    finite = [row for row in rows if math.isfinite(row[0])]
    for (x,), (fraction, exponent) in zip(finite, libm.values("frexp", "part", format_, finite, 2), strict=True):
        assert (fraction, exponent) == math.frexp(x)
        assert same(fraction, math.frexp(x)[0])
    for (x,), (whole, fraction) in zip(rows, libm.values("modf", "split", format_, rows, 2), strict=True):
        expected = (math.modf(x) if not math.isnan(x) else (x, x))[::-1]
        assert same(whole, expected[0])
        assert same(fraction, expected[1])
    scaled = [(x, float(n)) for (x,) in rows for n in (-1100, -150, -53, -1, 0, 1, 60, 150, 2100)]
    for name in ("ldexp", "scalbn", "scalbln"):
        for (x, n), (value,) in zip(scaled, libm.values(name, "scale", format_, scaled), strict=True):
            function = HOST[c_name("ldexp", format_)]
            function.restype, function.argtypes = TYPES[format_], [TYPES[format_], ctypes.c_int]
            assert same(value, function(x, int(n))), (name, x, n)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_remquo_gives_the_remainder_and_low_bits_of_the_quotient(libm, format_):
    rows = [row for row in varied(format_, 2, 400) if all(map(math.isfinite, row)) and row[1]]
    function = HOST[c_name("remquo", format_)]
    function.restype, function.argtypes = TYPES[format_], [TYPES[format_], TYPES[format_], ctypes.POINTER(ctypes.c_int)]
    for row, (rest, quotient) in zip(rows, libm.values("remquo", "quotient", format_, rows, 2), strict=True):
        given = ctypes.c_int()
        assert same(rest, function(*row, ctypes.byref(given))), row
        assert quotient == given.value & 7, row


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_integers_are_those_of_the_host(libm, format_):
    inside = [row for row in varied(format_, 1, 400) if abs(row[0]) < 2**31 - 600]
    for name in ("lrint", "lround"):
        data = libm.call(c_name(name, format_), "integer", format_, format_.pack([x for (x,) in inside]), 4)
        assert list(struct.unpack(f"<{len(inside)}i", data)) == [host(name, format_, row, ctypes.c_long) for row in inside]
    for name in ("llrint", "llround"):
        rows = [row for row in varied(format_, 1, 400) if abs(row[0]) < 2**62]
        data = libm.call(c_name(name, format_), "wide", format_, format_.pack([x for (x,) in rows]), 8)
        assert list(struct.unpack(f"<{len(rows)}q", data)) == [host(name, format_, row, ctypes.c_longlong) for row in rows]
    rows = [row for row in varied(format_, 1, 400) if math.isfinite(row[0]) and row[0]]
    data = libm.call(c_name("ilogb", format_), "integer", format_, format_.pack([x for (x,) in rows]), 4)
    assert list(struct.unpack(f"<{len(rows)}i", data)) == [host("ilogb", format_, row, ctypes.c_int) for row in rows]


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_all_boards_give_the_same_bits(tmp_path, format_):
    found = {}
    for board in BOARDS:
        place = tmp_path / board.replace("/", "-")
        place.mkdir()
        libm = Libm(board, place)
        for name in EXACT:
            rows = points(name, format_, 30)
            flat = [value for row in rows for value in row]
            data = libm.call(c_name(name, format_), way_of(name), format_, format_.pack(flat), format_.size)
            found.setdefault(name, {})[board] = data
    assert {name for name, results in found.items() if len(set(results.values())) > 1} == set()
