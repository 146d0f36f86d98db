/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a program that cannot go on (C11 7.22.4.1) says its name, and is a kernel panic.
 */
#include <stdlib.h>
#include <zephyr/kernel.h>

void abort(void)
{
	printk("abort()\n");
	k_panic();
	CODE_UNREACHABLE;
}
