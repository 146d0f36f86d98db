/* SPDX-License-Identifier: Apache-2.0
 *
 * Destructors of static C++ objects: registered while constructors run, run in reverse by the fini array, which is what
 * llext_teardown calls (Itanium C++ ABI 3.3.6; the argument order of __aeabi_atexit is Arm's, CPPABI32 3.2.4.3).
 */
#include <stddef.h>
#include <zephyr/kernel.h>

#define PER_BLOCK 16

struct entry {
	void (*destroy)(void *object);
	void *object;
};

struct block {
	struct block *before;
	unsigned int used;
	struct entry entries[PER_BLOCK];
};

static struct block first;
static struct block *last = &first;

void *__dso_handle = &first;

static int add(void (*destroy)(void *object), void *object)
{
	if (last->used == PER_BLOCK) {
		struct block *next = (struct block *)k_malloc(sizeof(struct block));

		if (next == NULL) {
			return -1;
		}
		next->before = last;
		next->used = 0;
		last = next;
	}
	last->entries[last->used].destroy = destroy;
	last->entries[last->used].object = object;
	last->used++;
	return 0;
}

int __cxa_atexit(void (*destroy)(void *object), void *object, void *dso)
{
	(void)dso;
	return add(destroy, object);
}

int __aeabi_atexit(void *object, void (*destroy)(void *object), void *dso)
{
	(void)dso;
	return add(destroy, object);
}

static void call_plain(void *function)
{
	((void (*)(void))function)();
}

int atexit(void (*function)(void))
{
	return add(call_plain, (void *)function);
}

__attribute__((destructor)) static void run_destructors(void)
{
	for (;;) {
		while (last->used > 0) {
			struct entry entry = last->entries[--last->used];

			entry.destroy(entry.object);
		}
		if (last == &first) {
			return;
		}
		struct block *gone = last;

		last = gone->before;
		k_free(gone);
	}
}
