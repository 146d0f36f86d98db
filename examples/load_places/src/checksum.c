/* SPDX-License-Identifier: Apache-2.0
 *
 * Code and nothing else: no variable, no table, no call, so that no relocation changes it.
 */
#include <stddef.h>
#include <stdint.h>
#include <zephyr/llext/symbol.h>

uint32_t run(const uint8_t *data, size_t count)
{
	uint32_t crc = ~0U;

	while (count-- > 0) {
		crc ^= *data++;
		for (int bit = 0; bit < 8; bit++) {
			crc = (crc >> 1) ^ (0xEDB88320U & -(crc & 1));
		}
	}
	return ~crc;
}
EXPORT_SYMBOL(run);
