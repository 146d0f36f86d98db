/* SPDX-License-Identifier: Apache-2.0
 *
 * Another vendor's codec: IMA ADPCM, half a byte for a sample, behind the first sample (little endian) and the index of its step.
 */
#include <errno.h>
#include <zephyr/llext/symbol.h>
#include <zephyr/sys/byteorder.h>
#include <zephyr/sys/util.h>
#include <codec.h>

#define HEADER 3

static const uint16_t steps[] = {
	7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45,
	50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307,
	337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066,
	2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899,
	15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
};
static const int8_t changes[] = {-1, -1, -1, -1, 2, 4, 6, 8};

static int decode(const uint8_t *data, size_t bytes, int16_t *pcm, size_t room)
{
	if (bytes < HEADER || data[2] >= ARRAY_SIZE(steps)) {
		return -EBADMSG;
	}
	const size_t samples = 2 * (bytes - HEADER);
	int sample = (int16_t)sys_get_le16(data);
	int step = data[2];

	if (samples > room) {
		return -ENOMEM;
	}
	for (size_t at = 0; at < samples; at++) {
		const int code = data[HEADER + at / 2] >> (at % 2 ? 4 : 0) & 15;
		const int size = steps[step];
		const int change = (size >> 3) + (code & 4 ? size : 0) + (code & 2 ? size >> 1 : 0) + (code & 1 ? size >> 2 : 0);

		sample = CLAMP(sample + (code & 8 ? -change : change), INT16_MIN, INT16_MAX);
		step = CLAMP(step + changes[code & 7], 0, (int)ARRAY_SIZE(steps) - 1);
		pcm[at] = (int16_t)sample;
	}
	return (int)samples;
}

const struct codec codec = {CODEC_VERSION, "IMA ADPCM", decode};
EXPORT_SYMBOL(codec);
