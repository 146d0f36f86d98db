/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of zig's compiler-rt that are wrong for the smallest numbers, those below the normal ones (subnormal): quotients
 * are cut off instead of rounded, and logarithms lose half of their argument. build/helpers.py gives zig's own functions names
 * that begin with __llext_; they do all the rest.
 */
#include <stdint.h>

#define SIGN 0x8000000000000000U
#define MANTISSA 0x000fffffffffffffU
#define HIDDEN 0x0010000000000000U
#define INFINITE 0x7ff

#ifdef __arm__
#define DOUBLES __aeabi_ddiv
#define FLOATS __aeabi_fdiv
#define ZIGS_DOUBLES __llext___aeabi_ddiv
#define ZIGS_FLOATS __llext___aeabi_fdiv
#define IN_REGISTERS __attribute__((__pcs__("aapcs"))) /* with every ABI: run-time ABI for the Arm architecture, 4.1 */
#else
#define DOUBLES __divdf3
#define FLOATS __divsf3
#define ZIGS_DOUBLES __llext___divdf3
#define ZIGS_FLOATS __llext___divsf3
#define IN_REGISTERS
#endif

IN_REGISTERS double ZIGS_DOUBLES(double a, double b);
IN_REGISTERS float ZIGS_FLOATS(float a, float b);
double __llext_log2(double x);
double __llext_log10(double x);

IN_REGISTERS double DOUBLES(double a, double b);
IN_REGISTERS float FLOATS(float a, float b);
double log2(double x);
double log10(double x);

static uint64_t bits_of(double x)
{
	const union {
		double value;
		uint64_t bits;
	} number = {x};

	return number.bits;
}

static double of_bits(uint64_t bits)
{
	const union {
		uint64_t bits;
		double value;
	} number = {bits};

	return number.value;
}

static unsigned int exponent_of(uint64_t bits)
{
	return (unsigned int)(bits >> 52) & INFINITE;
}

static int is_finite_and_not_zero(uint64_t bits)
{
	return bits << 1 && exponent_of(bits) != INFINITE;
}

/* A number as 53 bits, of which the highest is set, times a power of two. */
static uint64_t taken_apart(uint64_t bits, int *power)
{
	uint64_t mantissa = bits & MANTISSA;

	*power = (int)exponent_of(bits);
	if (*power) {
		return mantissa | HIDDEN;
	}
	for (*power = 1; !(mantissa & HIDDEN); --*power) {
		mantissa <<= 1;
	}
	return mantissa;
}

/* A quotient below twice the smallest normal number: in units of the smallest of all, 2 to the -1074, to the nearest or even. */
static uint64_t small_quotient(uint64_t a, uint64_t b)
{
	int above, below;
	uint64_t rest = taken_apart(a, &above), by = taken_apart(b, &below), quotient = 0;
	int steps = above - below + 1074;

	if (steps < -1) {
		return 0;
	}
	if (steps < 0) {
		by <<= 1;
		steps = 0;
	}
	for (;; rest <<= 1) {
		quotient <<= 1;
		if (rest >= by) {
			rest -= by;
			quotient |= 1;
		}
		if (steps-- == 0) {
			break;
		}
	}
	rest <<= 1;
	return quotient + (rest > by || (rest == by && (quotient & 1)));
}

IN_REGISTERS double DOUBLES(double a, double b)
{
	const double quotient = ZIGS_DOUBLES(a, b);
	const uint64_t x = bits_of(a), y = bits_of(b);

	if (exponent_of(bits_of(quotient)) > 1 || !is_finite_and_not_zero(x) || !is_finite_and_not_zero(y)) {
		return quotient;
	}
	return of_bits(((x ^ y) & SIGN) | small_quotient(x, y));
}

/* The same in 32 bits, 24 of them a mantissa, so that code with floats only has nothing of doubles. */

#define FLOAT_SIGN 0x80000000U
#define FLOAT_HIDDEN 0x00800000U
#define FLOAT_INFINITE 0xff

static unsigned int float_exponent_of(uint32_t bits)
{
	return bits >> 23 & FLOAT_INFINITE;
}

static uint32_t float_taken_apart(uint32_t bits, int *power)
{
	uint32_t mantissa = bits & (FLOAT_HIDDEN - 1);

	*power = (int)float_exponent_of(bits);
	if (*power) {
		return mantissa | FLOAT_HIDDEN;
	}
	for (*power = 1; !(mantissa & FLOAT_HIDDEN); --*power) {
		mantissa <<= 1;
	}
	return mantissa;
}

static uint32_t float_small_quotient(uint32_t a, uint32_t b)
{
	int above, below;
	uint32_t rest = float_taken_apart(a, &above), by = float_taken_apart(b, &below), quotient = 0;
	int steps = above - below + 149;

	if (steps < -1) {
		return 0;
	}
	if (steps < 0) {
		by <<= 1;
		steps = 0;
	}
	for (;; rest <<= 1) {
		quotient <<= 1;
		if (rest >= by) {
			rest -= by;
			quotient |= 1;
		}
		if (steps-- == 0) {
			break;
		}
	}
	rest <<= 1;
	return quotient + (rest > by || (rest == by && (quotient & 1)));
}

union float_and_bits {
	float value;
	uint32_t bits;
};

static int float_is_finite_and_not_zero(uint32_t bits)
{
	return bits << 1 && float_exponent_of(bits) != FLOAT_INFINITE;
}

IN_REGISTERS float FLOATS(float a, float b)
{
	const union float_and_bits x = {a}, y = {b};
	union float_and_bits quotient = {ZIGS_FLOATS(a, b)};

	if (float_exponent_of(quotient.bits) <= 1 && float_is_finite_and_not_zero(x.bits) && float_is_finite_and_not_zero(y.bits)) {
		quotient.bits = ((x.bits ^ y.bits) & FLOAT_SIGN) | float_small_quotient(x.bits, y.bits);
	}
	return quotient.value;
}

static int is_subnormal(double x)
{
	const uint64_t bits = bits_of(x);

	return bits && bits < HIDDEN;
}

double log2(double x)
{
	return is_subnormal(x) ? __llext_log2(x * 0x1p54) - 54 : __llext_log2(x);
}

/* The product may be rounded, which is nothing beside the result; the difference is exact. */
double log10(double x)
{
	return is_subnormal(x) ? __llext_log10(x * 1e22) - 22 : __llext_log10(x);
}
