/* SPDX-License-Identifier: Apache-2.0
 *
 * Stacks of threads: a granule of memory rights that nobody may touch, and above it the stack. Those of an array are whole
 * granules, so that each begins with one.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_THREAD_STACK_H_
#define ZEPHYR_INCLUDE_KERNEL_THREAD_STACK_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The virtual boards' smallest piece of memory with rights of its own, in bytes. */
#ifndef CONFIG_LLEXT_GRANULE
#ifdef __riscv
#define CONFIG_LLEXT_GRANULE 4096
#else
#define CONFIG_LLEXT_GRANULE 512
#endif
#endif

typedef struct z_thread_stack_element {
	char data;
} k_thread_stack_t;

#define K_THREAD_STACK_RESERVED CONFIG_LLEXT_GRANULE
#define K_KERNEL_STACK_RESERVED K_THREAD_STACK_RESERVED
#define K_THREAD_STACK_LEN(size) (ROUND_UP(size, CONFIG_LLEXT_GRANULE) + K_THREAD_STACK_RESERVED)
#define K_KERNEL_STACK_LEN(size) K_THREAD_STACK_LEN(size)
#define Z_THREAD_STACK_ALONE(size) (ROUND_UP(size, 8) + K_THREAD_STACK_RESERVED)

#define K_THREAD_STACK_DECLARE(sym, size) extern k_thread_stack_t sym[Z_THREAD_STACK_ALONE(size)]
#define K_THREAD_STACK_ARRAY_DECLARE(sym, nmemb, size) extern k_thread_stack_t sym[nmemb][K_THREAD_STACK_LEN(size)]
#define K_THREAD_STACK_DEFINE(sym, size)                                                                               \
	k_thread_stack_t __noinit __aligned(CONFIG_LLEXT_GRANULE) sym[Z_THREAD_STACK_ALONE(size)]
#define K_THREAD_STACK_ARRAY_DEFINE(sym, nmemb, size)                                                                  \
	k_thread_stack_t __noinit __aligned(CONFIG_LLEXT_GRANULE) sym[nmemb][K_THREAD_STACK_LEN(size)]
#define K_THREAD_STACK_SIZEOF(sym) (sizeof(sym) - K_THREAD_STACK_RESERVED)

#define K_KERNEL_STACK_DECLARE(sym, size) K_THREAD_STACK_DECLARE(sym, size)
#define K_KERNEL_STACK_DEFINE(sym, size) K_THREAD_STACK_DEFINE(sym, size)
#define K_KERNEL_STACK_ARRAY_DECLARE(sym, nmemb, size) K_THREAD_STACK_ARRAY_DECLARE(sym, nmemb, size)
#define K_KERNEL_STACK_ARRAY_DEFINE(sym, nmemb, size) K_THREAD_STACK_ARRAY_DEFINE(sym, nmemb, size)
#define K_KERNEL_STACK_SIZEOF(sym) K_THREAD_STACK_SIZEOF(sym)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_THREAD_STACK_H_ */
