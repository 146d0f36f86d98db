/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a program that cannot go on (C11 7.22.4.1) is a kernel panic.
 */
#include <stdlib.h>
#include <zephyr/kernel.h>

void abort(void)
{
	k_panic();
	CODE_UNREACHABLE;
}
