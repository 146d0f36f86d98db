/* SPDX-License-Identifier: Apache-2.0
 *
 * Filters behind the decoder, chosen through a table of function pointers.
 */
#include "codec.h"

#include <string.h>

#define ECHO_SAMPLES 16

static int32_t last;
static int32_t echo[ECHO_SAMPLES];
static unsigned int echo_at;

static int32_t filter_none(int32_t sample)
{
	return sample;
}

static int32_t filter_smooth(int32_t sample)
{
	last += (sample - last) / 2;
	return last;
}

static int32_t filter_echo(int32_t sample)
{
	const int32_t old = echo[echo_at];

	echo[echo_at] = sample;
	echo_at = (echo_at + 1) % ECHO_SAMPLES;
	return sample + old / 4;
}

static const codec_filter filters[CODEC_FILTERS] = {filter_none, filter_smooth, filter_echo};
static codec_filter chosen = filter_none;

void codec_select(int filter)
{
	chosen = filters[(unsigned int)filter < CODEC_FILTERS ? filter : 0];
	last = 0;
	echo_at = 0;
	memset(echo, 0, sizeof(echo));
}

int32_t codec_filter_sample(int32_t sample)
{
	return chosen(sample);
}
