/* What the files of the executed stand-in share. Layouts are those of reference firmware.md 1.3 and 1.4: 4.0, or 3.7 with VERSION_37. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENOEXEC 8
#define ENOMEM 12
#define ENODATA 61
#define ENOTSUP 134

/* heap.c: firmware.md 2 */
struct sys_heap {
	void *heap;
	void *init_mem;
	size_t init_bytes;
};
struct k_heap {
	struct sys_heap heap;
	void *wait_head, *wait_tail;
};
extern struct k_heap llext_heap;
void sys_heap_init(struct sys_heap *heap, void *memory, size_t bytes);
void *sys_heap_aligned_alloc(struct sys_heap *heap, size_t align, size_t bytes);
void sys_heap_free(struct sys_heap *heap, void *memory);
void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes);
void k_heap_free(struct k_heap *heap, void *memory);

/* kernel.c: what needs a running kernel, and hangs here if it is really run */
int z_impl_k_mutex_lock(void *mutex, uint32_t ticks_low, uint32_t ticks_high);
int z_impl_k_mutex_unlock(void *mutex);
int z_unpend_all(void *queue);
void z_reschedule(void *lock, uint32_t key);
void z_impl_z_log_msg_static_create(const void *source, uint32_t level, const uint8_t *package, const void *data);
void z_log_minimal_printk(const char *format, ...);
void printk(const char *format, ...);
void log_flush(void);
int sys_cache_data_flush_range(void *at, size_t size);
int sys_cache_instr_invd_range(void *at, size_t size);
void *memcpy(void *to, const void *from, size_t size);
void memset(void *to, int byte, size_t size);
int compare(const char *one, const char *other);

/* ELF, 32 bit */
struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version, entry, phoff, shoff, flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_section {
	uint32_t name, type, flags, addr, offset, size, link, info, addralign, entsize;
};
struct elf_symbol {
	uint32_t name, value, size;
	uint8_t info, other;
	uint16_t section;
};

/* LLEXT */
enum llext_mem { TEXT, DATA, RODATA, BSS, EXPORT, SYMTAB, STRTAB, SHSTRTAB, PREINIT, INIT, FINI, LLEXT_MEM_COUNT };
struct llext_symbol {
	const char *name;
	void *addr;
};
struct llext_symtable {
	size_t sym_cnt;
	struct llext_symbol *syms;
};
struct section_map {
	enum llext_mem mem_idx;
	size_t offset;
};
struct llext_loader {
#ifndef VERSION_37
	int (*prepare)(struct llext_loader *loader);
#endif
	int (*read)(struct llext_loader *loader, void *to, size_t size);
	int (*seek)(struct llext_loader *loader, size_t at);
	void *(*peek)(struct llext_loader *loader, size_t at);
#ifndef VERSION_37
	void (*finalize)(struct llext_loader *loader);
#endif
#ifdef STORAGE_MEMBER /* as 4.1 and later: TEMPORARY, PERSISTENT, WRITABLE */
	int storage;
#endif
	struct elf_header hdr;
	struct elf_section sects[LLEXT_MEM_COUNT];
#ifdef VERSION_37
	struct elf_section *sect_hdrs;
	bool sect_hdrs_on_heap;
#endif
	struct section_map *sect_map;
#ifdef VERSION_37
	uint32_t sect_cnt;
#endif
};
struct llext_buf_loader {
	struct llext_loader loader;
	const uint8_t *buf;
	size_t len, pos;
};
struct llext {
	struct llext *llext_list;
	char name[16];
	void *mem[LLEXT_MEM_COUNT];
	bool mem_on_heap[LLEXT_MEM_COUNT];
	size_t mem_size[LLEXT_MEM_COUNT];
	size_t alloc_size;
	struct llext_symtable sym_tab, exp_tab;
	unsigned int use_count;
#ifndef VERSION_37
	struct llext *dependency[8];
	unsigned int sect_cnt;
	struct elf_section *sect_hdrs;
	bool sect_hdrs_on_heap;
#endif
};
struct llext_load_param {
	bool relocate_local, pre_located;
#ifndef VERSION_37
	bool (*section_detached)(const struct elf_section *section);
#endif
};
struct llext_const_symbol {
	const char *name;
	const void *addr;
};
extern const struct llext_const_symbol _llext_const_symbol_list_start[], _llext_const_symbol_list_end[];

int arch_elf_relocate(uint32_t type, uint8_t *place, uint32_t symbol, const int32_t *addend);
