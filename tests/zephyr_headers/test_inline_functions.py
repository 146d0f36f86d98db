"""The functions that headers define compute what they should: compiled for the host, compared with Python's integers."""

import ctypes
import itertools
import subprocess

import pytest
from conftest import need
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llext.build.toolchain import HEADERS

TICKS, CYCLES = 32768, 25000000
RATES = {"sec": 1, "ms": 1000, "us": 1000000, "ns": 1000000000, "ticks": TICKS, "cyc": CYCLES}
PAIRS = [
    (a, b)
    for a, b in itertools.permutations(RATES, 2)
    if {a, b} & {"ticks", "cyc"}
]  # fmt: skip
SIZE = ctypes.c_size_t
ROUNDINGS = ("floor", "near", "ceil")
many = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    need("gcc")
    folder = tmp_path_factory.mktemp("inline")
    text = "#include <zephyr/sys/util.h>\n#include <zephyr/sys_clock.h>\n"
    for (a, b), rounding in itertools.product(PAIRS, ROUNDINGS):
        for bits in (32, 64):
            name = f"k_{a}_to_{b}_{rounding}{bits}"
            text += f"uint{bits}_t use_{name}(uint{bits}_t t) {{ return {name}(t); }}\n"
    for unit in ("NSEC", "USEC", "MSEC", "SECONDS", "MINUTES", "HOURS", "CYC"):
        text += f"int64_t use_K_{unit}(int64_t t) {{ return K_{unit}(t).ticks; }}\n"
    text += "size_t use_bin2hex(const uint8_t *b, size_t n, char *h, size_t s) { return bin2hex(b, n, h, s); }\n"
    text += "size_t use_hex2bin(const char *h, size_t n, uint8_t *b, size_t s) { return hex2bin(h, n, b, s); }\n"
    text += "uint8_t use_u8_to_dec(char *t, uint8_t s, uint8_t v) { return u8_to_dec(t, s, v); }\n"
    text += "uint8_t use_bcd2bin(uint8_t v) { return bcd2bin(v); }\nuint8_t use_bin2bcd(uint8_t v) { return bin2bcd(v); }\n"
    (folder / "use.c").write_text(text)
    defined = [f"-DCONFIG_SYS_CLOCK_TICKS_PER_SEC={TICKS}", f"-DCONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC={CYCLES}"]
    command = ["gcc", "-ffreestanding", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", *defined, "-I", HEADERS]
    command += ["-isystem", HEADERS / "libc", folder / "use.c", "-o", folder / "use.so"]
    subprocess.run([str(word) for word in command], check=True)
    library = ctypes.CDLL(str(folder / "use.so"))
    library.use_bin2hex.restype = library.use_hex2bin.restype = ctypes.c_size_t
    library.use_u8_to_dec.restype = library.use_bcd2bin.restype = library.use_bin2bcd.restype = ctypes.c_uint8
    return library


def ratio(value, numerator, denominator, rounding):
    exact = value * numerator
    if rounding == "ceil":
        return -(-exact // denominator)
    return (exact + (denominator // 2 if rounding == "near" else 0)) // denominator


@many
@given(
    pair=st.sampled_from(PAIRS),
    rounding=st.sampled_from(ROUNDINGS),
    bits=st.sampled_from([32, 64]),
    value=st.one_of(st.integers(0, 1 << 20), st.integers(0, (1 << 33) - 1)),
)
def test_times_are_converted_exactly(host, pair, rounding, bits, value):
    value &= (1 << bits) - 1
    a, b = pair
    kind = ctypes.c_uint64 if bits == 64 else ctypes.c_uint32
    function = host[f"use_k_{a}_to_{b}_{rounding}{bits}"]
    function.restype, function.argtypes = kind, [kind]
    exact = ratio(value, RATES[b], RATES[a], rounding)
    if RATES[a] % RATES[b] == 0:  # nearest means nearest to the whole quotient
        exact = ratio(value, 1, RATES[a] // RATES[b], rounding)
    assert function(value) == exact & ((1 << bits) - 1)


UNITS = {"NSEC": 10**9, "USEC": 10**6, "MSEC": 1000, "SECONDS": 1, "MINUTES": 1 / 60, "HOURS": 1 / 3600, "CYC": CYCLES}


@many
@given(unit=st.sampled_from(list(UNITS)), value=st.one_of(st.integers(-10, 1000), st.integers(-(1 << 32), 1 << 33)))
def test_timeouts_round_up_and_are_never_negative(host, unit, value):
    function = host[f"use_K_{unit}"]
    function.restype, function.argtypes = ctypes.c_int64, [ctypes.c_int64]
    factor = {"MINUTES": 60, "HOURS": 3600}.get(unit, 1)
    rate = 1 if factor > 1 else int(UNITS[unit])
    assert function(value) == max(0, ratio(value * factor, TICKS, rate, "ceil"))


@many
@given(data=st.binary(max_size=20), room=st.integers(0, 45))
def test_bytes_become_digits_if_there_is_room(host, data, room):
    out = ctypes.create_string_buffer(b"\xee" * 50, 50)
    written = host.use_bin2hex(data, SIZE(len(data)), out, SIZE(room))
    fits = room >= 2 * len(data) + 1
    assert written == (2 * len(data) if fits else 0)
    text = data.hex().encode() + b"\0" if fits else b""
    assert out.raw == text + b"\xee" * (50 - len(text))


@many
@given(text=st.text("0123456789abcdefABCDEF", max_size=20), bad=st.sampled_from(["", "", "g", "@", "`", "/", ":", " "]))
def test_digits_become_bytes_and_anything_else_nothing(host, text, bad):
    out = ctypes.create_string_buffer(16)
    text += bad
    count = host.use_hex2bin(text.encode(), SIZE(len(text)), out, SIZE(16))
    assert count == (0 if bad else (len(text) + 1) // 2)
    if not bad:
        assert out.raw[:count] == bytes.fromhex("0" * (len(text) % 2) + text)


def test_small_numbers_become_decimal_digits(host):
    for value in range(256):
        out = ctypes.create_string_buffer(8)
        assert host.use_u8_to_dec(out, 4, value) == len(str(value))
        assert out.value == str(value).encode()


def test_decimal_coded_bytes_go_both_ways(host):
    for value in range(100):
        assert host.use_bin2bcd(value) == int(str(value), 16)
        assert host.use_bcd2bin(int(str(value), 16)) == value
