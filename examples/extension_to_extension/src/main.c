/* SPDX-License-Identifier: Apache-2.0
 *
 * One extension calls another one, in two ways: by an address that the firmware finds, and by a call that the loader links.
 */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/symbol.h>

#include "units.h"

static const uint8_t units_ext[] __aligned(4) = {
#include <units_ext.inc>
};
static const uint8_t by_helper_ext[] __aligned(4) = {
#include <by_helper_ext.inc>
};
static const uint8_t by_linking_ext[] __aligned(4) = {
#include <by_linking_ext.inc>
};

static struct llext_buf_loader units_loader = LLEXT_BUF_LOADER(units_ext, sizeof(units_ext));
static struct llext_buf_loader by_helper_loader = LLEXT_BUF_LOADER(by_helper_ext, sizeof(by_helper_ext));
static struct llext_buf_loader by_linking_loader = LLEXT_BUF_LOADER(by_linking_ext, sizeof(by_linking_ext));

const void *function_of(const char *extension, const char *name)
{
	struct llext *ext = llext_by_name(extension);

	return ext != NULL ? llext_find_sym(&ext->exp_tab, name) : NULL;
}
EXPORT_SYMBOL(function_of);

static struct llext *load(struct llext_buf_loader *loader, const char *name)
{
	struct llext *ext;

	printk("load %s: %d\n", name, llext_load(&loader->loader, name, &ext, NULL));
	return ext; /* NULL if it did not load */
}

static void unload(struct llext **ext)
{
	char name[LLEXT_MAX_NAME_LEN + 1];

	strcpy(name, (*ext)->name); /* which goes with it */
	printk("unload %s: %d\n", name, llext_unload(ext));
}

static void show(struct llext *ext, int raw)
{
	void (*function)(int) = (void (*)(int))llext_find_sym(&ext->exp_tab, "show");

	function(raw);
}

static void through_a_helper(void)
{
	struct llext *units, *caller = load(&by_helper_loader, "by_helper");

	if (caller == NULL) {
		return;
	}
	show(caller, 1575);
	units = load(&units_loader, "units");
	if (units == NULL) {
		return;
	}
	show(caller, 1575);
	printk("  held by %u, dependencies of by_helper: %s\n", units->use_count, caller->dependency[0] ? "yes" : "none");
	unload(&units);
	show(caller, 1575);
	unload(&caller);
}

static void by_linking(void)
{
	struct llext *units, *caller;

	caller = load(&by_linking_loader, "by_linking"); /* too early */
	units = load(&units_loader, "units");
	caller = load(&by_linking_loader, "by_linking");
	if (units == NULL || caller == NULL) {
		return;
	}
	show(caller, 1575);
	printk("  held by %u, by_linking depends on %s\n", units->use_count, caller->dependency[0]->name);
	unload(&caller);
	printk("  held by %u\n", units->use_count);
	unload(&units);
}

int main(void)
{
	printk("\nthrough a helper of the firmware\n");
	through_a_helper();
	printk("\nby linking\n");
	by_linking();
	return 0;
}
