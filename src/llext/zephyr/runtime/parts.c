/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of math.h that take floating-point numbers apart and put them together (C11 7.12.6, 7.12.9, 7.12.11).
 */
#include <math.h>
#include <stdint.h>

#define TO_INTEGER 0x1p52
#define TO_INTEGERF 0x1p23f

static uint64_t bits_of(double x)
{
	union { double value; uint64_t bits; } both = {x};

	return both.bits;
}

static double of_bits(uint64_t bits)
{
	union { uint64_t bits; double value; } both = {bits};

	return both.value;
}

static uint32_t bits_off(float x)
{
	union { float value; uint32_t bits; } both = {x};

	return both.bits;
}

static float of_bitsf(uint32_t bits)
{
	union { uint32_t bits; float value; } both = {bits};

	return both.value;
}

#define SIGN (1ull << 63)
#define SIGNF (1u << 31)

double copysign(double x, double y) { return of_bits((bits_of(x) & ~SIGN) | (bits_of(y) & SIGN)); }
float copysignf(float x, float y) { return of_bitsf((bits_off(x) & ~SIGNF) | (bits_off(y) & SIGNF)); }

/* There is one quiet NaN. */
double nan(const char *tag) { (void)tag; return NAN; }
float nanf(const char *tag) { (void)tag; return NAN; }

double fdim(double x, double y) { return isnan(x) ? x : isnan(y) ? y : x > y ? x - y : 0; }
float fdimf(float x, float y) { return isnan(x) ? x : isnan(y) ? y : x > y ? x - y : 0; }

/* Zeros, infinities and NaNs stay as they are, and subnormal numbers are made normal first. */
double frexp(double x, int *exponent)
{
	int found = (int)(bits_of(x) >> 52 & 0x7ff);

	*exponent = 0;
	if (x == 0 || found == 0x7ff) {
		return x;
	}
	if (found == 0) {
		x *= 0x1p64;
		found = (int)(bits_of(x) >> 52 & 0x7ff) - 64;
	}
	*exponent = found - 0x3fe;
	return of_bits((bits_of(x) & ~(0x7ffull << 52)) | 0x3feull << 52);
}

float frexpf(float x, int *exponent)
{
	int found = (int)(bits_off(x) >> 23 & 0xff);

	*exponent = 0;
	if (x == 0 || found == 0xff) {
		return x;
	}
	if (found == 0) {
		x *= 0x1p64f;
		found = (int)(bits_off(x) >> 23 & 0xff) - 64;
	}
	*exponent = found - 0x7e;
	return of_bitsf((bits_off(x) & ~(0xffu << 23)) | 0x7eu << 23);
}

double modf(double x, double *whole)
{
	*whole = trunc(x);
	return copysign(isinf(x) ? 0 : x - *whole, x);
}

float modff(float x, float *whole)
{
	*whole = truncf(x);
	return copysignf(isinf(x) ? 0 : x - *whole, x);
}

/* A number with no room for a fraction is left when the smallest one such is added: the addition rounds. */
double rint(double x)
{
	const double size = copysign(x, 1);

	if (!(size < TO_INTEGER)) {
		return x;
	}
	return copysign(size + TO_INTEGER - TO_INTEGER, x);
}

float rintf(float x)
{
	const float size = copysignf(x, 1);

	if (!(size < TO_INTEGERF)) {
		return x;
	}
	return copysignf(size + TO_INTEGERF - TO_INTEGERF, x);
}

long lrint(double x) { return (long)rint(x); }
long lrintf(float x) { return (long)rintf(x); }
long long llrint(double x) { return (long long)rint(x); }
long long llrintf(float x) { return (long long)rintf(x); }
long lround(double x) { return (long)round(x); }
long lroundf(float x) { return (long)roundf(x); }
long long llround(double x) { return (long long)round(x); }
long long llroundf(float x) { return (long long)roundf(x); }
