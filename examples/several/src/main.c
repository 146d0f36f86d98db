/* SPDX-License-Identifier: Apache-2.0
 *
 * Several extensions: one after the other, all at once, unloaded in any order, and one file twice. After each step a row of figures.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

static const uint8_t counter_ext[] __aligned(4) = {
#include <counter_ext.inc>
};
static const uint8_t median_ext[] __aligned(4) = {
#include <median_ext.inc>
};
static const uint8_t sine_ext[] __aligned(4) = {
#include <sine_ext.inc>
};

struct plugin {
	const char *name;
	struct llext_buf_loader loader;
	struct llext *ext;
};

#define PLUGIN(_name, _file) {.name = _name, .loader = LLEXT_BUF_LOADER(_file, sizeof(_file))}

static struct plugin counter = PLUGIN("counter", counter_ext);
static struct plugin median = PLUGIN("median", median_ext);
static struct plugin sine = PLUGIN("sine", sine_ext);
static struct plugin left = PLUGIN("left", counter_ext);
static struct plugin right = PLUGIN("right", counter_ext);

struct totals {
	unsigned int count;
	size_t bytes;
};

static int add(struct llext *ext, void *arg)
{
	struct totals *totals = arg;

	totals->count++;
	totals->bytes += ext->alloc_size;
	return 0;
}

static void row(const char *what, const char *name)
{
	struct totals totals = {0};
	size_t unused = 0;

	llext_iterate(add, &totals);
	k_thread_stack_space_get(k_current_get(), &unused);
	printk("%-6s %-20s %6u %6zu %6zu\n", what, name, totals.count, totals.bytes,
	       k_current_get()->stack_info.size - unused);
}

static void load(struct plugin *plugin)
{
	int result = llext_load(&plugin->loader.loader, plugin->name, &plugin->ext, NULL);

	if (result < 0) {
		printk("loading %s: %d\n", plugin->name, result);
		k_panic();
	}
	row("load", plugin->name);
}

static void unload(struct plugin *plugin)
{
	llext_unload(&plugin->ext);
	row("unload", plugin->name);
}

static void work(struct plugin *plugin, int value)
{
	int (*function)(int) = (int (*)(int))llext_find_sym(&plugin->ext->exp_tab, "work");

	printk("  %s: work(%d) = %d\n", plugin->name, value, function(value));
}

static void one_after_the_other(void)
{
	struct plugin *each[] = {&counter, &median, &sine};

	printk("\none after the other\n");
	for (size_t i = 0; i < ARRAY_SIZE(each); i++) {
		load(each[i]);
		work(each[i], 30);
		unload(each[i]);
	}
}

static void all_at_once(void)
{
	printk("\nall at once, unloaded in another order\n");
	load(&counter);
	load(&median);
	load(&sine);
	work(&counter, 7);
	work(&median, 7);
	work(&sine, 7);
	unload(&median);
	unload(&counter);
	unload(&sine);
}

static void one_file_twice(void)
{
	printk("\none file twice\n");
	load(&left);
	load(&right);
	printk("  code at two addresses: %s, data at two addresses: %s\n",
	       left.ext->mem[LLEXT_MEM_TEXT] != right.ext->mem[LLEXT_MEM_TEXT] ? "yes" : "no",
	       left.ext->mem[LLEXT_MEM_DATA] != right.ext->mem[LLEXT_MEM_DATA] ? "yes" : "no");
	work(&left, 1);
	work(&left, 1);
	work(&right, 50);
	work(&left, 1);

	struct llext *again;
	int before = llext_load(&right.loader.loader, "left", &again, NULL);

	printk("  the name left again: %d held it, the same extension: %s\n", before, again == left.ext ? "yes" : "no");
	printk("  given back: %d holds it still\n", llext_unload(&again));
	unload(&left);
	work(&right, 1);
	unload(&right);
}

int main(void)
{
	printk("step                        loaded   heap  stack\n");
	row("begin", "");
	one_after_the_other();
	all_at_once();
	one_file_twice();
	return 0;
}
