/* SPDX-License-Identifier: Apache-2.0
 *
 * Strings without regard to case, bits, and the old names of memory functions (POSIX).
 */
#ifndef LLEXT_LIBC_STRINGS_H_
#define LLEXT_LIBC_STRINGS_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t count);
int ffs(int value);
int ffsl(long value);
int ffsll(long long value);
int bcmp(const void *a, const void *b, size_t count);
void bcopy(const void *from, void *to, size_t count);
void bzero(void *memory, size_t count);
char *index(const char *text, int character);
char *rindex(const char *text, int character);

#ifdef __cplusplus
}
#endif

#endif /* LLEXT_LIBC_STRINGS_H_ */
