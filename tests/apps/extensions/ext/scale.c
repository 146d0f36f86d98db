/* SPDX-License-Identifier: Apache-2.0 */
#include <api.h>
#include <scale_table.h>
#include <zephyr/llext/symbol.h>

#if !FOR_ALL || !defined(LL_EXTENSION_BUILD)
#error "definitions of the firmware are the extension's too"
#endif

/* Of the linker: its address is a number. */
extern char scale_offset[];

static int run(int value)
{
	return value * SCALE + (int)(uintptr_t)scale_offset + scale_table[value % 4];
}

static const struct api scale_api = {.name = SCALE_NAME, .run = run};
LL_EXTENSION_SYMBOL_NAMED(scale_api, api);
