/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls hello_world where it is: in the firmware, or in an extension that is loaded for that.
 */
#include <zephyr/kernel.h>

#ifdef CONFIG_HELLO_WORLD_MODULE
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

static const uint8_t hello_world_ext[] __aligned(4) = {
#include <hello_world_ext.inc>
};

int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(hello_world_ext, sizeof(hello_world_ext));
	struct llext *ext;
	int result = llext_load(&loader.loader, "hello_world", &ext, NULL);

	printk("loading: %d\n", result);
	if (result != 0) {
		return result;
	}
	printk("bringing up: %d\n", llext_bringup(ext));

	void (*hello_world)(void) = llext_find_sym(&ext->exp_tab, "hello_world");

	hello_world();
	printk("calling by name: %d\n", llext_call_fn(ext, "hello_world"));
	printk("a name that it does not export: %d\n", llext_call_fn(ext, "goodbye_world"));
	printk("tearing down: %d\n", llext_teardown(ext));
	printk("unloading: %d\n", llext_unload(&ext));
	return 0;
}
#else
void hello_world(void);

int main(void)
{
	hello_world();
	return 0;
}
#endif
