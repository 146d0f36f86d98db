/* SPDX-License-Identifier: Apache-2.0
 *
 * For files of zephyr_linker_sources: lists of objects of an application's own types. A linker script includes this, not C.
 */
#ifndef ZEPHYR_INCLUDE_LINKER_ITERABLE_SECTIONS_H_
#define ZEPHYR_INCLUDE_LINKER_ITERABLE_SECTIONS_H_

#define Z_LINK_ITERABLE_SUBALIGN 4
#define Z_LINK_ITERABLE(struct_type)                                                                                   \
	_##struct_type##_list_start = .;                                                                               \
	KEEP(*(SORT_BY_NAME(._##struct_type.static.*)))                                                                \
	_##struct_type##_list_end = .;
#define Z_LINK_ITERABLE_GC_ALLOWED(struct_type)                                                                        \
	_##struct_type##_list_start = .;                                                                               \
	*(SORT_BY_NAME(._##struct_type.static.*))                                                                      \
	_##struct_type##_list_end = .;

/* Objects that change, with their initial values in flash; constant ones; and objects without initial values. */
#define ITERABLE_SECTION_RAM(struct_type, subalign)                                                                    \
	struct_type##_area : SUBALIGN(subalign) { Z_LINK_ITERABLE(struct_type) } > RAM AT> FLASH
#define ITERABLE_SECTION_ROM(struct_type, subalign)                                                                    \
	struct_type##_area : SUBALIGN(subalign) { Z_LINK_ITERABLE(struct_type) } > FLASH
/* Objects that nothing uses may go. */
#define ITERABLE_SECTION_RAM_GC_ALLOWED(struct_type, subalign)                                                         \
	struct_type##_area : SUBALIGN(subalign) { Z_LINK_ITERABLE_GC_ALLOWED(struct_type) } > RAM AT> FLASH
#define ITERABLE_SECTION_ROM_GC_ALLOWED(struct_type, subalign)                                                         \
	struct_type##_area : SUBALIGN(subalign) { Z_LINK_ITERABLE_GC_ALLOWED(struct_type) } > FLASH
#define ITERABLE_SECTION_RAM_NUMERIC ITERABLE_SECTION_RAM
#define ITERABLE_SECTION_ROM_NUMERIC ITERABLE_SECTION_ROM

#endif /* ZEPHYR_INCLUDE_LINKER_ITERABLE_SECTIONS_H_ */
