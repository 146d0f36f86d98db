/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for an interrupt. It is there before interrupts are unlocked, and taken by the first service behind that.
 */
#include <zephyr/kernel.h>

void k_cpu_atomic_idle(unsigned int key)
{
	(void)irq_lock();
	z_wait_for_interrupt();
	irq_unlock(key);
	(void)k_is_in_isr();
}

void k_cpu_idle(void)
{
	k_cpu_atomic_idle(Z_IRQ_UNLOCKED);
}
