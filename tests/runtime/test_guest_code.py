"""setjmp and longjmp (C11 7.13), and what else must be seen from guest code: errno, the reading of floating-point numbers."""

import math
import random
import re
import struct
from fractions import Fraction

import pytest
from conftest import BOARDS, PROLOGUE

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.errors import GuestFault

CODE = """
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>

static jmp_buf places[2];

static void __attribute__((__noinline__)) jump(int depth, int value)
{
	volatile char frame[40];

	frame[depth % 40] = (char)depth;
	if (depth == 0) {
		longjmp(places[0], value);
	}
	jump(depth - 1, value);
	frame[0] = 0;
}

int returned(int depth, int value)
{
	const int result = setjmp(places[0]);

	if (result == 0) {
		jump(depth, value);
	}
	return result;
}
EXPORT_SYMBOL(returned);

/* Ten values that live across the jump want every register that a function keeps; their values come from outside. */
int kept(const int *v)
{
	const int a = v[0] * 3, b = v[1] * 5, c = v[2] * 7, d = v[3] * 11, e = v[4] * 13, f = v[5] * 17, g = v[6] * 19, h = v[7] * 23;

	if (setjmp(places[0]) == 0) {
		__asm__ volatile("" : : "r"(a), "r"(b));
		jump(3, 1);
	}
	return a + b + c + d + e + f + g + h;
}
EXPORT_SYMBOL(kept);

double kept_floats(double a, double b, double c, double d)
{
	const double sum = a * b, difference = c - d;
	const float small = (float)(a + c);

	if (setjmp(places[0]) == 0) {
		jump(2, 1);
	}
	return sum + difference + (double)small;
}
EXPORT_SYMBOL(kept_floats);

int many(int times)
{
	volatile int count = 0;

	setjmp(places[1]);
	if (count < times) {
		count++;
		longjmp(places[1], count);
	}
	return count;
}
EXPORT_SYMBOL(many);

int error_of(const char *text, int base)
{
	errno = 0;
	strtol(text, NULL, base);
	return errno;
}
EXPORT_SYMBOL(error_of);

int parsed(const char *text, double *value, float *single)
{
	char *end, *other;

	errno = 0;
	*value = strtod(text, &end);
	*single = strtof(text, &other);
	return end == other ? (int)(end - text) + 1000 * errno : -1;
}
EXPORT_SYMBOL(parsed);

void give_up(void)
{
	abort();
}
EXPORT_SYMBOL(give_up);
"""


THREADS = """
#include <setjmp.h>

static jmp_buf places[2];
K_THREAD_STACK_DEFINE(stack_a, 512);
K_THREAD_STACK_DEFINE(stack_b, 512);
static struct k_thread thread_a, thread_b;
static int results[2];

static void jumper(void *number, void *p2, void *p3)
{
	const int index = (int)(uintptr_t)number;
	volatile int count = 0;

	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	if (setjmp(places[index]) < 5) {
		k_yield();
		count += index + 1;
		k_yield();
		longjmp(places[index], count / (index + 1));
	}
	results[index] = count;
}

int in_threads(void)
{
	k_thread_create(&thread_a, stack_a, 512, jumper, (void *)0, NULL, NULL, 5, 0, K_NO_WAIT);
	k_thread_create(&thread_b, stack_b, 512, jumper, (void *)1, NULL, NULL, 5, 0, K_NO_WAIT);
	k_thread_join(&thread_a, K_FOREVER);
	k_thread_join(&thread_b, K_FOREVER);
	return results[0] * 100 + results[1];
}
EXPORT_SYMBOL(in_threads);
"""


def loaded(folder, board, code):
    (folder / "code.c").write_text(PROLOGUE + code)
    return board.load(build_extension([folder / "code.c"], folder / "code.llext", board.target, BuildOptions()).output)


@pytest.fixture(scope="module", params=BOARDS)
def extension(request, tmp_path_factory):
    with Board(request.param) as board:
        yield loaded(tmp_path_factory.mktemp("code"), board, CODE)


@pytest.mark.parametrize(("given", "result"), [(7, 7), (-1, -1), (0, 1), (1, 1)])
def test_a_jump_returns_its_value_or_1_instead_of_0(extension, given, result):
    assert extension.fn("returned")(5, given) == result


def test_a_jump_brings_back_the_registers_that_a_function_keeps(extension):
    values = [1, 2, 3, 4, 5, 6, 7, 8]
    data = b"".join(value.to_bytes(4, "little") for value in values)
    factors = [3, 5, 7, 11, 13, 17, 19, 23]
    assert extension.fn("kept")(data) == sum(value * factor for value, factor in zip(values, factors, strict=True))
    assert extension.fn("kept_floats")(1.5, 2.0, 10.0, 0.25) == 3.0 + 9.75 + 11.5


def test_a_place_can_be_jumped_to_many_times(extension):
    assert extension.fn("many")(1000) == 1000


@pytest.mark.parametrize("name", BOARDS)
def test_threads_jump_within_themselves(name, tmp_path):
    with Board(name) as board:
        assert loaded(tmp_path, board, THREADS).fn("in_threads")() == 5 * 100 + 10


@pytest.mark.parametrize(
    ("text", "base", "error"),
    [("1", 10, 0), ("2147483648", 10, 34), ("-2147483648", 10, 0), ("-2147483649", 10, 34), ("1", 1, 22)],
)
def test_reading_an_integer_sets_errno_of_the_thread(extension, text, base, error):
    """C11 7.22.1.4: ERANGE for what does not fit; POSIX: EINVAL for a base that does not exist."""
    assert extension.fn("error_of", "int f(const char *, int)")(text, base) == error


@pytest.mark.parametrize("name", BOARDS)
def test_giving_up_is_told_and_a_panic(name, tmp_path):
    """kernel.md section 8: ``abort()`` + panic."""
    with Board(name) as board, pytest.raises(GuestFault, match=r"(?i)panic"):
        loaded(tmp_path, board, CODE).fn("give_up")()
    assert board.console.startswith("abort()\n")


ASTRAY = """
#include <setjmp.h>
static jmp_buf place;
K_THREAD_STACK_DEFINE(stack, 512);
static struct k_thread thread;
static void jumps(void *p1, void *p2, void *p3) { longjmp(place, 1); }
int astray(void)
{
	if (setjmp(place) == 0) {
		k_thread_create(&thread, stack, 512, jumps, NULL, NULL, NULL, -1, 0, K_NO_WAIT);
	}
	return 7;
}
int fine(void) { return 8; }
EXPORT_SYMBOL(astray);
EXPORT_SYMBOL(fine);
"""


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_a_jump_to_the_place_of_another_thread_is_a_fault(name, tmp_path):
    with Board(name) as board:
        extension = loaded(tmp_path, board, ASTRAY)
        with pytest.raises(GuestFault, match="a thread returned from the call from Python, which is not its own"):
            extension.fn("astray")()
        assert extension.fn("fine")() == 8


EDGES = [
    "0",
    "-0",
    "1",
    ".5",
    "5.",
    "1e5",
    "1E-5",
    "+3.25",
    "-7e2",
    "1e400",
    "-1e400",
    "1e-400",
    "1e38",
    "3.5e38",
    "1e-46",
    "inf",
    "-INFINITY",
    "nan",
    "NaN(1)",
    "0x1p3",
    "0x1.8p-1",
    "-0X.8P1",
    "0x",
    "0x1p",
    "1e",
    "1e+",
    ".",
    "+",
    "-",
    ".e1",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "4.9e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "2.2250738585072011e-308",
    "9007199254740993",
    "9007199254740993.00000000000000000000000000001",
    "0.1",
    "16777217",
    "16777217.0000001",
    "0x1.00000000000008p0",
    "0x1.000000000000080000001p0",
    "0x1.000001p0",
    "123456789012345678901234567890",
    "1e22",
    "1e23",
    "infinit",
    "nanx",
]


def expected(text):
    """Value, value of float, bytes read: Python's own reading, which rounds correctly, of the longest part that is a number."""
    for end in range(len(text), 0, -1):
        part = text[:end].lower().lstrip("+-")
        if part.startswith("nan"):
            if part == "nan" or part.endswith(")"):
                return math.nan, math.nan, end
        elif re.fullmatch(r"inf(inity)?|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", part):
            return float(text[:end]), single(Fraction(text[:end]) if part[0] != "i" else None, float(text[:end])), end
        elif re.fullmatch(r"0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(p[+-]?\d+)?", part):
            return float.fromhex(text[:end]), single(Fraction(float.fromhex(text[:end])), float.fromhex(text[:end])), end
    return 0.0, 0.0, 0


def single(exact, value):
    """The float nearest to a number, the one with an even last bit of two (IEEE 754 4.3.1)."""
    if not math.isfinite(value) or value == 0 or exact is None:
        return math.copysign(math.inf, value) if value else value
    exponent = max(math.frexp(value)[1] - 24, -149)
    rounded = round(exact / Fraction(2) ** exponent) * Fraction(2) ** exponent
    return math.copysign(math.inf if abs(rounded) >= 2**128 else float(rounded), value)


@pytest.fixture(scope="module")
def numbers():
    chance = random.Random(5)
    texts = list(EDGES)
    for _ in range(300):
        digits = "".join(chance.choices("0123456789", k=chance.randrange(1, 40)))
        at = chance.randrange(len(digits) + 1)
        texts.append(f"{chance.choice(['', '-'])}{digits[:at]}.{digits[at:]}e{chance.randrange(-60, 60)}")
        value = struct.unpack("<d", chance.randbytes(8))[0]
        if math.isfinite(value):
            texts += [repr(value), value.hex()]
        middle = Fraction(struct.unpack("<f", struct.pack("<f", abs(chance.gauss(1, 1000))))[0]) + Fraction(
            1, 1 << chance.randrange(20, 40)
        )
        texts.append(f"{float(middle):.60f}")
    return texts


def test_numbers_with_a_point_are_read_to_the_nearest(extension, numbers):
    for text in numbers:
        value, small = bytearray(8), bytearray(4)
        result = extension.fn("parsed")(text, value, small)
        wanted, wanted_single, end = expected(text)
        assert result % 1000 == end, text
        for found, right in ((struct.unpack("<d", value)[0], wanted), (struct.unpack("<f", small)[0], wanted_single)):
            assert struct.pack("<d", found) == struct.pack("<d", right) or (math.isnan(found) and math.isnan(right)), (
                text,
                found,
                right,
            )


@pytest.mark.parametrize(("text", "error"), [("1", 0), ("1e400", 34), ("1e-400", 34), ("inf", 0)])
def test_numbers_that_have_no_room_set_errno(extension, text, error):
    value, small = bytearray(8), bytearray(4)
    assert extension.fn("parsed")(text, value, small) // 1000 == error
