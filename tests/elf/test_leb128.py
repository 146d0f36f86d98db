"""LEB128, against the examples of DWARF 5 (tables 7.8 and 7.9)."""

import pytest

from llext.elf.leb128 import sleb, uleb


@pytest.mark.parametrize(("number", "data"), [(2, "02"), (127, "7f"), (128, "8001"), (129, "8101"), (12857, "b964")])
def test_unsigned_numbers(number, data):
    raw = bytes.fromhex(data)
    assert uleb(b"\xff" + raw + b"\x05", 1) == (number, 1 + len(raw))


@pytest.mark.parametrize(
    ("number", "data"),
    [(2, "02"), (-2, "7e"), (127, "ff00"), (-127, "817f"), (128, "8001"), (-128, "807f"), (129, "8101"), (-129, "ff7e")],
)
def test_signed_numbers(number, data):
    raw = bytes.fromhex(data)
    assert sleb(raw + b"\x05", 0) == (number, len(raw))


def test_numbers_that_do_not_end_are_taken_as_they_are():
    assert uleb(b"\x81", 0) == (1, 1)
    assert sleb(b"", 0) == (0, 0)
    assert uleb(b"\x80" * 1_000_000, 0)[1] == 1_000_000
