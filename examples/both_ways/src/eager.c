/* SPDX-License-Identifier: Apache-2.0
 *
 * Wants a function that the firmware has and does not export.
 */
#include <zephyr/llext/symbol.h>

extern void heater_burn_in(void);

void start(void)
{
	heater_burn_in();
}
EXPORT_SYMBOL(start);
