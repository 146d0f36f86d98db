/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls three heavy functions in turn, wherever they are: in the firmware, or in extensions.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

#include "heavy.h"

typedef uint32_t (*heavy_t)(const uint8_t *data);

#ifdef CONFIG_LLEXT
static const uint8_t spectrum_ext[] __aligned(8) = {
#include <spectrum.inc>
};
static const uint8_t compress_ext[] __aligned(8) = {
#include <compress.inc>
};
static const uint8_t median_ext[] __aligned(8) = {
#include <median.inc>
};

static struct {
	const char *name;
	const uint8_t *file;
	size_t size;
	struct llext *ext;
} functions[] = {
	{"spectrum", spectrum_ext, sizeof(spectrum_ext)},
	{"compress", compress_ext, sizeof(compress_ext)},
	{"median", median_ext, sizeof(median_ext)},
};

/* The function, which is loaded if it is not; NULL if there is no room for it. */
static heavy_t get(int which)
{
	if (functions[which].ext == NULL) {
		struct llext_buf_loader loader =
			LLEXT_PERSISTENT_BUF_LOADER(functions[which].file, functions[which].size);
		int result = llext_load(&loader.loader, functions[which].name, &functions[which].ext, NULL);

		if (result != 0) {
			printk("%s: llext_load %d\n", functions[which].name, result);
			return NULL;
		}
	}
	return llext_find_sym(&functions[which].ext->exp_tab, functions[which].name);
}

/* It is not called again soon. */
static void put(int which)
{
	if (IS_ENABLED(CONFIG_HEAVY_ONE)) {
		llext_unload(&functions[which].ext);
	}
}
#else
#ifdef CONFIG_HEAVY_SHARED
uint8_t heavy_memory[SHARED_BYTES] __aligned(8);
#endif

static const struct {
	const char *name;
	heavy_t function;
} functions[] = {
	{"spectrum", spectrum},
	{"compress", compress},
	{"median", median},
};

static heavy_t get(int which)
{
	return functions[which].function;
}

static void put(int which)
{
}
#endif

/* What a camera gives: firmware has it, however the functions are built. */
static uint8_t frame[FRAME];

static void take_picture(void)
{
	uint32_t noise = 1;

	for (int i = 0; i < FRAME; i++) {
		noise = noise * 1103515245 + 12345;
		frame[i] = (noise >> 28) == 0 ? noise >> 16 : (i % 96) / 8 * 16;
	}
}

int main(void)
{
	take_picture();
	if (IS_ENABLED(CONFIG_HEAVY_ALL)) {
		for (int i = 0; i < ARRAY_SIZE(functions); i++) {
			get(i);
		}
	}
	for (int round = 1; round <= 2; round++) {
		for (int i = 0; i < ARRAY_SIZE(functions); i++) {
			heavy_t function = get(i);

			if (function == NULL) {
				return 1;
			}
			printk("round %d, %s: %u\n", round, functions[i].name, function(frame));
			put(i);
		}
	}
	return 0;
}
