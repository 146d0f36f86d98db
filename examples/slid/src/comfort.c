/* SPDX-License-Identifier: Apache-2.0
 *
 * The extension. Nothing in it says whether names or numbers lead to the firmware's functions.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include "hub.h"

void comfort(void)
{
	const int32_t temperature = hub_temperature_get();
	const int32_t humidity = hub_humidity_get();

	hub_alarm_threshold_set(temperature + 300);
	printk("%d.%02d degrees, %d.%02d %%, alarm from %d on\n", temperature / 100, temperature % 100, humidity / 100, humidity % 100,
	       hub_alarm_threshold_get());
}
EXPORT_SYMBOL(comfort);
