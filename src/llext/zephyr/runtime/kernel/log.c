/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread that writes deferred log messages.
 */
#include <zephyr/kernel.h>
#include <zephyr/logging/log_ctrl.h>

/* The linker script asks for this name: firmware has this file, and names of an application's own do not take its place. */
__asm__(".globl z_part_log\nz_part_log = 1");

void z_log_thread(void *p1, void *p2, void *p3);
void z_log_thread(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	for (;;) {
		while (log_process()) {
		}
		z_log_wait();
	}
}
