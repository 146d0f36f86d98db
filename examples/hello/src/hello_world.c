/* SPDX-License-Identifier: Apache-2.0
 *
 * One source for both: a part of the firmware, or an extension. EXPORT_SYMBOL means something in each.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int number;

#ifdef LL_EXTENSION_BUILD
/* Main calls these by llext_bringup and llext_teardown; a firmware's would run before main. */
__attribute__((constructor)) static void begin(void)
{
	number = 40;
	printk("begin\n");
}

__attribute__((destructor)) static void end(void)
{
	printk("end\n");
}
#endif

void hello_world(void)
{
	number += 2;
	printk("hello world, a number is %d\n", number);
}
EXPORT_SYMBOL(hello_world);
