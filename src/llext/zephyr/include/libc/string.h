/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory and strings (C11 7.24), and what POSIX, BSD and GNU have besides.
 */
#ifndef LLEXT_LIBC_STRING_H_
#define LLEXT_LIBC_STRING_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *memcpy(void *__restrict to, const void *__restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);
void *memchr(const void *memory, int value, size_t count);
void *memrchr(const void *memory, int value, size_t count);
void *memmem(const void *memory, size_t count, const void *part, size_t length);
void *memccpy(void *__restrict to, const void *__restrict from, int last, size_t count);
void *mempcpy(void *__restrict to, const void *__restrict from, size_t count);

size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
char *strcpy(char *__restrict to, const char *__restrict from);
char *strncpy(char *__restrict to, const char *__restrict from, size_t count);
char *strcat(char *__restrict to, const char *__restrict from);
char *strncat(char *__restrict to, const char *__restrict from, size_t count);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t count);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);
char *strstr(const char *text, const char *part);
size_t strspn(const char *text, const char *accept);
size_t strcspn(const char *text, const char *reject);
char *strpbrk(const char *text, const char *accept);
char *strchrnul(const char *text, int character);
char *strcasestr(const char *text, const char *part);
char *stpcpy(char *__restrict to, const char *__restrict from);
char *stpncpy(char *__restrict to, const char *__restrict from, size_t count);
size_t strlcpy(char *__restrict to, const char *__restrict from, size_t size);
size_t strlcat(char *__restrict to, const char *__restrict from, size_t size);
int strcoll(const char *a, const char *b);
size_t strxfrm(char *__restrict to, const char *__restrict from, size_t size);
char *strsep(char **__restrict text, const char *__restrict separators);
char *strtok(char *__restrict text, const char *__restrict separators);
char *strtok_r(char *__restrict text, const char *__restrict separators, char **__restrict state);

char *strerror(int number);
int strerror_r(int number, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* LLEXT_LIBC_STRING_H_ */
