/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/llext/symbol.h>
#include "hub.h"

#define READING(name, value)                                                                                           \
	int32_t hub_##name##_get(void)                                                                                 \
	{                                                                                                              \
		return value;                                                                                          \
	}                                                                                                              \
	EXPORT_SYMBOL(hub_##name##_get)

READING(temperature, 2240);
READING(humidity, 4100);
READING(pressure, 101325);
READING(illuminance, 320);
READING(carbon_dioxide, 640);
READING(battery_millivolts, 3012);
READING(signal_strength, -71);
READING(acceleration_x, 3);
READING(acceleration_y, -12);
READING(acceleration_z, 9810);

static int32_t threshold;

void hub_alarm_threshold_set(int32_t value)
{
	threshold = value;
}
EXPORT_SYMBOL(hub_alarm_threshold_set);

READING(alarm_threshold, threshold);
