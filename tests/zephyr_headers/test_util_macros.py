"""Macros that count, pick and repeat; kernel.md section 6 names them."""

import pytest
from conftest import TOOLCHAINS
from test_headers import LANGUAGES, STRICT, compile_text

NAMES = [
    "ARRAY_SIZE",
    "CONTAINER_OF",
    "BIT",
    "BIT64",
    "BIT_MASK",
    "GENMASK",
    "FIELD_GET",
    "FIELD_PREP",
    "WRITE_BIT",
    "IS_BIT_SET",
    "MIN",
    "MAX",
    "CLAMP",
    "IN_RANGE",
    "ROUND_UP",
    "ROUND_DOWN",
    "DIV_ROUND_UP",
    "DIV_ROUND_CLOSEST",
    "IS_ALIGNED",
    "IS_POWER_OF_TWO",
    "LOG2",
    "KB",
    "MB",
    "KHZ",
    "MHZ",
    "POINTER_TO_UINT",
    "UINT_TO_POINTER",
    "ARG_UNUSED",
    "BUILD_ASSERT",
    "STRINGIFY",
    "CONCAT",
    "IS_ENABLED",
    "COND_CODE_0",
    "COND_CODE_1",
    "IF_ENABLED",
    "LISTIFY",
    "FOR_EACH",
    "WAIT_FOR",
]
FUNCTIONS = ["hex2bin", "bin2hex", "u8_to_dec", "bcd2bin", "util_memeq"]


def test_every_utility_of_the_reference_is_there():
    text = "#include <zephyr/sys/util.h>\n"
    text += "".join(f"#ifndef {name}\n#error {name}\n#endif\n" for name in NAMES)
    text += "void *all[] = {" + ", ".join(f"(void *){name}" for name in FUNCTIONS) + "};\n"
    compile_text(text, "-fsyntax-only")


COUNTS = {
    "NUM_VA_ARGS()": 0, "NUM_VA_ARGS(a)": 1, "NUM_VA_ARGS(a, b, c)": 3, "NUM_VA_ARGS((a, b))": 1, "NUM_VA_ARGS(f(x), 2)": 2,
    "NUM_VA_ARGS(" + ", ".join(["x"] * 64) + ")": 64, "NUM_VA_ARGS_LESS_1(a)": 0, "NUM_VA_ARGS_LESS_1(a, b, c)": 2,
    "GET_ARG_N(1, 5)": 5, "GET_ARG_N(3, 5, 6, 7, 8)": 7, "NUM_VA_ARGS(GET_ARGS_LESS_N(2, a, b, c, d, e))": 3,
    "GET_ARG_N(1, GET_ARGS_LESS_N(1, 3, 4))": 4, "NUM_VA_ARGS(GET_ARGS_FIRST_N(2, a, b, c))": 2,
    "IS_EMPTY()": 1, "IS_EMPTY(a)": 0, "IS_EMPTY((a))": 0, "IS_EMPTY(EMPTY)": 1, "UTIL_AND(1, 1)": 1, "UTIL_AND(0, 1)": 0,
    "UTIL_OR(0, 1)": 1, "UTIL_OR(0, 0)": 0, "UTIL_NOT(0)": 1, "UTIL_NOT(1)": 0, "LOG2CEIL(1)": 0, "LOG2CEIL(5)": 3,
    "LOG2CEIL(8)": 3, "NHPOT(5)": 8, "NHPOT(8)": 8, "CONCAT(1, 2)": 12, "CONCAT(1, 2, 3)": 123,
    "CONCAT(1, 2, 3, 4, 5, 6, 7, 8)": 12345678, "CONCAT(1, LEN)": 13, "LISTIFY(LEN, TERM, (+), 5)": 15 + 3,
    "LISTIFY(256, TERM, (+), 0)": 255 * 256 // 2, "LISTIFY(1, TERM, (+), 9)": 9, "0 LISTIFY(0, TERM, (+), 9)": 0,
    "FOR_EACH(SQUARE, (+), 1, 2, 3)": 14, "FOR_EACH(SQUARE, (+), 5)": 25, "0 FOR_EACH(SQUARE, (+))": 0,
    "FOR_EACH(SQUARE, (+), " + ", ".join(map(str, range(64))) + ")": sum(n * n for n in range(64)),
    "FOR_EACH_IDX(TERM, (+), 10, 20, 30)": 63, "FOR_EACH_FIXED_ARG(TIMES, (+), 7, 1, 2)": 21,
    "FOR_EACH_IDX_FIXED_ARG(WEIGHED, (+), 10, 5, 6)": 0 * 50 + 1 * 60, "0 FOR_EACH_NONEMPTY_TERM(PLUS, (+ 1), 4, , 5)": 11,
    "FOR_EACH(INNER, (+), 1, 2)": (0 + 1 + 1 + 1 + 1) + (0 + 2 + 1 + 2 + 2),
}  # fmt: skip
DEFINED = """
#include <zephyr/sys/util.h>
#define LEN 3
#define TERM(i, x) ((i) + (x))
#define SQUARE(x) ((x) * (x))
#define TIMES(x, fixed) ((x) * (fixed))
#define WEIGHED(i, x, fixed) ((i) * (x) * (fixed))
#define PLUS(x) + x
#define INNER(x) (LISTIFY(2, TERM, (+), x) + x)
"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_macros_count_pick_and_repeat(toolchain, language):
    text = DEFINED + "".join(f'BUILD_ASSERT(({call}) == {value}, "wrong");\n' for call, value in COUNTS.items())
    compile_text(text, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", toolchain=toolchain, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_lists_of_macros_make_declarations_without_a_warning(toolchain, language):
    text = DEFINED + "#define MAKE(i, stem) int stem##i\nLISTIFY(3, MAKE, (;), made_);\nint *third = &made_2;\n"
    text += "#define OTHER(name) int name;\nFOR_EACH(OTHER, (), a, b)\nint *second = &b;\n"
    compile_text(text, *STRICT, "-fsyntax-only", toolchain=toolchain, language=language)


EQUAL = """
int equal(const char *a, size_t n, const char *b, size_t m) { return util_eq(a, n, b, m) + 2 * util_memeq(a, b, n); }
EXPORT_SYMBOL(equal);
"""


def test_memory_is_compared(load):
    equal = load(EQUAL).fn("equal", "int equal(const char *, size_t, const char *, size_t)")
    assert equal("abc", 3, "abc", 3) == 3
    assert equal("abc", 2, "abd", 2) == 3
    assert equal("abc", 2, "abd", 3) == 2
    assert equal("abc", 3, "abd", 3) == 0


WAIT = """
static int looks, seen;
static bool at_last(int when) { return ++looks >= when; }
int wait(int when, int us) { looks = seen = 0; const bool done = WAIT_FOR(at_last(when), us, seen++); return done + 2 * seen; }
EXPORT_SYMBOL(wait);
"""


def test_waiting_for_a_condition_ends_with_it_or_with_the_time(load, board):
    wait = load(WAIT).fn("wait")
    assert wait(1, 100) == 1
    assert wait(4, 100) == 1 + 2 * 3
    before = board.kernel.state.nanoseconds
    assert wait(1 << 30, 500) % 2 == 0
    assert 500_000 <= board.kernel.state.nanoseconds - before <= 510_000
