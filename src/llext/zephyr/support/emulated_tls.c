/* SPDX-License-Identifier: Apache-2.0
 *
 * Thread-local variables of an extension: no firmware reserves room for them in its threads' blocks, so compilers call
 * this with a control record for each use of one (emulated TLS, as gcc and clang do it). Memory comes from k_malloc when a
 * thread first uses a variable, and goes back on teardown.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zephyr/kernel.h>

#define MARK 0x4c544d45U
#define ERRNO ((void *)0xFFFFFFFFU)

struct control {
	size_t size;
	size_t alignment;
	void *values;
	const void *initial;
};

/*
 * One thread's value of one variable. A kernel that knows the first two words sets the thread to NULL when its struct
 * k_thread is used for another one.
 */
struct variable {
	uint32_t mark;
	k_tid_t thread;
	struct variable *next;
	struct variable *before;
	struct control *control;
	void *value;
};

static struct variable *last;

static struct variable *make(struct control *control, k_tid_t thread)
{
	const size_t alignment = control->alignment > sizeof(void *) ? control->alignment : sizeof(void *);
	struct variable *made = (struct variable *)k_malloc(sizeof(struct variable) + control->size + alignment);

	if (made == NULL) {
		printk("thread-local variable: no memory for %u bytes\n", (unsigned int)control->size);
		k_panic();
	}
	made->mark = MARK;
	made->value = (void *)(((uintptr_t)(made + 1) + alignment - 1) & ~(uintptr_t)(alignment - 1));
	made->control = control;
	made->thread = thread;
	const unsigned int key = irq_lock();

	made->before = last;
	last = made;
	made->next = (struct variable *)control->values;
	control->values = made;
	irq_unlock(key);
	return made;
}

void *__emutls_get_address(struct control *control)
{
	if (control->values == ERRNO) {
		return &errno;
	}
	const k_tid_t thread = k_current_get();
	struct variable *unused = NULL;

	for (struct variable *each = (struct variable *)control->values; each != NULL; each = each->next) {
		if (each->thread == thread) {
			return each->value;
		}
		unused = each->thread == NULL ? each : unused;
	}
	if (unused == NULL) {
		unused = make(control, thread);
	}
	unused->thread = thread;
	if (control->initial != NULL) {
		memcpy(unused->value, control->initial, control->size);
	} else {
		memset(unused->value, 0, control->size);
	}
	return unused->value;
}

__attribute__((destructor)) static void free_variables(void)
{
	while (last != NULL) {
		struct variable *gone = last;

		last = gone->before;
		gone->control->values = NULL;
		k_free(gone);
	}
}
