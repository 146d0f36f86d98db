"""Byte orders are Python's: on the host, on Arm and on RISC-V. kernel.md section 6."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interpreters import Interpreters

WIDTHS = (16, 24, 32, 48, 64)
ROWS = "".join(
    f"""
	sys_put_{order}{n}(VALUE({n}), at); tell_all(at, {n // 8}); tell64(sys_get_{order}{n}(at));
	tell64((uint64_t)sys_cpu_to_{order}{n}(VALUE({n}))); tell64((uint64_t)sys_{order}{n}_to_cpu(VALUE({n})));"""
    for order in ("le", "be")
    for n in WIDTHS
)
TEXT = f"""
#include <zephyr/sys/byteorder.h>
#define KIND(n) KIND_(n)
#define VALUE(n) ((VALUE_##n)(value & (0xffffffffffffffffULL >> (64 - n))))
#define VALUE_16 uint16_t
#define VALUE_24 uint32_t
#define VALUE_32 uint32_t
#define VALUE_48 uint64_t
#define VALUE_64 uint64_t
static void tell_all(const uint8_t *bytes, int count) {{ for (int i = 0; i < count; i++) tell(bytes[i]); }}
static void tell64(uint64_t number) {{ for (int i = 0; i < 8; i++) tell((int)(number >> 8 * i & 0xFF)); }}
static void carry_out(const uint8_t *ops, int count)
{{
	uint8_t copy[32], *at = copy + 1; /* not aligned */
	uint64_t value = sys_get_le64(ops);
{ROWS}
	sys_memcpy_swap(copy, ops, (size_t)count); tell_all(copy, count);
	sys_mem_swap(copy, (size_t)count); tell_all(copy, count);
	sys_get_be(copy, ops, 5); tell_all(copy, 5);
	sys_put_le(copy, ops, 5); tell_all(copy, 5);
}}
"""


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    made = Interpreters(tmp_path_factory.mktemp("orders"), TEXT)
    with made.stack:
        yield made


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=8, max_size=17))
def test_numbers_have_their_bytes_in_order(orders, data):
    value, told = int.from_bytes(data[:8], "little"), b""
    for order in ("little", "big"):
        for width in WIDTHS:
            number = value & ((1 << width) - 1)
            there = number.to_bytes(width // 8, order)
            swapped = int.from_bytes(there, "little")
            told += there + number.to_bytes(8, "little") + 2 * swapped.to_bytes(8, "little")
    told += data[::-1] + data + data[:5][::-1] + data[:5]
    assert orders.run(data) == told
