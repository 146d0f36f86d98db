"""One formatter, checked against the host's C library."""

import ctypes
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llext.kernel.printf import FIELD_LIMIT, render

LIBC = ctypes.CDLL(None)
BUFFER = ctypes.create_string_buffer(1 << 17)
FLAGS = ["".join(chosen) for count in range(4) for chosen in itertools.combinations("-+ #0", count)]
WIDTHS = ["", "1", "9", "20"]
PRECISIONS = ["", ".", ".0", ".1", ".5", ".12"]
INTEGERS = [0, 1, -1, 42, -42, 2**31 - 1, -(2**31), 0xDEADBEEF]
WIDE = [0, -1, 2**63 - 1, -(2**63), 1 << 40]
DOUBLES = [
    0.0,
    -0.0,
    1.0,
    1.5,
    2.5,
    0.1,
    1e10,
    123456.789,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    float("inf"),
    float("nan"),
    9.9999996,
]


class Values:
    """A va_list of ready values."""

    def __init__(self, *values):
        self.values = list(values)

    def word(self):
        return self.values.pop(0) & 0xFFFFFFFF

    def dword(self):
        return self.values.pop(0) & 0xFFFFFFFFFFFFFFFF

    def double(self):
        return self.values.pop(0)


class Memory:
    """Strings at made-up addresses."""

    def __init__(self, **texts):
        self.texts = {int(address[1:]): text for address, text in texts.items()}
        self.stored = {}

    def string(self, address, limit):
        return self.texts[address][:limit]

    def store(self, address, value, size):
        self.stored[address] = (value, size)


def by_host(template, *values):
    length = LIBC.snprintf(BUFFER, len(BUFFER), template.encode(), *values)
    return BUFFER.raw[:length]


def test_integers_are_formatted_as_the_host_does():
    count = 0
    for flags, width, precision, kind in itertools.product(FLAGS, WIDTHS, PRECISIONS, "diouxX"):
        template = f"[%{flags}{width}{precision}{kind}]"
        wide = f"[%{flags}{width}{precision}ll{kind}]"
        for value in INTEGERS:
            assert render(template.encode(), Values(value), None) == by_host(template, ctypes.c_int(value)), (template, value)
            count += 1
        for value in WIDE:
            assert render(wide.encode(), Values(value), None) == by_host(wide, ctypes.c_longlong(value)), (wide, value)
            count += 1
    assert count > 40_000


def test_floats_are_formatted_as_the_host_does():
    count = 0
    for flags, width, precision, kind in itertools.product(FLAGS, WIDTHS, PRECISIONS, "fFeEgGaA"):
        template = f"[%{flags}{width}{precision}{kind}]"
        for value in DOUBLES:
            assert render(template.encode(), Values(value), None) == by_host(template, ctypes.c_double(value)), (
                template,
                value,
            )
            count += 1
    assert count > 50_000


@settings(max_examples=500, deadline=None)
@given(st.floats(allow_nan=False), st.sampled_from("fegaEGA"), st.one_of(st.none(), st.integers(0, 25)))
def test_any_double_is_formatted_as_the_host_does(value, kind, precision):
    template = f"%{'' if precision is None else f'.{precision}'}{kind}"
    assert render(template.encode(), Values(value), None) == by_host(template, ctypes.c_double(value))


@pytest.mark.parametrize(("length", "ctype"), [("hh", ctypes.c_int), ("h", ctypes.c_int), ("l", ctypes.c_long)])
@pytest.mark.parametrize("value", [0, 200, -200, 70000, -70000])
def test_lengths_cut_and_extend_as_the_host_does(length, ctype, value):
    for kind in "du" if length != "l" else "d":
        template = f"%{length}{kind}"
        assert render(template.encode(), Values(value), None) == by_host(template, ctype(value))


@pytest.mark.parametrize("template", ["%s", "%10s|", "%-10s|", "%.3s", "%10.2s|", "%.0s", "%.*s"])
def test_strings_are_formatted_as_the_host_does(template):
    extra = (2,) if "*" in template else ()
    ours = render(template.encode(), Values(*extra, 0x100), Memory(a256=b"hello"))
    assert ours == by_host(template, *extra, b"hello")


@pytest.mark.parametrize("template", ["%s", "%.3s", "%.6s", "%10s"])
def test_a_null_string_is_shown_as_the_host_does(template):
    assert render(template.encode(), Values(0), Memory()) == by_host(template, ctypes.c_char_p(None))


@pytest.mark.parametrize(
    ("template", "value"), [("%p", 0), ("%p", 0x20001234), ("%20p|", 0x20001234), ("%-20p|", 0), ("%10p|", 0)]
)
def test_pointers_are_formatted_as_the_host_does(template, value):
    assert render(template.encode(), Values(value), None) == by_host(template, ctypes.c_void_p(value))


@pytest.mark.parametrize("values", [(5, 3), (-5, 3), (0, 3)])
def test_a_star_takes_the_width_from_the_arguments(values):
    assert render(b"%*d|", Values(*values), None) == by_host("%*d|", *values)
    assert render(b"%.*d|", Values(*values), None) == by_host("%.*d|", *values)


def test_characters_and_percent():
    assert render(b"%c%5c%-3c|100%%", Values(65, 66, 67), None) == b"A    BC  |100%"


def test_n_stores_how_much_was_written():
    memory = Memory()
    assert render(b"abc%ndef", Values(0x40), memory) == b"abcdef"
    assert memory.stored == {0x40: (3, 4)}


@pytest.mark.parametrize("template", ["%y", "%", "50% of", "%lq"])
def test_what_is_no_conversion_is_echoed(template):
    assert render(template.replace("% o", "%y").encode(), Values(1), None)
    assert render(b"%y %", Values(), None) == b"%y %"


def test_an_absurd_width_does_not_eat_memory():
    assert len(render(b"%999999999d", Values(1), None)) == FIELD_LIMIT
    assert len(render(b"%.999999999d", Values(1), None)) == FIELD_LIMIT
