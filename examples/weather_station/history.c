/* SPDX-License-Identifier: Apache-2.0
 *
 * The readings of each quantity: a ring of the last ones, sums over all.
 */
#include "station.h"

#define KEPT 8

struct series {
	int32_t last[KEPT];
	int count;
	int64_t sum;
	uint64_t energy;
};
static struct series series[QUANTITIES];

void history_add(const struct reading *reading)
{
	struct series *into = &series[reading->quantity];
	const int64_t milli = reading->milli;

	into->last[into->count++ % KEPT] = reading->milli;
	into->sum += milli;
	into->energy += (uint64_t)(milli * milli);
}

int history_count(enum quantity quantity)
{
	return series[quantity].count;
}

int64_t history_sum(enum quantity quantity)
{
	return series[quantity].sum;
}

uint64_t history_energy(enum quantity quantity)
{
	return series[quantity].energy;
}

/* Quicksort, to have a recursion over data. */
static void sort(int32_t *low, int32_t *high)
{
	if (low >= high) {
		return;
	}
	int32_t *left = low, *right = high;
	const int32_t pivot = low[(high - low) / 2];

	while (left <= right) {
		while (*left < pivot) {
			left++;
		}
		while (*right > pivot) {
			right--;
		}
		if (left <= right) {
			const int32_t swapped = *left;

			*left++ = *right;
			*right-- = swapped;
		}
	}
	sort(low, right);
	sort(left, high);
}

int32_t history_median(enum quantity quantity)
{
	const struct series *from = &series[quantity];
	const int kept = from->count < KEPT ? from->count : KEPT;
	int32_t sorted[KEPT];

	for (int index = 0; index < kept; index++) {
		sorted[index] = from->last[index];
	}
	sort(sorted, sorted + kept - 1);
	return kept > 0 ? sorted[kept / 2] : 0;
}
