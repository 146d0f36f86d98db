/* SPDX-License-Identifier: Apache-2.0
 *
 * Where threads begin.
 */
#include <zephyr/kernel.h>

/* The linker script asks for this name: firmware has this file, and names of an application's own do not take its place. */
__asm__(".globl z_part_threads\nz_part_threads = 1");

/* The first function of every thread; one that returns has ended. */
FUNC_NORETURN void z_thread_entry(k_thread_entry_t entry, void *p1, void *p2, void *p3)
{
	entry(p1, p2, p3);
	k_thread_abort(k_current_get());
	CODE_UNREACHABLE;
}
