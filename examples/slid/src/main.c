/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks for one of its own exports, by name and by SLID, and loads an extension that needs several.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include "hub.h"

static const uint8_t comfort_ext[] __aligned(4) = {
#include <comfort_ext.inc>
};

int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(comfort_ext, sizeof(comfort_ext));
	struct llext *ext;

#ifdef CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID
	const void *found = llext_find_sym(NULL, (const char *)SLID_OF_HUB_TEMPERATURE_GET);

	printk("by the number %08x: %s\n", SLID_OF_HUB_TEMPERATURE_GET, found == (void *)hub_temperature_get ? "found" : "not found");
#else
	const void *found = llext_find_sym(NULL, "hub_temperature_get");

	printk("by the name: %s\n", found == (void *)hub_temperature_get ? "found" : "not found");
#endif
	printk("loading: %d\n", llext_load(&loader.loader, "comfort", &ext, NULL));
	printk("calling: %d\n", llext_call_fn(ext, "comfort"));
	printk("unloading: %d\n", llext_unload(&ext));
	return 0;
}
