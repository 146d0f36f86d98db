/* SPDX-License-Identifier: Apache-2.0
 *
 * Zephyr's assertions: off unless CONFIG_ASSERT is defined as 1. One that does not hold prints where, what the caller
 * says about it, and panics.
 */
#ifndef ZEPHYR_INCLUDE_SYS_ASSERT_H_
#define ZEPHYR_INCLUDE_SYS_ASSERT_H_

#include <zephyr/fatal.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util_macro.h>

#if IS_ENABLED(CONFIG_ASSERT)

#define Z_ASSERT_WHERE(test) printk("ASSERTION FAIL [%s] @ %s:%d\n", #test, __FILE__, __LINE__)

#define __ASSERT(test, ...)                                                                                            \
	do {                                                                                                           \
		if (!(test)) {                                                                                         \
			Z_ASSERT_WHERE(test);                                                                          \
			printk("\t");                                                                                  \
			printk(__VA_ARGS__);                                                                           \
			printk("\n");                                                                                  \
			k_panic();                                                                                     \
		}                                                                                                      \
	} while (0)
#define __ASSERT_NO_MSG(test)                                                                                          \
	do {                                                                                                           \
		if (!(test)) {                                                                                         \
			Z_ASSERT_WHERE(test);                                                                          \
			k_panic();                                                                                     \
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

#endif /* ZEPHYR_INCLUDE_SYS_ASSERT_H_ */
