/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of string.h and strings.h that are seldom used: C11 7.24, POSIX, and what BSD and GNU added to them.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

void *mempcpy(void *__restrict to, const void *__restrict from, size_t count)
{
	return (char *)memcpy(to, from, count) + count;
}

void *memccpy(void *__restrict to, const void *__restrict from, int last, size_t count)
{
	const unsigned char *found = memchr(from, last, count);

	if (found == NULL) {
		memcpy(to, from, count);
		return NULL;
	}
	return mempcpy(to, from, (size_t)(found - (const unsigned char *)from) + 1);
}

void *memrchr(const void *memory, int value, size_t count)
{
	const unsigned char *at = memory;

	while (count-- > 0) {
		if (at[count] == (unsigned char)value) {
			return (void *)(uintptr_t)(at + count);
		}
	}
	return NULL;
}

void *memmem(const void *memory, size_t count, const void *part, size_t length)
{
	const unsigned char *at = memory;

	for (; count >= length; at++, count--) {
		if (memcmp(at, part, length) == 0) {
			return (void *)(uintptr_t)at;
		}
	}
	return NULL;
}

char *stpcpy(char *__restrict to, const char *__restrict from)
{
	const size_t length = strlen(from);

	return (char *)memcpy(to, from, length + 1) + length;
}

char *stpncpy(char *__restrict to, const char *__restrict from, size_t count)
{
	const size_t length = strnlen(from, count);

	strncpy(to, from, count);
	return to + length;
}

size_t strlcpy(char *__restrict to, const char *__restrict from, size_t size)
{
	const size_t length = strlen(from);
	const size_t most = size > 0 && length >= size ? size - 1 : length;

	if (size > 0) {
		memcpy(to, from, most);
		to[most] = '\0';
	}
	return length;
}

size_t strlcat(char *__restrict to, const char *__restrict from, size_t size)
{
	const size_t before = strnlen(to, size);

	return before + (before == size ? strlen(from) : strlcpy(to + before, from, size - before));
}

char *strchrnul(const char *text, int character)
{
	while (*text != '\0' && *text != (char)character) {
		text++;
	}
	return (char *)(uintptr_t)text;
}

char *strcasestr(const char *text, const char *part)
{
	const size_t length = strlen(part);

	for (;; text++) {
		if (strncasecmp(text, part, length) == 0) {
			return (char *)(uintptr_t)text;
		}
		if (*text == '\0') {
			return NULL;
		}
	}
}

char *strsep(char **__restrict text, const char *__restrict separators)
{
	char *start = *text;

	if (start != NULL) {
		char *end = start + strcspn(start, separators);

		*text = *end == '\0' ? NULL : end + 1;
		*end = '\0';
	}
	return start;
}

char *strtok(char *__restrict text, const char *__restrict separators)
{
	static char *state;

	if (text == NULL && state == NULL) {
		return NULL;
	}
	return strtok_r(text, separators, &state);
}

/* There is the C locale only. */
int strcoll(const char *a, const char *b) { return strcmp(a, b); }
size_t strxfrm(char *__restrict to, const char *__restrict from, size_t size) { return strlcpy(to, from, size); }

int strncasecmp(const char *a, const char *b, size_t count)
{
	for (; count > 0; count--, a++, b++) {
		const int left = tolower((unsigned char)*a);
		const int right = tolower((unsigned char)*b);

		if (left != right) {
			return left - right;
		}
		if (left == '\0') {
			break;
		}
	}
	return 0;
}

int strcasecmp(const char *a, const char *b) { return strncasecmp(a, b, SIZE_MAX); }

int bcmp(const void *a, const void *b, size_t count) { return memcmp(a, b, count); }
void bcopy(const void *from, void *to, size_t count) { memmove(to, from, count); }
void bzero(void *memory, size_t count) { memset(memory, 0, count); }
char *index(const char *text, int character) { return strchr(text, character); }
char *rindex(const char *text, int character) { return strrchr(text, character); }

/* The number of the lowest bit that is set, from 1; 0 if none is. */
int ffsll(long long value)
{
	int number = 0;

	if (value != 0) {
		for (number = 1; (value & 1) == 0; number++) {
			value = (long long)((unsigned long long)value >> 1);
		}
	}
	return number;
}

int ffsl(long value) { return ffsll(value); }
int ffs(int value) { return ffsll(value); }
