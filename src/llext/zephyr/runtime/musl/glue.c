/* SPDX-License-Identifier: Apache-2.0
 *
 * What musl's reading of numbers needs from the rest of musl.
 */
#include <errno.h>

int *___errno_location(void);
long double copysignl(long double x, long double y);
int __uflow(void *file);

int *___errno_location(void) { return z_errno(); }

/* What follows a text that is read as a file. */
int __uflow(void *file) { (void)file; return -1; }

/* The sign stands in the last byte. */
long double copysignl(long double x, long double y)
{
	union { long double value; unsigned char bytes[sizeof(long double)]; } to = {x}, from = {y};
	const unsigned int last = sizeof(long double) - 1;

	to.bytes[last] = (unsigned char)((to.bytes[last] & 0x7f) | (from.bytes[last] & 0x80));
	return to.value;
}
