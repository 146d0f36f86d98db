/* SPDX-License-Identifier: Apache-2.0
 *
 * Console output and formatting. There are no files.
 */
#ifndef LLEXT_LIBC_STDIO_H_
#define LLEXT_LIBC_STDIO_H_

#include <stdarg.h>
#include <stddef.h>

#define EOF (-1)

#ifdef __cplusplus
extern "C" {
#endif

int printf(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));
int snprintf(char *str, size_t size, const char *fmt, ...) __attribute__((__format__(__printf__, 3, 4)));
int vsnprintf(char *str, size_t size, const char *fmt, va_list ap) __attribute__((__format__(__printf__, 3, 0)));
int sprintf(char *str, const char *fmt, ...) __attribute__((__format__(__printf__, 2, 3)));
int vsprintf(char *str, const char *fmt, va_list ap) __attribute__((__format__(__printf__, 2, 0)));
int vprintf(const char *fmt, va_list ap) __attribute__((__format__(__printf__, 1, 0)));
int puts(const char *string);
int putchar(int c);

#ifdef __cplusplus
}
#endif

#endif /* LLEXT_LIBC_STDIO_H_ */
