"""Cyclic redundancy checks: published check values, what Python's modules say, and any polynomial against long division."""

import binascii
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llext import Board
from llext.build import build_extension
from llext.target import load_target

FUNCTIONS = {
    "crc8": "uint8_t {}(const uint8_t *src, size_t len, uint8_t polynomial, uint8_t initial_value, bool reversed)",
    "crc16": "uint16_t {}(uint16_t poly, uint16_t seed, const uint8_t *src, size_t len)",
    "crc16_reflect": "uint16_t {}(uint16_t poly, uint16_t seed, const uint8_t *src, size_t len)",
    "crc16_ansi": "uint16_t {}(const uint8_t *src, size_t len)",
    "crc7_be": "uint8_t {}(uint8_t seed, const uint8_t *src, size_t len)",
    "crc8_ccitt": "uint8_t {}(uint8_t initial_value, const void *buf, size_t len)",
    "crc8_rohc": "uint8_t {}(uint8_t initial_value, const void *buf, size_t len)",
    "crc16_ccitt": "uint16_t {}(uint16_t seed, const uint8_t *src, size_t len)",
    "crc16_itu_t": "uint16_t {}(uint16_t seed, const uint8_t *src, size_t len)",
    "crc24_pgp": "uint32_t {}(const uint8_t *data, size_t len)",
    "crc24_pgp_update": "uint32_t {}(uint32_t crc, const uint8_t *data, size_t len)",
    "crc32_ieee": "uint32_t {}(const uint8_t *data, size_t len)",
    "crc32_ieee_update": "uint32_t {}(uint32_t crc, const uint8_t *data, size_t len)",
    "crc32_c": "uint32_t {}(uint32_t crc, const uint8_t *data, size_t len, bool first_pkt, bool last_pkt)",
}
DATA = b"123456789"
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def source():
    """An extension that passes each call on, under the name my_..."""
    text = "#include <zephyr/sys/crc.h>\n#include <zephyr/llext/symbol.h>\n"
    for name, prototype in FUNCTIONS.items():
        words = [each.split()[-1].lstrip("*") for each in prototype[prototype.index("(") + 1 : -1].split(",")]
        declared = prototype.format(f"my_{name}")
        text += f"{declared};\n{declared}\n{{\n\treturn {name}({', '.join(words)});\n}}\nEXPORT_SYMBOL(my_{name});\n"
    return text


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_cortex_m0", "qemu_riscv32e"])
def crc(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crc")
    (folder / "crc.c").write_text(source())
    built = build_extension([folder / "crc.c"], folder / "crc.llext", load_target(request.param)).output
    with Board(request.param) as board:
        extension = board.load(built)
        calls = {name: extension.fn(f"my_{name}", prototype.format(f"my_{name}")) for name, prototype in FUNCTIONS.items()}
        yield lambda name, *words: calls[name](*words)


# Of the catalogue of parametrised CRC algorithms, before what some invert at the end.
CHECKS = [
    ("CRC-7/MMC", 0x75 << 1, "crc7_be", (0, DATA, 9)),
    ("CRC-8/SMBUS", 0xF4, "crc8_ccitt", (0, DATA, 9)),
    ("CRC-8/ROHC", 0xD0, "crc8_rohc", (0xFF, DATA, 9)),
    ("CRC-8/MAXIM-DOW", 0xA1, "crc8", (DATA, 9, 0x8C, 0, True)),
    ("CRC-8/NRSC-5", 0xF7, "crc8", (DATA, 9, 0x31, 0xFF, False)),
    ("CRC-16/KERMIT", 0x2189, "crc16_ccitt", (0, DATA, 9)),
    ("CRC-16/IBM-SDLC", 0x906E ^ 0xFFFF, "crc16_ccitt", (0xFFFF, DATA, 9)),
    ("CRC-16/XMODEM", 0x31C3, "crc16_itu_t", (0, DATA, 9)),
    ("CRC-16/IBM-3740", 0x29B1, "crc16_itu_t", (0xFFFF, DATA, 9)),
    ("CRC-16/MODBUS", 0x4B37, "crc16_ansi", (DATA, 9)),
    ("CRC-16/ARC", 0xBB3D, "crc16_reflect", (0xA001, 0, DATA, 9)),
    ("CRC-16/UMTS", 0xFEE8, "crc16", (0x8005, 0, DATA, 9)),
    ("CRC-24/OPENPGP", 0x21CF02, "crc24_pgp", (DATA, 9)),
    ("CRC-32/ISO-HDLC", 0xCBF43926, "crc32_ieee", (DATA, 9)),
    ("CRC-32/ISCSI", 0xE3069283, "crc32_c", (0, DATA, 9, True, True)),
]


@pytest.mark.parametrize(("value", "name", "words"), [row[1:] for row in CHECKS], ids=[row[0] for row in CHECKS])
def test_check_values_are_the_published_ones(crc, value, name, words):
    assert crc(name, *words) == value


@many
@given(data=st.binary(max_size=80), seed=st.integers(0, 0xFFFFFFFF))
def test_sums_are_those_of_pythons_modules(crc, data, seed):
    assert crc("crc32_ieee", data, len(data)) == zlib.crc32(data)
    assert crc("crc32_ieee_update", seed, data, len(data)) == zlib.crc32(data, seed)
    assert crc("crc16_itu_t", seed & 0xFFFF, data, len(data)) == binascii.crc_hqx(data, seed & 0xFFFF)


@many
@given(data=st.binary(max_size=40), cut=st.integers(0, 40), seed=st.integers(0, 0xFFFF))
def test_pieces_give_what_the_whole_gives(crc, data, cut, seed):
    first, rest = data[:cut], data[cut:]
    for name in ("crc16_ccitt", "crc16_itu_t", "crc24_pgp_update", "crc32_ieee_update"):
        assert crc(name, crc(name, seed, first, len(first)), rest, len(rest)) == crc(name, seed, data, len(data))
    begun = crc("crc32_c", seed, first, len(first), True, False)
    assert crc("crc32_c", begun, rest, len(rest), False, True) == crc("crc32_c", 0, data, len(data), True, True)


def remainder(data, width, poly, seed):
    """Of the seed and the data as one polynomial, by long division."""
    bits = 8 * len(data)
    number = int.from_bytes(data, "big") << width ^ seed << bits
    for at in range(bits - 1, -1, -1):
        if number >> (at + width) & 1:
            number ^= (1 << width | poly) << at
    return number


def turned(number, width):
    return int(f"{number:0{width}b}"[::-1], 2)


@many
@given(data=st.binary(max_size=30), poly=st.integers(0, 0xFFFF), seed=st.integers(0, 0xFFFF))
def test_any_polynomial_divides(crc, data, poly, seed):
    mirrored = bytes(turned(byte, 8) for byte in data)
    assert crc("crc16", poly, seed, data, len(data)) == remainder(data, 16, poly, seed)
    assert crc("crc16_reflect", turned(poly, 16), turned(seed, 16), mirrored, len(data)) == turned(
        remainder(data, 16, poly, seed), 16
    )
    poly, seed = poly & 0xFF, seed & 0xFF
    assert crc("crc8", data, len(data), poly, seed, False) == remainder(data, 8, poly, seed)
    assert crc("crc8", mirrored, len(data), turned(poly, 8), turned(seed, 8), True) == turned(remainder(data, 8, poly, seed), 8)
