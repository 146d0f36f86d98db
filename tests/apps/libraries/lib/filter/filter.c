/* SPDX-License-Identifier: Apache-2.0 */
#include <libraries/filter.h>
#include <zephyr/sys/util.h>

#if !defined(FILTER_PRIVATE) || defined(ONLY_IN_APP)
#error "the definitions of a library are its own"
#endif

int32_t filter_put(struct filter *filter, int32_t value)
{
	int32_t sum = 0;

	filter->window[filter->next] = value;
	filter->next = (filter->next + 1) % FILTER_LENGTH;
	ARRAY_FOR_EACH(filter->window, i) {
		sum += filter->window[i];
	}
	return sum / FILTER_LENGTH;
}
