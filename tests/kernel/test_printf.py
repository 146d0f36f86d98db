"""printk's formatter against the host's C library, and against C11 where the host's types are wider."""

import ctypes
import itertools
import platform
import struct
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llext.kernel.printf import CALL_LIMIT, FIELD_LIMIT, render

patient = settings(deadline=None, max_examples=500)
glibc_only = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the oracle is glibc")

FLAGS = ["".join(chosen) for count in range(6) for chosen in itertools.combinations("-+ #0", count)]
WIDTHS = ["", "1", "9", "25"]
PRECISIONS = ["", ".", ".1", ".3", ".12"]
WORDS = [0, 1, 8, 127, 128, 255, 0x7FFF, 0x8000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
DWORDS = [0, 1, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF]
NEGATIVE_NAN = struct.unpack("<d", b"\0\0\0\0\0\0\xf8\xff")[0]
DOUBLES = [
    0.0, -0.0, 0.5, 1.5, -2.5, 0.125, 0.15, 9.9995, 1e-5, 123456.5, 999999.5, -1e16, 1e100, 1e308, 1.7976931348623157e308,
    5e-324, 2.2e-308, 2.2250738585072014e-308, 1.03125, 1.09375, 1.96875, 1.9999999999999998, float("inf"), float("-inf"),
    float("nan"), NEGATIVE_NAN,
]  # fmt: skip
TEXTS = [b"", b"a", b"hello", b"a string longer than its field"]
WIDE = ("ll", "j", "L")


@dataclass
class Given:
    """Arguments and memory of a call: a string passed as bytes lies at an address of its own, None is NULL."""

    values: list
    memory: dict = field(default_factory=dict)
    stored: list = field(default_factory=list)
    reads: list = field(default_factory=list)

    def word(self):
        value = self.values.pop(0)
        if value is None:
            return 0
        if isinstance(value, bytes):
            address = 0x2000_0000 + len(self.memory)
            self.memory[address] = value
            return address
        assert isinstance(value, int)
        return value & 0xFFFFFFFF

    def dword(self):
        return self.values.pop(0) & 0xFFFFFFFFFFFFFFFF

    def double(self):
        value = self.values.pop(0)
        assert isinstance(value, float)
        return value

    def long_double(self):
        (value,) = self.values.pop(0)
        return value

    def string(self, address, limit):
        self.reads.append((address, limit))
        return self.memory[address].split(b"\0")[0][:limit]

    def store(self, address, value, size):
        self.stored.append((address, value, size))


def ours(template, *values):
    call = Given(list(values))
    text = render(template.encode(), call, call)
    assert not call.values, "an argument was left over"
    return text


def theirs(template, *values):
    """The text the host's snprintf writes."""
    buffer = ctypes.create_string_buffer(70_000)
    written = ctypes.CDLL(None).snprintf(buffer, len(buffer), template.encode(), *values)
    assert 0 <= written < len(buffer)
    return buffer.raw[:written]


def host_length(length):
    """The length modifier under which the host's type is as wide as the guest's.

    L with an integer is glibc's ll, but not in a process where some library has registered conversions of its own (numpy
    brings libquadmath, which does): then it is nothing.
    """
    return {"l": "", "z": "", "t": "", "L": "ll"}.get(length, length)


def agrees_on_integer(shape, length, kind, value, *stars):
    host = ctypes.c_uint64(value) if length in WIDE else ctypes.c_uint32(value)
    guest = ours(f"<%{shape}{length}{kind}>", *stars, value)
    assert guest == theirs(f"<%{shape}{host_length(length)}{kind}>", *map(ctypes.c_int, stars), host), (
        shape,
        length,
        kind,
        value,
    )


def agrees_on_double(shape, kind, value):
    template = f"<%{shape}{kind}>"
    expected = theirs(template, ctypes.c_double(value))
    if kind in "gG" and "#" in shape and kind.replace("g", "e").replace("G", "E").encode() in expected:
        expected = in_style_e(shape, kind, value)
    assert ours(template, value) == expected, (shape, kind, value)


def in_style_e(shape, kind, value):
    """C11's definition of %#g in style e: %#e with a precision one less. glibc 2.36 drops zeros where rounding carries."""
    head, point, precision = shape.partition(".")
    significant = max(1, int(precision or 0)) if point else 6
    return theirs(f"<%{head}.{significant - 1}{'e' if kind == 'g' else 'E'}>", ctypes.c_double(value))


SHAPES = ["".join(shape) for shape in itertools.product(FLAGS, WIDTHS, PRECISIONS)]


@glibc_only
@pytest.mark.parametrize("kind", "diouxX")
def test_integers_of_32_bits_are_written_as_glibc_writes_them(kind):
    cases = list(itertools.product(SHAPES, ["", "hh", "h", "l"], WORDS))
    for shape, length, value in cases:
        agrees_on_integer(shape, length, kind, value)
    assert len(cases) == 28_160


@glibc_only
@pytest.mark.parametrize("kind", "diouxX")
def test_integers_of_64_bits_are_written_as_glibc_writes_them(kind):
    cases = list(itertools.product(SHAPES, WIDE, DWORDS))
    for shape, length, value in cases:
        agrees_on_integer(shape, length, kind, value)
    assert len(cases) == 11_520


@glibc_only
@pytest.mark.parametrize("kind", "fFeEgGaA")
def test_doubles_are_written_as_glibc_writes_them(kind):
    cases = list(itertools.product(SHAPES, DOUBLES))
    for shape, value in cases:
        agrees_on_double(shape, kind, value)
    assert len(cases) == 16_640


@glibc_only
def test_strings_and_null_are_written_as_glibc_writes_them():
    cases = list(itertools.product([*SHAPES, ".5", ".6", "10.5", "10.6", "-10.7"], [*TEXTS, None]))
    for shape, text in cases:
        assert ours(f"<%{shape}s>", text) == theirs(f"<%{shape}s>", text), (shape, text)
    assert len(cases) == 3_225


@glibc_only
def test_pointers_and_null_are_written_as_glibc_writes_them():
    cases = list(itertools.product(SHAPES, WORDS))
    for shape, value in cases:
        assert ours(f"<%{shape}p>", value) == theirs(f"<%{shape}p>", ctypes.c_void_p(value)), (shape, value)
    assert len(cases) == 7_040


@glibc_only
def test_characters_are_written_as_glibc_writes_them():
    cases = list(itertools.product(SHAPES, [0, 10, 65, 255, 0x141]))
    for shape, value in cases:
        assert ours(f"<%{shape}c>", value) == theirs(f"<%{shape}c>", ctypes.c_int(value)), (shape, value)
    assert len(cases) == 3_200


@glibc_only
def test_every_width_and_precision_given_by_a_star_is_read_as_glibc_reads_it():
    cases = list(itertools.product(FLAGS, [-40, -7, 0, 7, 30], [-5, -1, 0, 1, 8], "dxo", WORDS))
    for flags, width, precision, kind, value in cases:
        agrees_on_integer(f"{flags}*.*", "", kind, value, width, precision)
    assert len(cases) == 26_400


shapes = st.builds(
    "{}{}{}".format,
    st.text("-+ #0'", max_size=6),
    st.one_of(st.just(""), st.integers(1, 400).map(str)),
    st.one_of(st.just(""), st.just("."), st.integers(0, 400).map(".{}".format)),
)


@glibc_only
@patient
@given(shapes, st.sampled_from(["", "hh", "h", "l", "z", "t"]), st.sampled_from("diouxX"), st.integers(0, 2**32 - 1))
def test_any_integer_of_32_bits_is_written_as_glibc_writes_it(shape, length, kind, value):
    agrees_on_integer(shape, length, kind, value)


@glibc_only
@patient
@given(shapes, st.sampled_from(WIDE), st.sampled_from("diouxX"), st.integers(0, 2**64 - 1))
def test_any_integer_of_64_bits_is_written_as_glibc_writes_it(shape, length, kind, value):
    agrees_on_integer(shape, length, kind, value)


@glibc_only
@patient
@given(shapes, st.sampled_from("fFeEgGaA"), st.binary(min_size=8, max_size=8))
def test_any_pattern_of_bits_of_a_double_is_written_as_glibc_writes_it(shape, kind, bits):
    agrees_on_double(shape, kind, struct.unpack("<d", bits)[0])


@glibc_only
@patient
@given(shapes, st.sampled_from("fFeEgGaA"), st.integers(-(2**20), 2**20), st.integers(0, 16))
def test_any_short_binary_fraction_is_rounded_as_glibc_rounds_it(shape, kind, numerator, exponent):
    agrees_on_double(shape, kind, numerator / 2**exponent)


@glibc_only
@patient
@given(shapes, st.binary(max_size=100).map(lambda text: text.replace(b"\0", b"")))
def test_any_string_is_written_as_glibc_writes_it(shape, text):
    assert ours(f"<%{shape}s>", text) == theirs(f"<%{shape}s>", text)


@glibc_only
@patient
@given(st.lists(st.tuples(st.sampled_from(["d", "5s", "f", "%", "*x", "c"]), st.text("ab {", max_size=3)), max_size=8))
def test_several_conversions_take_their_arguments_in_order(parts):
    template = "".join(f"{literal}%{kind}" for kind, literal in parts)
    values = {"d": [-7], "5s": [b"xy"], "f": [2.5], "%": [], "*x": [6, 255], "c": [66]}
    passed = [value for kind, _ in parts for value in values[kind]]
    hosted = [ctypes.c_double(value) if isinstance(value, float) else value for value in passed]
    assert ours(template, *passed) == theirs(template, *hosted)


def test_size_t_and_ptrdiff_t_take_one_word():
    assert ours("%zu %td %zx", 0xFFFFFFFF, 0xFFFFFFFE, 0xABC) == b"4294967295 -2 abc"


def test_long_takes_one_word():
    assert ours("%ld %lu", 0x80000000, 0x80000000) == b"-2147483648 2147483648"


def test_long_double_is_a_double():
    assert ours("%Lf %Le %La %f", (1.5,), (2.0,), (1.0,), 0.5) == b"1.500000 2.000000e+00 0x1p+0 0.500000"


def test_a_wide_character_and_a_wide_string_are_taken_as_plain_ones():
    assert ours("%lc%ls", 65, b"bc") == b"Abc"


def test_arguments_that_come_wider_than_their_type_are_cut():
    assert ours("%hhd %hhu %hd %hu", 0x1FF, 0x1FF, 0x18000, 0x18000) == b"-1 255 -32768 32768"


def test_the_grouping_flag_changes_nothing():
    assert ours("%'d %'.1f", 1234567, 1234567.0) == b"1234567 1234567.0"


def test_rounding_up_to_a_power_of_ten_keeps_the_zeros_of_the_alternate_form():
    assert ours("%#g %#.3G %g", 999999.5, 999.9, 999999.5) == b"1.00000e+06 1.00E+03 1e+06"


def test_a_template_without_conversions_is_returned_as_it_is():
    assert ours("plain\r\n{} \x01") == b"plain\r\n{} \x01"


def test_an_empty_template_is_empty():
    assert ours("") == b""


@pytest.mark.parametrize(
    "template",
    ["%y", "%5y", "%-08.3k|", "%", "100%", "%l", "%5", "%.", "%.-5d", "%1$d", "%m", "%b", "%*y", "%hhhd", "%\n", "%w%"],
)
def test_an_unknown_conversion_is_echoed_unchanged_and_takes_no_argument(template):
    assert ours(template) == template.encode()


def test_a_conversion_behind_an_unknown_one_still_takes_its_argument():
    assert ours("%y%d %!%s %", 5, b"x") == b"%y5 %!x %"


def test_a_percent_sign_ignores_flags_width_and_length():
    assert ours("%%|%5%|%-08.3l%") == b"%|%|%"


def test_a_percent_sign_with_a_star_takes_the_argument_of_the_star():
    assert ours("%*%|%d", 5, 6) == b"%|6"


def test_a_string_is_read_no_further_than_its_precision():
    call = Given([b"abcdef"])
    assert render(b"%.3s", call, call) == b"abc"
    assert call.reads == [(0x2000_0000, 3)]


def test_a_string_without_precision_is_read_without_a_limit():
    call = Given([b"abcdef"])
    render(b"%s", call, call)
    assert call.reads == [(0x2000_0000, None)]


def test_a_string_with_precision_zero_is_not_read_at_all():
    call = Given([0xDEAD_BEEF])
    assert render(b"<%3.0s>", call, call) == b"<   >"
    assert call.reads == []


def test_a_fault_of_guest_memory_passes_through():
    with pytest.raises(KeyError):
        ours("%s", 0xDEAD_BEEF)


@pytest.mark.parametrize(("length", "size"), [("hh", 1), ("h", 2), ("", 4), ("l", 4), ("z", 4), ("t", 4), ("ll", 8), ("j", 8)])
def test_the_count_is_stored_in_the_size_of_its_length_modifier(length, size):
    call = Given([7, 0x2000_0010])
    assert render(f"abc%4d%{length}n!".encode(), call, call) == b"abc   7!"
    assert call.stored == [(0x2000_0010, 7, size)]


def test_the_count_is_cut_to_a_signed_char():
    call = Given([0x2000_0010])
    render(b"x" * 300 + b"%hhn", call, call)
    assert call.stored == [(0x2000_0010, 300 & 0xFF, 1)]


def test_the_count_sees_only_what_came_before_it():
    call = Given([0x2000_0000, 0x2000_0004])
    render(b"%nab%n", call, call)
    assert [value for _, value, _ in call.stored] == [0, 2]


@pytest.mark.parametrize(
    "shape", ["999999999", "-999999999", "0999999999", ".999999999", "9" * 5000, "." + "9" * 5000, "0" * 5000 + "9" * 9]
)
@pytest.mark.parametrize("kind", ["d", "x", "#o", "c", "s", "p", "f", "e", "g", "a"])
def test_an_absurd_width_or_precision_is_cut_to_the_field_limit(shape, kind):
    alternate, kind = ("#", "o") if kind == "#o" else ("", kind)
    value = 1.5 if kind in "fega" else b"text" if kind == "s" else 65
    assert len(ours(f"%{alternate}{shape}{kind}", value)) <= FIELD_LIMIT + 16


@pytest.mark.parametrize("width", [0x7FFFFFFF, 0x80000000, 0x80000001])
def test_an_absurd_width_of_a_star_is_cut_to_the_field_limit(width):
    assert len(ours("%*d", width, 1)) == FIELD_LIMIT


def test_an_absurd_precision_of_a_star_is_cut_to_the_field_limit():
    assert len(ours("%.*d", 0x7FFFFFFF, 1)) == FIELD_LIMIT


def test_leading_zeros_of_a_precision_do_not_count():
    assert ours("%.000000000000003d", 7) == b"007"


def test_a_string_is_cut_to_the_field_limit():
    assert len(ours("%s", b"x" * (FIELD_LIMIT + 1))) == FIELD_LIMIT


def test_a_whole_call_is_cut_to_its_limit():
    call = Given([1] * 1000)
    assert len(render(b"%65536d" * 1000, call, call)) == CALL_LIMIT
    assert len(call.values) > 900


def test_a_literal_is_cut_to_the_limit_of_the_call():
    call = Given([])
    assert len(render(b"x" * (CALL_LIMIT + 5), call, call)) == CALL_LIMIT


@pytest.mark.parametrize("filler", ["0", "9", "-", ".", "%", "*"])
def test_a_long_malformed_template_is_echoed_without_backtracking(filler):
    template = "%" + filler * 100_000 + "!"
    assert len(ours(template)) == (50_001 + 1 if filler == "%" else len(template))


def test_a_template_too_long_for_the_cache_is_rendered_alike():
    assert ours("%d," * 1000, *range(1000)) == b"".join(b"%d," % number for number in range(1000))


def test_the_same_template_can_be_rendered_again_with_other_arguments():
    assert [ours("%*d|%s", width, 5, b"x") for width in (3, 0xFFFFFFFD, 1)] == [b"  5|x", b"5  |x", b"5|x"]
