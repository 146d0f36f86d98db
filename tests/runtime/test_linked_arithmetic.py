"""Arithmetic that an extension brings along, because its compiler's helpers have it: exact, also below the normal numbers."""

import ctypes
import math
import random
import struct
from fractions import Fraction

import pytest
from conftest import BOARDS, PROLOGUE

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.target import load_target

SOURCE = """
#include <math.h>
double quotient(double a, double b) { return a / b; }
float quotient_of_floats(float a, float b) { return a / b; }
double fused(double a, double b, double c) { return fma(a, b, c); }
float fused_floats(float a, float b, float c) { return fmaf(a, b, c); }
double binary(double a) { return log2(a / 1.0); }
double decimal(double a) { return log10(a / 1.0); }
EXPORT_SYMBOL(quotient);
EXPORT_SYMBOL(quotient_of_floats);
EXPORT_SYMBOL(fused);
EXPORT_SYMBOL(fused_floats);
EXPORT_SYMBOL(binary);
EXPORT_SYMBOL(decimal);
"""
LEAST, LEAST_NORMAL = 5e-324, 2.2250738585072014e-308
LEAST_FLOAT, LEAST_NORMAL_FLOAT = 2.0**-149, 2.0**-126


def as_float(x):
    return ctypes.c_float(x).value


def small_doubles(count=150):
    """Pairs whose quotients lie around and below the least normal number."""
    chance = random.Random(8)
    pairs = [
        (LEAST, 1.5),
        (-LEAST, 2.0),
        (LEAST, 3.0),
        (LEAST_NORMAL, 2.0),
        (math.nextafter(LEAST_NORMAL, 1), math.nextafter(1, 2)),
    ]
    pairs += [(3 * LEAST, 2.0), (5 * LEAST, 2.0), (0.0, -3.0), (LEAST, math.inf), (LEAST_NORMAL, 1e300), (LEAST_NORMAL, LEAST)]
    for _ in range(count):
        b = math.ldexp(chance.uniform(-2, 2), chance.randrange(-1040, 900))
        pairs.append((math.ldexp(chance.uniform(1, 2), max(-1070, math.frexp(b)[1] - chance.randrange(1018, 1080))), b))
    return pairs


@pytest.fixture(scope="module", params=[name for name in BOARDS if name != "qemu_cortex_m0"])  # which has no room for all
def linked(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("linked")
    source = folder / "linked.c"
    source.write_text(PROLOGUE + SOURCE)
    options = BuildOptions(cflags=("-fno-builtin",))
    made = build_extension([source], folder / "linked.llext", load_target(request.param), options).output
    with Board(request.param) as board:
        yield board.load(made)


def same(a, b):
    return struct.pack("<d", a) == struct.pack("<d", b)


def test_it_brings_them_along(linked):
    assert not {wanted.name for wanted in linked.imports} & {"fma", "fmaf", "log2", "log10"}


def test_quotients_are_rounded_to_the_nearest(linked):
    divide = linked.fn("quotient", "double quotient(double, double)")
    for a, b in small_doubles():
        assert same(divide(a, b), a / b), (a, b)


def test_quotients_of_floats_too(linked):
    divide, chance = linked.fn("quotient_of_floats", "float quotient_of_floats(float, float)"), random.Random(9)
    pairs = [
        (LEAST_FLOAT, 1.5),
        (-LEAST_FLOAT, 2.0),
        (LEAST_NORMAL_FLOAT, 2.0),
        (3 * LEAST_FLOAT, 2.0),
        (LEAST_FLOAT, math.inf),
    ]
    for _ in range(150):
        b = as_float(math.ldexp(chance.uniform(1, 2), chance.randrange(-20, 20)))
        pairs.append((as_float(math.ldexp(chance.uniform(-2, 2), chance.randrange(-148, -110))), b))
    for a, b in pairs:
        assert same(divide(a, b), as_float(a / b)), (a, b)


@pytest.mark.parametrize(
    "row", [(1.0, LEAST, 1.0), (-2.0, 1e-310, 3.0), (1e-200, 1e-200, 1.0), (0.1, 10.0, -1.0), (3.0, LEAST, LEAST)]
)
def test_fused_operations_are_rounded_once(linked, row):
    x, y, z = map(Fraction, row)
    assert linked.fn("fused", "double fused(double, double, double)")(*row) == float(x * y + z)


def test_fused_operations_of_floats_too(linked):
    fused = linked.fn("fused_floats", "float fused_floats(float, float, float)")
    x = 1 + 2.0**-12  # its square is in the middle of two floats, and a little more decides
    assert fused(x, x, 2.0**-60) == as_float(math.nextafter(x * x, 2))
    assert fused(x, x, -(2.0**-60)) == as_float(math.nextafter(x * x, 1))


@pytest.mark.parametrize("x", [LEAST, 1e-310, 1.9e-315, LEAST_NORMAL, 0.3, 8.0])
def test_logarithms_of_the_smallest_numbers(linked, x):
    for name, exact in (("binary", math.log2(x)), ("decimal", math.log10(x))):
        assert abs(linked.fn(name, f"double {name}(double)")(x) - exact) <= math.ulp(exact)
