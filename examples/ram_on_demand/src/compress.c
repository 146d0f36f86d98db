/* SPDX-License-Identifier: Apache-2.0
 *
 * How small a frame becomes: literals, and pairs of length and distance. 12 KiB.
 */
#include <string.h>
#include <zephyr/llext/symbol.h>

#include "heavy.h"

#define SLOTS 4096
#define WINDOW 4096

struct history {
	uint16_t last[SLOTS]; /* where three bytes with this hash were, plus 1 */
	uint8_t window[WINDOW];
};
HEAVY_WORK(struct history);

static uint32_t hash(const uint8_t *three)
{
	return ((three[0] << 16 | three[1] << 8 | three[2]) * 2654435761U) >> 20;
}

uint32_t compress(const uint8_t *data)
{
	uint32_t at = 0, bits = 0;

	memset(work, 0, sizeof(*work));
	memcpy(work->window, data, WINDOW);
	while (at + 3 <= WINDOW) {
		uint16_t *slot = &work->last[hash(&work->window[at])];
		uint32_t from = *slot, length = 0;

		*slot = at + 1;
		while (from != 0 && length < 255 && at + length < WINDOW &&
		       work->window[from - 1 + length] == work->window[at + length]) {
			length++;
		}
		bits += length >= 3 ? 1 + 8 + 12 : 1 + 8;
		at += length >= 3 ? length : 1;
	}
	return (bits + (WINDOW - at) * 9 + 7) / 8;
}
EXPORT_SYMBOL(compress);
