/* SPDX-License-Identifier: Apache-2.0 */
#include <checksum.h>
#include <libraries/command.h>
#include <zephyr/init.h>
#include <zephyr/sys/printk.h>

#include "units.h"

uint32_t millikelvin(int32_t celsius)
{
	return 273150 + celsius * 1000;
}

uint32_t signed_millikelvin(int32_t celsius)
{
	uint32_t value = millikelvin(celsius);

	return value ^ vendor_checksum(&value, sizeof(value));
}

static int kelvin(int celsius)
{
	return celsius + 273;
}
COMMAND_DEFINE(kelvin, kelvin);

/* Nobody calls it: it is in the firmware because libraries of Zephyr are linked whole. */
static int units_init(void)
{
	printk("%s\n", units_banner);
	return 0;
}

SYS_INIT(units_init, POST_KERNEL, CONFIG_KERNEL_INIT_PRIORITY_DEFAULT);
