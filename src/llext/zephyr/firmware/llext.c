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
/* An absolute symbol of the application's configuration, NULL for n. */
extern const char by_slid[] __asm__("CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID") __weak;

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
	default:
		if (ldr->finalize != NULL) {
			ldr->finalize(ldr);
		}
		return 0;
	}
}

int llext_load(struct llext_loader *ldr, const char *name, struct llext **ext, const struct llext_load_param *ldr_parm)
{
	struct z_llext_request request = {.kind = ldr->storage};
	int result;

	(void)ldr_parm;
	k_mutex_lock(&lock, K_FOREVER);
	result = z_llext_begin(name, ext, &request);
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
	struct llext *ext = NULL;

	k_mutex_lock(&lock, K_FOREVER);
	do {
		ext = z_llext_next(ext);
	} while (ext != NULL && strncmp(ext->name, name, LLEXT_MAX_NAME_LEN) != 0);
	k_mutex_unlock(&lock);
	return ext;
}

int llext_iterate(int (*fn)(struct llext *ext, void *arg), void *arg)
{
	int result = 0;

	k_mutex_lock(&lock, K_FOREVER);
	for (struct llext *ext = z_llext_next(NULL); ext != NULL && result == 0; ext = z_llext_next(ext)) {
		result = fn(ext, arg);
	}
	k_mutex_unlock(&lock);
	return result;
}

const void *llext_find_sym(const struct llext_symtable *sym_table, const char *sym_name)
{
	if (sym_table == NULL) {
		STRUCT_SECTION_FOREACH(llext_const_symbol, entry) {
			if (by_slid != NULL ? entry->name == sym_name : strcmp(entry->name, sym_name) == 0) {
				return entry->addr;
			}
		}
		return NULL;
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

static int run(const struct llext *ext, enum llext_mem array)
{
	void (*const *functions)(void) = (void (*const *)(void))ext->mem[array];
	const size_t count = ext->mem_size[array] / sizeof(*functions);
	const uintptr_t text = (uintptr_t)ext->mem[LLEXT_MEM_TEXT];

	for (size_t i = 0; i < count; i++) {
		if ((uintptr_t)functions[i] - text >= ext->mem_size[LLEXT_MEM_TEXT]) {
			return -EFAULT;
		}
	}
	for (size_t i = 0; i < count; i++) {
		functions[i]();
	}
	return 0;
}

int llext_bringup(struct llext *ext)
{
	const int result = run(ext, LLEXT_MEM_PREINIT);

	return result ? result : run(ext, LLEXT_MEM_INIT);
}

int llext_teardown(struct llext *ext)
{
	return run(ext, LLEXT_MEM_FINI);
}

void llext_bootstrap(struct llext *ext, void (*entry_fn)(void *user_data), void *user_data)
{
	if (llext_bringup(ext) == 0) {
		entry_fn(user_data);
		(void)llext_teardown(ext);
	}
}

/* The loader of a file in memory. */
int llext_buf_prepare(struct llext_loader *ldr)
{
	CONTAINER_OF(ldr, struct llext_buf_loader, loader)->pos = 0;
	return 0;
}

int llext_buf_read(struct llext_loader *ldr, void *out, size_t len)
{
	struct llext_buf_loader *buf = CONTAINER_OF(ldr, struct llext_buf_loader, loader);
	const size_t moved = MIN(len, buf->len - buf->pos);

	memcpy(out, buf->buf + buf->pos, moved);
	buf->pos += moved;
	return 0;
}

int llext_buf_seek(struct llext_loader *ldr, size_t pos)
{
	struct llext_buf_loader *buf = CONTAINER_OF(ldr, struct llext_buf_loader, loader);

	buf->pos = MIN(pos, buf->len);
	return 0;
}

void *llext_buf_peek(struct llext_loader *ldr, size_t pos)
{
	struct llext_buf_loader *buf = CONTAINER_OF(ldr, struct llext_buf_loader, loader);

	return pos < buf->len ? (void *)(uintptr_t)(buf->buf + pos) : NULL;
}
