/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons of fatal errors, and the way to raise one: the supervisor call that Zephyr uses (ARCH_EXCEPT), or, on an
 * instruction set that is not listed here, the kernel's own function.
 */
#ifndef ZEPHYR_INCLUDE_FATAL_H_
#define ZEPHYR_INCLUDE_FATAL_H_

#include <stddef.h>
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

struct arch_esf;
FUNC_NORETURN void z_fatal_error(unsigned int reason, const struct arch_esf *esf);

/* The line of the trap is that of who gives up, where the compiler can say so. */
#if defined(__clang__)
#define Z_LINE_OF_CALLER __attribute__((nodebug))
#else
#define Z_LINE_OF_CALLER
#endif

static ALWAYS_INLINE FUNC_NORETURN Z_LINE_OF_CALLER void z_except_reason(unsigned int reason)
{
#if defined(__arm__)
	register unsigned int r0 __asm__("r0") = reason;

	__asm__ volatile("svc %[number]" : : [number] "i"(2), "r"(r0) : "memory");
#elif defined(__riscv)
	register unsigned int a0 __asm__("a0") = reason;
	register unsigned int t0 __asm__("t0") = 0;

	__asm__ volatile("ecall" : : "r"(a0), "r"(t0) : "memory");
#else
	z_fatal_error(reason, NULL);
#endif
	CODE_UNREACHABLE;
}

#define k_oops() z_except_reason(K_ERR_KERNEL_OOPS)
#define k_panic() z_except_reason(K_ERR_KERNEL_PANIC)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_FATAL_H_ */
