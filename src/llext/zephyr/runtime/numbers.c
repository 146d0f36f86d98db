/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters, numbers, sorting and searching of the guest runtime (C11 7.4 and 7.22).
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
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

/* The smallest number has no positive one and stays as it is, as on most machines. */
int abs(int value) { return value < 0 ? (int)(0u - (unsigned int)value) : value; }
long labs(long value) { return value < 0 ? (long)(0ul - (unsigned long)value) : value; }
long long llabs(long long value) { return value < 0 ? (long long)(0ull - (unsigned long long)value) : value; }

intmax_t imaxabs(intmax_t value) { return llabs(value); }

div_t div(int value, int by) { return (div_t){value / by, value % by}; }
ldiv_t ldiv(long value, long by) { return (ldiv_t){value / by, value % by}; }
lldiv_t lldiv(long long value, long long by) { return (lldiv_t){value / by, value % by}; }
imaxdiv_t imaxdiv(intmax_t value, intmax_t by) { return (imaxdiv_t){value / by, value % by}; }

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

/* What stands in a text: a sign, and digits whose value is cut at a limit. */
struct number {
	unsigned long long value;
	int negative;
	int overflow;
};

/* Steps over a prefix of base 16 (which needs a digit behind it) and decides what base 0 means. */
static const char *skip_prefix(const char *at, int *base)
{
	const int hexadecimal = at[0] == '0' && (at[1] == 'x' || at[1] == 'X') && digit_of(at[2]) < 16;

	if ((*base == 0 || *base == 16) && hexadecimal) {
		*base = 16;
		return at + 2;
	}
	if (*base == 0) {
		*base = *at == '0' ? 8 : 10;
	}
	return at;
}

/* One division per text: a value above the limit's quotient, or at it with a digit above the remainder, is too large. */
static const char *read_digits(const char *at, int base, unsigned long long limit, struct number *number)
{
	const unsigned long long most = limit / (unsigned int)base;
	const int last = (int)(limit - most * (unsigned int)base);

	for (; digit_of(*at) < base; at++) {
		const int digit = digit_of(*at);

		if (number->overflow || number->value > most || (number->value == most && digit > last)) {
			number->overflow = 1;
			number->value = limit;
		} else {
			number->value = number->value * (unsigned int)base + (unsigned int)digit;
		}
	}
	return at;
}

/* A base that does not exist reads nothing (EINVAL), and then, as without digits, *end is the text's begin. */
static struct number read_number(const char *text, char **end, int base, unsigned long long limit,
				 unsigned long long negative_limit)
{
	struct number number = {0, 0, 0};
	const char *at = text;
	const char *behind = text;

	if (base == 0 || (base >= 2 && base <= 36)) {
		while (isspace((unsigned char)*at)) {
			at++;
		}
		number.negative = *at == '-';
		if (*at == '-' || *at == '+') {
			at++;
		}
		at = skip_prefix(at, &base);
		behind = read_digits(at, base, number.negative ? negative_limit : limit, &number);
		if (behind == at) {
			behind = text;
		}
		if (number.overflow) {
			errno = ERANGE;
		}
	} else {
		errno = EINVAL;
	}
	if (end != NULL) {
		*end = (char *)(uintptr_t)behind;
	}
	return number;
}

long long strtoll(const char *__restrict text, char **__restrict end, int base)
{
	const struct number number = read_number(text, end, base, LLONG_MAX, (unsigned long long)LLONG_MAX + 1);

	return (long long)(number.negative ? 0 - number.value : number.value);
}

long strtol(const char *__restrict text, char **__restrict end, int base)
{
	const struct number number = read_number(text, end, base, LONG_MAX, (unsigned long long)LONG_MAX + 1);

	return (long)(number.negative ? 0 - number.value : number.value);
}

/* A minus negates what was read, but leaves a number that was too large as the largest one. */

unsigned long long strtoull(const char *__restrict text, char **__restrict end, int base)
{
	const struct number number = read_number(text, end, base, ULLONG_MAX, ULLONG_MAX);

	return number.negative && !number.overflow ? 0 - number.value : number.value;
}

unsigned long strtoul(const char *__restrict text, char **__restrict end, int base)
{
	const struct number number = read_number(text, end, base, ULONG_MAX, ULONG_MAX);

	return (unsigned long)(number.negative && !number.overflow ? 0 - number.value : number.value);
}

intmax_t strtoimax(const char *__restrict text, char **__restrict end, int base) { return strtoll(text, end, base); }
uintmax_t strtoumax(const char *__restrict text, char **__restrict end, int base) { return strtoull(text, end, base); }
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
void qsort_r(void *base, size_t count, size_t size, int (*compare)(const void *, const void *, void *), void *argument)
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
			if (child + 1 < end && compare(items + child * size, items + (child + 1) * size, argument) < 0) {
				child++;
			}
			if (compare(items + root * size, items + child * size, argument) >= 0) {
				break;
			}
			swap(items + root * size, items + child * size, size);
			root = child;
		}
	}
}

struct comparison {
	int (*compare)(const void *, const void *);
};

static int compare_two(const void *a, const void *b, void *argument)
{
	return ((struct comparison *)argument)->compare(a, b);
}

void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	struct comparison comparison = {compare};

	qsort_r(base, count, size, compare_two, &comparison);
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

int rand_r(unsigned int *seed)
{
	uint32_t state = *seed != 0 ? *seed : 1;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	*seed = state;
	return (int)(state & RAND_MAX);
}

int rand(void) { return rand_r(&random_state); }
void srand(unsigned int seed) { random_state = seed; }
