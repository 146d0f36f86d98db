/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that main and an extension share: a variable in a region of the devicetree, and a region as a whole.
 */
#include <zephyr/kernel.h>
#include <zephyr/devicetree.h>
#include <zephyr/linker/devicetree_regions.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/symbol.h>

#include "shared.h"

#define SHARED_NODE DT_NODELABEL(shared_ram)

struct shared_info s_info Z_GENERIC_SECTION(LINKER_DT_NODE_REGION_NAME(SHARED_NODE));
EXPORT_SYMBOL(s_info);

BUILD_ASSERT(sizeof(struct shared_info) <= MAILBOX_SIZE, "the mailbox holds it");
BUILD_ASSERT(DT_REG_ADDR(DT_NODELABEL(mailbox_ram)) % MAILBOX_SIZE == 0, "memory protection wants it so");

static const uint8_t controller_ext[] __aligned(4) = {
#include <controller_ext.inc>
};
static struct llext_buf_loader loader = LLEXT_BUF_LOADER(controller_ext, sizeof(controller_ext));

static struct llext *load(void)
{
	struct llext *ext;
	int result = llext_load(&loader.loader, "controller", &ext, NULL);

	printk("loading: %d\n", result);
	return ext;
}

static void use_variable(struct llext *ext, int32_t measured)
{
	s_info.measured = measured;
	printk("main: writes measured %d\n", measured);
	llext_call_fn(ext, "step");
	printk("main: sees output %d, steps %u\n", s_info.output, s_info.steps);
}

static void use_region(struct llext *ext)
{
	MAILBOX->setpoint = 55;
	MAILBOX->measured = 50;
	printk("main: writes setpoint 55, measured 50 to the mailbox\n");
	llext_call_fn(ext, "step_in_mailbox");
	printk("main: sees output %d, steps %u\n", MAILBOX->output, MAILBOX->steps);
}

static void say_where(void)
{
	uintptr_t begin = DT_REG_ADDR(SHARED_NODE);
	uintptr_t at = (uintptr_t)&s_info;

	printk("s_info: %zu bytes at offset %lu of %lu in its region\n", sizeof(s_info), (unsigned long)(at - begin),
	       (unsigned long)DT_REG_SIZE(SHARED_NODE));
}

int main(void)
{
	say_where();
	/* Nobody has zeroed the regions. */
	s_info = (struct shared_info){.setpoint = 200};
	*MAILBOX = (struct shared_info){0};

	struct llext *ext = load();

	if (ext == NULL) {
		return 0;
	}
	use_variable(ext, 180);
	use_variable(ext, 190);
	use_region(ext);

	printk("unloading: %d\n", llext_unload(&ext));
	printk("main: output is still %d\n", s_info.output);
	ext = load();
	if (ext == NULL) {
		return 0;
	}
	use_variable(ext, 195);
	printk("unloading: %d\n", llext_unload(&ext));
	return 0;
}
