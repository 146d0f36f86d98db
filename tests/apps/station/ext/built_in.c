/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/llext/symbol.h>

int sample_add(int celsius, int humidity);

void measure(void)
{
	sample_add(20, 50);
	sample_add(24, 40);
}
EXPORT_SYMBOL(measure);
