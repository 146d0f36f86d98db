/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls the other extension's function. The loader links the call, or does not load this.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#include "units.h"

void show(int raw)
{
	int tenths = to_tenths(raw);

	printk("  by_linking: %d.%d degrees\n", tenths / 10, tenths % 10);
}
EXPORT_SYMBOL(show);
