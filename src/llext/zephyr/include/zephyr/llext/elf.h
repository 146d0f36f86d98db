/* SPDX-License-Identifier: Apache-2.0
 *
 * What of an ELF file the loader's structures hold (System V gABI, chapter 4), of the CPU's own class.
 */
#ifndef ZEPHYR_INCLUDE_LLEXT_ELF_H_
#define ZEPHYR_INCLUDE_LLEXT_ELF_H_

#include <stdint.h>

typedef struct {
	unsigned char e_ident[16];
	uint16_t e_type;
	uint16_t e_machine;
	uint32_t e_version;
	uintptr_t e_entry;
	uintptr_t e_phoff;
	uintptr_t e_shoff;
	uint32_t e_flags;
	uint16_t e_ehsize;
	uint16_t e_phentsize;
	uint16_t e_phnum;
	uint16_t e_shentsize;
	uint16_t e_shnum;
	uint16_t e_shstrndx;
} elf_ehdr_t;

typedef struct {
	uint32_t sh_name;
	uint32_t sh_type;
	uintptr_t sh_flags;
	uintptr_t sh_addr;
	uintptr_t sh_offset;
	uintptr_t sh_size;
	uint32_t sh_link;
	uint32_t sh_info;
	uintptr_t sh_addralign;
	uintptr_t sh_entsize;
} elf_shdr_t;

#endif /* ZEPHYR_INCLUDE_LLEXT_ELF_H_ */
