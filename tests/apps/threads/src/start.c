/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/__assert.h>

#include "start.h"

const char *start_steps[START_STEPS];
size_t start_count;

static int note(const char *name)
{
	__ASSERT_NO_MSG(start_count < ARRAY_SIZE(start_steps));
	start_steps[start_count++] = name;
	return 0;
}

static int last(void)
{
	return note("APPLICATION");
}

static int later(void)
{
	return note("POST_KERNEL 90");
}

static int kernel_is_there(void)
{
	return note(k_is_pre_kernel() ? "POST_KERNEL too early" : "POST_KERNEL 5");
}

static int second(void)
{
	return note("PRE_KERNEL_2");
}

static int first(void)
{
	return note(k_is_pre_kernel() ? "PRE_KERNEL_1" : "PRE_KERNEL_1 too late");
}

SYS_INIT(last, APPLICATION, CONFIG_APPLICATION_INIT_PRIORITY);
SYS_INIT(later, POST_KERNEL, 90);
SYS_INIT(kernel_is_there, POST_KERNEL, 5);
SYS_INIT(second, PRE_KERNEL_2, 0);
SYS_INIT(first, PRE_KERNEL_1, CONFIG_KERNEL_INIT_PRIORITY_DEFAULT);
