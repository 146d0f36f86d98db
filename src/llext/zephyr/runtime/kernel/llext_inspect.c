/* SPDX-License-Identifier: Apache-2.0
 *
 * Sections and regions of a file that is loaded: what its loader and its struct llext have of them. Names of sections are shown by
 * the loader's peek, or are in memory.
 */
#include <errno.h>
#include <string.h>
#include <zephyr/llext/inspect.h>

static const char *name_in_file(struct llext_loader *ldr, const elf_shdr_t *header)
{
	return ldr->peek(ldr, ldr->sects[LLEXT_MEM_SHSTRTAB].sh_offset + header->sh_name);
}

ssize_t llext_find_section(struct llext_loader *ldr, const char *search_name)
{
	if (ldr->peek == NULL) {
		return -ENOTSUP;
	}
	for (unsigned int i = 0; i < ldr->hdr.e_shnum; i++) {
		const elf_shdr_t *header = ldr->peek(ldr, ldr->hdr.e_shoff + i * ldr->hdr.e_shentsize);
		const char *name = header != NULL ? name_in_file(ldr, header) : NULL;

		if (name == NULL) {
			return -ENOTSUP;
		}
		if (strcmp(name, search_name) == 0) {
			return header->sh_offset;
		}
	}
	return -ENOENT;
}

int llext_get_section_header(struct llext_loader *ldr, struct llext *ext, const char *search_name, elf_shdr_t *shdr)
{
	if (ldr->peek == NULL) {
		return -ENOTSUP;
	}
	for (unsigned int i = 0; i < ext->sect_cnt; i++) {
		const char *name = name_in_file(ldr, ext->sect_hdrs + i);

		if (name == NULL) {
			return -ENOTSUP;
		}
		if (strcmp(name, search_name) == 0) {
			*shdr = ext->sect_hdrs[i];
			return 0;
		}
	}
	return -ENOENT;
}

int llext_section_shndx(const struct llext_loader *ldr, const struct llext *ext, const char *sect_name)
{
	if (ldr->sect_map == NULL) {
		return -ENOTSUP;
	}
	for (unsigned int i = 1; i < ext->sect_cnt; i++) {
		if (strcmp((const char *)ext->mem[LLEXT_MEM_SHSTRTAB] + ext->sect_hdrs[i].sh_name, sect_name) == 0) {
			return i;
		}
	}
	return -ENOENT;
}

int llext_get_region_info(const struct llext_loader *ldr, const struct llext *ext, enum llext_mem region, const elf_shdr_t **hdr,
			  const void **addr, size_t *size)
{
	if ((unsigned int)region >= LLEXT_MEM_COUNT) {
		return -EINVAL;
	}
	/* sh_info of a region is the padding in front of its first section. */
	const size_t padding = ldr->sects[region].sh_info;

	if (hdr != NULL) {
		*hdr = &ldr->sects[region];
	}
	if (addr != NULL) {
		*addr = (const uint8_t *)ext->mem[region] + padding;
	}
	if (size != NULL) {
		*size = ext->mem_size[region] - padding;
	}
	return 0;
}

int llext_get_section_info(const struct llext_loader *ldr, const struct llext *ext, unsigned int shndx, const elf_shdr_t **hdr,
			   enum llext_mem *region, size_t *offset)
{
	if (shndx >= ext->sect_cnt) {
		return -EINVAL;
	}
	if (ldr->sect_map == NULL) {
		return -ENOTSUP;
	}
	const enum llext_mem where = ldr->sect_map[shndx].mem_idx;

	if (hdr != NULL) {
		*hdr = &ext->sect_hdrs[shndx];
	}
	if (region != NULL) {
		*region = where;
	}
	if (offset != NULL) {
		*offset = ldr->sect_map[shndx].offset - (where < LLEXT_MEM_COUNT ? ldr->sects[where].sh_info : 0);
	}
	return 0;
}

int llext_free_inspection_data(struct llext_loader *ldr, struct llext *ext)
{
	if (ldr->sect_map != NULL) {
		z_llext_free_map(ext);
		ldr->sect_map = NULL;
	}
	return 0;
}
