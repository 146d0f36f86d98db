/* SPDX-License-Identifier: Apache-2.0
 *
 * IMA ADPCM, one sample at a time: a code of four bits holds the difference to the last sample in units of the step.
 */
#include "codec.h"

#include <zephyr/sys/util.h>

int32_t codec_decode_sample(struct codec_state *state, uint8_t code)
{
	const int32_t step = codec_step_sizes[state->index];
	int32_t difference = step >> 3;

	if (code & 4) {
		difference += step;
	}
	if (code & 2) {
		difference += step >> 1;
	}
	if (code & 1) {
		difference += step >> 2;
	}
	state->sample += code & 8 ? -difference : difference;
	state->sample = CLAMP(state->sample, INT16_MIN, INT16_MAX);
	state->index += codec_index_changes[code & 15];
	state->index = CLAMP(state->index, 0, CODEC_STEPS - 1);
	return state->sample;
}

uint8_t codec_encode_sample(struct codec_state *state, int32_t sample)
{
	int32_t step = codec_step_sizes[state->index];
	int32_t difference = sample - state->sample;
	uint8_t code = 0;
	uint8_t bit;

	if (difference < 0) {
		code = 8;
		difference = -difference;
	}
	for (bit = 4; bit != 0; bit >>= 1, step >>= 1) {
		if (difference >= step) {
			code |= bit;
			difference -= step;
		}
	}
	codec_decode_sample(state, code);
	return code;
}
