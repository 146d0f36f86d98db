"""Prototypes from C text and back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from llext.abi import (
    ARM,
    K_TIMEOUT,
    DataModel,
    Float,
    Function,
    Integer,
    Parameter,
    Pointer,
    Prototype,
    Struct,
    Void,
    parse_prototype,
    struct,
)
from llext.arch.riscv import DATA_MODEL
from llext.errors import UsageError

INT = Integer("int", 4)


def only_type(text: str) -> object:
    """The type of the only parameter."""
    (parameter,) = parse_prototype(f"void f({text})").parameters
    return parameter.type


def test_a_prototype_has_name_result_and_parameters() -> None:
    expected = Prototype("add", INT, (Parameter("a", INT), Parameter("b", INT)))
    assert parse_prototype("int add(int a, int b);") == expected


@pytest.mark.parametrize(
    "text",
    [
        "int add(int a, int b)",
        "void start(void)",
        "int printf(const char *fmt, ...)",
        "void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout)",
        "int main(char *const *argv, const char *const *names)",
        "void (*signal(int number, void (*handler)(int)))(int)",
        "unsigned long long mix(signed char, unsigned short, long, float, double, long double, bool)",
        "enum color pick(enum color c, va_list ap)",
        "int (*table(void))[3]",
        "void each(int (*visit)(const struct node *node, ...))".replace(" *node", " *"),
        "union value *get(union value *v, int64_t when, ssize_t n, intptr_t p, uintptr_t q, wchar_t c)",
    ],
)
def test_a_prototype_prints_the_text_that_it_was_read_from(text: str) -> None:
    assert str(parse_prototype(text)) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("  extern\tuint32_t crc(const uint8_t data[], size_t n) ;\n", "uint32_t crc(const uint8_t *data, size_t n)"),
        ("static inline int f(int m[3][4])", "int f(int (*m)[4])"),
        ("int f()", "int f(void)"),
        ("int f(long unsigned int, short int, unsigned)", "int f(unsigned long, short, unsigned int)"),
        ("int f(int visit(int))", "int f(int (*visit)(int))"),
        ("int f(const volatile int *p, int *const q)", "int f(const int *p, int *q)"),
        ("int f(_Bool yes)", "int f(bool yes)"),
    ],
)
def test_other_spellings_print_in_one_way(text: str, printed: str) -> None:
    assert str(parse_prototype(text)) == printed


@pytest.mark.parametrize("text", ["int (uint8_t *, size_t)", "int(uint8_t *, size_t);"])
def test_a_function_without_a_name_gets_the_default_name(text: str) -> None:
    assert str(parse_prototype(text, "decode")) == "int decode(uint8_t *, size_t)"


def test_a_name_in_the_text_goes_before_the_default_name() -> None:
    assert parse_prototype("int add(int)", "decode").name == "add"


def test_char_is_unsigned_on_arm() -> None:
    assert only_type("char c") == Integer("char", 1, signed=False)


def test_the_data_model_says_whether_char_is_signed() -> None:
    assert parse_prototype("char f(void)", "", DataModel(char_signed=True)).result == Integer("char", 1, signed=True)


@pytest.mark.parametrize(("model", "signed"), [(ARM, False), (DATA_MODEL, True)], ids=["arm", "riscv"])
def test_the_data_model_says_whether_wchar_t_is_signed(model: DataModel, signed: bool) -> None:
    assert parse_prototype("wchar_t f(void)", model=model).result == Integer("wchar_t", 4, signed)


@pytest.mark.parametrize(
    ("text", "size", "signed"),
    [
        ("int8_t", 1, True),
        ("uint16_t", 2, False),
        ("long", 4, True),
        ("unsigned long long", 8, False),
        ("size_t", 4, False),
        ("ssize_t", 4, True),
        ("k_ticks_t", 8, True),
        ("va_list", 4, False),
        ("enum mode", 4, True),
    ],
)
def test_integers_have_the_size_and_sign_of_the_guest(text: str, size: int, signed: bool) -> None:
    assert only_type(text) == Integer(text, size, signed)


def test_long_double_is_a_double_on_arm() -> None:
    assert only_type("long double x") == Float("long double", 8)


def test_long_double_has_16_bytes_on_riscv() -> None:
    assert parse_prototype("long double f(void)", model=DATA_MODEL).result == Float("long double", 16)


def test_a_timeout_is_a_struct_of_64_bit_ticks() -> None:
    timeout = only_type("k_timeout_t t")
    assert timeout == K_TIMEOUT
    assert (K_TIMEOUT.size, K_TIMEOUT.align, str(K_TIMEOUT)) == (8, 8, "k_timeout_t")


def test_a_struct_behind_a_pointer_may_be_unknown() -> None:
    assert only_type("const struct device *dev") == Pointer(Struct("device"), const=True)


def test_a_function_pointer_keeps_its_type() -> None:
    assert only_type("void (*done)(int, ...)") == Pointer(Function(Void(), (INT,), variadic=True))


def test_structs_defined_in_front_are_laid_out_as_compilers_do() -> None:
    text = "struct p { char a; short b; double c; char d[3]; }; void f(struct p x)"
    found = parse_prototype(text).parameters[0].type
    assert isinstance(found, Struct)
    assert ([member.offset for member in found.members], found.size, found.align) == ([0, 2, 8, 16], 24, 8)


def test_typedefs_defined_in_front_are_used() -> None:
    text = "typedef struct { float x, y; } vec_t; typedef uint8_t level_t; level_t norm(vec_t v, vec_t *w)"
    prototype = parse_prototype(text)
    assert str(prototype) == "level_t norm(vec_t v, vec_t *w)"
    assert prototype.parameters[0].type == struct("vec_t", [("x", Float("float", 4)), ("y", Float("float", 4))], keyword="")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("int f(foo_t x)", "'foo_t' is not a type that is known here"),
        ("int f(foo_t)", "'foo_t' is not a type that is known here"),
        ("int f(const foo_t *x)", "'foo_t' is not a type that is known here"),
        ("foo_t f(int x)", "'foo_t' is not a type that is known here"),
        ("int f(a, b)", "'a' is not a type that is known here"),
        ("int f(int", "it ends too early"),
        ("int f(int a b)", "unexpected 'b'"),
        ("int f(@)", "unexpected '@'"),
        ("int x", "it declares no function"),
        ("", "it declares no function"),
        ("int f(int a) { return a; }", "it has a body"),
        ("int f(struct p x)", "parameter 1 is struct p by value, whose members are not known"),
        ("struct p f(void)", "the result is struct p by value, whose members are not known"),
        ("int f(int, void)", "parameter 2 is void"),
        ("struct p { int a : 3; }; int f(struct p x)", "struct p has bit-fields, whose layout is not known here"),
        ("struct q { struct p x; }; int f(struct q x)", "member 'x' is struct p by value, whose members are not known"),
        ("struct p { int a[N]; }; int f(struct p x)", "the size of an array is not a plain number"),
    ],
)
def test_text_that_cannot_be_read_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_prototype(text)
    assert caught.value.message.startswith(f"cannot read a C prototype, {reason}:\n  {text}")


def test_an_error_points_at_the_place_and_shows_a_right_prototype() -> None:
    with pytest.raises(UsageError) as caught:
        parse_prototype("int f(int a,   foo_t x)")
    assert caught.value.message.splitlines()[1:] == ["  int f(int a, foo_t x)", "               ^"]
    assert "'int decode(const uint8_t *data, size_t size)'" in caught.value.hint


def test_the_parser_is_imported_only_when_text_is_read() -> None:
    code = "import sys, llext.abi; sys.exit('pycparser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
