/* SPDX-License-Identifier: Apache-2.0
 *
 * IMA ADPCM: each sample is predicted to be like the one before, and only the difference is kept, in four bits and in
 * units of a step that grows with large differences and shrinks with small ones. And what one measures of a signal.
 */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include "codec.h"

struct predictor {
	int sample;
	int step;
};

struct codec_statistics codec_statistics;

/* What a code stands for: its three low bits are halves, quarters and eighths of twice the step, bit 3 is the sign. */
static void follow(struct predictor *predictor, int code)
{
	const int size = codec_step_sizes[predictor->step];
	int difference = size >> 3;

	if (code & 4) {
		difference += size;
	}
	if (code & 2) {
		difference += size >> 1;
	}
	if (code & 1) {
		difference += size >> 2;
	}
	predictor->sample += code & 8 ? -difference : difference;
	predictor->sample = codec_limit(predictor->sample, INT16_MIN, INT16_MAX);
	predictor->step = codec_limit(predictor->step + codec_step_changes[code & 7], 0, CODEC_STEPS - 1);
}

static int code_of(const struct predictor *predictor, int sample)
{
	int difference = sample - predictor->sample;
	int size = codec_step_sizes[predictor->step];
	int code = 0;
	int bit;

	if (difference < 0) {
		code = 8;
		difference = -difference;
	}
	for (bit = 4; bit > 0; bit >>= 1, size >>= 1) {
		if (difference >= size) {
			code |= bit;
			difference -= size;
		}
	}
	return code;
}

int codec_encode(const int16_t *pcm, int samples, uint8_t *out)
{
	struct predictor predictor = {samples > 0 ? filter_apply(pcm, samples, 0) : 0, 40};
	const int bytes = CODEC_HEADER + (samples + 1) / 2;
	int at;

	memset(out, 0, (size_t)bytes);
	out[CODEC_PREDICTED] = (uint8_t)(predictor.sample & 0xff);
	out[CODEC_PREDICTED + 1] = (uint8_t)(predictor.sample >> 8 & 0xff);
	out[CODEC_STEP] = (uint8_t)predictor.step;
	out[CODEC_UNUSED] = (uint8_t)(samples % 2);
	for (at = 0; at < samples; at++) {
		const int code = code_of(&predictor, filter_apply(pcm, samples, at));

		out[CODEC_HEADER + at / 2] |= (uint8_t)(at % 2 ? code << 4 : code);
		follow(&predictor, code);
	}
	codec_statistics.blocks++;
	codec_statistics.bytes += (uint32_t)bytes;
	codec_statistics.samples += samples;
	return bytes;
}
EXPORT_SYMBOL(codec_encode);

int codec_decode(const uint8_t *in, int bytes, int16_t *pcm)
{
	struct predictor predictor;
	int samples, at;

	if (bytes < CODEC_HEADER || in[CODEC_STEP] >= CODEC_STEPS || in[CODEC_UNUSED] > 1 ||
	    in[CODEC_UNUSED] > bytes - CODEC_HEADER) {
		return -1;
	}
	predictor.sample = (int16_t)(in[CODEC_PREDICTED] | in[CODEC_PREDICTED + 1] << 8);
	predictor.step = in[CODEC_STEP];
	samples = 2 * (bytes - CODEC_HEADER) - in[CODEC_UNUSED];
	for (at = 0; at < samples; at++) {
		follow(&predictor, in[CODEC_HEADER + at / 2] >> (at % 2 ? 4 : 0) & 15);
		pcm[at] = (int16_t)predictor.sample;
	}
	return samples;
}
EXPORT_SYMBOL(codec_decode);

int64_t codec_energy(const int16_t *pcm, int samples)
{
	int64_t sum = 0;

	while (samples-- > 0) {
		sum += (int32_t)pcm[samples] * pcm[samples];
	}
	return sum;
}
EXPORT_SYMBOL(codec_energy);

/* log2 of a positive number: its exponent, and a series in s = (m - 1) / (m + 1) for its mantissa m from 1 to below 2. */
static float log_2(float number)
{
	uint32_t bits;
	float mantissa, s, square;
	int exponent;

	memcpy(&bits, &number, sizeof(bits));
	exponent = (int)(bits >> 23 & 0xff) - 127;
	bits = (bits & 0x7fffff) | 0x3f800000;
	memcpy(&mantissa, &bits, sizeof(mantissa));
	s = (mantissa - 1.0f) / (mantissa + 1.0f);
	square = s * s;
	return (float)exponent + 2.8853901f * s * (1.0f + square * (1.0f / 3.0f + square * (0.2f + square / 7.0f)));
}

float codec_decibels(int64_t energy, int64_t reference)
{
	if (energy <= 0 || reference <= 0) {
		return -200.0f;
	}
	return 3.0103f * (log_2((float)energy) - log_2((float)reference));
}
