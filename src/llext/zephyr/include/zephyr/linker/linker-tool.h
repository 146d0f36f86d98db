/* SPDX-License-Identifier: Apache-2.0
 *
 * What files of zephyr_linker_sources may use of Zephyr's linker scripts without an #include: sections and the memories that
 * they go to, and lists of objects. For linker scripts, not for C.
 */
#ifndef ZEPHYR_INCLUDE_LINKER_LINKER_TOOL_H_
#define ZEPHYR_INCLUDE_LINKER_LINKER_TOOL_H_

#include <zephyr/linker/iterable_sections.h>

#define ROMABLE_REGION FLASH
#define RAMABLE_REGION RAM

/* A section's name, type and alignment, and in which memory it lies; one with initial values has those in flash. */
#define SECTION_PROLOGUE(name, options, align) name options : align
#define SECTION_DATA_PROLOGUE(name, options, align) name options : align
#define GROUP_LINK_IN(where) > where
#define GROUP_ROM_LINK_IN(vregion, lregion) > lregion
#define GROUP_DATA_LINK_IN(vregion, lregion) > vregion AT> lregion
#define GROUP_NOLOAD_LINK_IN(vregion, lregion) > vregion

#endif /* ZEPHYR_INCLUDE_LINKER_LINKER_TOOL_H_ */
