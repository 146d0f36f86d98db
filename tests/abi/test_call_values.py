"""What may be passed, and what is said about what may not. Where values go is compared with compilers elsewhere."""

from __future__ import annotations

import struct

import pytest

from llext.abi import CallLayout, Frame, Place, Value, layout, parse_prototype
from llext.arch import ARCHES
from llext.arch.riscv import DATA_MODEL, ILP32, ILP32E
from llext.errors import UsageError

SOFT, HARD = ARCHES[0].conventions["soft"], ARCHES[0].conventions["hard"]


def soft(text: str) -> CallLayout:
    return layout(parse_prototype(text), SOFT)


def refusal(text: str, *values: Value) -> UsageError:
    with pytest.raises(UsageError) as caught:
        soft(text).encode(values)
    return caught.value


def test_a_layout_is_made_once() -> None:
    assert soft("int add(int a, int b)") is soft("int add(int a, int b)")


def test_places_say_where_each_argument_lives() -> None:
    places = layout(parse_prototype("void f(int a, double b, struct k *c, int64_t d, float e, int g)"), HARD).places
    assert places == (
        Place(core=(0,)),
        Place(fp=(0, 1)),
        Place(core=(1,)),
        Place(core=(2, 3)),
        Place(fp=(2,)),
        Place(stack_offset=0, stack_words=1),
    )


def test_the_stack_of_a_frame_keeps_the_stack_pointer_aligned() -> None:
    assert soft("void f(int, int, int, int, int)").encode((1, 2, 3, 4, 5)) == Frame((1, 2, 3, 4), (), struct.pack("<II", 5, 0))


@pytest.mark.parametrize(
    ("ctype", "value", "word"),
    [
        ("int", -1, 0xFFFFFFFF),
        ("int", 0xFFFFFFFF, 0xFFFFFFFF),
        ("uint32_t", -(1 << 31), 0x80000000),
        ("int8_t", 200, 0xFFFFFFC8),
        ("uint8_t", -1, 0xFF),
        ("uint16_t", -2, 0xFFFE),
        ("bool", True, 1),
        ("int", True, 1),
        ("void *", None, 0),
        ("void *", -1, 0xFFFFFFFF),
    ],
)
def test_integers_pass_in_their_signed_or_unsigned_reading(ctype: str, value: Value, word: int) -> None:
    assert soft(f"void f({ctype} a)").encode((value,)).core == (word,)


class Number:
    """As numpy's integers are: no int, but as good as one."""

    def __index__(self) -> int:
        return -5


def test_numbers_of_other_libraries_pass_as_integers() -> None:
    assert soft("void f(int a, int64_t b)").encode((Number(), Number())).core == (0xFFFFFFFB, 0, 0xFFFFFFFB, 0xFFFFFFFF)


def test_a_float_parameter_takes_an_integer() -> None:
    assert soft("void f(float a)").encode((3,)).core == struct.unpack("<I", struct.pack("<f", 3.0))


def test_a_struct_of_one_integer_takes_an_integer() -> None:
    assert soft("void f(k_timeout_t t)").encode((-1,)) == soft("void f(k_timeout_t t)").encode((b"\xff" * 8,))


@pytest.mark.parametrize(
    ("ctype", "value", "message"),
    [
        (
            "int",
            1 << 32,
            "f: 4294967296 does not fit argument 1 (int a): an integer from -2147483648 to 4294967295 is wanted",
        ),
        ("int8_t", -129, "f: -129 does not fit argument 1 (int8_t a): an integer from -128 to 255 is wanted"),
        (
            "uint16_t",
            1 << 16,
            "f: 65536 does not fit argument 1 (uint16_t a): an integer from -32768 to 65535 is wanted",
        ),
        ("int", 1.0, "f: 1.0 does not fit argument 1 (int a): an integer from -2147483648 to 4294967295 is wanted"),
        ("int", None, "f: None does not fit argument 1 (int a): an integer from -2147483648 to 4294967295 is wanted"),
        ("int", b"x", "f: b'x' does not fit argument 1 (int a): an integer from -2147483648 to 4294967295 is wanted"),
        ("bool", 2, "f: 2 does not fit argument 1 (bool a): False or True is wanted"),
        (
            "char *",
            1 << 32,
            "f: 4294967296 does not fit argument 1 (char *a): an address from 0 to 0xffffffff or None is wanted",
        ),
        ("float", 1e39, "f: 1e+39 does not fit argument 1 (float a): a number that fits float is wanted"),
        (
            "double",
            b"12345678",
            "f: b'12345678' does not fit argument 1 (double a): a number that fits double is wanted",
        ),
        ("double", None, "f: None does not fit argument 1 (double a): a number that fits double is wanted"),
        ("k_timeout_t", b"1234", "f: b'1234' does not fit argument 1 (k_timeout_t a): 8 bytes are wanted"),
        ("k_timeout_t", 1.5, "f: 1.5 does not fit argument 1 (k_timeout_t a): 8 bytes are wanted"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(ctype: str, value: Value, message: str) -> None:
    assert refusal(f"void f({ctype} a)", value).message == message


def test_the_refusal_names_the_argument_that_does_not_fit() -> None:
    text = "void f(int a, double b, uint8_t)"
    assert refusal(text, 1, 2.0, 256).message.startswith("f: 256 does not fit argument 3 (uint8_t):")


def test_a_long_value_is_not_printed_in_full() -> None:
    assert refusal("void f(int a)", b"x" * 100).message.startswith("f: a value of type bytes does not fit argument 1")


def test_the_range_of_a_long_long_is_checked() -> None:
    assert "9223372036854775808 to 18446744073709551615" in refusal("void f(int64_t a)", 1 << 64).message


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("int add(int a, int b)", (1, 2, 3), "add takes 2 arguments (int a, int b), 3 given"),
        ("int add(int a, int b)", (1,), "add takes 2 arguments (int a, int b), 1 given"),
        ("int one(float x)", (), "one takes 1 argument (float x), 0 given"),
        ("int none(void)", (1,), "none takes no arguments, 1 given"),
        ("int log(char *fmt, ...)", (), "log takes at least 1 argument (char *fmt, ...), 0 given"),
    ],
)
def test_a_wrong_number_of_arguments_is_refused(text: str, values: tuple[Value, ...], message: str) -> None:
    assert refusal(text, *values).message == message


def test_variable_arguments_are_promoted_as_in_c() -> None:
    frame = soft("int f(int n, ...)").encode((1, 2.0, -1, None))
    assert frame == Frame((1, 0, 0, 0x40000000), (), struct.pack("<II", 0xFFFFFFFF, 0))


def test_variable_arguments_may_be_bytes_of_a_long_long() -> None:
    assert soft("int f(int n, ...)").encode((1, struct.pack("<q", -2))).core == (1, 0, 0xFFFFFFFE, 0xFFFFFFFF)


def test_a_variable_argument_beyond_a_word_is_refused() -> None:
    error = refusal("int f(int n, ...)", 1, 1 << 32)
    assert error.message == "f: 4294967296, argument 2, does not fit a word, and its type is not known"
    assert "struct.pack('<q', value)" in error.hint


def test_a_struct_of_unknown_size_cannot_be_passed() -> None:
    pointer = parse_prototype("void f(struct device *dev)").parameters[0].type
    prototype = parse_prototype("void f(int a)")
    opaque = type(prototype)("f", prototype.result, (type(prototype.parameters[0])("d", pointer.target),))  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="a value of type struct device cannot be passed"):
        layout(opaque, SOFT)


@pytest.mark.parametrize(
    ("ctype", "word", "value"),
    [
        ("int8_t", 0x123456FF, -1),
        ("uint8_t", 0x123456FF, 0xFF),
        ("int16_t", 0x8000, -0x8000),
        ("int", 0xFFFFFFFE, -2),
        ("unsigned", 0xFFFFFFFE, 0xFFFFFFFE),
        ("void *", 0x20000000, 0x20000000),
        ("bool", 1, True),
    ],
)
def test_results_are_read_by_the_sign_and_size_of_their_type(ctype: str, word: int, value: Value) -> None:
    assert soft(f"{ctype} f(void)").decode_result((word, 0xDEADBEEF)) == value


def test_a_function_without_a_result_returns_none() -> None:
    assert soft("void f(void)").decode_result((1, 2)) is None


def test_a_python_function_without_a_result_must_return_none() -> None:
    with pytest.raises(UsageError, match="f: 5 does not fit its result: None is wanted"):
        soft("void f(void)").encode_result(5)


def test_a_result_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="f: None does not fit its result: an integer from -128 to 255 is wanted"):
        soft("int8_t f(void)").encode_result(None)


def test_floating_point_registers_are_read_only_for_arguments_in_them() -> None:
    def untouched() -> list[int]:
        raise AssertionError

    call = layout(parse_prototype("void f(int a, void *b)"), HARD)
    assert call.decode_arguments((0xFFFFFFFF, 2, 3, 4), untouched, lambda *_: b"", 0) == [-1, 2]


def test_a_large_result_takes_the_first_register_for_its_address() -> None:
    call = soft("struct p { int a, b; }; struct p f(int x)")
    assert (call.memory_result, call.encode((7,), 0x2000_0000).core) == (8, (0x2000_0000, 7))


def test_a_call_without_an_address_for_its_large_result_is_refused() -> None:
    error = refusal("struct p { int a, b; }; struct p f(int x)", 7)
    assert error.message == "f returns struct p, 8 bytes in memory, and nobody said where"


def test_a_large_result_of_python_that_cannot_be_stored_is_refused() -> None:
    with pytest.raises(UsageError, match="f returns struct p, 8 bytes in memory, and nobody said where"):
        soft("struct p { int a, b; }; struct p f(int x)").encode_result(bytes(8))


# RISC-V ---------------------------------------------------------------------------------------------------------------


def riscv(text: str) -> CallLayout:
    return layout(parse_prototype(text, model=DATA_MODEL), ILP32)


def test_the_copy_of_an_argument_by_reference_lies_above_the_arguments_and_is_aligned_as_its_type() -> None:
    call = riscv("void f(int, int, int, int, int, int, int, long double x, int on_stack)")
    frame = call.encode((*range(7), 1.0, 8), stack_top=lambda: 0x8000)
    assert (frame.core[7], len(frame.stack)) == (0x7FF0, 32)
    assert frame.stack == struct.pack("<I12x", 8) + bytes(14) + b"\xff\x3f"


def test_a_frame_with_a_copy_keeps_the_copy_aligned_though_the_stack_is_not() -> None:
    frame = layout(parse_prototype("void f(long double)", model=DATA_MODEL), ILP32E).encode((2.0,), stack_top=lambda: 0x8000)
    assert (frame.core, len(frame.stack)) == ((0x7FF0,), 16)


def test_a_call_without_a_stack_for_a_copy_is_refused() -> None:
    with pytest.raises(UsageError, match="f takes an argument by reference, and nobody said where the stack is"):
        riscv("void f(long double x)").encode((1.0,))


def test_the_stack_is_asked_for_only_if_there_is_a_copy() -> None:
    def untouched() -> int:
        raise AssertionError

    assert riscv("void f(double x, int y)").encode((1.0, 2), stack_top=untouched).core == (0, 0x3FF00000, 2)


def test_a_long_double_in_memory_is_a_result_as_a_float() -> None:
    call = riscv("long double f(int x)")
    stored: list[bytes] = []
    assert call.encode_result(-1.0, stored.append) == (0, 0, ())
    assert stored == [bytes(14) + b"\xff\xbf"]
    assert call.decode_result((), (), stored[0]) == -1.0


@pytest.mark.parametrize("value", [None, b"16 bytes of data", 10**400])
def test_a_value_that_is_no_long_double_is_refused(value: Value) -> None:
    with pytest.raises(UsageError, match="does not fit argument 1 .long double x.: a number that fits long double is wanted"):
        riscv("void f(long double x)").encode((value,))
