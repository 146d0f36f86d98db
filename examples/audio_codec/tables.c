/* SPDX-License-Identifier: Apache-2.0
 *
 * The constants of the codec: the step sizes of IMA ADPCM, and the filters' coefficients in 1/32768.
 */
#include "codec.h"

const uint16_t codec_step_sizes[CODEC_STEPS] = {
	7,     8,     9,     10,    11,    12,    13,    14,    16,    17,    19,    21,   23,    25,    28,
	31,    34,    37,    41,    45,    50,    55,    60,    66,    73,    80,    88,   97,    107,   118,
	130,   143,   157,   173,   190,   209,   230,   253,   279,   307,   337,   371,  408,   449,   494,
	544,   598,   658,   724,   796,   876,   963,   1060,  1166,  1282,  1411,  1552, 1707,  1878,  2066,
	2272,  2499,  2749,  3024,  3327,  3660,  4026,  4428,  4871,  5358,  5894,  6484, 7132,  7845,  8630,
	9493,  10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
};

/* By the size of a difference: small ones make the next step smaller, large ones larger. */
const int8_t codec_step_changes[8] = {-1, -1, -1, -1, 2, 4, 6, 8};

/* Binomial weights; their sum is 1. */
const int16_t filter_smooth[FILTER_TAPS] = {128, 1024, 3584, 7168, 8960, 7168, 3584, 1024, 128};

/* The sample without part of its surroundings: low tones come out quieter, at 5/8. */
const int16_t filter_sharpen[FILTER_TAPS] = {0, -1024, -2048, -3072, 32767, -3072, -2048, -1024, 0};
