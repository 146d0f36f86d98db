/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/llext/symbol.h>
#include <zephyr/sys/printk.h>

extern int step(int now);

static int count = 10;
static int calls;

static void __attribute__((constructor)) set_up(void)
{
	count = 100;
	printk("  constructor\n");
}

static void __attribute__((destructor)) tear_down(void)
{
	printk("  destructor after %d calls\n", calls);
}

void advance(void)
{
	calls++;
	count = step(count);
}
EXPORT_SYMBOL(advance);

int value(void)
{
	return count;
}
LL_EXTENSION_SYMBOL(value);
