/* SPDX-License-Identifier: Apache-2.0
 *
 * A chain of second-order sections. Coefficients and values between sections have 14 bits behind the point.
 */
#ifndef BIQUADS_H_
#define BIQUADS_H_

#include <zephyr/sys/util.h>
#include <filter.h>

struct biquad {
	int32_t b0, b1, b2, a1, a2;
};

struct history {
	int32_t x1, x2, y1, y2;
};

static inline int32_t section(const struct biquad *c, struct history *h, int32_t x)
{
	const int64_t sum = (int64_t)c->b0 * x + (int64_t)c->b1 * h->x1 + (int64_t)c->b2 * h->x2 - (int64_t)c->a1 * h->y1 -
			    (int64_t)c->a2 * h->y2;
	const int32_t y = (int32_t)(sum >> 14);

	h->x2 = h->x1;
	h->x1 = x;
	h->y2 = h->y1;
	h->y1 = y;
	return y;
}

static inline void chain(const struct biquad *c, struct history *h, int sections, const int16_t *in, int16_t *out, size_t samples)
{
	while (samples-- > 0) {
		int32_t value = *in++ * 256;

		for (int at = 0; at < sections; at++) {
			value = section(&c[at], &h[at], value);
		}
		value /= 256;
		*out++ = (int16_t)CLAMP(value, INT16_MIN, INT16_MAX);
	}
}

#endif /* BIQUADS_H_ */
