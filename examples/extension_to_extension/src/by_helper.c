/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the firmware for the other extension's function, each time that it wants it.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#include "units.h"

void show(int raw)
{
	to_tenths_fn convert = (to_tenths_fn)function_of("units", "to_tenths");

	if (convert == NULL) {
		printk("  by_helper: raw %d\n", raw);
		return;
	}

	int tenths = convert(raw);

	printk("  by_helper: %d.%d degrees\n", tenths / 10, tenths % 10);
}
EXPORT_SYMBOL(show);
