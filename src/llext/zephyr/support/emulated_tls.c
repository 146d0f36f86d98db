/* SPDX-License-Identifier: Apache-2.0
 *
 * Thread-local variables of an extension: no firmware reserves room for them in its threads' blocks, so compilers call
 * this with a control record for each use of one (emulated TLS, as gcc and clang do it). Memory comes from k_malloc when a
 * variable is first used, and goes back on teardown. There is one thread.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zephyr/kernel.h>

struct control {
	size_t size;
	size_t alignment;
	void *value;
	const void *initial;
};

struct variable {
	struct variable *before;
	struct control *control;
};

static struct variable *last;

void *__emutls_get_address(struct control *control)
{
	if (control->value == NULL) {
		size_t alignment = control->alignment > sizeof(void *) ? control->alignment : sizeof(void *);
		struct variable *made = (struct variable *)k_malloc(sizeof(struct variable) + control->size + alignment);

		if (made == NULL) {
			printk("thread-local variable: no memory for %u bytes\n", (unsigned int)control->size);
			k_panic();
		}
		uintptr_t start = ((uintptr_t)(made + 1) + alignment - 1) & ~(uintptr_t)(alignment - 1);

		made->before = last;
		made->control = control;
		last = made;
		control->value = (void *)start;
		if (control->initial != NULL) {
			memcpy(control->value, control->initial, control->size);
		} else {
			memset(control->value, 0, control->size);
		}
	}
	return control->value;
}

__attribute__((destructor)) static void free_variables(void)
{
	while (last != NULL) {
		struct variable *gone = last;

		last = gone->before;
		gone->control->value = NULL;
		k_free(gone);
	}
}
