/* SPDX-License-Identifier: Apache-2.0
 *
 * Zephyr's assertions: off unless CONFIG_ASSERT is defined as 1. One that does not hold prints where, what the caller
 * says about it, and calls assert_post_action, which panics; an extension may define its own. CONFIG_ASSERT_VERBOSE=0 prints
 * nothing, CONFIG_ASSERT_NO_FILE_INFO, _NO_COND_INFO and _NO_MSG_INFO leave parts out.
 */
#ifndef ZEPHYR_INCLUDE_SYS_ASSERT_H_
#define ZEPHYR_INCLUDE_SYS_ASSERT_H_

#include <stdbool.h>
#include <zephyr/fatal.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util_macro.h>

#ifdef __cplusplus
extern "C" {
#endif

void assert_print(const char *fmt, ...) __printf_like(1, 2);

#if IS_ENABLED(CONFIG_ASSERT_NO_FILE_INFO)
void assert_post_action(void);
#define Z_ASSERT_POST_ACTION() assert_post_action()
#define Z_ASSERT_FILE ""
#define Z_ASSERT_PLACE
#else
void assert_post_action(const char *file, unsigned int line);
#define Z_ASSERT_POST_ACTION() assert_post_action(__FILE__, __LINE__)
#define Z_ASSERT_FILE " @ %s:%d"
#define Z_ASSERT_PLACE , __FILE__, __LINE__
#endif

#if IS_ENABLED(CONFIG_ASSERT_NO_COND_INFO)
#define Z_ASSERT_CONDITION ""
#define Z_ASSERT_TEST(test)
#else
#define Z_ASSERT_CONDITION " [%s]"
#define Z_ASSERT_TEST(test) , Z_STRINGIFY(test)
#endif

#if Z_CONFIG_OFF(CONFIG_ASSERT_VERBOSE)
#define __ASSERT_PRINT(...) ((void)0)
#else
#define __ASSERT_PRINT(...) assert_print(__VA_ARGS__)
#endif
#define __ASSERT_LOC(test)                                                                                             \
	__ASSERT_PRINT("ASSERTION FAIL" Z_ASSERT_CONDITION Z_ASSERT_FILE "\n" Z_ASSERT_TEST(test) Z_ASSERT_PLACE)
#if IS_ENABLED(CONFIG_ASSERT_NO_MSG_INFO)
#define Z_ASSERT_MESSAGE(...) ((void)0)
#else
#define Z_ASSERT_MESSAGE(...)                                                                                          \
	do {                                                                                                           \
		__ASSERT_PRINT("\t");                                                                                  \
		__ASSERT_PRINT(__VA_ARGS__);                                                                           \
		__ASSERT_PRINT("\n");                                                                                  \
	} while (0)
#endif

#if IS_ENABLED(CONFIG_ASSERT)

#define __ASSERT(test, ...)                                                                                            \
	do {                                                                                                           \
		if (!(test)) {                                                                                         \
			__ASSERT_LOC(test);                                                                            \
			Z_ASSERT_MESSAGE(__VA_ARGS__);                                                                 \
			Z_ASSERT_POST_ACTION();                                                                        \
		}                                                                                                      \
	} while (0)
#define __ASSERT_NO_MSG(test)                                                                                          \
	do {                                                                                                           \
		if (!(test)) {                                                                                         \
			__ASSERT_LOC(test);                                                                            \
			Z_ASSERT_POST_ACTION();                                                                        \
		}                                                                                                      \
	} while (0)
#define __ASSERT_EVAL(unchecked, prepare, test, ...)                                                                   \
	do {                                                                                                           \
		prepare;                                                                                               \
		__ASSERT(test, __VA_ARGS__);                                                                           \
	} while (0)

#else

#define __ASSERT(test, ...)                                                                                            \
	do {                                                                                                           \
	} while (0)
#define __ASSERT_NO_MSG(test)                                                                                          \
	do {                                                                                                           \
	} while (0)
#define __ASSERT_EVAL(unchecked, prepare, test, ...) unchecked

#endif

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_ASSERT_H_ */
