/* SPDX-License-Identifier: Apache-2.0
 *
 * What is sent to the device: an extension with data of its own.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int calls = 40;

void count(void)
{
	calls++;
	printk("call %d\n", calls);
}
EXPORT_SYMBOL(count);

void reset(void)
{
	calls = 0;
}
EXPORT_SYMBOL(reset);
