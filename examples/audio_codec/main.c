/* SPDX-License-Identifier: Apache-2.0
 *
 * The demonstration: a chord with noise goes through encoder and decoder with every filter, and a report of it to the
 * console. All of it is computed with integers but the decibels, so that it reads the same everywhere.
 */
#include <stdint.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include "codec.h"

#define SAMPLES 401

static int16_t signal[SAMPLES];
static int16_t decoded[SAMPLES + 1];
static uint8_t encoded[CODEC_HEADER + (SAMPLES + 1) / 2];
static uint32_t noise = 12345;

/* A tone without a sine: y[n] = 2 cos(w) y[n-1] - y[n-2], the factor in 1/16384. */
static void add_tone(int factor, int start)
{
	int before = 0, now = start;
	int at;

	for (at = 0; at < SAMPLES; at++) {
		const int next = (int)(((int64_t)factor * now) >> 14) - before;

		signal[at] = (int16_t)codec_limit(signal[at] + now, INT16_MIN, INT16_MAX);
		before = now;
		now = next;
	}
}

static void add_noise(int size)
{
	int at;

	for (at = 0; at < SAMPLES; at++) {
		noise = noise * 1664525u + 1013904223u;
		signal[at] = (int16_t)codec_limit(signal[at] + (int)(noise >> 16) % size - size / 2, INT16_MIN, INT16_MAX);
	}
}

static uint32_t checksum(const uint8_t *bytes, int count)
{
	uint32_t sum = 2166136261u; /* FNV-1a */

	while (count-- > 0) {
		sum = (sum ^ *bytes++) * 16777619u;
	}
	return sum;
}

static void report(void)
{
	const int bytes = codec_encode(signal, SAMPLES, encoded);
	const int samples = codec_decode(encoded, bytes, decoded);
	const int64_t before = codec_energy(signal, SAMPLES);
	const int64_t after = codec_energy(decoded, samples);
	const float decibels = codec_decibels(after, before);
	const int tenths = (int)(decibels * 10.0f + (decibels < 0 ? -0.5f : 0.5f));

	printk("%-8s %d samples in %d bytes, checksum %08x, mean square %lld of %lld, gain %s%d.%d dB\n", filter_name(),
	       samples, bytes, (unsigned int)checksum(encoded, bytes), (long long)(after / samples),
	       (long long)(before / SAMPLES), tenths < 0 ? "-" : "", (tenths < 0 ? -tenths : tenths) / 10,
	       (tenths < 0 ? -tenths : tenths) % 10);
}

void codec_demo(void)
{
	int at, filter;

	for (at = 0; at < SAMPLES; at++) {
		signal[at] = 0;
	}
	noise = 12345;
	add_tone(32610, 800);
	add_tone(31000, 1500);
	add_noise(2000);
	for (filter = 0; filter < FILTERS; filter++) {
		codec_select(filter);
		report();
	}
	printk("%u blocks, %u bytes, %lld samples\n", (unsigned int)codec_statistics.blocks,
	       (unsigned int)codec_statistics.bytes, (long long)codec_statistics.samples);
}
EXPORT_SYMBOL(codec_demo);
