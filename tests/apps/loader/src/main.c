/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

static const uint8_t blob[] __aligned(4) = {
#include <counter.inc>
};

int step(int now)
{
	return now + 5;
}
EXPORT_SYMBOL(step);

static int not_exported = 1;

static int show(struct llext *ext, void *arg)
{
	int *count = arg;

	printk("  %d: %s, used by %u\n", ++*count, ext->name, ext->use_count);
	return *count == 2 ? 77 : 0;
}

static int value_of(struct llext *ext)
{
	int (*value)(void) = llext_find_sym(&ext->exp_tab, "value");

	return value != NULL ? value() : -ENOENT;
}

static struct llext *load(const char *name)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext = NULL;
	int ret = llext_load(&loader.loader, name, &ext, NULL);

	printk("load %s: %d\n", name, ret);
	return ext;
}

int main(void)
{
	struct llext *first, *second, *again, *broken = (void *)1;
	struct llext_buf_loader nonsense = LLEXT_BUF_LOADER((const uint8_t *)"this is no ELF file, as you see. It has some bytes.", 52);
	int count = 0;

	first = load("first");
	printk("%d %d\n", value_of(first), llext_call_fn(first, "advance"));
	printk("bringup %d\n", llext_bringup(first));
	llext_call_fn(first, "advance");
	printk("%d\n", value_of(first));

	/* The same bytes under another name are another extension, with data of its own. */
	second = load("second");
	llext_call_fn(second, "advance");
	printk("%d %d, no such function %d\n", value_of(first), value_of(second), llext_call_fn(second, "retreat"));

	/* Under the same name it is the same one. */
	again = load("first");
	printk("same %d, by name %d %d\n", again == first, llext_by_name("second") == second, llext_by_name("third") == NULL);
	printk("iterate\n");
	printk("stopped with %d\n", llext_iterate(show, &count));

	printk("builtin %d %d %d\n", llext_find_sym(NULL, "step") == (const void *)step, llext_find_sym(NULL, "printk") != NULL,
	       llext_find_sym(NULL, "not_exported") == NULL && not_exported);
	printk("exports %zu, name %s, heap used %d\n", first->exp_tab.sym_cnt, first->name, first->alloc_size > 0);
	for (size_t i = 0; i < first->exp_tab.sym_cnt; i++) {
		printk("  %s\n", first->exp_tab.syms[i].name);
	}

	printk("nonsense %d", llext_load(&nonsense.loader, "nonsense", &broken, NULL));
	printk(", %d\n", broken == NULL);

	printk("unload %d\n", llext_unload(&again));
	printk("teardown %d\n", llext_teardown(first));
	printk("unload %d", llext_unload(&first));
	printk(" %d", first == NULL);
	printk(" %d\n", llext_unload(&second));
	count = 0;
	printk("left %d %d\n", llext_iterate(show, &count), count);
	return 0;
}
