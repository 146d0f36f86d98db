/* SPDX-License-Identifier: Apache-2.0
 *
 * How firmware begins: what has a level runs in its order, then static objects are constructed, threads are made, and main runs.
 */
#include <zephyr/device.h>
#include <zephyr/init.h>
#include <zephyr/kernel.h>

/* The linker script asks for this name: firmware has this file, and names of an application's own do not take its place. */
__asm__(".globl z_part_boot\nz_part_boot = 1");

extern const struct init_entry __init_EARLY_start[], __init_PRE_KERNEL_1_start[], __init_PRE_KERNEL_2_start[],
	__init_POST_KERNEL_start[], __init_APPLICATION_start[], __init_SMP_start[], __init_end[];
extern void (*const __zephyr_init_array_start[])(void), (*const __zephyr_init_array_end[])(void);
/* Of the application, which may have none. C++ gives it another name where it is a function as any other. */
__weak int main(void);
__weak int z_main_of_cxx(void) __asm__("_Z4mainv");

static void run(const struct init_entry *entry, const struct init_entry *end)
{
	for (; entry < end; entry++) {
		if (entry->dev != NULL) {
			z_device_begin(entry->dev);
		} else {
			(void)entry->init_fn();
		}
	}
}

static void make_threads(void)
{
	k_sched_lock();
	TYPE_SECTION_FOREACH(struct _static_thread_data, static_thread_data, data) {
		z_static_thread_create(data);
	}
	k_sched_unlock();
}

void z_boot(void *p1, void *p2, void *p3)
{
	run(__init_EARLY_start, __init_PRE_KERNEL_1_start);
	run(__init_PRE_KERNEL_1_start, __init_PRE_KERNEL_2_start);
	run(__init_PRE_KERNEL_2_start, __init_POST_KERNEL_start);
	z_boot_kernel_runs();
	run(__init_POST_KERNEL_start, __init_APPLICATION_start);
	z_boot_banner();
	for (void (*const *function)(void) = __zephyr_init_array_start; function < __zephyr_init_array_end; function++) {
		(*function)();
	}
	run(__init_APPLICATION_start, __init_SMP_start);
	make_threads();
	if (main != NULL) {
		(void)main();
	} else if (z_main_of_cxx != NULL) {
		(void)z_main_of_cxx();
	}
	z_boot_main_returned();
}
