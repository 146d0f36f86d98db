/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread that writes deferred log messages.
 */
#include <zephyr/kernel.h>
#include <zephyr/logging/log_ctrl.h>

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
