/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the audio codec share. The exported functions come first; an encoded block is a header of
 * CODEC_HEADER bytes and half a byte per sample.
 */
#ifndef CODEC_H_
#define CODEC_H_

#include <stdint.h>

#define CODEC_HEADER 4
#define CODEC_STEPS 89
#define FILTER_TAPS 9

/* The header: the first predicted sample (little endian), its step, and 1 if the last half byte is not a sample. */
enum { CODEC_PREDICTED, CODEC_STEP = 2, CODEC_UNUSED };

enum { FILTER_NONE, FILTER_SMOOTH, FILTER_SHARPEN, FILTERS };

/* Encodes samples behind the selected filter. Returns the number of bytes, at most CODEC_HEADER + (samples + 1) / 2. */
int codec_encode(const int16_t *pcm, int samples, uint8_t *out);

/* Decodes a block. Returns the number of samples, or -1 if the header cannot be right. */
int codec_decode(const uint8_t *in, int bytes, int16_t *pcm);

/* The sum of the samples' squares. */
int64_t codec_energy(const int16_t *pcm, int samples);

/* Selects the filter of later blocks; a number that is none of FILTER_... is ignored. */
void codec_select(int filter);

/* Encodes and decodes a signal with every filter, and prints what became of it. */
void codec_demo(void);

/* Between the files */

extern const uint16_t codec_step_sizes[CODEC_STEPS];
extern const int8_t codec_step_changes[8];
extern const int16_t filter_smooth[FILTER_TAPS];
extern const int16_t filter_sharpen[FILTER_TAPS];

struct codec_statistics {
	uint32_t blocks;
	uint32_t bytes;
	int64_t samples;
};

extern struct codec_statistics codec_statistics;

int16_t filter_apply(const int16_t *pcm, int samples, int at);
const char *filter_name(void);

/* The ratio of two energies in decibels, right to about 0.01. */
float codec_decibels(int64_t energy, int64_t reference);

static inline int codec_limit(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

#endif /* CODEC_H_ */
