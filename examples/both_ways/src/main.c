/* SPDX-License-Identifier: Apache-2.0
 *
 * A heater whose rule is an extension: main calls the rule, the rule calls what main's firmware exports.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/symbol.h>

#include "plant.h"

static const uint8_t control_ext[] __aligned(4) = {
#include <control_ext.inc>
};
static const uint8_t eager_ext[] __aligned(4) = {
#include <eager_ext.inc>
};

/* Degrees times ten, as a sensor would give them. */
static const int readings[] = {185, 192, 204, 211};
static size_t next;

int temperature_read(void)
{
	int tenths = readings[next];

	next = (next + 1) % ARRAY_SIZE(readings);
	printk("  temperature_read: %d.%d\n", tenths / 10, tenths % 10);
	return tenths;
}
EXPORT_SYMBOL(temperature_read);

void heater_set(bool on)
{
	printk("  heater_set: %s\n", on ? "on" : "off");
}
EXPORT_SYMBOL(heater_set);

void for_each_reading(void (*visit)(int tenths, void *data), void *data)
{
	for (size_t i = 0; i < ARRAY_SIZE(readings); i++) {
		visit(readings[i], data);
	}
}
EXPORT_SYMBOL(for_each_reading);

const int temperature_limit = 250;
EXPORT_SYMBOL(temperature_limit);

/* Not exported: no extension can call it, although it is in the firmware. */
void heater_burn_in(void)
{
	printk("  heater_burn_in\n");
}

static void use(struct llext *ext)
{
	control_fn control = (control_fn)llext_find_sym(&ext->exp_tab, "control");
	average_fn average = (average_fn)llext_find_sym(&ext->exp_tab, "average");

	if (control == NULL || average == NULL) {
		printk("%s has not what main calls\n", ext->name);
		return;
	}
	for (int i = 0; i < 3; i++) {
		printk("main calls control\n");
		control(200);
	}
	printk("main calls control for too much\n");
	control(300);

	int tenths = average();

	printk("the average is %d.%d\n", tenths / 10, tenths % 10);
}

/* A loader has more than 500 bytes, half of main's stack. */
static struct llext_buf_loader control_loader = LLEXT_BUF_LOADER(control_ext, sizeof(control_ext));
static struct llext_buf_loader eager_loader = LLEXT_BUF_LOADER(eager_ext, sizeof(eager_ext));

int main(void)
{
	struct llext *control, *eager;
	int result = llext_load(&control_loader.loader, "control", &control, NULL);

	printk("loading control: %d\n", result);
	if (result == 0) {
		use(control);
		printk("unloading control: %d\n", llext_unload(&control));
	}

	heater_burn_in();
	result = llext_load(&eager_loader.loader, "eager", &eager, NULL);
	printk("loading eager: %d\n", result);
	if (result == 0) {
		llext_unload(&eager);
	}
	return 0;
}
