/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading, finding, calling and unloading extensions from C.
 */
#ifndef ZEPHYR_INCLUDE_LLEXT_LLEXT_H_
#define ZEPHYR_INCLUDE_LLEXT_LLEXT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <zephyr/llext/elf.h>
#include <zephyr/llext/symbol.h>
#include <zephyr/sys/slist.h>

#ifdef __cplusplus
extern "C" {
#endif

enum llext_mem {
	LLEXT_MEM_TEXT,
	LLEXT_MEM_DATA,
	LLEXT_MEM_RODATA,
	LLEXT_MEM_BSS,
	LLEXT_MEM_EXPORT,
	LLEXT_MEM_SYMTAB,
	LLEXT_MEM_STRTAB,
	LLEXT_MEM_SHSTRTAB,
	LLEXT_MEM_PREINIT,
	LLEXT_MEM_INIT,
	LLEXT_MEM_FINI,
	LLEXT_MEM_COUNT
};

#define LLEXT_MAX_NAME_LEN 15
#define LLEXT_MAX_DEPENDENCIES 8

struct llext_loader;
struct k_mem_domain;
struct k_mutex;

struct llext {
	sys_snode_t llext_list;
	char name[LLEXT_MAX_NAME_LEN + 1];
	void *mem[LLEXT_MEM_COUNT];
	void *text_in_elf;
	bool mem_on_heap[LLEXT_MEM_COUNT];
	size_t mem_size[LLEXT_MEM_COUNT];
	size_t alloc_size;
	struct llext_symtable sym_tab;
	struct llext_symtable exp_tab;
	unsigned int use_count;
	struct llext *dependency[LLEXT_MAX_DEPENDENCIES];
	unsigned int sect_cnt;
	elf_shdr_t *sect_hdrs;
	bool sect_hdrs_on_heap;
	bool mmu_permissions_set;
	void *dyn_image;
	uintptr_t dyn_base;
	uintptr_t dyn_link;
	size_t dyn_span;
};

struct llext_load_param {
	bool relocate_local;
	bool pre_located;
	bool (*section_detached)(const elf_shdr_t *shdr);
	bool keep_section_info;
};

#define LLEXT_LOAD_PARAM_DEFAULT                                                                                       \
	{                                                                                                              \
		.relocate_local = true                                                                                 \
	}

int llext_load(struct llext_loader *loader, const char *name, struct llext **ext, const struct llext_load_param *ldr_parm);
int llext_unload(struct llext **ext);
struct llext *llext_by_name(const char *name);
int llext_iterate(int (*fn)(struct llext *ext, void *arg), void *arg);
const void *llext_find_sym(const struct llext_symtable *sym_table, const char *sym_name);
int llext_call_fn(struct llext *ext, const char *sym_name);
int llext_bringup(struct llext *ext);
int llext_teardown(struct llext *ext);
void llext_bootstrap(struct llext *ext, void (*entry_fn)(void *user_data), void *user_data);
/* For ptr NULL the bytes of the table; else entry idx, preinit functions first or those of teardown. */
int llext_get_fn_table_entry(struct llext *ext, bool is_init, void *ptr, size_t idx);
/* -ENOSYS: there is no user mode yet. */
int llext_add_domain(struct llext *ext, struct k_mem_domain *domain);

/* Sections. The loader is that of the load; its peek shows the names. */
ssize_t llext_find_section(struct llext_loader *loader, const char *search_name);
int llext_get_section_header(struct llext_loader *loader, struct llext *ext, const char *search_name, elf_shdr_t *shdr);
static inline const elf_shdr_t *llext_section_headers(const struct llext *ext)
{
	return ext->sect_hdrs;
}
static inline unsigned int llext_section_count(const struct llext *ext)
{
	return ext->sect_cnt;
}
/* Gives up what a load with keep_section_info left. */
int llext_free_inspection_data(struct llext_loader *loader, struct llext *ext);

/* Of CONFIG_LLEXT_HEAP_DYNAMIC: the application's own memory becomes the heap. */
int llext_heap_init(void *mem, size_t bytes);
int llext_heap_init_harvard(void *instr_mem, size_t instr_bytes, void *data_mem, size_t data_bytes);
int llext_heap_uninit(void);

#if defined(CONFIG_LLEXT_EXPERIMENTAL) || !defined(CONFIG_LLEXT_KCONFIG)
/* From suspend to resume: copies of struct llext in memory that is kept, made to point at each other, and back. */
int llext_relink_dependency(struct llext *ext, unsigned int n_ext);
int llext_restore(struct llext **ext, struct llext_loader **ldr, unsigned int n_ext);
#endif

/* For the guest runtime: what a load asks for, and what came of it. */
enum z_llext_asks {
	Z_LLEXT_PREPARE,
	Z_LLEXT_SEEK,
	Z_LLEXT_READ,
	Z_LLEXT_PEEK,
	Z_LLEXT_FINALIZE,
	Z_LLEXT_DETACHED
};
struct z_llext_request {
	struct llext_loader *loader;
	const struct llext_load_param *param;
	struct k_mutex *lock;
	uint32_t kind;
	size_t offset;
	size_t size;
	void *buffer;
	int result;
};
#define Z_LLEXT_ASKS 0x10000
int z_llext_begin(struct z_llext_request *request, const char *name, struct llext **ext);
int z_llext_answer(struct z_llext_request *request);
int z_llext_unload(struct llext *ext);
void z_llext_outside(struct llext *ext, bool is_init, size_t idx, const void *function);
struct llext *z_llext_behind(uint32_t *number);
#define Z_LLEXT_LOOK ((const void *)1)
const void *z_llext_find(const struct llext_symtable *table, const char *name);
void z_llext_free_map(struct llext *ext);
int z_llext_restore(struct llext **ext, struct llext_loader **ldr, unsigned int n_ext);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LLEXT_LLEXT_H_ */
