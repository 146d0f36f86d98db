/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/llext/symbol.h>

int sample_add(int celsius, int humidity);
int sample_mean(void);

/* Of the test that loads this. */
int thermometer(int channel);

int measure_outside(int channel)
{
	if (sample_add(thermometer(channel), 60) < 0) {
		return -1;
	}
	return sample_mean();
}
EXPORT_SYMBOL(measure_outside);
