/* SPDX-License-Identifier: Apache-2.0
 *
 * The codec's exports: buffers in, buffers out, figures about them, and a demonstration.
 */
#include "codec.h"

#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#define DEMO_SAMPLES 256

static uint32_t noise_state = 12345;
static int16_t tone[DEMO_SAMPLES];
static int16_t decoded[DEMO_SAMPLES];
static uint8_t packed[DEMO_SAMPLES / 2];

int codec_encode(const int16_t *pcm, int samples, uint8_t *out)
{
	struct codec_state state = {0, 0};
	int i;

	for (i = 0; i + 1 < samples; i += 2) {
		const uint8_t low = codec_encode_sample(&state, pcm[i]);

		out[i / 2] = (uint8_t)(codec_encode_sample(&state, pcm[i + 1]) << 4 | low);
	}
	return i / 2;
}
EXPORT_SYMBOL(codec_encode);

int codec_decode(const uint8_t *in, int bytes, int16_t *pcm)
{
	struct codec_state state = {0, 0};
	int i;

	for (i = 0; i < bytes; i++) {
		const int32_t first = codec_filter_sample(codec_decode_sample(&state, in[i] & 15));
		const int32_t second = codec_filter_sample(codec_decode_sample(&state, in[i] >> 4));

		pcm[2 * i] = (int16_t)CLAMP(first, INT16_MIN, INT16_MAX);
		pcm[2 * i + 1] = (int16_t)CLAMP(second, INT16_MIN, INT16_MAX);
	}
	return 2 * bytes;
}
EXPORT_SYMBOL(codec_decode);

int64_t codec_energy(const int16_t *pcm, int samples)
{
	int64_t sum = 0;
	int i;

	for (i = 0; i < samples; i++) {
		sum += (int64_t)pcm[i] * pcm[i];
	}
	return samples > 0 ? sum / samples : 0;
}
EXPORT_SYMBOL(codec_energy);

float codec_ratio(int64_t signal, int64_t noise)
{
	return noise > 0 ? (float)signal / (float)noise : 0.0f;
}
EXPORT_SYMBOL(codec_ratio);
EXPORT_SYMBOL(codec_select);

/* Two tones as triangles, and a little noise. */
static void make_tone(void)
{
	int i;

	for (i = 0; i < DEMO_SAMPLES; i++) {
		const int32_t slow = (i % 64 < 32 ? i % 64 : 64 - i % 64) * 400 - 6400;
		const int32_t fast = (i % 10 < 5 ? i % 10 : 10 - i % 10) * 300 - 750;

		noise_state = noise_state * 1664525u + 1013904223u;
		tone[i] = (int16_t)(slow + fast + (int32_t)(noise_state >> 24) - 128);
	}
}

static int64_t noise_energy(void)
{
	int64_t sum = 0;
	int i;

	for (i = 0; i < DEMO_SAMPLES; i++) {
		const int64_t error = (int64_t)decoded[i] - tone[i];

		sum += error * error;
	}
	return sum / DEMO_SAMPLES;
}

void codec_demo(void)
{
	const int bytes = (make_tone(), codec_encode(tone, DEMO_SAMPLES, packed));
	int filter;

	printk("%d samples in %d bytes, energy %lld\n", DEMO_SAMPLES, bytes,
	       (long long)codec_energy(tone, DEMO_SAMPLES));
	for (filter = 0; filter < CODEC_FILTERS; filter++) {
		codec_select(filter);
		codec_decode(packed, bytes, decoded);
		printk("filter %-6s  energy %10lld  error %8lld  ratio %d/100\n", codec_filter_names[filter],
		       (long long)codec_energy(decoded, DEMO_SAMPLES), (long long)noise_energy(),
		       (int)(codec_ratio(codec_energy(tone, DEMO_SAMPLES), noise_energy()) * 100.0f));
	}
	codec_select(0);
}
EXPORT_SYMBOL(codec_demo);
