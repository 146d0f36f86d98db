/* SPDX-License-Identifier: Apache-2.0
 *
 * The article's first recipes in one application: load an extension from a buffer, find and call its functions, let it call one of
 * main's, share memory with it, and let it have a heap of its own.
 */
#include <zephyr/kernel.h>
#include <zephyr/devicetree.h>
#include <zephyr/linker/devicetree_regions.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/symbol.h>

#include "shared.h"

static const uint8_t hello_world_ext[] __aligned(4) = {
#include "hello_world.inc"
};
static const uint8_t pool_ext[] __aligned(4) = {
#include "pool.inc"
};

struct shared_info s_info Z_GENERIC_SECTION(LINKER_DT_NODE_REGION_NAME(DT_NODELABEL(shared_ram)));
EXPORT_SYMBOL(s_info);

void my_main_function(void)
{
	printk("my_main_function, called from the extension\n");
}
EXPORT_SYMBOL(my_main_function);

/* What the extension with a heap calls; Zephyr exports no function of heaps by itself. */
EXPORT_SYMBOL(k_heap_init);
EXPORT_SYMBOL(k_heap_alloc);
EXPORT_SYMBOL(k_heap_free);

static struct llext *load(const char *name, struct llext_loader *loader)
{
	struct llext *ext;
	int res = llext_load(loader, name, &ext, NULL);

	if (res != 0) {
		printk("Failed to load %s, return code %d\n", name, res);
		return NULL;
	}
	return ext;
}

int main(void)
{
	struct llext_buf_loader buf_loader = LLEXT_BUF_LOADER(hello_world_ext, sizeof(hello_world_ext));
	struct llext_buf_loader pool_loader = LLEXT_BUF_LOADER(pool_ext, sizeof(pool_ext));
	struct llext *ext = load("hello_world", &buf_loader.loader);
	struct llext *pool = load("pool", &pool_loader.loader);

	if (ext == NULL || pool == NULL) {
		return 0;
	}
	s_info.a = 5;
	s_info.b = 6;

	void (*hello_world_fn)() = llext_find_sym(&ext->exp_tab, "hello_world");

	if (hello_world_fn == NULL) {
		printk("Failed to find symbol\n");
		return 0;
	}
	hello_world_fn();
	printk("main sees s_info.a = %d, s_info.b = %d\n", s_info.a, s_info.b);

	llext_call_fn(pool, "use_pool");

	llext_unload(&pool);
	llext_unload(&ext);
	printk("unloaded\n");
	return 0;
}
