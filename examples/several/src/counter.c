/* SPDX-License-Identifier: Apache-2.0
 *
 * Adds up. What it has counted is in its .data, where each load has its own.
 */
#include <zephyr/llext/symbol.h>

static int sum = 100;

int work(int value)
{
	sum += value;
	return sum;
}
EXPORT_SYMBOL(work);
