/* SPDX-License-Identifier: Apache-2.0
 *
 * Small helpers for sizes, ranges, pointers and number texts. As in Zephyr, MIN and its like evaluate an argument twice.
 */
#ifndef ZEPHYR_INCLUDE_SYS_UTIL_H_
#define ZEPHYR_INCLUDE_SYS_UTIL_H_

#include <string.h>
#include <zephyr/sys/util_macro.h>
#include <zephyr/toolchain.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NUM_BITS(type) (sizeof(type) * 8)

#define POINTER_TO_UINT(x) ((uintptr_t)(x))
#define UINT_TO_POINTER(x) ((void *)(uintptr_t)(x))
#define POINTER_TO_INT(x) ((intptr_t)(x))
#define INT_TO_POINTER(x) ((void *)(intptr_t)(x))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAY_FOR_EACH_PTR(array, ptr) for (__typeof__((array)[0]) *ptr = (array); (size_t)((ptr) - (array)) < ARRAY_SIZE(array); ++(ptr))
#define ARRAY_FOR_EACH(array, index) for (size_t index = 0; (index) < ARRAY_SIZE(array); ++(index))
#define CONTAINER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))
#define SIZEOF_FIELD(type, member) sizeof(((type *)0)->member)
#define ARG_UNUSED(x) ((void)(x))

#define BITS_PER_LONG (__SIZEOF_LONG__ * 8)
#define GENMASK(high, low) ((~0UL - (1UL << (low)) + 1UL) & (~0UL >> (BITS_PER_LONG - 1 - (high))))
#define GENMASK64(high, low) ((~0ULL - (1ULL << (low)) + 1ULL) & (~0ULL >> (63 - (high))))
#define LSB_GET(value) ((value) & -(value))
#define FIELD_GET(mask, value) (((value) & (mask)) / LSB_GET(mask))
#define FIELD_PREP(mask, value) (((value) * LSB_GET(mask)) & (mask))

#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#define CLAMP(value, low, high) (((value) <= (low)) ? (low) : MIN(value, high))
#define IN_RANGE(value, low, high) ((value) >= (low) && (value) <= (high))
#define ROUND_UP(x, align)                                                                                             \
	((((unsigned long)(x) + ((unsigned long)(align)-1UL)) / (unsigned long)(align)) * (unsigned long)(align))
#define ROUND_DOWN(x, align) (((unsigned long)(x) / (unsigned long)(align)) * (unsigned long)(align))
#define WB_UP(x) ROUND_UP(x, sizeof(void *))
#define WB_DN(x) ROUND_DOWN(x, sizeof(void *))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define DIV_ROUND_CLOSEST(n, d) ((((n) < 0) ^ ((d) < 0)) ? ((n) - ((d) / 2)) / (d) : ((n) + ((d) / 2)) / (d))
#define IS_ALIGNED(x, align) (((uintptr_t)(x)) % (align) == 0)
#define LOG2(x) ((x) < 1 ? -1 : 63 - __builtin_clzll((unsigned long long)(x)))
#define LOG2CEIL(x) ((x) <= 1 ? 0 : 64 - __builtin_clzll((unsigned long long)(x)-1))
#define NHPOT(x) ((x) < 1 ? 1 : (1ULL << LOG2CEIL(x)))
#define KB(x) ((x) << 10)
#define MB(x) (KB(x) << 10)
#define GB(x) (MB(x) << 10)
#define KHZ(x) ((x) * 1000)
#define MHZ(x) (KHZ(x) * 1000)

/*
 * Waits until an expression holds, at most so many microseconds, with a statement after each look, and says whether it
 * holds. Needs <zephyr/kernel.h>.
 */
#define WAIT_FOR(expr, microseconds, statement)                                                                        \
	__extension__({                                                                                                \
		const uint32_t z_wait_cycles = k_us_to_cyc_ceil32(microseconds);                                       \
		const uint32_t z_wait_start = k_cycle_get_32();                                                        \
                                                                                                                       \
		while (!(expr) && k_cycle_get_32() - z_wait_start < z_wait_cycles) {                                   \
			statement;                                                                                     \
		}                                                                                                      \
		(bool)(expr);                                                                                          \
	})

static inline bool is_power_of_two(unsigned int x)
{
	return IS_POWER_OF_TWO(x);
}

static inline bool util_memeq(const void *a, const void *b, size_t count)
{
	return memcmp(a, b, count) == 0;
}

/* Of memory with a length each. */
static inline bool util_eq(const void *a, size_t length, const void *b, size_t other_length)
{
	return length == other_length && (a == b || util_memeq(a, b, length));
}

static inline int64_t arithmetic_shift_right(int64_t value, uint8_t shift)
{
	return value >> shift; /* arithmetic with both compilers */
}

static inline uint8_t bcd2bin(uint8_t bcd)
{
	return (uint8_t)(10 * (bcd >> 4) + (bcd & 0x0F));
}

static inline uint8_t bin2bcd(uint8_t bin)
{
	return (uint8_t)((bin / 10 << 4) | bin % 10);
}

/* Digits, either case. 0, or -22 (-EINVAL) if it is none. */

static inline int char2hex(char digit, uint8_t *value)
{
	if (digit >= '0' && digit <= '9') {
		*value = (uint8_t)(digit - '0');
	} else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') {
		*value = (uint8_t)((digit | 32) - 'a' + 10);
	} else {
		return -22;
	}
	return 0;
}

static inline int hex2char(uint8_t value, char *digit)
{
	if (value > 15) {
		return -22;
	}
	*digit = (char)(value < 10 ? '0' + value : 'a' + value - 10);
	return 0;
}

/* Bytes as lower-case digits and a 0. Returns the number of digits, or 0 if they do not fit. */
static inline size_t bin2hex(const uint8_t *bytes, size_t count, char *hex, size_t size)
{
	size_t i;

	if (size < 2 * count + 1) {
		return 0;
	}
	for (i = 0; i < count; i++) {
		(void)hex2char((uint8_t)(bytes[i] >> 4), &hex[2 * i]);
		(void)hex2char((uint8_t)(bytes[i] & 15), &hex[2 * i + 1]);
	}
	hex[2 * count] = '\0';
	return 2 * count;
}

/* Digits as bytes; of an odd number the first is a byte of its own. Returns the number of bytes, or 0 if it cannot. */
static inline size_t hex2bin(const char *hex, size_t length, uint8_t *bytes, size_t size)
{
	const size_t count = length / 2 + length % 2;
	size_t i;

	if (size < count) {
		return 0;
	}
	for (i = 0; i < count; i++) {
		uint8_t high = 0;
		uint8_t low;

		if ((i > 0 || length % 2 == 0) && char2hex(*hex++, &high) < 0) {
			return 0;
		}
		if (char2hex(*hex++, &low) < 0) {
			return 0;
		}
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return count;
}

/* A number below 256 as decimal digits, with a 0 behind if there is room. Returns the number of digits. */
static inline uint8_t u8_to_dec(char *text, uint8_t size, uint8_t value)
{
	uint8_t divisor = 100;
	uint8_t digits = 0;

	for (; size > 0 && divisor > 0; divisor /= 10) {
		const uint8_t digit = (uint8_t)(value / divisor);

		if (digit != 0 || digits != 0 || divisor == 1) {
			*text++ = (char)('0' + digit);
			size--;
			digits++;
		}
		value = (uint8_t)(value % divisor);
	}
	if (size > 0) {
		*text = '\0';
	}
	return digits;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_UTIL_H_ */
