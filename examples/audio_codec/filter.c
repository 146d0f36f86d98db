/* SPDX-License-Identifier: Apache-2.0
 *
 * The filters in front of the encoder: a table of functions, of which one is selected.
 */
#include <stddef.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include "codec.h"

static int selected = FILTER_SMOOTH;

/* Samples in front of the block and behind it are silent. */
static int16_t convolve(const int16_t *taps, const int16_t *pcm, int samples, int at)
{
	int64_t sum = 1 << 14;
	int tap;

	for (tap = 0; tap < FILTER_TAPS; tap++) {
		const int from = at + tap - FILTER_TAPS / 2;

		if (from >= 0 && from < samples) {
			sum += (int64_t)taps[tap] * pcm[from];
		}
	}
	return (int16_t)codec_limit((int)(sum >> 15), INT16_MIN, INT16_MAX);
}

static int16_t none(const int16_t *pcm, int samples, int at)
{
	(void)samples;
	return pcm[at];
}

static int16_t smooth(const int16_t *pcm, int samples, int at)
{
	return convolve(filter_smooth, pcm, samples, at);
}

static int16_t sharpen(const int16_t *pcm, int samples, int at)
{
	return convolve(filter_sharpen, pcm, samples, at);
}

static const struct {
	const char *name;
	int16_t (*apply)(const int16_t *pcm, int samples, int at);
} filters[FILTERS] = {
	{"none", none},
	{"smooth", smooth},
	{"sharpen", sharpen},
};

int16_t filter_apply(const int16_t *pcm, int samples, int at)
{
	return filters[selected].apply(pcm, samples, at);
}

const char *filter_name(void)
{
	return filters[selected].name;
}

void codec_select(int filter)
{
	if (filter >= 0 && filter < FILTERS) {
		selected = filter;
	}
}
EXPORT_SYMBOL(codec_select);
