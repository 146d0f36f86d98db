/* SPDX-License-Identifier: Apache-2.0 */
#include <acme/ramp.h>
#include <zephyr/devicetree.h>
#include <zephyr/kernel.h>

void show_pins(void);
void show_places(void);

#define MAIN_RAMP DT_CHOSEN(acme_main_ramp)

BUILD_ASSERT(DT_NUM_INST_STATUS_OKAY(acme_ramp) == 2, "ramps");
BUILD_ASSERT(DT_SAME_NODE(MAIN_RAMP, DT_NODELABEL(ramp_a)), "chosen");
BUILD_ASSERT(!DT_NODE_HAS_STATUS(DT_NODELABEL(ramp_c), okay), "disabled");
BUILD_ASSERT(DT_NODE_EXISTS(DT_NODELABEL(ramp_c)), "exists");
BUILD_ASSERT(DT_PROP_OR(MAIN_RAMP, no_such_property, 5) == 5, "or");
BUILD_ASSERT(DT_ENUM_IDX(MAIN_RAMP, mode) == 1, "enum");
BUILD_ASSERT(DT_PROP_BY_IDX(DT_PATH(zephyr_user), limits, 1) == 20, "user");

static void read(const struct device *dev)
{
	if (!device_is_ready(dev)) {
		printk("%s is not ready\n", dev->name);
		return;
	}
	printk("%s:", dev->name);
	for (int i = 0; i < 4; i++) {
		int32_t value;

		ramp_read(dev, &value);
		printk(" %d", value);
	}
	printk("\n");
}

#define NAME_AND_STEPS(node) printk("%s %d %s\n", DT_NODE_FULL_NAME(node), DT_PROP_LEN(node, steps), DT_PROP(node, mode));

int main(void)
{
	read(DEVICE_DT_GET(MAIN_RAMP));
	read(DEVICE_DT_GET(DT_ALIAS(thermometer)));
	read(DEVICE_DT_GET_ONE(acme_ramp));
	DT_FOREACH_STATUS_OKAY(acme_ramp, NAME_AND_STEPS)
	printk("by name: %d, by label: %d\n", device_get_binding("ramp-b") == DEVICE_DT_GET(DT_NODELABEL(ramp_b)),
	       DEVICE_DT_GET_OR_NULL(DT_NODELABEL(ramp_c)) == NULL);
	show_pins();
	show_places();
	return 0;
}
