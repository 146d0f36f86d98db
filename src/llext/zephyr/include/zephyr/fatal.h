/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons of fatal errors, and the way to raise one: the supervisor call that Zephyr uses on Arm.
 */
#ifndef ZEPHYR_INCLUDE_FATAL_H_
#define ZEPHYR_INCLUDE_FATAL_H_

#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

enum k_fatal_error_reason {
	K_ERR_CPU_EXCEPTION = 0,
	K_ERR_SPURIOUS_IRQ = 1,
	K_ERR_STACK_CHK_FAIL = 2,
	K_ERR_KERNEL_OOPS = 3,
	K_ERR_KERNEL_PANIC = 4,
	K_ERR_ARCH_START = 16
};

static ALWAYS_INLINE FUNC_NORETURN void z_except_reason(unsigned int reason)
{
#if defined(__arm__)
	register unsigned int r0 __asm__("r0") = reason;

	__asm__ volatile("svc %[number]" : : [number] "i"(2), "r"(r0) : "memory");
#else
	(void)reason;
	__builtin_trap();
#endif
	CODE_UNREACHABLE;
}

#define k_oops() z_except_reason(K_ERR_KERNEL_OOPS)
#define k_panic() z_except_reason(K_ERR_KERNEL_PANIC)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_FATAL_H_ */
