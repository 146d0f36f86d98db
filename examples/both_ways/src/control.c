/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule: on below the target, off above it. What it calls is not here but in the firmware.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#include "plant.h"

struct sum {
	int total;
	int count;
};

/* The firmware calls it through the pointer that average hands over; it needs no export. */
static void add(int tenths, void *data)
{
	struct sum *sum = data;

	sum->total += tenths;
	sum->count++;
}

void control(int target)
{
	if (target > temperature_limit) {
		printk("  control: %d.%d is above the limit\n", target / 10, target % 10);
		heater_set(false);
		return;
	}
	heater_set(temperature_read() < target);
}
EXPORT_SYMBOL(control);

int average(void)
{
	struct sum sum = {0};

	for_each_reading(add, &sum);
	return sum.total / sum.count;
}
EXPORT_SYMBOL(average);
