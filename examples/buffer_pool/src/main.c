/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses the pools of two extensions: one whose heap is a static array, one whose heap K_HEAP_DEFINE made.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/symbol.h>

static const uint8_t own_buffer_ext[] __aligned(4) = {
#include <own_buffer.inc>
};
static const uint8_t defined_heap_ext[] __aligned(4) = {
#include <defined_heap.inc>
};

/* What the extensions call. Zephyr exports system calls by itself, and a heap's functions are none. */
EXPORT_SYMBOL(k_heap_init);
EXPORT_SYMBOL(k_heap_alloc);
EXPORT_SYMBOL(k_heap_free);

static bool in_bss(const struct llext *ext, const void *buffer)
{
	const uint8_t *bss = ext->mem[LLEXT_MEM_BSS];
	const uint8_t *at = buffer;

	return at >= bss && at < bss + ext->mem_size[LLEXT_MEM_BSS];
}

static void use(struct llext *ext)
{
	void *(*take)(size_t bytes) = llext_find_sym(&ext->exp_tab, "take");
	void (*give)(void *buffer) = llext_find_sym(&ext->exp_tab, "give");
	unsigned int (*in_use)(void) = llext_find_sym(&ext->exp_tab, "in_use");
	void *buffers[16];
	unsigned int count = 0;
	bool inside = true;

	llext_call_fn(ext, "begin");
	while (count < ARRAY_SIZE(buffers) && (buffers[count] = take(128)) != NULL) {
		inside = inside && in_bss(ext, buffers[count]);
		count++;
	}
	printk("  buffers of 128 bytes: %u, %s .bss of the extension\n", count, inside ? "all in" : "not all in");
	while (count > 0) {
		give(buffers[--count]);
	}
	buffers[0] = take(896);
	printk("  one of 896 bytes when those are back: %s, in use: %u\n", buffers[0] != NULL ? "yes" : "no", in_use());
}

static void load_and_use(const char *name, const uint8_t *file, size_t size)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(file, size);
	struct llext *ext;
	int result = llext_load(&loader.loader, name, &ext, NULL);

	printk("%s: llext_load %d\n", name, result);
	if (result == 0) {
		use(ext);
		printk("  llext_unload %d\n", llext_unload(&ext));
	}
}

int main(void)
{
	load_and_use("own_buffer", own_buffer_ext, sizeof(own_buffer_ext));
	load_and_use("defined_heap", defined_heap_ext, sizeof(defined_heap_ext));
	return 0;
}
