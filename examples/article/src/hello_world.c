/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/llext/symbol.h>
#include <zephyr/kernel.h>

#include "shared.h"

extern void my_main_function(void);
extern struct shared_info s_info;

void hello_world(void)
{
	printk("Hello World from the extension\n");
	my_main_function();
	printk("the extension sees s_info.a = %d, s_info.b = %d\n", s_info.a, s_info.b);
	s_info.a = 50;
	s_info.b = 60;
}
EXPORT_SYMBOL(hello_world);
