/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons of fatal errors, and the way to raise one: the supervisor call that Zephyr uses (ARCH_EXCEPT), or, on an
 * instruction set that is not listed here, the kernel's own function.
 */
#ifndef ZEPHYR_INCLUDE_FATAL_H_
#define ZEPHYR_INCLUDE_FATAL_H_

#include <stddef.h>
#include <stdint.h>
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

/* Registers of the code that a fault stopped. */
#if defined(__arm__)
struct arch_esf {
	struct __basic_sf {
		__extension__ union { uint32_t a1, r0; };
		__extension__ union { uint32_t a2, r1; };
		__extension__ union { uint32_t a3, r2; };
		__extension__ union { uint32_t a4, r3; };
		__extension__ union { uint32_t ip, r12; };
		__extension__ union { uint32_t lr, r14; };
		__extension__ union { uint32_t pc, r15; };
		uint32_t xpsr;
	} basic;
};
#elif defined(__riscv)
struct arch_esf {
	unsigned long ra;
	unsigned long t0, t1, t2;
#ifndef __riscv_32e
	unsigned long t3, t4, t5, t6;
#endif
	unsigned long a0, a1, a2, a3, a4, a5;
#ifndef __riscv_32e
	unsigned long a6, a7;
#endif
	unsigned long mepc, mstatus;
	unsigned long s0;
} __aligned(16);
#else
struct arch_esf;
#endif
FUNC_NORETURN void z_fatal_error(unsigned int reason, const struct arch_esf *esf);
FUNC_NORETURN void k_fatal_halt(unsigned int reason);

/*
 * An extension may define and export this: it is then told of every fatal error, in interrupt context, with the registers of
 * who caused it. If it returns, the faulting thread ends and the rest goes on.
 */
void k_sys_fatal_error_handler(unsigned int reason, const struct arch_esf *esf);

/* Macros, as there: the line of the trap is then that of who gives up. */
#if defined(__arm__)
#define ARCH_EXCEPT(reason_p) \
	do { \
		register unsigned int z_reason __asm__("r0") = (reason_p); \
\
		__asm__ volatile("svc %[number]" : : [number] "i"(2), "r"(z_reason) : "memory"); \
		CODE_UNREACHABLE; \
	} while (0)
#elif defined(__riscv)
#define ARCH_EXCEPT(reason_p) \
	do { \
		register unsigned int z_reason __asm__("a0") = (reason_p); \
		register unsigned int z_call __asm__("t0") = 0; \
\
		__asm__ volatile("ecall" : : "r"(z_reason), "r"(z_call) : "memory"); \
		CODE_UNREACHABLE; \
	} while (0)
#else
#define ARCH_EXCEPT(reason_p) z_fatal_error(reason_p, NULL)
#endif

#define z_except_reason(reason) ARCH_EXCEPT(reason)
#define k_oops() z_except_reason(K_ERR_KERNEL_OOPS)
#define k_panic() z_except_reason(K_ERR_KERNEL_PANIC)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_FATAL_H_ */
