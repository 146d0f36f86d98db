/* SPDX-License-Identifier: Apache-2.0
 *
 * An image of 96 by 96 without its noise, twice filtered; gives a checksum. 18 KiB.
 */
#include <string.h>
#include <zephyr/llext/symbol.h>

#include "heavy.h"

#define SIDE 96

struct images {
	uint8_t from[SIDE * SIDE];
	uint8_t to[SIDE * SIDE];
};
HEAVY_WORK(struct images);

static uint8_t middle(const uint8_t *pixel)
{
	uint8_t sorted[9];
	int count = 0;

	for (int y = -1; y <= 1; y++) {
		for (int x = -1; x <= 1; x++) {
			uint8_t value = pixel[y * SIDE + x];
			int place = count++;

			for (; place > 0 && sorted[place - 1] > value; place--) {
				sorted[place] = sorted[place - 1];
			}
			sorted[place] = value;
		}
	}
	return sorted[4];
}

uint32_t median(const uint8_t *data)
{
	uint32_t sum = 0;

	memcpy(work->from, data, sizeof(work->from));
	memcpy(work->to, data, sizeof(work->to));
	for (int round = 0; round < 2; round++) {
		for (int y = 1; y < SIDE - 1; y++) {
			for (int x = 1; x < SIDE - 1; x++) {
				work->to[y * SIDE + x] = middle(&work->from[y * SIDE + x]);
			}
		}
		memcpy(work->from, work->to, sizeof(work->from));
	}
	for (int i = 0; i < SIDE * SIDE; i++) {
		sum = sum * 31 + work->from[i];
	}
	return sum;
}
EXPORT_SYMBOL(median);
