/* SPDX-License-Identifier: Apache-2.0
 *
 * Formatted output, character by character, to a function; conversions are those of printk. There are no packages.
 */
#ifndef ZEPHYR_INCLUDE_SYS_CBPRINTF_H_
#define ZEPHYR_INCLUDE_SYS_CBPRINTF_H_

#include <stdarg.h>
#include <stddef.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Takes a character; what is negative ends the output, and is what cbprintf returns. */
typedef int (*cbprintf_cb)(int c, void *ctx);

int cbprintf(cbprintf_cb out, void *ctx, const char *format, ...) __printf_like(3, 4);
int cbvprintf(cbprintf_cb out, void *ctx, const char *format, va_list ap) __printf_like(3, 0);
int printfcb(const char *format, ...) __printf_like(1, 2);
int vprintfcb(const char *format, va_list ap) __printf_like(1, 0);
int snprintfcb(char *str, size_t size, const char *format, ...) __printf_like(3, 4);
int vsnprintfcb(char *str, size_t size, const char *format, va_list ap) __printf_like(3, 0);

/* For cbvprintf: what fits of the text from a place on, without a NUL, and the length of all of it. */
size_t z_format_piece(char *to, size_t size, size_t skipped, const char *fmt, va_list ap);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_CBPRINTF_H_ */
