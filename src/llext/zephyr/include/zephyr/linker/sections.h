/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the firmware's sections, for C, assembler and linker scripts.
 */
#ifndef ZEPHYR_INCLUDE_LINKER_SECTIONS_H_
#define ZEPHYR_INCLUDE_LINKER_SECTIONS_H_

#define _TEXT_SECTION_NAME text
#define _RODATA_SECTION_NAME rodata
#define _DATA_SECTION_NAME datas
#define _BSS_SECTION_NAME bss
#define _NOINIT_SECTION_NAME noinit

#if !defined(_ASMLANGUAGE) && !defined(__ASSEMBLER__)
#include <zephyr/linker/section_tags.h>
#endif

#endif /* ZEPHYR_INCLUDE_LINKER_SECTIONS_H_ */
