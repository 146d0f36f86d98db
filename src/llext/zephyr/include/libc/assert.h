/* SPDX-License-Identifier: Apache-2.0
 *
 * C11 7.2: an assertion that does not hold says so on the console and panics. Meant to be included again after NDEBUG
 * changed.
 */
#include <zephyr/fatal.h>
#include <zephyr/sys/printk.h>

#undef assert
#ifdef NDEBUG
#define assert(test) ((void)0)
#else
#define assert(test)                                                                                                   \
	((test) ? (void)0 : __extension__({ printk("assertion failed: %s, %s:%d\n", #test, __FILE__, __LINE__); k_panic(); }))
#endif

#if !defined(__cplusplus) && __STDC_VERSION__ >= 201112L && __STDC_VERSION__ < 202311L
#undef static_assert
#define static_assert _Static_assert
#endif
