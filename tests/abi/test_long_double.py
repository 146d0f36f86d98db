"""Conversions between binary128 and Python's float, compared with those that compilers make of constants."""

from __future__ import annotations

import math
import random
import struct

import abi_oracle as oracle
import pytest
from abi_targets import COMPILERS

from llext.abi import Value, layout, parse_prototype

RISCV = [pytest.param(name, marks=[pytest.mark.tools] * (name == "gcc")) for name in COMPILERS]
EDGES = [
    "0x0p+0",
    "0x1p+0",
    "0x1.8p+1",
    "0x1.fffffffffffff7ffffffffffffffp+0",  # just under half a unit: rounds down
    "0x1.fffffffffffff8p+0",  # half: to even, which is up, to 2
    "0x1.ffffffffffffe8p+0",  # half: to even, which is down
    "0x1.ffffffffffffe80000000000001p+0",
    "0x1.fffffffffffffp+1023",
    "0x1.fffffffffffff7ffffffffffffffp+1023",
    "0x1.fffffffffffff8p+1023",  # infinity
    "0x1p+1024",
    "0x1p+16383",
    "0x1.ffffffffffffffffffffffffffffp+16383",
    "0x1p-1022",
    "0x1.ffffffffffffffp-1023",  # rounds up to the smallest normal number
    "0x1.8p-1074",  # subnormals
    "0x1.4p-1074",
    "0x1p-1074",
    "0x1.0000000000000000000000000001p-1075",
    "0x1p-1075",  # half of the smallest: to even, which is 0
    "0x1p-1076",
    "0x1p-16382",
    "0x1p-16494",
]


def constants() -> list[str]:
    """Edges, and random numbers of all digits near the range of a double; each with both signs."""
    source = random.Random(128)
    found = list(EDGES)
    for low, high in ((-1, 1), (-1080, -1015), (1015, 1026), (-16494, 16383)):
        found += [f"0x1.{source.getrandbits(112):028x}p{source.randint(low, high):+d}" for _ in range(60)]
    return [sign + text for text in found for sign in ("", "-")]


def doubles() -> list[float]:
    source = random.Random(64)
    bits = [source.getrandbits(64) & ~(1 << 62) for _ in range(100)] + [source.getrandbits(63) >> 12 for _ in range(50)]
    edges = [0.0, -0.0, 5e-324, 2.225073858507201e-308, 2.2250738585072014e-308, 1.7976931348623157e308]
    return edges + [struct.unpack("<d", number.to_bytes(8, "little"))[0] for number in bits]


SOURCE = f"""
long double quads[] = {{ {", ".join(text + "L" for text in constants())} }};
double rounded[] = {{ {", ".join(f"(double){text}L" for text in constants())} }};
long double exact[] = {{ {", ".join(f"(long double){number.hex()}" for number in doubles())} }};
long double special[] = {{ __builtin_inf(), -__builtin_inf(), __builtin_nan(""), -__builtin_nan("") }};
double special_rounded[] = {{ __builtin_inf(), -__builtin_inf(), __builtin_nan(""), -__builtin_nan("") }};
"""


@pytest.fixture(scope="session")
def guests(tmp_path_factory: pytest.TempPathFactory) -> oracle.Guests:
    return oracle.Guests(tmp_path_factory.mktemp("long_double"), SOURCE)


@pytest.fixture(params=RISCV)
def guest(guests: oracle.Guests, request: pytest.FixtureRequest) -> oracle.Guest:
    variant = oracle.Variant(request.param, "ilp32")
    variant.need()
    return guests[variant]


def to_bytes(guest: oracle.Guest, value: Value) -> bytes:
    stored: list[bytes] = []
    layout(parse_prototype("long double f(void)", model=guest.abi.model), guest.abi.convention).encode_result(
        value, stored.append
    )
    return stored[0]


def to_float(guest: oracle.Guest, data: bytes) -> float:
    call = layout(parse_prototype("long double f(void)", model=guest.abi.model), guest.abi.convention)
    value = call.decode_result((), (), data)
    assert isinstance(value, float)
    return value


def quads(guest: oracle.Guest, name: str) -> list[bytes]:
    data = guest.read(name)
    return [data[at : at + 16] for at in range(0, len(data), 16)]


def same(one: float, other: float) -> bool:
    return struct.pack("<d", one) == struct.pack("<d", other)


@pytest.mark.parametrize(("given", "expected"), [("quads", "rounded"), ("special", "special_rounded")])
def test_binary128_is_rounded_to_the_double_that_the_compiler_rounds_it_to(
    guest: oracle.Guest, given: str, expected: str
) -> None:
    wanted = [number for (number,) in struct.iter_unpack("<d", guest.read(expected))]
    found = [to_float(guest, data) for data in quads(guest, given)]
    assert len(found) == len(wanted)
    assert [pair for pair in zip(found, wanted, strict=True) if not same(*pair)] == []


def test_a_double_becomes_the_binary128_that_the_compiler_makes_of_it(guest: oracle.Guest) -> None:
    assert [to_bytes(guest, number) for number in doubles()] == quads(guest, "exact")


def test_infinities_and_nans_become_those_of_binary128(guest: oracle.Guest) -> None:
    numbers = [math.inf, -math.inf, math.nan, -math.nan]
    assert [to_bytes(guest, number) for number in numbers] == quads(guest, "special")


def test_every_double_survives_the_way_there_and_back(guest: oracle.Guest) -> None:
    assert [number for number in doubles() if not same(to_float(guest, to_bytes(guest, number)), number)] == []
