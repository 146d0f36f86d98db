/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory and strings of the guest runtime (C11 7.24). Compiled without builtins, so that no loop becomes a call to the
 * function that it implements.
 */
#include <stdint.h>
#include <string.h>

/* Words may hold parts of objects of any type. */
typedef uint32_t __attribute__((__may_alias__)) word;

static int aligned(const void *pointer)
{
	return ((uintptr_t)pointer & (sizeof(word) - 1)) == 0;
}

/* From the first byte to the last. What overlaps must lie below its source: restrict would be a lie for memmove. */
static void copy_up(unsigned char *to, const unsigned char *from, size_t count)
{
	if (aligned(to) && aligned(from)) {
		for (; count >= sizeof(word); count -= sizeof(word), to += sizeof(word), from += sizeof(word)) {
			*(word *)(void *)to = *(const word *)(const void *)from;
		}
	}
	while (count-- > 0) {
		*to++ = *from++;
	}
}

/* From the last byte to the first: what overlaps must lie above its source. */
static void copy_down(unsigned char *to, const unsigned char *from, size_t count)
{
	if (aligned(to + count) && aligned(from + count)) {
		while (count >= sizeof(word)) {
			count -= sizeof(word);
			*(word *)(void *)(to + count) = *(const word *)(const void *)(from + count);
		}
	}
	while (count-- > 0) {
		to[count] = from[count];
	}
}

void *memcpy(void *__restrict to, const void *__restrict from, size_t count)
{
	copy_up(to, from, count);
	return to;
}

void *memmove(void *to, const void *from, size_t count)
{
	if ((uintptr_t)to - (uintptr_t)from >= count) {
		copy_up(to, from, count);
	} else {
		copy_down(to, from, count);
	}
	return to;
}

void *memset(void *to, int value, size_t count)
{
	unsigned char *target = to;
	const word pattern = (unsigned char)value * 0x01010101u;

	for (; count > 0 && !aligned(target); count--) {
		*target++ = (unsigned char)value;
	}
	for (; count >= sizeof(word); count -= sizeof(word), target += sizeof(word)) {
		*(word *)(void *)target = pattern;
	}
	while (count-- > 0) {
		*target++ = (unsigned char)value;
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
	const unsigned char *left = a;
	const unsigned char *right = b;

	for (; count > 0; count--, left++, right++) {
		if (*left != *right) {
			return *left - *right;
		}
	}
	return 0;
}

void *memchr(const void *memory, int value, size_t count)
{
	const unsigned char *at = memory;

	for (; count > 0; count--, at++) {
		if (*at == (unsigned char)value) {
			return (void *)(uintptr_t)at;
		}
	}
	return NULL;
}

size_t strlen(const char *text)
{
	const char *end = text;

	while (*end != '\0') {
		end++;
	}
	return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t limit)
{
	size_t length = 0;

	while (length < limit && text[length] != '\0') {
		length++;
	}
	return length;
}

char *strcpy(char *__restrict to, const char *__restrict from)
{
	memcpy(to, from, strlen(from) + 1);
	return to;
}

char *strncpy(char *__restrict to, const char *__restrict from, size_t count)
{
	const size_t length = strnlen(from, count);

	memcpy(to, from, length);
	memset(to + length, 0, count - length);
	return to;
}

char *strcat(char *__restrict to, const char *__restrict from)
{
	strcpy(to + strlen(to), from);
	return to;
}

char *strncat(char *__restrict to, const char *__restrict from, size_t count)
{
	char *end = to + strlen(to);
	const size_t length = strnlen(from, count);

	memcpy(end, from, length);
	end[length] = '\0';
	return to;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t count)
{
	for (; count > 0; count--, a++, b++) {
		if (*a != *b) {
			return (unsigned char)*a - (unsigned char)*b;
		}
		if (*a == '\0') {
			break;
		}
	}
	return 0;
}

char *strchr(const char *text, int character)
{
	for (;; text++) {
		if (*text == (char)character) {
			return (char *)(uintptr_t)text;
		}
		if (*text == '\0') {
			return NULL;
		}
	}
}

char *strrchr(const char *text, int character)
{
	const char *found = NULL;

	for (;; text++) {
		if (*text == (char)character) {
			found = text;
		}
		if (*text == '\0') {
			return (char *)(uintptr_t)found;
		}
	}
}

char *strstr(const char *text, const char *part)
{
	const size_t length = strlen(part);

	for (;; text++) {
		if (strncmp(text, part, length) == 0) {
			return (char *)(uintptr_t)text;
		}
		if (*text == '\0') {
			return NULL;
		}
	}
}

size_t strspn(const char *text, const char *accept)
{
	size_t length = 0;

	while (text[length] != '\0' && strchr(accept, text[length]) != NULL) {
		length++;
	}
	return length;
}

size_t strcspn(const char *text, const char *reject)
{
	size_t length = 0;

	while (text[length] != '\0' && strchr(reject, text[length]) == NULL) {
		length++;
	}
	return length;
}

char *strpbrk(const char *text, const char *accept)
{
	text += strcspn(text, accept);
	return *text == '\0' ? NULL : (char *)(uintptr_t)text;
}

char *strtok_r(char *__restrict text, const char *__restrict separators, char **__restrict state)
{
	char *start = text != NULL ? text : *state;
	char *end;

	start += strspn(start, separators);
	if (*start == '\0') {
		*state = start;
		return NULL;
	}
	end = start + strcspn(start, separators);
	if (*end != '\0') {
		*end++ = '\0';
	}
	*state = end;
	return start;
}
