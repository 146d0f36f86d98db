/* SPDX-License-Identifier: Apache-2.0
 *
 * Formatted output to a function. The kernel formats; the function is called from here, and may wait.
 */
#include <stdio.h>
#include <zephyr/sys/cbprintf.h>

int cbvprintf(cbprintf_cb out, void *ctx, const char *format, va_list ap)
{
	char piece[32];
	size_t length, done = 0;

	do {
		va_list again;

		va_copy(again, ap);
		length = z_format_piece(piece, sizeof(piece), done, format, again);
		va_end(again);
		for (size_t at = 0; at < sizeof(piece) && done < length; at++, done++) {
			const int result = out((unsigned char)piece[at], ctx);

			if (result < 0) {
				return result;
			}
		}
	} while (done < length);
	return (int)length;
}

int cbprintf(cbprintf_cb out, void *ctx, const char *format, ...)
{
	va_list ap;
	int result;

	va_start(ap, format);
	result = cbvprintf(out, ctx, format, ap);
	va_end(ap);
	return result;
}

int vprintfcb(const char *format, va_list ap)
{
	return vprintf(format, ap);
}

int printfcb(const char *format, ...)
{
	va_list ap;
	int result;

	va_start(ap, format);
	result = vprintf(format, ap);
	va_end(ap);
	return result;
}

int vsnprintfcb(char *str, size_t size, const char *format, va_list ap)
{
	return vsnprintf(str, size, format, ap);
}

int snprintfcb(char *str, size_t size, const char *format, ...)
{
	va_list ap;
	int result;

	va_start(ap, format);
	result = vsnprintf(str, size, format, ap);
	va_end(ap);
	return result;
}
