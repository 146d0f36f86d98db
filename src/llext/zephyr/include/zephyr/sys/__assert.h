/* SPDX-License-Identifier: Apache-2.0
 *
 * Zephyr's assertions: off unless CONFIG_ASSERT is defined as 1.
 */
#ifndef ZEPHYR_INCLUDE_SYS_ASSERT_H_
#define ZEPHYR_INCLUDE_SYS_ASSERT_H_

#include <zephyr/fatal.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>

#if IS_ENABLED(CONFIG_ASSERT)
#define __ASSERT(test, fmt, ...)                                                                                       \
	do {                                                                                                           \
		if (!(test)) {                                                                                         \
			printk("ASSERTION FAIL [%s] @ %s:%d\n\t", #test, __FILE__, __LINE__);                          \
			printk(fmt "\n", ##__VA_ARGS__);                                                               \
			k_panic();                                                                                     \
		}                                                                                                      \
	} while (0)
#define __ASSERT_NO_MSG(test)                                                                                          \
	do {                                                                                                           \
		if (!(test)) {                                                                                         \
			printk("ASSERTION FAIL [%s] @ %s:%d\n", #test, __FILE__, __LINE__);                            \
			k_panic();                                                                                     \
		}                                                                                                      \
	} while (0)
#else
#define __ASSERT(test, fmt, ...) do { } while (0)
#define __ASSERT_NO_MSG(test) do { } while (0)
#endif

#endif /* ZEPHYR_INCLUDE_SYS_ASSERT_H_ */
