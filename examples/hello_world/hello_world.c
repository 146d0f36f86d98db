/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest extension: one exported function that prints two lines.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static const int number = 42;

void hello_world(void);

void hello_world(void)
{
	printk("hello world\n");
	printk("A number is %d\n", number);
}
EXPORT_SYMBOL(hello_world);
