/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads a network when there is something to read, and lets it read. The firmware knows one function of it.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
#include "pictures.h"

#define POINTS 64
#define COUNT ((int)ARRAY_SIZE(pictures) / POINTS)

static const uint8_t digits_ext[] __aligned(4) = {
#include <digits_ext.inc>
};

static void show(void)
{
	static const char shades[] = " .:+*#@";

	for (int row = 0; row < 8; row++) {
		for (int at = 0; at < COUNT * 8; at++) {
			const int8_t point = pictures[at / 8 * POINTS + row * 8 + at % 8];

			printk("%c%s", shades[MIN(point / 14, 6)], at % 8 == 7 && at + 1 < COUNT * 8 ? "|" : "");
		}
		printk("\n");
	}
}

int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(digits_ext, sizeof(digits_ext));
	struct llext *ext;
	int result = llext_load(&loader.loader, "digits", &ext, NULL);

	if (result != 0) {
		printk("loading: %d\n", result);
		return 0;
	}
	printk("a file of %u bytes: %u bytes of code, %u of constants; %u bytes of the heap\n", (unsigned int)sizeof(digits_ext),
	       (unsigned int)ext->mem_size[LLEXT_MEM_TEXT], (unsigned int)ext->mem_size[LLEXT_MEM_RODATA],
	       (unsigned int)ext->alloc_size);

	int (*infer)(const int8_t *picture, int8_t *scores) = llext_find_sym(&ext->exp_tab, "infer");

	show();
	for (int picture = 0; infer != NULL && picture < COUNT; picture++) {
		int8_t scores[10];
		const int figure = infer(&pictures[picture * POINTS], scores);

		printk("a %d; scores", figure);
		for (int at = 0; at < 10; at++) {
			printk(" %d", scores[at]);
		}
		printk("\n");
	}
	llext_unload(&ext);
	return 0;
}
