/* SPDX-License-Identifier: Apache-2.0
 *
 * Macros that work on text and on configuration symbols, and those for bits: usable in preprocessor conditions and
 * constant expressions.
 */
#ifndef ZEPHYR_INCLUDE_SYS_UTIL_MACRO_H_
#define ZEPHYR_INCLUDE_SYS_UTIL_MACRO_H_

#include <zephyr/sys/util_listify.h>
#include <zephyr/sys/util_loops.h>

#define BIT(n) (1UL << (n))
#define BIT64(n) (1ULL << (n))
#define BIT_MASK(n) (BIT(n) - 1UL)
#define BIT64_MASK(n) (BIT64(n) - 1ULL)
#define IS_BIT_SET(value, bit) ((((value) >> (bit)) & 1) != 0)
#define WRITE_BIT(var, bit, set) ((var) = (set) ? ((var) | BIT(bit)) : ((var) & ~BIT(bit)))
#define IS_POWER_OF_TWO(x) (((x) != 0U) && (((x) & ((x)-1U)) == 0U))

#define Z_STRINGIFY(x) #x
#define STRINGIFY(x) Z_STRINGIFY(x)
#define Z_CONCAT(x, y) x##y
#define _CONCAT(x, y) Z_CONCAT(x, y)
/* Two to eight pieces. */
#define CONCAT(...) Z_PASTE(Z_CONCAT_, Z_COUNT(__VA_ARGS__))(__VA_ARGS__)
#define Z_CONCAT_1(a) a
#define Z_CONCAT_2(a, b) Z_CONCAT(a, b)
#define Z_CONCAT_3(a, b, c) Z_JOIN_3(a, b, c)
#define Z_CONCAT_4(a, b, c, d) Z_JOIN_4(a, b, c, d)
#define Z_CONCAT_5(a, b, c, d, e) Z_JOIN_5(a, b, c, d, e)
#define Z_CONCAT_6(a, b, c, d, e, f) Z_JOIN_6(a, b, c, d, e, f)
#define Z_CONCAT_7(a, b, c, d, e, f, g) Z_JOIN_7(a, b, c, d, e, f, g)
#define Z_CONCAT_8(a, b, c, d, e, f, g, h) Z_JOIN_8(a, b, c, d, e, f, g, h)
#define Z_JOIN_3(a, b, c) a##b##c
#define Z_JOIN_4(a, b, c, d) a##b##c##d
#define Z_JOIN_5(a, b, c, d, e) a##b##c##d##e
#define Z_JOIN_6(a, b, c, d, e, f) a##b##c##d##e##f
#define Z_JOIN_7(a, b, c, d, e, f, g) a##b##c##d##e##f##g
#define Z_JOIN_8(a, b, c, d, e, f, g, h) a##b##c##d##e##f##g##h
#define EMPTY
#define IDENTITY(value) value

/*
 * Choices. A value that expands to 1 makes Z_ONE_1, which is an argument more, so that the second of the list is another
 * one; anything else, also a name that is not defined, leaves the list as it is. COND_CODE_0 does so for 0.
 */
#define Z_ONE_1 0,
#define Z_ZERO_0 0,
#define Z_SECOND(first, second, ...) second
#define Z_CHOOSE(shift, chosen, other) Z_SECOND(shift chosen, other, 0)
#define Z_CHOOSE_IF_ONE(value, chosen, other) Z_CHOOSE(Z_ONE_##value, chosen, other)
#define Z_CHOOSE_IF_ZERO(value, chosen, other) Z_CHOOSE(Z_ZERO_##value, chosen, other)
#define Z_WITHOUT_PARENTHESES(...) __VA_ARGS__
#define Z_STRIP(chosen) Z_WITHOUT_PARENTHESES chosen

#define IS_ENABLED(config) Z_IS_ONE(config)
#define Z_IS_ONE(value) Z_CHOOSE_IF_ONE(value, 1, 0)
#define COND_CODE_1(flag, if_one, otherwise) Z_COND_ONE(flag, if_one, otherwise)
#define Z_COND_ONE(value, if_one, otherwise) Z_STRIP(Z_CHOOSE_IF_ONE(value, if_one, otherwise))
#define COND_CODE_0(flag, if_zero, otherwise) Z_COND_ZERO(flag, if_zero, otherwise)
#define Z_COND_ZERO(value, if_zero, otherwise) Z_STRIP(Z_CHOOSE_IF_ZERO(value, if_zero, otherwise))
/* Whether an option that is on by default is off: Kconfig has a value for every option, and leaves out those that are n;
 * where there is no Kconfig, who wants it off defines it as 0.
 */
#if IS_ENABLED(CONFIG_LLEXT_KCONFIG)
#define Z_CONFIG_OFF(option) COND_CODE_1(option, (0), (1))
#else
#define Z_CONFIG_OFF(option) COND_CODE_0(option, (1), (0))
#endif
#define IF_ENABLED(flag, code) COND_CODE_1(flag, code, ())
#define IF_DISABLED(flag, code) COND_CODE_1(flag, (), code)

/* Choices between 0 and 1, and pastes, for macros that make names. */
#define UTIL_CAT(a, ...) Z_CONCAT(a, __VA_ARGS__)
#define UTIL_NOT(flag) COND_CODE_0(flag, (1), (0))
#define UTIL_AND(a, b) COND_CODE_1(a, (b), (0))
#define UTIL_OR(a, b) COND_CODE_1(a, (1), (b))

#endif /* ZEPHYR_INCLUDE_SYS_UTIL_MACRO_H_ */
