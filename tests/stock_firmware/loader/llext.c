/* A loader of its own making: the requests, errors and order of reference firmware.md 3, for what its tests load. */
#include "stand_in.h"

static struct llext *loaded;
static int llext_lock;

#define SHF_WRITE 1
#define SHF_ALLOC 2
#define SHF_EXECINSTR 4

#ifdef STORAGE_MEMBER
#define IN_PLACE(loader) ((loader)->storage == 2)
#elif defined(STORAGE_WRITABLE)
#define IN_PLACE(loader) true
#else
#define IN_PLACE(loader) false
#endif

static uint32_t rounded(uint32_t size)
{
#ifdef POWER_OF_TWO
	uint32_t power = 32;

	while (power < size) {
		power *= 2;
	}
	return power;
#else
	return (size + 31) / 32 * 32;
#endif
}

static void *plain(size_t size) { return k_heap_aligned_alloc(&llext_heap, sizeof(void *), size); }

static void *fetch(struct llext_loader *loader, size_t at, void *to, size_t size)
{
	return loader->seek(loader, at) || loader->read(loader, to, size) ? NULL : to;
}

#ifdef VERSION_37
#define HEADERS(loader, ext) ((loader)->sect_hdrs)
#else
#define HEADERS(loader, ext) ((ext)->sect_hdrs)
#endif

/* In place if the loader can show them, else a copy. */
static int find_headers(struct llext_loader *loader, struct llext *ext)
{
	size_t size = loader->hdr.shnum * sizeof(struct elf_section);

	HEADERS(loader, ext) = loader->peek ? loader->peek(loader, loader->hdr.shoff) : plain(size);
	if (!loader->peek && HEADERS(loader, ext)) {
#ifdef VERSION_37
		loader->sect_hdrs_on_heap = true;
#else
		ext->sect_hdrs_on_heap = true;
#endif
		return fetch(loader, loader->hdr.shoff, HEADERS(loader, ext), size) ? 0 : -ENOEXEC;
	}
	return HEADERS(loader, ext) ? 0 : -ENOMEM;
}

static const char *text_of(struct llext *ext, enum llext_mem table, uint32_t at) { return (char *)ext->mem[table] + at; }

static int add_region(struct llext_loader *loader, struct llext *ext, enum llext_mem index)
{
	struct elf_section *region = &loader->sects[index];
	uint32_t size, align;

	if (!region->size || ext->mem[index]) {
		return 0;
	}
	ext->mem_size[index] = region->size;
	if (region->type != 8 && IN_PLACE(loader)) {
		ext->mem[index] = loader->peek(loader, region->offset);
		return 0;
	}
	size = rounded(region->size);
#ifdef POWER_OF_TWO
	align = size;
#else
	align = 32;
#endif
	ext->mem[index] = k_heap_aligned_alloc(&llext_heap, align, size);
	if (!ext->mem[index]) {
		z_log_minimal_printk("E: Failed allocating %zd bytes %zd-aligned for region %d\n", (size_t)size, (size_t)align, index);
		return -ENOMEM;
	}
	ext->mem_on_heap[index] = true;
	ext->alloc_size += size;
	if (region->type == 8) {
		memset(ext->mem[index], 0, region->size);
		return 0;
	}
	return fetch(loader, region->offset, ext->mem[index], region->size) ? 0 : -ENOEXEC;
}

static int find_tables(struct llext_loader *loader, struct llext *ext)
{
	struct elf_section *headers = HEADERS(loader, ext);
	int found = 0;

	for (int index = 1; index < loader->hdr.shnum; index++) {
		enum llext_mem table = headers[index].type == 2 ? SYMTAB : headers[index].type != 3 ? LLEXT_MEM_COUNT
					: index == loader->hdr.shstrndx ? SHSTRTAB : STRTAB;

		if (table != LLEXT_MEM_COUNT) {
			found += loader->sects[table].size ? 100 : 1;
			loader->sects[table] = headers[index];
			loader->sect_map[index].mem_idx = table;
		}
	}
	if (found != 3) {
		z_log_minimal_printk("E: Some sections are missing or present multiple times!\n");
		return -ENOEXEC;
	}
	found = add_region(loader, ext, SHSTRTAB);
	return found ? found : add_region(loader, ext, STRTAB);
}

static enum llext_mem region_of(struct llext *ext, struct elf_section *section)
{
	if (!(section->flags & SHF_ALLOC) || !section->size) {
		return LLEXT_MEM_COUNT;
	}
	if (!compare(text_of(ext, SHSTRTAB, section->name), ".exported_sym")) {
		return EXPORT;
	}
	switch (section->type) {
	case 8:
		return BSS;
	case 1:
		return section->flags & SHF_EXECINSTR ? TEXT : section->flags & SHF_WRITE ? DATA : RODATA;
	case 16:
		return PREINIT;
	case 14:
		return INIT;
	case 15:
		return FINI;
	default:
		return LLEXT_MEM_COUNT;
	}
}

static int map_sections(struct llext_loader *loader, struct llext *ext)
{
	struct elf_section *headers = HEADERS(loader, ext);

	for (int index = 1; index < loader->hdr.shnum; index++) {
		enum llext_mem kind = region_of(ext, &headers[index]);
		struct elf_section *region = &loader->sects[kind];
		uint32_t end;

		if (kind == LLEXT_MEM_COUNT) {
			continue;
		}
		loader->sect_map[index].mem_idx = kind;
		if (!region->size) {
			*region = headers[index];
			continue;
		}
		if (headers[index].type == 8) {
			return -ENOTSUP;
		}
		end = region->offset + region->size;
		if (headers[index].offset + headers[index].size > end) {
			end = headers[index].offset + headers[index].size;
		}
		if (headers[index].offset < region->offset) {
			region->offset = headers[index].offset;
		}
		region->size = end - region->offset;
	}
	for (int index = 1; index < loader->hdr.shnum; index++) {
		if (loader->sect_map[index].mem_idx != LLEXT_MEM_COUNT) {
			loader->sect_map[index].offset = headers[index].offset - loader->sects[loader->sect_map[index].mem_idx].offset;
		}
	}
	return 0;
}

static uint8_t *address_of(struct llext_loader *loader, struct llext *ext, int section)
{
	struct section_map *map = &loader->sect_map[section];

	return map->mem_idx == LLEXT_MEM_COUNT ? NULL : (uint8_t *)ext->mem[map->mem_idx] + map->offset;
}

static int copy_symbols(struct llext_loader *loader, struct llext *ext)
{
	struct elf_symbol *symbols = ext->mem[SYMTAB];
	size_t count = loader->sects[SYMTAB].size / sizeof(*symbols), kept = 0;

	for (int round = 0; round < 2; round++) {
		for (size_t index = kept = 0; index < count; index++) {
			int type = symbols[index].info & 15;

			if (!index || symbols[index].info >> 4 != 1 || (type != 1 && type != 2)) {
				continue;
			}
			if (round && symbols[index].section) {
				ext->sym_tab.syms[kept].name = text_of(ext, STRTAB, symbols[index].name);
				ext->sym_tab.syms[kept].addr = address_of(loader, ext, symbols[index].section) + symbols[index].value;
			}
			kept++;
		}
		if (!round) {
			ext->sym_tab.sym_cnt = kept;
			ext->sym_tab.syms = plain(kept * sizeof(struct llext_symbol));
			if (!ext->sym_tab.syms) {
				return -ENOMEM;
			}
			ext->alloc_size += kept * sizeof(struct llext_symbol);
		}
	}
	return 0;
}

static const void *builtin(const char *name)
{
	for (const struct llext_const_symbol *each = _llext_const_symbol_list_start; each < _llext_const_symbol_list_end; each++) {
		if (!compare(each->name, name)) {
			return each->addr;
		}
	}
	for (struct llext *other = loaded; other; other = other->llext_list) {
		for (size_t index = 0; index < other->exp_tab.sym_cnt; index++) {
			if (!compare(other->exp_tab.syms[index].name, name)) {
				return other->exp_tab.syms[index].addr;
			}
		}
	}
	return NULL;
}

static int resolve(struct llext_loader *loader, struct llext *ext, uint32_t index, uint32_t *value)
{
	struct elf_symbol *symbol = (struct elf_symbol *)ext->mem[SYMTAB] + index;

	if (!index) {
		*value = 0;
	} else if (symbol->section) {
		*value = (uint32_t)address_of(loader, ext, symbol->section) + symbol->value;
	} else {
		*value = (uint32_t)builtin(text_of(ext, STRTAB, symbol->name));
		if (!*value) {
			struct {
				uint8_t words, strings[3];
				const char *format, *name;
				int section;
			} package = {4, {0}, "Undefined symbol with no entry in symbol table %s, link section %d", text_of(ext, STRTAB, symbol->name), 0};

			z_impl_z_log_msg_static_create(NULL, 4 << 9, (const uint8_t *)&package, NULL);
			return -ENODATA;
		}
	}
	return 0;
}

static int link_section(struct llext_loader *loader, struct llext *ext, struct elf_section *table, struct elf_section *target)
{
	uint32_t step = table->type == 4 ? 12 : 8;
	uint8_t *base = address_of(loader, ext, (int)table->info);

	if (!base) {
		z_log_minimal_printk("E: Section %d not loaded in any memory region\n", (int)table->info);
		return -ENOEXEC;
	}
	for (uint32_t at = table->offset; at < table->offset + table->size; at += step) {
		uint32_t entry[3], value;
		int error = fetch(loader, at, entry, step) ? resolve(loader, ext, entry[1] >> 8, &value) : -ENOEXEC;

		if (!error) {
			error = arch_elf_relocate(entry[1] & 255, base + entry[0], value, step == 12 ? (int32_t *)&entry[2] : NULL);
		}
		if (error) {
			return error;
		}
	}
	return 0;
}

static int link(struct llext_loader *loader, struct llext *ext)
{
	struct elf_section *headers = HEADERS(loader, ext);

	for (int index = 1; index < loader->hdr.shnum; index++) {
		struct elf_section *table = &headers[index];

		if ((table->type == 4 || table->type == 9) && headers[table->info].flags & SHF_ALLOC) {
			int error = link_section(loader, ext, table, &headers[table->info]);

			if (error) {
				return error;
			}
		}
	}
	for (int index = 0; index < LLEXT_MEM_COUNT; index++) {
		if (ext->mem[index]) {
			sys_cache_data_flush_range(ext->mem[index], ext->mem_size[index]);
			sys_cache_instr_invd_range(ext->mem[index], ext->mem_size[index]);
		}
	}
	return 0;
}

static int export_symbols(struct llext_loader *loader, struct llext *ext)
{
	size_t count = loader->sects[EXPORT].size / sizeof(struct llext_symbol);

	if (!count) {
		return 0;
	}
	ext->exp_tab.syms = plain(count * sizeof(struct llext_symbol));
	if (!ext->exp_tab.syms) {
		return -ENOMEM;
	}
	ext->exp_tab.sym_cnt = count;
	memcpy(ext->exp_tab.syms, ext->mem[EXPORT], count * sizeof(struct llext_symbol));
	return 0;
}

static int load(struct llext_loader *loader, struct llext *ext, const struct llext_load_param *parm)
{
	int error;

#ifndef VERSION_37
	if (loader->prepare && loader->prepare(loader)) {
		return -ENOEXEC;
	}
#endif
	if (!fetch(loader, 0, &loader->hdr, sizeof(loader->hdr)) || loader->hdr.ident[0] != 0x7f || loader->hdr.type != 1) {
		z_log_minimal_printk("E: Invalid ELF, magic does not match\n");
		return -ENOEXEC;
	}
	loader->sect_map = plain(loader->hdr.shnum * sizeof(struct section_map));
	if (!loader->sect_map) {
		return -ENOMEM;
	}
	for (int index = 0; index < loader->hdr.shnum; index++) {
		loader->sect_map[index].mem_idx = LLEXT_MEM_COUNT;
		loader->sect_map[index].offset = 0;
	}
	error = find_headers(loader, ext);
	error = error ? error : find_tables(loader, ext);
	error = error ? error : map_sections(loader, ext);
	for (int index = 0; !error && index < LLEXT_MEM_COUNT; index++) {
		error = add_region(loader, ext, index);
	}
	error = error ? error : copy_symbols(loader, ext);
	error = error || !parm->relocate_local ? error : link(loader, ext);
	return error ? error : export_symbols(loader, ext);
}

static void release(struct llext *ext)
{
	for (int index = 0; index < LLEXT_MEM_COUNT; index++) {
		if (ext->mem_on_heap[index]) {
			k_heap_free(&llext_heap, ext->mem[index]);
		}
	}
#ifndef VERSION_37
	if (ext->sect_hdrs_on_heap) {
		k_heap_free(&llext_heap, ext->sect_hdrs);
	}
#endif
	k_heap_free(&llext_heap, ext->exp_tab.syms);
	k_heap_free(&llext_heap, ext);
}

int llext_load(struct llext_loader *loader, const char *name, struct llext **ext, const struct llext_load_param *parm)
{
	struct llext *made;
	int error;

#ifdef SPINS
	for (;;) {
		__asm__ volatile("" ::: "memory");
	}
#endif
#ifdef JUMPS
	((void (*)(void))JUMPS)();
#endif
#ifdef WRITES
	*(volatile int *)0x50000000 = 1;
#endif
#ifdef UNDEFINED
	__builtin_trap();
#endif
#ifdef __riscv
	extern char global_pointer[] __asm__("__global_pointer$");
	char *held;

	__asm__("mv %0, gp" : "=r"(held));
	if (held != global_pointer) {
		return -1;
	}
#endif
	z_impl_k_mutex_lock(&llext_lock, 0xFFFFFFFF, 0xFFFFFFFF);
	made = plain(sizeof(*made));
	error = made ? 0 : -ENOMEM;
	if (made) {
		memset(made, 0, sizeof(*made));
		loader->sect_map = NULL;
		memset(loader->sects, 0, sizeof(loader->sects));
		error = load(loader, made, parm);
		k_heap_free(&llext_heap, loader->sect_map);
		k_heap_free(&llext_heap, made->sym_tab.syms);
		made->sym_tab.syms = NULL;
	}
	if (error && made) {
		release(made);
	}
	if (!error) {
		struct llext **last = &loaded;

		for (int at = 0; at < 15 && name[at]; at++) {
			made->name[at] = name[at];
		}
		made->use_count = 1;
		while (*last) {
			last = &(*last)->llext_list;
		}
		*last = made;
		z_log_minimal_printk("I: Loaded extension %s\n", made->name);
	}
	*ext = error ? NULL : made;
	z_impl_k_mutex_unlock(&llext_lock);
	return error;
}

int llext_unload(struct llext **ext)
{
	struct llext **at = &loaded, *gone = *ext;

	log_flush();
	z_impl_k_mutex_lock(&llext_lock, 0xFFFFFFFF, 0xFFFFFFFF);
	while (*at != gone) {
		at = &(*at)->llext_list;
	}
	*at = gone->llext_list;
	*ext = NULL;
	release(gone);
	z_impl_k_mutex_unlock(&llext_lock);
	return 0;
}
