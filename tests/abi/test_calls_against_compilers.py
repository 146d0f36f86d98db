"""Layouts of calls, compared with what clang and gcc do, in both directions, for soft and hard float."""

from __future__ import annotations

import random
import struct
from functools import cache
from typing import TYPE_CHECKING

import abi_oracle as oracle
import pytest

from llext.abi import CallLayout, Frame, Prototype, VaList, Value, VarArgs, layout, parse_prototype
from llext.arch import ARCHES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONVENTIONS = ARCHES[0].conventions

STRUCTS = """
struct s1 { uint8_t a; };
struct s2 { uint8_t a[2]; };
struct s3 { uint8_t a[3]; };
struct s4 { int16_t a; int16_t b; };
struct s5 { uint8_t a[5]; };
struct s6 { int16_t a[3]; };
struct s7 { uint8_t a[7]; };
struct s8 { int a; int b; };
struct s8l { int64_t a; };
struct s9 { uint8_t a[9]; };
struct s12 { int a; char b; short c; int d; };
struct s13 { uint8_t a[13]; };
struct s15 { uint8_t a[15]; };
struct s16 { int a[4]; };
struct s16l { char a; int64_t b; };
struct s24l { int64_t a; int b; double c; };
struct f1 { float a; };
struct f2 { float a; float b; };
struct f3 { float a[3]; };
struct f4 { struct f2 a; struct f2 b; };
struct f5 { float a[5]; };
struct d1 { double a; };
struct d2 { double a; double b; };
struct d4 { double a[4]; };
struct mix { float a; int b; };
struct fd { float a; double b; };
union uf { float a; struct f2 b; };
union ui { int a; float b; };
typedef struct { int64_t ticks; } k_timeout_t;
enum color { RED, GREEN = 70000 };
"""

HANDWRITTEN = [
    "void",
    "int",
    "bool, bool",
    "int8_t, uint8_t, int16_t, uint16_t",
    "char, signed char, short, unsigned short",
    "int, unsigned, long, unsigned long",
    "int8_t, int8_t, int8_t, int8_t, int8_t, uint8_t, int16_t, uint16_t",
    "int64_t, int64_t",
    "int, int64_t",
    "int, int64_t, int",
    "int, int, int64_t",
    "int, int, int, int64_t",
    "int, int, int, int64_t, int",
    "int64_t, int, int64_t, int",
    "int, int, int, int, int, int64_t, int, uint64_t",
    "unsigned long long, int, int, int, unsigned long long",
    "void *, const char *, size_t",
    "enum color, int8_t, enum color",
    "float",
    "double",
    "float, double, float",
    "double, float, double, float, float",
    "float, double, double, float, double, float, double, double, double, double, float, float",
    "float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float, float",
    "int, float, int, double, int, float, int, double, int",
    "double, double, double, double, double, double, double, double, double, float, int",
    "double, double, double, double, double, double, double, float, double, float, float",
    "double, double, double, double, double, double, double, double, float, int, int, int, int64_t, int",
    "float, int64_t, float, int64_t, int",
    "struct s1, struct s2, struct s3, struct s4",
    "struct s5, struct s6",
    "struct s7, struct s8",
    "int, struct s8l, int",
    "int, struct s9",
    "int, int, struct s9, int",
    "int, int, struct s12",
    "int, int, int, struct s13, int",
    "int, int, int, int64_t, struct s15",
    "struct s16, int",
    "int, struct s16, int",
    "int, struct s16l, int",
    "int, int, struct s16l, int",
    "int, int, int, struct s16l",
    "int, struct s24l, int",
    "double, double, double, double, double, double, double, double, double, int, struct s16, int",
    "struct f1, struct f2, struct f3",
    "struct f4, float, struct f4, double, struct f4, float, struct f4, float",
    "float, struct d1, float, struct d2, struct f2, struct d4, struct f1",
    "struct f5, struct f3",
    "struct d4, struct d4, float, struct d1",
    "struct d4, struct d2, double, struct d2, double, float",
    "struct mix, struct fd, float",
    "union uf, union ui, float",
    "int, k_timeout_t, int, k_timeout_t",
    "struct f3, double, struct f3, double, struct f3, double, struct f3, float, float, float, int, int",
]
BASICS = [
    "bool",
    "int8_t",
    "uint8_t",
    "int16_t",
    "uint16_t",
    "int",
    "uint32_t",
    "int64_t",
    "uint64_t",
    "char",
    "void *",
]
FLOATING = ["float", "double"]
NAMED = [f"{line.split()[0]} {line.split()[1]}" for line in STRUCTS.split("\n") if line.startswith(("struct", "union"))]
RESULTS = ["void", *BASICS, *FLOATING, *NAMED, "k_timeout_t", "enum color"]


def random_signatures(count: int) -> list[str]:
    """The same in every run: a failure must come back."""
    source = random.Random(20261124)
    pool = BASICS + 3 * FLOATING + NAMED + ["k_timeout_t"]
    return [", ".join(source.choices(pool, k=source.randint(1, 9))) for _ in range(count)]


PARAMETERS = HANDWRITTEN + random_signatures(60)
SIGNATURES = [(RESULTS[number % len(RESULTS)], text) for number, text in enumerate(PARAMETERS)]
VARIANTS = [(compiler, abi) for compiler in oracle.COMPILERS for abi in oracle.FLOAT_ABIS]

VARIADIC = """
int take_mixed(int n, ...)
{
    va_list ap; va_start(ap, n);
    mixed.a = va_arg(ap, int); mixed.b = va_arg(ap, double); mixed.c = va_arg(ap, void *);
    mixed.d = va_arg(ap, double); mixed.e = va_arg(ap, unsigned);
    va_end(ap); return n;
}
void give_mixed(void)
{
    ((int (*)(int, ...))answer)(mixed.n, mixed.a, mixed.l, mixed.b, mixed.c, mixed.m, mixed.d, mixed.e);
}
void give_after_float(void) { ((float (*)(float, int, ...))answer)(1.5f, 2, mixed.b, mixed.a); }
float take_after_float(float f, int n, ...)
{
    va_list ap; va_start(ap, n); mixed.b = va_arg(ap, double); mixed.a = va_arg(ap, int); va_end(ap); mixed.n = n; return f;
}
static __attribute__((noinline)) void pass_on(int n, ...)
{
    va_list ap; va_start(ap, n); ((void (*)(int, va_list))answer)(n, ap); va_end(ap);
}
void give_many(void)
{
    ((int (*)(int, int, int, int, int, int, ...))answer)(1, 2, 3, 4, 5, 6, mixed.n, mixed.a, mixed.l, mixed.b, mixed.c, mixed.m, mixed.d, mixed.e);
}
void give_list(void) { pass_on(mixed.n, mixed.a, mixed.l, mixed.b, mixed.c, mixed.m, mixed.d, mixed.e); }
"""
WIDEN = "\n".join(
    f"int widen_{kind.replace(' ', '_')}({kind} a) {{ return a; }}"
    for kind in ("int8_t", "uint8_t", "int16_t", "uint16_t", "char", "signed char")
)
MIXED = "struct { int n; int a; double b; void *c; double d; unsigned e; long long l, m; } mixed;\n"
_MIXED = struct.Struct("<iidI4xdI4xqq")


def signature(number: int) -> Prototype:
    """The prototype of a signature, read from its text."""
    result, types = SIGNATURES[number]
    return parse_prototype(f"{STRUCTS} {result} f{number}({types});")


@cache
def plan(number: int, float_abi: str) -> CallLayout:
    return layout(signature(number), CONVENTIONS[float_abi])


@pytest.fixture(scope="session")
def guests(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], oracle.Guest]:
    """One machine for each compiler and float ABI, made when it is asked for."""
    folder = tmp_path_factory.mktemp("abi")
    return _Guests(folder)


class _Guests(dict[tuple[str, str], oracle.Guest]):
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __missing__(self, variant: tuple[str, str]) -> oracle.Guest:
        bodies = [
            oracle.functions(number, result, [] if types == "void" else types.split(", "))
            for number, (result, types) in enumerate(SIGNATURES)
        ]
        parts = [oracle.HEADER, STRUCTS, "extern char answer[];", oracle.HELPERS, MIXED, *bodies, VARIADIC, WIDEN]
        self[variant] = oracle.Guest(oracle.compile_c("\n".join(parts), self.folder, *variant))
        return self[variant]


@pytest.fixture(params=VARIANTS, ids="-".join)
def variant(request: pytest.FixtureRequest) -> tuple[str, str]:
    oracle.need_compiler(request.param[0])
    return request.param


@pytest.fixture
def guest(guests: dict[tuple[str, str], oracle.Guest], variant: tuple[str, str]) -> oracle.Guest:
    return guests[variant]


@pytest.fixture
def float_abi(variant: tuple[str, str]) -> str:
    return variant[1]


def samples(number: int) -> tuple[list[Value], list[bytes], Value, bytes]:
    """Values and bytes of the arguments and of the result of a signature."""
    prototype = signature(number)
    pairs = [oracle.sample(parameter.type, 3 * number + place) for place, parameter in enumerate(prototype.parameters)]
    return [value for value, _ in pairs], [data for _, data in pairs], *oracle.sample(prototype.result, number + 1)


numbers = pytest.mark.parametrize("number", range(len(SIGNATURES)), ids=lambda number: f"{number}-{SIGNATURES[number][1]}")


@numbers
def test_a_c_function_finds_the_arguments_that_python_passed(guest: oracle.Guest, float_abi: str, number: int) -> None:
    values, data, _, result_data = samples(number)
    stored, _ = oracle.take(guest, number, plan(number, float_abi), values, result_data)
    assert stored == data


@numbers
def test_python_gets_the_result_of_a_c_function(guest: oracle.Guest, float_abi: str, number: int) -> None:
    values, _, result, result_data = samples(number)
    _, got = oracle.take(guest, number, plan(number, float_abi), values, result_data)
    assert got == result


@numbers
def test_python_finds_the_arguments_that_c_passed(guest: oracle.Guest, float_abi: str, number: int) -> None:
    values, data, result, _ = samples(number)
    got, _ = oracle.give(guest, number, plan(number, float_abi), data, result)
    assert got == values


@numbers
def test_c_gets_the_result_of_a_python_function(guest: oracle.Guest, float_abi: str, number: int) -> None:
    _, data, result, result_data = samples(number)
    _, stored = oracle.give(guest, number, plan(number, float_abi), data, result)
    assert stored == result_data


@numbers
def test_types_have_the_size_that_the_compiler_gives_them(guest: oracle.Guest, number: int) -> None:
    sizes = [parameter.type.size for parameter in signature(number).parameters]
    assert [guest.sizes[f"argument_{number}_{place}"] for place in range(len(sizes))] == sizes


# Variable arguments ---------------------------------------------------------------------------------------------------


def test_a_variadic_c_function_finds_what_python_passed(guest: oracle.Guest, float_abi: str) -> None:
    call = layout(parse_prototype("int take_mixed(int n, ...)"), CONVENTIONS[float_abi])
    guest.call("take_mixed", call.encode((5, -7, 2.5, None, -0.125, 0xFFFFFFFE)))
    assert _MIXED.unpack(guest.read("mixed"))[1:6] == (-7, 2.5, 0, -0.125, 0xFFFFFFFE)


@pytest.mark.parametrize("ctype", ["int8_t", "uint8_t", "int16_t", "uint16_t", "char", "signed char"])
@pytest.mark.parametrize("value", [-100, -1, 0, 100, 200])
def test_small_integers_are_extended_by_the_caller(guest: oracle.Guest, float_abi: str, ctype: str, value: int) -> None:
    call = layout(parse_prototype(f"int widen({ctype} a)"), CONVENTIONS[float_abi])
    bits = 16 if "16" in ctype else 8
    low = 0 if ctype.startswith("u") or ctype == "char" else -(1 << bits - 1)
    core, _ = guest.call(f"widen_{ctype.replace(' ', '_')}", call.encode((value,)))
    assert call.decode_result(core) == (value - low) % (1 << bits) + low


def test_a_variadic_function_takes_its_named_floats_in_core_registers(guest: oracle.Guest, float_abi: str) -> None:
    call = layout(parse_prototype("float take_after_float(float f, int n, ...)"), CONVENTIONS[float_abi])
    core, floats = guest.call("take_after_float", call.encode((1.5, 3, 0.75, 9)))
    mixed = _MIXED.unpack(guest.read("mixed"))
    assert (call.decode_result(core, floats), mixed[0], mixed[2], mixed[1]) == (1.5, 3, 0.75, 9)


def collect(guest: oracle.Guest, name: str, read: Callable[[oracle.Call], list[Value]]) -> list[Value]:
    """Runs a C function that calls ``answer`` with the members of ``mixed``; what ``read`` made of the call."""
    guest.write("mixed", _MIXED.pack(3, -7, 2.5, 0x1234, -0.125, 0xFFFFFFFE, -(1 << 62) - 5, 1 << 40))
    got: list[Value] = []

    def answer(call: oracle.Call) -> tuple[int, int, tuple[int, ...]]:
        got.extend(read(call))
        return 0, 0, ()

    guest.answer = answer
    guest.call(name, Frame((), (), b""))
    return got


def everything(arguments: VarArgs | VaList) -> list[Value]:
    """int, long long, double, pointer, long long, double, unsigned."""
    kinds = (
        arguments.word,
        arguments.dword,
        arguments.double,
        arguments.word,
        arguments.dword,
        arguments.double,
        arguments.word,
    )
    return [kind() for kind in kinds]


MIXED_VALUES = [3, -7 % 2**32, -(1 << 62) - 5 + 2**64, 2.5, 0x1234, 1 << 40, -0.125, 0xFFFFFFFE]


def read_with(
    guest: oracle.Guest, plan: CallLayout, rest: Callable[[VarArgs], list[Value]]
) -> Callable[[oracle.Call], list[Value]]:
    """Reads named arguments by a layout, and the others by ``rest``."""

    def read(call: oracle.Call) -> list[Value]:
        def stack(offset: int, size: int) -> bytes:
            return guest.memory(call.sp + offset, size)

        named = plan.decode_arguments(call.core, lambda: call.floats, stack)
        return [*named, *rest(VarArgs(call.core, plan.next_core, stack, plan.next_stack, plan.convention))]

    return read


def test_python_reads_the_variable_arguments_of_a_call(guest: oracle.Guest, float_abi: str) -> None:
    call = layout(parse_prototype("int answer(int n, ...)"), CONVENTIONS[float_abi])
    assert collect(guest, "give_mixed", read_with(guest, call, everything)) == MIXED_VALUES


def test_python_reads_variable_arguments_after_named_ones_on_the_stack(guest: oracle.Guest, float_abi: str) -> None:
    call = layout(parse_prototype("int answer(int, int, int, int, int, int, ...)"), CONVENTIONS[float_abi])
    got = collect(guest, "give_many", read_with(guest, call, lambda rest: [rest.word(), *everything(rest)]))
    assert got == [1, 2, 3, 4, 5, 6, *MIXED_VALUES]


def test_python_reads_variable_arguments_after_a_named_float(guest: oracle.Guest, float_abi: str) -> None:
    call = layout(parse_prototype("float answer(float f, int n, ...)"), CONVENTIONS[float_abi])
    got = collect(guest, "give_after_float", read_with(guest, call, lambda rest: [rest.double(), rest.word()]))
    assert got == [1.5, 2, 2.5, -7 % 2**32]


def test_python_reads_a_va_list_in_guest_memory(guest: oracle.Guest, float_abi: str) -> None:
    call_layout = layout(parse_prototype("void answer(int n, va_list ap)"), CONVENTIONS[float_abi])

    def read(call: oracle.Call) -> list[Value]:
        count, address = call_layout.decode_arguments(call.core, list, lambda *_: b"")
        return [count, *everything(VaList(guest.memory, address))]  # type: ignore[arg-type]

    assert collect(guest, "give_list", read) == MIXED_VALUES
