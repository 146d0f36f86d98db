/* SPDX-License-Identifier: Apache-2.0
 *
 * Extensions from C. A load is the kernel's; here its requests are answered by the loader that the caller brings, whose
 * functions may wait as any code may. One load or unload runs at a time.
 */
#include <errno.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

static K_MUTEX_DEFINE(lock);

static int answer(struct llext_loader *ldr, struct z_llext_request *request)
{
	switch (request->kind) {
	case Z_LLEXT_PREPARE:
		return ldr->prepare != NULL ? ldr->prepare(ldr) : 0;
	case Z_LLEXT_SEEK:
		return ldr->seek(ldr, request->offset);
	case Z_LLEXT_READ:
		return ldr->read(ldr, request->buffer, request->size);
	case Z_LLEXT_PEEK:
		request->buffer = ldr->peek != NULL ? ldr->peek(ldr, request->offset) : NULL;
		return 0;
	case Z_LLEXT_DETACHED:
		request->buffer = (void *)(uintptr_t)request->param->section_detached(request->buffer);
		return 0;
	default:
		if (ldr->finalize != NULL) {
			ldr->finalize(ldr);
		}
		return 0;
	}
}

int llext_load(struct llext_loader *ldr, const char *name, struct llext **ext, const struct llext_load_param *ldr_parm)
{
	static const struct llext_load_param usual = LLEXT_LOAD_PARAM_DEFAULT;
	struct z_llext_request request = {.loader = ldr, .param = ldr_parm != NULL ? ldr_parm : &usual, .lock = &lock};
	int result;

	k_mutex_lock(&lock, K_FOREVER);
	result = z_llext_begin(&request, name, ext);
	while (result == Z_LLEXT_ASKS) {
		request.result = answer(ldr, &request);
		result = z_llext_answer(&request);
	}
	k_mutex_unlock(&lock);
	return result;
}

int llext_unload(struct llext **ext)
{
	int left;

	__ASSERT(ext != NULL && *ext != NULL, "Expected non-null extension");
	k_mutex_lock(&lock, K_FOREVER);
	left = z_llext_unload(*ext);
	if (left == 0) {
		*ext = NULL;
	}
	k_mutex_unlock(&lock);
	return left;
}

struct llext *llext_by_name(const char *name)
{
	struct llext *ext;
	uint32_t number = 0;

	k_mutex_lock(&lock, K_FOREVER);
	do {
		ext = z_llext_behind(&number);
	} while (ext != NULL && strncmp(ext->name, name, LLEXT_MAX_NAME_LEN) != 0);
	k_mutex_unlock(&lock);
	return ext;
}

/* The function may load and unload, also the extension that it is called for. */
int llext_iterate(int (*fn)(struct llext *ext, void *arg), void *arg)
{
	struct llext *ext;
	uint32_t number = 0;
	int result = 0;

	k_mutex_lock(&lock, K_FOREVER);
	while (result == 0 && (ext = z_llext_behind(&number)) != NULL) {
		result = fn(ext, arg);
	}
	k_mutex_unlock(&lock);
	return result;
}

const void *llext_find_sym(const struct llext_symtable *sym_table, const char *sym_name)
{
	const void *found = z_llext_find(sym_table, sym_name);

	if (found != Z_LLEXT_LOOK) {
		return found;
	}
	for (size_t i = 0; i < sym_table->sym_cnt; i++) {
		if (strcmp(sym_table->syms[i].name, sym_name) == 0) {
			return sym_table->syms[i].addr;
		}
	}
	return NULL;
}

int llext_call_fn(struct llext *ext, const char *sym_name)
{
	void (*function)(void) = (void (*)(void))(uintptr_t)llext_find_sym(&ext->exp_tab, sym_name);

	if (function == NULL) {
		return -ENOENT;
	}
	function();
	return 0;
}

/* Entry of a table of functions: its place in the memory of the extension, NULL behind the last one. */
static void (*const *entry_of(const struct llext *ext, bool is_init, size_t idx))(void)
{
	const enum llext_mem parts[] = {is_init ? LLEXT_MEM_PREINIT : LLEXT_MEM_FINI, LLEXT_MEM_INIT};

	for (int i = 0; i < (is_init ? 2 : 1); i++) {
		const size_t count = ext->mem_size[parts[i]] / sizeof(void *);

		if (idx < count) {
			return (void (*const *)(void))ext->mem[parts[i]] + idx;
		}
		idx -= count;
	}
	return NULL;
}

int llext_get_fn_table_entry(struct llext *ext, bool is_init, void *ptr, size_t idx)
{
	void (*const *entry)(void);

	if (ext == NULL) {
		return -EINVAL;
	}
	if (ptr == NULL) {
		return is_init ? ext->mem_size[LLEXT_MEM_PREINIT] + ext->mem_size[LLEXT_MEM_INIT] : ext->mem_size[LLEXT_MEM_FINI];
	}
	entry = entry_of(ext, is_init, idx);
	if (entry == NULL) {
		return -EINVAL;
	}
	if ((uintptr_t)*entry - (uintptr_t)ext->mem[LLEXT_MEM_TEXT] >= ext->mem_size[LLEXT_MEM_TEXT]) {
		z_llext_outside(ext, is_init, idx, (const void *)*entry);
		return -EFAULT;
	}
	memcpy(ptr, entry, sizeof(*entry));
	return 0;
}

/* All of a table, once it is certain of each entry that it is a function of the extension. */
static int run(struct llext *ext, bool is_init)
{
	const int size = llext_get_fn_table_entry(ext, is_init, NULL, 0);
	void (*function)(void);

	for (size_t i = 0; i < size / sizeof(function); i++) {
		const int result = llext_get_fn_table_entry(ext, is_init, &function, i);

		if (result != 0) {
			return result;
		}
	}
	for (size_t i = 0; i < size / sizeof(function); i++) {
		(*entry_of(ext, is_init, i))();
	}
	return 0;
}

int llext_bringup(struct llext *ext)
{
	return run(ext, true);
}

int llext_teardown(struct llext *ext)
{
	return run(ext, false);
}

void llext_bootstrap(struct llext *ext, void (*entry_fn)(void *user_data), void *user_data)
{
	if (llext_bringup(ext) == 0) {
		entry_fn(user_data);
		(void)llext_teardown(ext);
	}
}

int llext_add_domain(struct llext *ext, struct k_mem_domain *domain)
{
	(void)ext;
	(void)domain;
	return -ENOSYS;
}
