/* SPDX-License-Identifier: Apache-2.0
 *
 * What the linker script of an application says of its parts. Addresses are those of the symbols; sizes, too.
 */
#ifndef ZEPHYR_INCLUDE_LINKER_LINKER_DEFS_H_
#define ZEPHYR_INCLUDE_LINKER_LINKER_DEFS_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/linker/sections.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flash: code, what is constant, and all that is there. */
extern char __rom_region_start[], __rom_region_end[], __rom_region_size[];
extern char __text_region_start[], __text_region_end[], __text_region_size[];
extern char __rodata_region_start[], __rodata_region_end[], __rodata_region_size[];
extern char _flash_used[];

/* RAM: with initial values, and where in flash those are; zeroed; all that is there, whose end is _end. */
extern char __data_region_start[], __data_region_end[], __data_region_load_start[];
extern char __bss_start[], __bss_end[];
extern char _image_ram_start[], _image_ram_end[], _image_ram_size[];
extern char __kernel_ram_start[], __kernel_ram_end[], __kernel_ram_size[];
extern char _end[];

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LINKER_LINKER_DEFS_H_ */
