/* SPDX-License-Identifier: Apache-2.0
 *
 * All threads, the newest first. Which one comes next is known before the function is called: it may end that thread.
 */
#include <zephyr/kernel.h>

/* The linker script asks for this name: firmware has this file, and names of an application's own do not take its place. */
__asm__(".globl z_part_foreach\nz_part_foreach = 1");

const char z_empty_string[] = "";

void k_thread_foreach(k_thread_user_cb_t user_cb, void *user_data)
{
	k_tid_t next = z_thread_before(NULL);

	while (next != NULL) {
		const k_tid_t thread = next;

		next = z_thread_before(thread);
		user_cb(thread, user_data);
	}
}

void k_thread_foreach_unlocked(k_thread_user_cb_t user_cb, void *user_data)
{
	k_thread_foreach(user_cb, user_data);
}
