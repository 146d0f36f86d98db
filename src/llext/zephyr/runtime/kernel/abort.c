/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a program that cannot go on (C11 7.22.4.1) says its name, and is a kernel panic. There is nothing to exit to
 * (C11 7.22.4.4): who does so waits for ever.
 */
#include <stdlib.h>
#include <zephyr/kernel.h>

void abort(void)
{
	printk("abort()\n");
	k_panic();
	CODE_UNREACHABLE;
}

void exit(int status)
{
	(void)status;
	printk("exit\n");
	for (;;) {
		k_sleep(K_FOREVER);
	}
}
