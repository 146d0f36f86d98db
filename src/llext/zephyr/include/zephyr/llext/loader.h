/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an extension's bytes come from: functions that llext_load calls. Each returns 0, or a negative error number.
 */
#ifndef ZEPHYR_INCLUDE_LLEXT_LOADER_H_
#define ZEPHYR_INCLUDE_LLEXT_LOADER_H_

#include <stddef.h>
#include <zephyr/llext/elf.h>
#include <zephyr/llext/llext.h>

#ifdef __cplusplus
extern "C" {
#endif

enum llext_storage_type {
	LLEXT_STORAGE_TEMPORARY = 0,
	LLEXT_STORAGE_PERSISTENT = 1,
	LLEXT_STORAGE_WRITABLE = 2
};

struct llext_elf_sect_map {
	enum llext_mem mem_idx;
	size_t offset;
};

struct llext_loader {
	int (*prepare)(struct llext_loader *ldr);
	int (*read)(struct llext_loader *ldr, void *out, size_t len);
	int (*seek)(struct llext_loader *ldr, size_t pos);
	void *(*peek)(struct llext_loader *ldr, size_t pos);
	void (*finalize)(struct llext_loader *ldr);
	enum llext_storage_type storage;
	elf_ehdr_t hdr;
	elf_shdr_t sects[LLEXT_MEM_COUNT];
	struct llext_elf_sect_map *sect_map;
};

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LLEXT_LOADER_H_ */
