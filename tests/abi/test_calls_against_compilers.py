"""Layouts of calls, compared with what clang and gcc do, in both directions, for every ABI."""

from __future__ import annotations

import abi_oracle as oracle
import pytest
from abi_cases import Case
from abi_signatures import SIGNATURES, source
from abi_targets import ABIS, COMPILERS

from llext.abi import (
    Integer,
    Parameter,
    Prototype,
    Struct,
    Void,
    layout,
    parse_prototype,
)

VARIANTS = [oracle.Variant(compiler, abi) for compiler in COMPILERS for abi in ABIS]
SMALL = ("int8_t", "uint8_t", "int16_t", "uint16_t", "char", "signed char")
EXTRA = (
    "\n".join(f"int widen_{kind.replace(' ', '_')}({kind} a) {{ return a; }}" for kind in SMALL)
    + """
struct __attribute__((aligned(8))) aligned { int a; };
struct __attribute__((packed)) packed { int a, b; };
int raised[2];
void take_raised(int a, int b, int c, int d, int e, int f, int g, int h, int i, struct aligned x, int j, struct packed y)
{
    raised[0] = x.a; raised[1] = y.b;
}
"""
)


@pytest.fixture(scope="session")
def guests(tmp_path_factory: pytest.TempPathFactory) -> oracle.Guests:
    return oracle.Guests(tmp_path_factory.mktemp("abi"), source() + EXTRA)


@pytest.fixture(
    params=[pytest.param(variant, marks=[pytest.mark.tools] * (variant.compiler == "gcc")) for variant in VARIANTS],
    ids=lambda variant: f"{variant.compiler}-{variant.abi}",
)
def guest(guests: oracle.Guests, request: pytest.FixtureRequest) -> oracle.Guest:
    request.param.need()
    return guests[request.param]


def cases(guest: oracle.Guest) -> list[Case]:
    return [Case(guest, signature) for signature in SIGNATURES]


def wrong(found: dict[Case, tuple[object, object]]) -> dict[str, tuple[object, object]]:
    """What differs from what is expected, by signature."""
    return {str(case.signature): pair for case, pair in found.items() if pair[0] != pair[1]}


def test_a_c_function_finds_the_arguments_that_python_passed(guest: oracle.Guest) -> None:
    assert not wrong({case: (case.take()[0], case.bytes) for case in cases(guest)})


def test_python_gets_the_result_of_a_c_function(guest: oracle.Guest) -> None:
    assert not wrong({case: (case.take()[1], case.result) for case in cases(guest)})


def test_python_finds_the_arguments_that_c_passed(guest: oracle.Guest) -> None:
    known = {case: len(case.signature.types if case.signature.readable else case.signature.named) for case in cases(guest)}
    assert not wrong({case: (case.give()[0], case.values[:count]) for case, count in known.items()})


def test_c_gets_the_result_of_a_python_function(guest: oracle.Guest) -> None:
    assert not wrong({case: (case.give()[1], case.result_bytes) for case in cases(guest)})


def test_python_reads_a_va_list_in_guest_memory(guest: oracle.Guest) -> None:
    variadic = [case for case in cases(guest) if case.signature.variadic and case.signature.readable]
    assert not wrong({case: (case.give_list(), case.values[len(case.signature.named) :]) for case in variadic})


def test_types_have_the_size_that_the_compiler_gives_them(guest: oracle.Guest) -> None:
    sizes = {case: [guest.sizes[name] for name in case.names] for case in cases(guest)}
    assert not wrong({case: (found, [ctype.size for ctype in case.types]) for case, found in sizes.items()})


@pytest.mark.parametrize("ctype", SMALL)
def test_small_integers_are_extended_by_the_caller(guest: oracle.Guest, ctype: str) -> None:
    call = layout(parse_prototype(f"int widen({ctype} a)", model=guest.abi.model), guest.abi.convention)
    bits = 16 if "16" in ctype else 8
    low = 0 if ctype.startswith("u") or ctype == "char" else -(1 << bits - 1)
    for value in (-100, -1, 0, 100, 200):
        core, _ = guest.call(f"widen_{ctype.replace(' ', '_')}", call.encode((value,)))
        assert call.decode_result(core) == (value - low) % (1 << bits) + low


def test_the_alignment_that_an_attribute_gives_a_struct_counts_where_the_abi_says_so(guest: oracle.Guest) -> None:
    number, member = Integer("int", 4), parse_prototype("struct s { int a, b; }; void f(struct s x)").parameters[0].type.members
    raised, packed = Struct("aligned", member[:1], 8, 8), Struct("packed", member, 8, 1)
    types = [*[number] * 9, raised, number, packed]
    prototype = Prototype("take_raised", Void(), tuple(Parameter("", ctype) for ctype in types))
    frame = layout(prototype, guest.abi.convention).encode((*range(9), b"\1\2\3\4\0\0\0\0", 0, b"\0\0\0\0\5\6\7\10"))
    guest.call("take_raised", frame)
    assert guest.read("raised") == bytes(range(1, 9))
