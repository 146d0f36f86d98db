/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupts: lines of the interrupt controller and their handlers, and locking all of them out. Locks are code of the CPU;
 * what waited is taken at the next service of the kernel behind the unlocking.
 */
#ifndef ZEPHYR_INCLUDE_IRQ_H_
#define ZEPHYR_INCLUDE_IRQ_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/util.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

int arch_irq_connect_dynamic(unsigned int irq, unsigned int priority, void (*routine)(const void *parameter),
			     const void *parameter, uint32_t flags);
void arch_irq_enable(unsigned int irq);
void arch_irq_disable(unsigned int irq);
int arch_irq_is_enabled(unsigned int irq);

/* Where a lock leaves the most urgent priority alone: not locked out by irq_lock; the handler calls nothing of the kernel. */
#if defined(__arm__) && !defined(__ARM_ARCH_6M__) && !defined(__ARM_ARCH_8M_BASE__)
#define IRQ_ZERO_LATENCY BIT(0)
#define Z_IRQ_FLAGS(flags) (flags)
#else
#define Z_IRQ_FLAGS(flags) ((void)(flags), 0U)
#endif

static inline int irq_connect_dynamic(unsigned int irq, unsigned int priority, void (*routine)(const void *parameter),
				      const void *parameter, uint32_t flags)
{
	return arch_irq_connect_dynamic(irq, priority, routine, parameter, Z_IRQ_FLAGS(flags));
}

#define irq_enable(irq) arch_irq_enable(irq)
#define irq_disable(irq) arch_irq_disable(irq)
#define irq_is_enabled(irq) arch_irq_is_enabled(irq)

/* Firmware has a table of handlers that is made when it is built; an extension connects its own when this runs. */
#define IRQ_CONNECT(irq_p, priority_p, isr_p, isr_param_p, flags_p)                                                    \
	((void)arch_irq_connect_dynamic(irq_p, priority_p, isr_p, isr_param_p, Z_IRQ_FLAGS(flags_p)))

/* A handler without an argument. The kernel looks who runs next behind each, whatever its body returns. */
#define IRQ_DIRECT_CONNECT(irq_p, priority_p, isr_p, flags_p)                                                          \
	((void)arch_irq_connect_dynamic(irq_p, priority_p, (void (*)(const void *))(isr_p), NULL,               \
					Z_IRQ_FLAGS(flags_p)))
#define ISR_DIRECT_DECLARE(name)                                                                                       \
	static int name##_body(void);                                                                                  \
	void name(void);                                                                                               \
	void name(void)                                                                                                \
	{                                                                                                              \
		(void)name##_body();                                                                                   \
	}                                                                                                              \
	static int name##_body(void)
#define ISR_DIRECT_HEADER() compiler_barrier()
#define ISR_DIRECT_FOOTER(check_reschedule) ((void)(check_reschedule))
#define ISR_DIRECT_PM() compiler_barrier()

/* The key that irq_lock gives where nothing was locked. */
#ifdef __riscv
#define Z_IRQ_UNLOCKED 8U
/* Every CPU has these instructions; compilers count them as an extension. */
#define Z_CSR(instruction) ".option push\n\t.option arch, +zicsr\n\t" instruction "\n\t.option pop"
#else
#define Z_IRQ_UNLOCKED 0U
#endif

static ALWAYS_INLINE unsigned int arch_irq_lock(void)
{
	unsigned int key;

#if defined(__riscv)
	__asm__ volatile(Z_CSR("csrrc %0, mstatus, %1") : "=r"(key) : "rK"(8) : "memory");
	key &= 8U;
#elif defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
	__asm__ volatile("mrs %0, PRIMASK\n\tcpsid i" : "=r"(key) : : "memory");
#elif defined(__arm__)
	unsigned int priority = 16U;

	__asm__ volatile("mrs %0, BASEPRI\n\tmsr BASEPRI_MAX, %1\n\tisb" : "=&r"(key) : "r"(priority) : "memory");
#else
	key = Z_IRQ_UNLOCKED;
	compiler_barrier();
#endif
	return key;
}

static ALWAYS_INLINE void arch_irq_unlock(unsigned int key)
{
#if defined(__riscv)
	__asm__ volatile(Z_CSR("csrs mstatus, %0") : : "r"(key & 8U) : "memory");
#elif defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
	if (key == 0U) {
		__asm__ volatile("cpsie i\n\tisb" : : : "memory");
	}
#elif defined(__arm__)
	__asm__ volatile("msr BASEPRI, %0\n\tisb" : : "r"(key) : "memory");
#else
	(void)key;
	compiler_barrier();
#endif
}

static ALWAYS_INLINE bool arch_irq_unlocked(unsigned int key)
{
	return key == Z_IRQ_UNLOCKED;
}

#define irq_lock() arch_irq_lock()
#define irq_unlock(key) arch_irq_unlock(key)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_IRQ_H_ */
