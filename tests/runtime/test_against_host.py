"""The guest runtime, compiled for the host, gives what the host's C library gives.

Its functions are renamed rt_NAME, so that the compiler's own calls and the test's stay with the host's.
"""

import ctypes
import errno
import random
import re
import subprocess

import pytest
from conftest import need
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llext.build.runtime import SOURCES
from llext.build.toolchain import HEADERS

HOST = ctypes.CDLL(None, use_errno=True)
ELSEWHERE = {"abort", "atof", "strtod", "strtof"}
"""Not in these sources."""
NAMES = sorted(
    name
    for header in ("string.h", "strings.h", "stdlib.h", "ctype.h")
    for name in re.findall(r"\b(\w+)\((?!\*)[^()]*(?:\([^()]*\)\([^()]*\))?[^()]*\);", (HEADERS / "libc" / header).read_text())
    if name not in ELSEWHERE
)
ERRNO = "int *__errno_location(void);\nint *z_impl_z_errno(void);\nint *z_impl_z_errno(void) { return __errno_location(); }\n"
# A loop that copies or fills would become a call of the host's function, which is not what is tested.
FLAGS = (
    "-ffreestanding",
    "-fno-builtin",
    "-fno-tree-loop-distribute-patterns",
    "-shared",
    "-fPIC",
    "-Wall",
    "-Wextra",
    "-Werror",
)
WORD = 8
many = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def compile_runtime(folder, *flags):
    need("gcc")
    renamed = [f"-D{name}=rt_{name}" for name in NAMES]
    output, errno_ = folder / "runtime.so", folder / "errno.c"
    errno_.write_text(ERRNO)
    command = [
        "gcc",
        *FLAGS,
        *flags,
        *renamed,
        "-I",
        HEADERS / "libc",
        "-I",
        HEADERS,
        *sorted(SOURCES.glob("*.c")),
        errno_,
        "-lm",
        "-o",
        output,
    ]
    subprocess.run([str(word) for word in command], check=True)
    return ctypes.CDLL(str(output), use_errno=True)


@pytest.fixture(scope="session", params=["-Os", "-O3"])
def runtime(request, tmp_path_factory):
    return compile_runtime(tmp_path_factory.mktemp("runtime"), request.param)


def pair(runtime, name, result, *arguments):
    """The same function on both sides."""
    return [alone(runtime, name, result, *arguments), typed(HOST[name], result, arguments)]


def alone(runtime, name, result, *arguments):
    """The runtime's function, for what not every host has."""
    return typed(runtime[f"rt_{name}"], result, arguments)


def typed(function, result, arguments):
    function.restype, function.argtypes = result, arguments
    return function


def sign(number):
    return (number > 0) - (number < 0)


def text_of(alphabet, most=24):
    return st.lists(st.sampled_from(list(alphabet)), max_size=most).map(bytes)


TEXT = st.one_of(text_of(b"ab"), text_of(b"abc, \xe4\xff"), st.binary(max_size=40).map(lambda b: b.replace(b"\0", b"")))
SIZE, ADDRESS = ctypes.c_size_t, ctypes.c_void_p


def test_every_declared_function_is_there(runtime):
    assert len(NAMES) > 75
    assert [name for name in NAMES if not hasattr(runtime, f"rt_{name}")] == []


# Memory -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["memcpy", "memmove"])
def test_copies_of_every_alignment_and_length_are_exact(runtime, name):
    ours, _ = pair(runtime, name, ADDRESS, ADDRESS, ADDRESS, SIZE)
    source = bytes(range(1, 65))
    for to in range(WORD):
        for at in range(WORD):
            for count in range(40):
                memory = ctypes.create_string_buffer(b"\xee" * 64, 64)
                origin = ctypes.create_string_buffer(source, 64)
                start = ctypes.addressof(memory)
                assert ours(start + to, ctypes.addressof(origin) + at, count) == start + to
                assert memory.raw == b"\xee" * to + source[at : at + count] + b"\xee" * (64 - to - count)


def test_moves_within_a_buffer_are_exact_for_every_distance(runtime):
    ours, _ = pair(runtime, "memmove", ADDRESS, ADDRESS, ADDRESS, SIZE)
    content = bytes(range(1, 49))
    for to in range(20):
        for at in range(20):
            for count in range(29):
                memory = ctypes.create_string_buffer(content, 48)
                expected = bytearray(content)
                expected[to : to + count] = content[at : at + count]
                ours(ctypes.addressof(memory) + to, ctypes.addressof(memory) + at, count)
                assert memory.raw == bytes(expected)


def test_memset_fills_only_what_it_should(runtime):
    ours, _ = pair(runtime, "memset", ADDRESS, ADDRESS, ctypes.c_int, SIZE)
    for to in range(WORD):
        for count in range(40):
            for value in (0, 0x5A, 0xFF, 0x1A5, -1):
                memory = ctypes.create_string_buffer(b"\xee" * 64, 64)
                start = ctypes.addressof(memory)
                assert ours(start + to, value, count) == start + to
                assert memory.raw == b"\xee" * to + bytes([value & 255]) * count + b"\xee" * (64 - to - count)


@many
@given(a=st.binary(max_size=20), b=st.binary(max_size=20), same=st.integers(0, 20))
def test_memcmp_orders_as_the_host(runtime, a, b, same):
    b = a[:same] + b[same:]
    count = min(len(a), len(b))
    ours, host = pair(runtime, "memcmp", ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, SIZE)
    assert sign(ours(a, b, count)) == sign(host(a, b, count))


@many
@given(memory=st.binary(max_size=30), value=st.integers(-300, 600))
def test_memchr_finds_what_the_host_finds(runtime, memory, value):
    ours, host = pair(runtime, "memchr", ADDRESS, ADDRESS, ctypes.c_int, SIZE)
    held = ctypes.create_string_buffer(memory, len(memory) + 1)
    start = ctypes.addressof(held)
    assert ours(start, value, len(memory)) == host(start, value, len(memory))


# Strings ----------------------------------------------------------------------------------------------------------------


@many
@given(text=TEXT, limit=st.integers(0, 45))
def test_lengths_are_the_hosts(runtime, text, limit):
    ours, host = pair(runtime, "strlen", SIZE, ctypes.c_char_p)
    assert ours(text) == host(text)
    ours, host = pair(runtime, "strnlen", SIZE, ctypes.c_char_p, SIZE)
    assert ours(text, limit) == host(text, limit)


@many
@given(a=TEXT, b=TEXT, same=st.integers(0, 20), count=st.integers(0, 45))
def test_comparisons_have_the_hosts_sign(runtime, a, b, same, count):
    b = a[:same] + b
    ours, host = pair(runtime, "strcmp", ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p)
    assert sign(ours(a, b)) == sign(host(a, b))
    assert sign(ours(b, a)) == sign(host(b, a))
    ours, host = pair(runtime, "strncmp", ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, SIZE)
    assert sign(ours(a, b, count)) == sign(host(a, b, count))


@many
@given(name=st.sampled_from(["strcpy", "strcat", "strncpy", "strncat"]), before=TEXT, text=TEXT, count=st.integers(0, 50))
def test_copies_of_text_leave_the_hosts_bytes(runtime, name, before, text, count):
    sized = name[3] == "n"
    arguments = (ADDRESS, ctypes.c_char_p, SIZE) if sized else (ADDRESS, ctypes.c_char_p)
    results = []
    for function in pair(runtime, name, ADDRESS, *arguments):
        memory = ctypes.create_string_buffer(before + b"\0" + b"\xee" * (127 - len(before)), 128)
        given_ = (text, count) if sized else (text,)
        assert function(ctypes.addressof(memory), *given_) == ctypes.addressof(memory)
        results.append(memory.raw)
    assert results[0] == results[1]


@many
@given(
    name=st.sampled_from(["strchr", "strrchr"]),
    text=TEXT,
    character=st.one_of(st.sampled_from(b"ab\0\xe4"), st.integers(-300, 600)),
)
def test_a_character_is_found_where_the_host_finds_it(runtime, name, text, character):
    ours, host = pair(runtime, name, ADDRESS, ADDRESS, ctypes.c_int)
    held = ctypes.create_string_buffer(text)
    assert ours(ctypes.addressof(held), character) == host(ctypes.addressof(held), character)


@many
@given(name=st.sampled_from(["strstr", "strpbrk"]), text=TEXT, part=text_of(b"abc", 3))
def test_a_part_is_found_where_the_host_finds_it(runtime, name, text, part):
    ours, host = pair(runtime, name, ADDRESS, ADDRESS, ctypes.c_char_p)
    held = ctypes.create_string_buffer(text)
    assert ours(ctypes.addressof(held), part) == host(ctypes.addressof(held), part)


@many
@given(name=st.sampled_from(["strspn", "strcspn"]), text=TEXT, set_=text_of(b"abc\xe4", 4))
def test_spans_are_the_hosts(runtime, name, text, set_):
    ours, host = pair(runtime, name, SIZE, ctypes.c_char_p, ctypes.c_char_p)
    assert ours(text, set_) == host(text, set_)


@many
@given(text=text_of(b"ab, ;", 30), separators=st.lists(text_of(b", ;", 3), min_size=1, max_size=4))
def test_tokens_are_the_hosts(runtime, text, separators):
    results = []
    for function in pair(runtime, "strtok_r", ADDRESS, ADDRESS, ctypes.c_char_p, ctypes.POINTER(ADDRESS)):
        memory, state, places = ctypes.create_string_buffer(text), ADDRESS(), []
        start = ctypes.addressof(memory)
        at = start
        for turn in range(12):
            found = function(at, separators[turn % len(separators)], ctypes.byref(state))
            places.append(None if found is None else found - start)
            at = None
            if found is None:
                break
        results.append((places, memory.raw))
    assert results[0] == results[1]


CASED = text_of(b"aAbBzZ@[`{\xc4\xe4", 12)


@many
@given(a=CASED, b=CASED, same=st.integers(0, 12), count=st.integers(0, 15))
def test_comparisons_without_case_have_the_hosts_sign(runtime, a, b, same, count):
    b = a[:same].swapcase() + b
    ours, host = pair(runtime, "strcasecmp", ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p)
    assert sign(ours(a, b)) == sign(host(a, b))
    ours, host = pair(runtime, "strncasecmp", ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, SIZE)
    assert sign(ours(a, b, count)) == sign(host(a, b, count))


@many
@given(text=CASED, part=text_of(b"aAbB", 2), character=st.sampled_from(b"aBz\0\xe4"))
def test_parts_without_case_and_ends_are_found_where_the_host_finds_them(runtime, text, part, character):
    held = ctypes.create_string_buffer(text)
    ours, host = pair(runtime, "strcasestr", ADDRESS, ADDRESS, ctypes.c_char_p)
    assert ours(ctypes.addressof(held), part) == host(ctypes.addressof(held), part)
    ours, host = pair(runtime, "strchrnul", ADDRESS, ADDRESS, ctypes.c_int)
    assert ours(ctypes.addressof(held), character) == host(ctypes.addressof(held), character)


@many
@given(
    memory=st.binary(max_size=30).map(lambda data: bytes(byte & 3 for byte in data)),
    part=st.binary(max_size=3),
    value=st.integers(-256, 300),
)
def test_memory_is_searched_as_the_host_searches_it(runtime, memory, part, value):
    part = bytes(byte & 3 for byte in part)
    held = ctypes.create_string_buffer(memory, len(memory) + 1)
    start = ctypes.addressof(held)
    ours, host = pair(runtime, "memmem", ADDRESS, ADDRESS, SIZE, ctypes.c_char_p, SIZE)
    assert ours(start, len(memory), part, len(part)) == host(start, len(memory), part, len(part))
    ours, host = pair(runtime, "memrchr", ADDRESS, ADDRESS, ctypes.c_int, SIZE)
    assert ours(start, value & 3, len(memory)) == host(start, value & 3, len(memory))
    assert ours(start, value, len(memory)) == host(start, value, len(memory))


@many
@given(name=st.sampled_from(["stpcpy", "stpncpy", "mempcpy", "memccpy", "strxfrm"]), text=TEXT, count=st.integers(0, 50))
def test_copies_that_tell_their_end_leave_the_hosts_bytes(runtime, name, text, count):
    arguments, values = {
        "stpcpy": ((), ()),
        "stpncpy": ((SIZE,), (count,)),
        "mempcpy": ((SIZE,), (min(count, len(text)),)),
        "memccpy": ((ctypes.c_int, SIZE), (ord("b"), min(count, len(text) + 1))),
        "strxfrm": ((SIZE,), (len(text) + 1 + count,)),
    }[name]
    results = []
    for function in pair(runtime, name, ADDRESS, ADDRESS, ctypes.c_char_p, *arguments):
        memory = ctypes.create_string_buffer(b"\xee" * 128, 128)
        end = function(ctypes.addressof(memory), text, *values)
        results.append((end if name == "strxfrm" or end is None else end - ctypes.addressof(memory), memory.raw))
    assert results[0] == results[1]


@many
@given(before=text_of(b"ab", 8), text=TEXT, size=st.integers(0, 40))
def test_limited_copies_end_their_text_and_tell_its_length(runtime, before, text, size):
    """As OpenBSD's manual says: the length that was tried to make, and never more than size bytes."""
    copy = alone(runtime, "strlcpy", SIZE, ADDRESS, ctypes.c_char_p, SIZE)
    memory = ctypes.create_string_buffer(b"\xee" * 64, 64)
    assert copy(ctypes.addressof(memory), text, size) == len(text)
    copied = text[: size - 1] + b"\0" if size else b""
    assert memory.raw == copied + b"\xee" * (64 - len(copied))
    join = alone(runtime, "strlcat", SIZE, ADDRESS, ctypes.c_char_p, SIZE)
    memory = ctypes.create_string_buffer(before + b"\0" + b"\xee" * 63, 64 + len(before))
    assert join(ctypes.addressof(memory), text, size) == min(size, len(before)) + len(text)
    joined = (before + text)[: size - 1] + b"\0" if size > len(before) else before + b"\0"
    assert memory.raw == joined + b"\xee" * (64 + len(before) - len(joined))


@many
@given(name=st.sampled_from(["strsep", "strtok"]), text=text_of(b"ab, ;", 30), separators=text_of(b", ;", 3))
def test_pieces_are_the_hosts(runtime, name, text, separators):
    results = []
    for function in pair(runtime, name, ADDRESS, ADDRESS, ctypes.c_char_p):
        memory, places = ctypes.create_string_buffer(text), []
        start = ctypes.addressof(memory)
        rest = ADDRESS(start)
        at = ctypes.addressof(rest) if name == "strsep" else start
        for _ in range(40):
            found = function(at, separators)
            places.append(None if found is None else found - start)
            at = at if name == "strsep" else None
            if found is None:
                break
        results.append((places, memory.raw))
    assert results[0] == results[1]


@many
@given(value=st.one_of(st.integers(-(1 << 63), (1 << 63) - 1), st.integers(0, 63).map(lambda bit: -(1 << bit))))
def test_the_lowest_bit_is_the_hosts(runtime, value):
    for name, kind in (("ffs", ctypes.c_int), ("ffsl", ctypes.c_long), ("ffsll", ctypes.c_longlong)):
        ours, host = pair(runtime, name, ctypes.c_int, kind)
        assert ours(kind(value)) == host(kind(value))


def test_every_error_number_has_words_and_others_have_none(runtime):
    ours, _ = pair(runtime, "strerror", ctypes.c_char_p, ctypes.c_int)
    header = (HEADERS / "libc" / "errno.h").read_text()
    numbers = {int(number) for number in re.findall(r"#define E\w+ (\d+)", header)}
    assert {number for number in range(-1, 300) if ours(number)} == numbers | {0}
    assert len({ours(number) for number in numbers}) == len(numbers)
    ours, _ = pair(runtime, "strerror_r", ctypes.c_int, ctypes.c_int, ADDRESS, SIZE)
    held = ctypes.create_string_buffer(b"\xee" * 8)
    assert [ours(errno.EBUSY, ctypes.addressof(held), size) for size in (5, 4, 0)] == [0, errno.ERANGE, errno.ERANGE]
    assert (ours(99999, ctypes.addressof(held), 8), held.value) == (errno.EINVAL, b"")


# Characters and numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("is", "to"))])
def test_characters_are_classed_as_in_the_c_locale(runtime, name):
    ours, host = pair(runtime, name, ctypes.c_int, ctypes.c_int)
    for character in range(-1, 256):
        expected = host(character)
        assert ours(character) == expected if name.startswith("to") else bool(ours(character)) == bool(expected), character


CONVERSIONS = {
    "strtol": ctypes.c_long,
    "strtoul": ctypes.c_ulong,
    "strtoll": ctypes.c_longlong,
    "strtoull": ctypes.c_ulonglong,
}
EDGES = [m + d for m in (0, 1 << 31, 1 << 32, 1 << 63, 1 << 64, 10 << 64) for d in range(-12, 13) if m + d >= 0]


def in_base(number, base):
    digits = ""
    while number or not digits:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[number % base] + digits
        number //= base
    return digits


NUMBER = st.one_of(
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["", " ", "\t\n\v\f\r ", "\xa0"]),
        st.sampled_from(["", "-", "+", "--", "+-"]),
        st.sampled_from(["", "0", "0x", "0X", "00x"]),
        st.one_of(st.sampled_from(EDGES), st.integers(0, 1 << 70)).flatmap(
            lambda n: st.sampled_from([2, 8, 10, 16, 36]).map(lambda base: in_base(n, base))
        ),
        st.sampled_from(["", "g", "Z", " 1", "x"]),
    ),
    st.text("0123456789abfgxXzZ+- ", max_size=10),
).map(lambda text: text.encode("latin-1"))


def converted(function, text, base):
    held, end = ctypes.create_string_buffer(text), ADDRESS()
    ctypes.set_errno(0)
    value = function(ctypes.addressof(held), ctypes.byref(end), base)
    return value, end.value - ctypes.addressof(held), ctypes.get_errno()


@settings(many, max_examples=3000)
@given(name=st.sampled_from(list(CONVERSIONS)), text=NUMBER, base=st.sampled_from([0, 0, 2, 8, 10, 10, 16, 36, 3]))
def test_numbers_are_read_as_the_host_reads_them(runtime, name, text, base):
    ours, host = pair(runtime, name, CONVERSIONS[name], ADDRESS, ctypes.POINTER(ADDRESS), ctypes.c_int)
    assert converted(ours, text, base) == converted(host, text, base)


@pytest.mark.parametrize("name", CONVERSIONS)
def test_every_number_at_a_limit_is_read_as_the_host_reads_it(runtime, name):
    ours, host = pair(runtime, name, CONVERSIONS[name], ADDRESS, ctypes.POINTER(ADDRESS), ctypes.c_int)
    for base in range(2, 37):
        for edge in EDGES:
            for minus in ("", "-"):
                text = (minus + in_base(edge, base)).encode()
                assert converted(ours, text, base) == converted(host, text, base), (text, base)


@pytest.mark.parametrize("base", [-1, 1, 37])
def test_a_base_that_does_not_exist_reads_nothing(runtime, base):
    ours, _ = pair(runtime, "strtol", ctypes.c_long, ADDRESS, ctypes.POINTER(ADDRESS), ctypes.c_int)
    assert converted(ours, b"0010", base) == (0, 0, errno.EINVAL)


def test_the_end_of_a_number_need_not_be_asked_for(runtime):
    ours, _ = pair(runtime, "strtol", ctypes.c_long, ctypes.c_char_p, ADDRESS, ctypes.c_int)
    assert ours(b" -42x", None, 10) == -42


@many
@given(
    name=st.sampled_from(["atoi", "atol", "atoll"]),
    number=st.integers(-(1 << 31), (1 << 31) - 1),
    tail=st.sampled_from(["", "x", " 1"]),
)
def test_ato_functions_read_decimal(runtime, name, number, tail):
    kind = {"atoi": ctypes.c_int, "atol": ctypes.c_long, "atoll": ctypes.c_longlong}[name]
    ours, _ = pair(runtime, name, kind, ctypes.c_char_p)
    assert ours(f" {number}{tail}".encode()) == number


@pytest.mark.parametrize(("name", "kind"), [("abs", ctypes.c_int), ("labs", ctypes.c_long), ("llabs", ctypes.c_longlong)])
def test_absolute_values_are_right_and_the_smallest_number_stays(runtime, name, kind):
    ours, _ = pair(runtime, name, kind, kind)
    smallest = -(1 << (8 * ctypes.sizeof(kind) - 1))
    assert [ours(value) for value in (0, 5, -5, smallest + 1, smallest)] == [0, 5, 5, -smallest - 1, smallest]


# Sorting, searching, chance ---------------------------------------------------------------------------------------------

COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ADDRESS, ADDRESS)


def first_bytes(a, b):
    x, y = ctypes.string_at(a, 1), ctypes.string_at(b, 1)
    return (x > y) - (x < y)


@settings(many, max_examples=250)
@given(size=st.integers(1, 9), keys=st.lists(st.integers(0, 255), max_size=60))
def test_sorting_orders_whole_items(runtime, size, keys):
    ours, _ = pair(runtime, "qsort", None, ADDRESS, SIZE, SIZE, COMPARE)
    items = [bytes([key]) + bytes((key * 7 + i) & 255 for i in range(size - 1)) for key in keys]
    memory = ctypes.create_string_buffer(b"".join(items) + b"\xee", size * len(items) + 1)
    ours(ctypes.addressof(memory), len(items), size, COMPARE(first_bytes))
    assert memory.raw == b"".join(sorted(items)) + b"\xee"


@pytest.mark.parametrize("order", ["random", "ascending", "descending", "equal"])
def test_sorting_takes_no_more_than_n_log_n_comparisons(runtime, order):
    ours, _ = pair(runtime, "qsort", None, ADDRESS, SIZE, SIZE, COMPARE)
    count, calls = 1024, 0
    numbers = {"ascending": range(count), "descending": range(count, 0, -1), "equal": [7] * count}.get(order)
    numbers = list(numbers) if numbers else random.Random(1).sample(range(count), count)
    memory = (ctypes.c_uint32 * count)(*numbers)

    def compare(a, b):
        nonlocal calls
        calls += 1
        x, y = ctypes.c_uint32.from_address(a).value, ctypes.c_uint32.from_address(b).value
        return (x > y) - (x < y)

    ours(ctypes.addressof(memory), count, 4, COMPARE(compare))
    assert list(memory) == sorted(numbers)
    assert calls <= 2 * count * 10 + 2 * count


@pytest.mark.parametrize(("name", "bits"), [("div", 32), ("lldiv", 64)])
@pytest.mark.parametrize(("value", "by"), [(7, 2), (-7, 2), (7, -2), (-7, -2), (0, 5), (-(1 << 31), 3)])
def test_division_gives_quotient_and_remainder_towards_zero(runtime, name, bits, value, by):
    kind = ctypes.c_int32 if bits == 32 else ctypes.c_int64
    pieces = type("Pieces", (ctypes.Structure,), {"_fields_": [("quotient", kind), ("remainder", kind)]})
    ours, _ = pair(runtime, name, pieces, kind, kind)
    found = ours(value, by)
    quotient = abs(value) // abs(by) * (1 if (value < 0) == (by < 0) else -1)
    assert (found.quotient, found.remainder) == (quotient, value - quotient * by)


def test_sorting_passes_an_argument_on(runtime):
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ADDRESS, ADDRESS, ADDRESS)
    ours, _ = pair(runtime, "qsort_r", None, ADDRESS, SIZE, SIZE, compare, ADDRESS)
    memory, seen = ctypes.create_string_buffer(b"dacb", 4), set()

    def by(a, b, argument):
        seen.add(argument)
        return first_bytes(a, b)

    ours(ctypes.addressof(memory), 4, 1, compare(by), 1234)
    assert (memory.raw, seen) == (b"abcd", {1234})


@many
@given(keys=st.sets(st.integers(0, 255), max_size=40), key=st.integers(0, 255), size=st.integers(1, 5))
def test_searching_finds_the_item_or_nothing(runtime, keys, key, size):
    ours, _ = pair(runtime, "bsearch", ADDRESS, ctypes.c_char_p, ADDRESS, SIZE, SIZE, COMPARE)
    ordered = sorted(keys)
    memory = ctypes.create_string_buffer(b"".join(bytes([k]) + bytes(size - 1) for k in ordered), size * len(ordered) + 1)
    found = ours(bytes([key]), ctypes.addressof(memory), len(ordered), size, COMPARE(first_bytes))
    assert found == (ctypes.addressof(memory) + size * ordered.index(key) if key in keys else None)


def test_chance_repeats_with_its_seed_and_stays_in_range(runtime):
    chance, _ = pair(runtime, "rand", ctypes.c_int)
    seed, _ = pair(runtime, "srand", None, ctypes.c_uint)
    runs = []
    for number in (1, 0, 2, 1):
        seed(number)
        runs.append([chance() for _ in range(1000)])
    assert runs[0] == runs[3]
    assert runs[0] != runs[2]
    assert all(0 <= value <= 0x7FFFFFFF for value in runs[1])
    assert len(set(runs[1])) > 990
