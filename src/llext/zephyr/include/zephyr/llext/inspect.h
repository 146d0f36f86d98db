/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the sections of an extension came to lie. Its load had keep_section_info, and nobody has given that up since. Each pointer
 * for a result may be NULL. Returns 0 or an index, -EINVAL for a region or section that there is not, -ENOENT for an unknown name,
 * -ENOTSUP without the section map.
 */
#ifndef ZEPHYR_INCLUDE_LLEXT_INSPECT_H_
#define ZEPHYR_INCLUDE_LLEXT_INSPECT_H_

#include <stddef.h>
#include <zephyr/llext/loader.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Address and size of a region from its first section on; its header is made of those of its sections. */
int llext_get_region_info(const struct llext_loader *ldr, const struct llext *ext, enum llext_mem region, const elf_shdr_t **hdr,
			  const void **addr, size_t *size);
int llext_section_shndx(const struct llext_loader *ldr, const struct llext *ext, const char *sect_name);
/* The offset is one in the region as llext_get_region_info has it. */
int llext_get_section_info(const struct llext_loader *ldr, const struct llext *ext, unsigned int shndx, const elf_shdr_t **hdr,
			   enum llext_mem *region, size_t *offset);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LLEXT_INSPECT_H_ */
