/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading, finding, calling and unloading extensions from C.
 */
#ifndef ZEPHYR_INCLUDE_LLEXT_LLEXT_H_
#define ZEPHYR_INCLUDE_LLEXT_LLEXT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

/* Of CONFIG_LLEXT_HEAP_DYNAMIC: the application's own memory becomes the heap. */
int llext_heap_init(void *mem, size_t bytes);
int llext_heap_uninit(void);

/* For the guest runtime: what a load asks for, and what came of it. It begins with the kind of the storage as kind. */
enum z_llext_asks {
	Z_LLEXT_PREPARE,
	Z_LLEXT_SEEK,
	Z_LLEXT_READ,
	Z_LLEXT_PEEK,
	Z_LLEXT_FINALIZE
};
struct z_llext_request {
	uint32_t kind;
	size_t offset;
	size_t size;
	void *buffer;
	int result;
};
#define Z_LLEXT_ASKS 0x10000
int z_llext_begin(const char *name, struct llext **ext, struct z_llext_request *request);
int z_llext_answer(struct z_llext_request *request);
int z_llext_unload(struct llext *ext);
struct llext *z_llext_next(struct llext *ext);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LLEXT_LLEXT_H_ */
