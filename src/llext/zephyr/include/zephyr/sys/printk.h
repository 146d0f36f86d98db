/* SPDX-License-Identifier: Apache-2.0
 *
 * Formatted output to the console and to memory.
 */
#ifndef ZEPHYR_INCLUDE_SYS_PRINTK_H_
#define ZEPHYR_INCLUDE_SYS_PRINTK_H_

#include <stdarg.h>
#include <stddef.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(CONFIG_LLEXT_KCONFIG) && !defined(CONFIG_PRINTK)
static inline __printf_like(1, 2) void printk(const char *fmt, ...)
{
	(void)fmt;
}
static inline __printf_like(1, 0) void vprintk(const char *fmt, va_list ap)
{
	(void)fmt;
	(void)ap;
}
#else
void printk(const char *fmt, ...) __printf_like(1, 2);
void vprintk(const char *fmt, va_list ap) __printf_like(1, 0);
#endif
int snprintk(char *str, size_t size, const char *fmt, ...) __printf_like(3, 4);
int vsnprintk(char *str, size_t size, const char *fmt, va_list ap) __printf_like(3, 0);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_PRINTK_H_ */
