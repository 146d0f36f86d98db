/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiler attributes under Zephyr's names, and checks at compile time. For gcc and clang alike.
 */
#ifndef ZEPHYR_INCLUDE_TOOLCHAIN_H_
#define ZEPHYR_INCLUDE_TOOLCHAIN_H_

#define ALWAYS_INLINE inline __attribute__((__always_inline__))
#define FUNC_NORETURN __attribute__((__noreturn__))
#define CODE_UNREACHABLE __builtin_unreachable()
#define __packed __attribute__((__packed__))
#define __aligned(x) __attribute__((__aligned__(x)))
#define __may_alias __attribute__((__may_alias__))
#define __used __attribute__((__used__))
#define __unused __attribute__((__unused__))
#define __maybe_unused __attribute__((__unused__))
#define __weak __attribute__((__weak__))
#define __noinline __attribute__((__noinline__))
#define __deprecated __attribute__((__deprecated__))
#define __printf_like(f, a) __attribute__((__format__(__printf__, f, a)))
#define __must_check __attribute__((__warn_unused_result__))
#define __fallthrough __attribute__((__fallthrough__))

/* Marks of Zephyr's own tools, which say nothing to a compiler. */
#define __subsystem

#define Z_TEXT_OF(...) #__VA_ARGS__
#define Z_PRAGMA(...) _Pragma(Z_TEXT_OF(__VA_ARGS__))

/* The name may be a macro. */
#define Z_GENERIC_SECTION(name) __GENERIC_SECTION(name)
#define __GENERIC_SECTION(name) __attribute__((__section__(Z_TEXT_OF(name))))

/*
 * Memory that nothing clears. gcc makes every section whose name begins with .noinit NOBITS, clang only those that
 * begin with .bss; a PROGBITS one would turn the whole .bss of a joined extension into file bytes.
 */
#ifdef __clang__
#define __noinit Z_GENERIC_SECTION(.bss.noinit)
#else
#define __noinit Z_GENERIC_SECTION(.noinit)
#endif

/* The message is optional, also for compilers in pedantic mode: the macro below always has further arguments. */
#define BUILD_ASSERT(...) Z_BUILD_ASSERT(__VA_ARGS__, "", 0)
#if defined(__cplusplus) && __cplusplus < 201103L
#define Z_BUILD_ASSERT(condition, message, ...) extern void z_build_assert(int (*checked)[(condition) ? 1 : -1])
#elif defined(__cplusplus)
#define Z_BUILD_ASSERT(condition, message, ...) static_assert(condition, "" message)
#else
#define Z_BUILD_ASSERT(condition, message, ...) __extension__ _Static_assert(condition, "" message)
#endif

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define POPCOUNT(x) __builtin_popcount(x)
#define compiler_barrier() __asm__ volatile("" ::: "memory")

#endif /* ZEPHYR_INCLUDE_TOOLCHAIN_H_ */
