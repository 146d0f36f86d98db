/* SPDX-License-Identifier: Apache-2.0
 *
 * A vendor's codec: ITU-T G.711 mu-law, a byte for a sample. Inverted, a byte is a sign, three bits of exponent and four of mantissa.
 */
#include <errno.h>
#include <zephyr/llext/symbol.h>
#include <codec.h>

static int decode(const uint8_t *data, size_t bytes, int16_t *pcm, size_t room)
{
	if (bytes > room) {
		return -ENOMEM;
	}
	for (size_t at = 0; at < bytes; at++) {
		const uint8_t code = ~data[at];
		const int size = (((code & 15) << 3) + 132) << (code >> 4 & 7);

		pcm[at] = (int16_t)(code & 0x80 ? 132 - size : size - 132);
	}
	return (int)bytes;
}

const struct codec codec = {CODEC_VERSION, "mu-law", decode};
EXPORT_SYMBOL(codec);
