/* SPDX-License-Identifier: Apache-2.0
 *
 * Where variables and functions go. Virtual boards have no cache, no memory that is close to the CPU, and nothing to swap out: what
 * is for those goes where everything of its kind does.
 */
#ifndef ZEPHYR_INCLUDE_LINKER_SECTION_TAGS_H_
#define ZEPHYR_INCLUDE_LINKER_SECTION_TAGS_H_

#include <zephyr/toolchain.h>

#define __noinit_named(name) __noinit
#define __isr
#define __kernel
#define __nocache
#define __nocache_noinit __noinit
#define __nocache_load
#define __pinned_func
#define __pinned_data
#define __pinned_rodata
#define __pinned_bss
#define __pinned_noinit __noinit

#endif /* ZEPHYR_INCLUDE_LINKER_SECTION_TAGS_H_ */
