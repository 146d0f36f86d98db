/* SPDX-License-Identifier: Apache-2.0
 *
 * A small audio codec: what its files share.
 */
#ifndef CODEC_H_
#define CODEC_H_

#include <stdint.h>

#define CODEC_STEPS 89
#define CODEC_FILTERS 3

/* State of one direction of the codec: the last sample and the place in the table of steps. */
struct codec_state {
	int32_t sample;
	int32_t index;
};

/* A filter turns one sample into one sample and may remember others. */
typedef int32_t (*codec_filter)(int32_t sample);

extern const int16_t codec_step_sizes[CODEC_STEPS];
extern const int8_t codec_index_changes[16];
extern const char *const codec_filter_names[CODEC_FILTERS];

uint8_t codec_encode_sample(struct codec_state *state, int32_t sample);
int32_t codec_decode_sample(struct codec_state *state, uint8_t code);

void codec_select(int filter);
int32_t codec_filter_sample(int32_t sample);

int codec_encode(const int16_t *pcm, int samples, uint8_t *out);
int codec_decode(const uint8_t *in, int bytes, int16_t *pcm);
int64_t codec_energy(const int16_t *pcm, int samples);
float codec_ratio(int64_t signal, int64_t noise);
void codec_demo(void);

#endif
