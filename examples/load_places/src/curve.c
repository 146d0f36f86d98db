/* SPDX-License-Identifier: Apache-2.0
 *
 * A large table of constants, a little code that refers to it, and some state.
 */
#include <stddef.h>
#include <stdint.h>
#include <zephyr/llext/symbol.h>
#include <zephyr/sys/util.h>

#define STEPS 1024
#define SQUARE(i, _) ((i) * (i))

/*
 * In RAM that has rights, constants can stay where the file is only if they are whole granules, which are 512 bytes on Arm and 4096 on
 * RISC-V. The name of the exported function is a constant, too, so the table leaves room for it.
 */
#ifdef WHOLE_GRANULES
#define ENTRIES ((4096 - sizeof("run")) / sizeof(uint16_t))
#define PLACE __aligned(4096)
#else
#define ENTRIES STEPS
#define PLACE
#endif

const uint16_t curve[ENTRIES] PLACE = {
	LISTIFY(256, SQUARE, (,)), LISTIFY(256, SQUARE, (,)), LISTIFY(256, SQUARE, (,)), LISTIFY(256, SQUARE, (,)),
};
static uint32_t total = 1;
static uint32_t calls;

uint32_t run(const uint8_t *data, size_t count)
{
	while (count-- > 0) {
		total += curve[(calls++ * 256 + *data++) % STEPS];
	}
	return total;
}
EXPORT_SYMBOL(run);
