/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel knows of interrupts, and waiting for one.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_IRQ_H_
#define ZEPHYR_INCLUDE_KERNEL_IRQ_H_

#include <zephyr/irq.h>
#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

bool k_is_in_isr(void);

/* The CPU stands still until an interrupt is there; interrupts are unlocked then, or as the key says. */
void k_cpu_idle(void);
void k_cpu_atomic_idle(unsigned int key);

/* For those two: the clock goes on to what it does next. */
void z_wait_for_interrupt(void);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_IRQ_H_ */
