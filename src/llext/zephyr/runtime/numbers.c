/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters, numbers, sorting and searching of the guest runtime (C11 7.4 and 7.22).
 */
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int isdigit(int c) { return c >= '0' && c <= '9'; }
int islower(int c) { return c >= 'a' && c <= 'z'; }
int isupper(int c) { return c >= 'A' && c <= 'Z'; }
int isalpha(int c) { return islower(c) || isupper(c); }
int isalnum(int c) { return isalpha(c) || isdigit(c); }
int isblank(int c) { return c == ' ' || c == '\t'; }
int isspace(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
int iscntrl(int c) { return (c >= 0 && c < ' ') || c == 127; }
int isprint(int c) { return c >= ' ' && c < 127; }
int isgraph(int c) { return c > ' ' && c < 127; }
int ispunct(int c) { return isgraph(c) && !isalnum(c); }
int isxdigit(int c) { return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
int tolower(int c) { return isupper(c) ? c + ('a' - 'A') : c; }
int toupper(int c) { return islower(c) ? c - ('a' - 'A') : c; }

int abs(int value) { return value < 0 ? -value : value; }
long labs(long value) { return value < 0 ? -value : value; }
long long llabs(long long value) { return value < 0 ? -value : value; }

static int digit_of(char character)
{
	if (isdigit(character)) {
		return character - '0';
	}
	if (isalpha(character)) {
		return tolower(character) - 'a' + 10;
	}
	return INT_MAX;
}

/* A sign and digits, cut at limit; *negative says whether there was a minus. */
static unsigned long long magnitude(const char *text, char **end, int base, unsigned long long limit,
				    unsigned long long negative_limit, int *negative, int *overflow)
{
	const char *at = text;
	const char *first;
	unsigned long long value = 0;

	*overflow = 0;
	while (isspace((unsigned char)*at)) {
		at++;
	}
	*negative = *at == '-';
	if (*at == '-' || *at == '+') {
		at++;
	}
	if (*negative) {
		limit = negative_limit;
	}
	if ((base == 0 || base == 16) && at[0] == '0' && (at[1] == 'x' || at[1] == 'X') && digit_of(at[2]) < 16) {
		at += 2;
		base = 16;
	}
	if (base == 0) {
		base = *at == '0' ? 8 : 10;
	}
	for (first = at; digit_of(*at) < base; at++) {
		const unsigned long long digit = (unsigned long long)digit_of(*at);

		if (value > (limit - digit) / (unsigned long long)base) {
			*overflow = 1;
			value = limit;
		} else if (!*overflow) {
			value = value * (unsigned long long)base + digit;
		}
	}
	if (end != NULL) {
		*end = (char *)(uintptr_t)(at == first ? text : at);
	}
	return value;
}

long long strtoll(const char *__restrict text, char **__restrict end, int base)
{
	int negative, overflow;
	const unsigned long long value =
		magnitude(text, end, base, LLONG_MAX, (unsigned long long)LLONG_MAX + 1, &negative, &overflow);

	return (long long)(negative ? 0 - value : value);
}

long strtol(const char *__restrict text, char **__restrict end, int base)
{
	int negative, overflow;
	const unsigned long long value =
		magnitude(text, end, base, LONG_MAX, (unsigned long long)LONG_MAX + 1, &negative, &overflow);

	return (long)(negative ? 0 - value : value);
}

unsigned long long strtoull(const char *__restrict text, char **__restrict end, int base)
{
	int negative, overflow;
	const unsigned long long value = magnitude(text, end, base, ULLONG_MAX, ULLONG_MAX, &negative, &overflow);

	return negative && !overflow ? 0 - value : value;
}

unsigned long strtoul(const char *__restrict text, char **__restrict end, int base)
{
	int negative, overflow;
	const unsigned long long value = magnitude(text, end, base, ULONG_MAX, ULONG_MAX, &negative, &overflow);

	return (unsigned long)(negative && !overflow ? 0 - value : value);
}

int atoi(const char *text) { return (int)strtol(text, NULL, 10); }
long atol(const char *text) { return strtol(text, NULL, 10); }
long long atoll(const char *text) { return strtoll(text, NULL, 10); }

static void swap(unsigned char *a, unsigned char *b, size_t size)
{
	while (size-- > 0) {
		const unsigned char kept = *a;

		*a++ = *b;
		*b++ = kept;
	}
}

/* Heap sort: in place, no recursion, never worse than n log n. */
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	unsigned char *items = base;
	size_t start = count / 2;
	size_t end = count;

	while (end > 1) {
		size_t root;

		if (start > 0) {
			root = --start;
		} else {
			end--;
			swap(items, items + end * size, size);
			root = 0;
		}
		for (;;) {
			size_t child = 2 * root + 1;

			if (child >= end) {
				break;
			}
			if (child + 1 < end && compare(items + child * size, items + (child + 1) * size) < 0) {
				child++;
			}
			if (compare(items + root * size, items + child * size) >= 0) {
				break;
			}
			swap(items + root * size, items + child * size, size);
			root = child;
		}
	}
}

void *bsearch(const void *key, const void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	const unsigned char *items = base;

	while (count > 0) {
		const unsigned char *middle = items + count / 2 * size;
		const int order = compare(key, middle);

		if (order == 0) {
			return (void *)(uintptr_t)middle;
		}
		if (order > 0) {
			items = middle + size;
			count -= count / 2 + 1;
		} else {
			count /= 2;
		}
	}
	return NULL;
}

/* xorshift32 (Marsaglia): every state but zero, period 2^32 - 1. */
static uint32_t random_state = 1;

int rand(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return (int)(random_state & RAND_MAX);
}

void srand(unsigned int seed) { random_state = seed != 0 ? seed : 1; }
