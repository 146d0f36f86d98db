/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPU: locks against interrupts, fatal errors, waiting. There is one.
 */
#ifndef ZEPHYR_INCLUDE_ARCH_CPU_H_
#define ZEPHYR_INCLUDE_ARCH_CPU_H_

#include <zephyr/fatal.h>
#include <zephyr/irq.h>
#include <zephyr/kernel/irq.h>
#include <zephyr/kernel/time.h>

#ifdef __cplusplus
extern "C" {
#endif

static ALWAYS_INLINE void arch_nop(void)
{
	__asm__ volatile("nop");
}

static inline bool arch_is_in_isr(void)
{
	return k_is_in_isr();
}

static inline uint32_t arch_k_cycle_get_32(void)
{
	return k_cycle_get_32();
}

static inline void arch_cpu_idle(void)
{
	k_cpu_idle();
}

static inline void arch_cpu_atomic_idle(unsigned int key)
{
	k_cpu_atomic_idle(key);
}

static ALWAYS_INLINE unsigned int arch_num_cpus(void)
{
	return 1;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_ARCH_CPU_H_ */
