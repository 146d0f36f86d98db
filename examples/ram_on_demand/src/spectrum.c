/* SPDX-License-Identifier: Apache-2.0
 *
 * Where most of a signal's energy is, by the Walsh-Hadamard transform. 8 KiB.
 */
#include <zephyr/llext/symbol.h>

#include "heavy.h"

#define POINTS 2048

struct points {
	int32_t at[POINTS];
};
HEAVY_WORK(struct points);

/* abs() would be the firmware's, which exports it only if somebody says so. */
static int32_t size(int32_t value)
{
	return value < 0 ? -value : value;
}

uint32_t spectrum(const uint8_t *data)
{
	uint32_t best = 1;

	for (int i = 0; i < POINTS; i++) {
		work->at[i] = data[i];
	}
	for (int half = 1; half < POINTS; half *= 2) {
		for (int i = 0; i < POINTS; i++) {
			if ((i & half) == 0) {
				int32_t a = work->at[i], b = work->at[i + half];

				work->at[i] = a + b;
				work->at[i + half] = a - b;
			}
		}
	}
	for (uint32_t i = 2; i < POINTS; i++) {
		if (size(work->at[i]) > size(work->at[best])) {
			best = i;
		}
	}
	return best;
}
EXPORT_SYMBOL(spectrum);
