/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions that run before others use what they set up: by level, then by priority, then in the order of linking. In an
 * extension they are entries of its init array, so llext_bringup runs them; static C++ objects are constructed before level
 * APPLICATION, as in firmware.
 */
#ifndef ZEPHYR_INCLUDE_INIT_H_
#define ZEPHYR_INCLUDE_INIT_H_

#include <stddef.h>
#include <zephyr/sys/util_macro.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

struct device;

struct init_entry {
	int (*init_fn)(void);
	const struct device *dev;
};

/* How firmware says how far it has booted. */
void z_boot_kernel_runs(void);
void z_boot_banner(void);
void z_boot_main_returned(void);

#ifndef CONFIG_KERNEL_INIT_PRIORITY_OBJECTS
#define CONFIG_KERNEL_INIT_PRIORITY_OBJECTS 30
#endif
#ifndef CONFIG_KERNEL_INIT_PRIORITY_LIBC
#define CONFIG_KERNEL_INIT_PRIORITY_LIBC 35
#endif
#ifndef CONFIG_KERNEL_INIT_PRIORITY_DEFAULT
#define CONFIG_KERNEL_INIT_PRIORITY_DEFAULT 40
#endif
#ifndef CONFIG_KERNEL_INIT_PRIORITY_DEVICE
#define CONFIG_KERNEL_INIT_PRIORITY_DEVICE 50
#endif
#ifndef CONFIG_APPLICATION_INIT_PRIORITY
#define CONFIG_APPLICATION_INIT_PRIORITY 90
#endif

#define SYS_INIT(init_fn, level, prio) SYS_INIT_NAMED(init_fn, init_fn, level, prio)

#ifdef LL_EXTENSION_BUILD

/*
 * Levels as priorities of constructors. What comes after constructors without priority has sections of its own, which
 * 'llext build' puts last, by the number of their digits and then by name.
 */
#define Z_INIT_EARLY(name, run, prio) Z_INIT_BEFORE(run, 1000 + (prio))
#define Z_INIT_PRE_KERNEL_1(name, run, prio) Z_INIT_BEFORE(run, 2000 + (prio))
#define Z_INIT_PRE_KERNEL_2(name, run, prio) Z_INIT_BEFORE(run, 3000 + (prio))
#define Z_INIT_POST_KERNEL(name, run, prio) Z_INIT_BEFORE(run, 4000 + (prio))
#define Z_INIT_APPLICATION(name, run, prio) Z_INIT_BEHIND(name, run, ".init_array.app_" STRINGIFY(prio))
#define Z_INIT_SMP(name, run, prio) Z_INIT_BEHIND(name, run, ".init_array.smp_" STRINGIFY(prio))

#define Z_INIT_BEFORE(run, number) __attribute__((__constructor__(number))) static void run(void)
#define Z_INIT_BEHIND(name, run, section)                                                                              \
	static void run(void);                                                                                         \
	static void (*const z_init_entry_##name)(void) __attribute__((__section__(section), __used__)) = run;          \
	static void run(void)

/* Begins the definition of what runs at a level. */
#define Z_INIT_AT(name, level, prio)                                                                                   \
	BUILD_ASSERT((prio) >= 0 && (prio) <= 999, "a priority within a level is 0 to 999");                           \
	Z_INIT_##level(name, z_init_##name, prio)

#define SYS_INIT_NAMED(name, init_fn, level, prio)                                                                     \
	Z_INIT_AT(name, level, prio)                                                                                   \
	{                                                                                                              \
		(void)init_fn();                                                                                       \
	}                                                                                                              \
	struct z_init_end_##name

#else

/* "sub" orders what has one priority: of devices of the devicetree, the places of their nodes. */
#define Z_INIT_SECTION(level, prio, sub)                                                                               \
	__attribute__((__section__(".z_init_" #level "_P_" STRINGIFY(prio) "_SUB_" STRINGIFY(sub) "_")))
/* Sections are sorted as texts: what is no plain number would never run, or in the wrong order. */
#define Z_INIT_CHECK(level, prio)                                                                                      \
	BUILD_ASSERT(Z_INIT_IS_##level, "not a level");                                                                \
	BUILD_ASSERT((prio) >= 0 && (prio) <= 999 && sizeof(STRINGIFY(prio)) - 1 == ((prio) < 10 ? 1 : (prio) < 100 ? 2 : 3), \
		     "a priority within a level is a plain number, 0 to 999, not an expression")
#define Z_INIT_IS_EARLY 1
#define Z_INIT_IS_PRE_KERNEL_1 1
#define Z_INIT_IS_PRE_KERNEL_2 1
#define Z_INIT_IS_POST_KERNEL 1
#define Z_INIT_IS_APPLICATION 1
#define Z_INIT_IS_SMP 1

#define SYS_INIT_NAMED(name, init_fn, level, prio)                                                                     \
	Z_INIT_CHECK(level, prio);                                                                                     \
	static const struct init_entry Z_INIT_SECTION(level, prio, 0) __used __init_##name = {init_fn, NULL}

#endif

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_INIT_H_ */
