/* SPDX-License-Identifier: Apache-2.0
 *
 * What C++ code calls behind the programmer's back: guards of local statics (Itanium C++ ABI 3.3.3; on Arm CPPABI32
 * 3.2.3, where the guard is one word: the byte that says "done" is the first in both), and calls of what has no body.
 */
#include <zephyr/kernel.h>

int __cxa_guard_acquire(unsigned char *guard)
{
	return *guard == 0;
}

void __cxa_guard_release(unsigned char *guard)
{
	*guard = 1;
}

void __cxa_guard_abort(unsigned char *guard)
{
	*guard = 0;
}

void __cxa_pure_virtual(void)
{
	printk("pure virtual function called\n");
	k_panic();
}

void __cxa_deleted_virtual(void)
{
	printk("deleted virtual function called\n");
	k_panic();
}
