/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiler attributes under Zephyr's names, and checks at compile time.
 */
#ifndef ZEPHYR_INCLUDE_TOOLCHAIN_H_
#define ZEPHYR_INCLUDE_TOOLCHAIN_H_

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define FUNC_NORETURN __attribute__((__noreturn__))
#define CODE_UNREACHABLE __builtin_unreachable()
#define __packed __attribute__((__packed__))
#define __aligned(x) __attribute__((__aligned__(x)))
#define __used __attribute__((__used__))
#define __unused __attribute__((__unused__))
#define __maybe_unused __attribute__((__unused__))
#define __weak __attribute__((__weak__))
#define __noinline __attribute__((__noinline__))
#define __deprecated __attribute__((__deprecated__))
#define __printf_like(f, a) __attribute__((__format__(__printf__, f, a)))
#define __must_check __attribute__((__warn_unused_result__))
#define __fallthrough __attribute__((__fallthrough__))
#define Z_GENERIC_SECTION(name) __attribute__((__section__(#name)))
#define __noinit Z_GENERIC_SECTION(.noinit)

#ifdef __cplusplus
#define BUILD_ASSERT(condition, ...) static_assert(condition, "" __VA_ARGS__)
#else
#define BUILD_ASSERT(condition, ...) _Static_assert(condition, "" __VA_ARGS__)
#endif

#define likely(x) __builtin_expect((x) != 0, 1)
#define unlikely(x) __builtin_expect((x) != 0, 0)
#define POPCOUNT(x) __builtin_popcount(x)
#define compiler_barrier() __asm__ volatile("" ::: "memory")

#endif /* ZEPHYR_INCLUDE_TOOLCHAIN_H_ */
