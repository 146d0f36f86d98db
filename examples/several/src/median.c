/* SPDX-License-Identifier: Apache-2.0
 *
 * The median of the last values: a window in .bss, sorted in a copy on the caller's stack.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int window[64];
static size_t count;

int work(int value)
{
	int sorted[ARRAY_SIZE(window)];

	window[count++ % ARRAY_SIZE(window)] = value;

	size_t length = MIN(count, ARRAY_SIZE(window));

	for (size_t i = 0; i < length; i++) {
		size_t at = i;

		for (; at > 0 && sorted[at - 1] > window[i]; at--) {
			sorted[at] = sorted[at - 1];
		}
		sorted[at] = window[i];
	}
	return sorted[length / 2];
}
EXPORT_SYMBOL(work);
