/* SPDX-License-Identifier: Apache-2.0
 *
 * A network that reads figures: 64 points, 32 and 16 neurons, 10 scores. All weights are constants (8 bits), all sums are 32 bits.
 */
#include <stdint.h>
#include <zephyr/llext/symbol.h>
#include <zephyr/sys/util.h>
#include "weights.h"

/* One layer. A sum is brought to the scale of 8 bits by factor * 2^-24, rounded; low is 0 where negative values are cut off. */
static void layer(const int8_t *in, int inputs, const int8_t *weights, const int32_t *biases, int32_t factor, int low, int8_t *out,
		  int outputs)
{
	for (int neuron = 0; neuron < outputs; neuron++) {
		int32_t sum = biases[neuron];

		for (int input = 0; input < inputs; input++) {
			sum += *weights++ * in[input];
		}
		const int32_t value = (int32_t)(((int64_t)sum * factor + (1 << 23)) >> 24);

		out[neuron] = (int8_t)CLAMP(value, low, INT8_MAX);
	}
}

/* Reads a picture, 64 points of 0 to 127, row by row. The figure that it most likely is; scores are those of all ten. */
int infer(const int8_t *picture, int8_t *scores)
{
	int8_t first[32], second[16];
	int best = 0;

	layer(picture, 64, weights_1, biases_1, FACTOR_1, 0, first, 32);
	layer(first, 32, weights_2, biases_2, FACTOR_2, 0, second, 16);
	layer(second, 16, weights_3, biases_3, FACTOR_3, INT8_MIN, scores, 10);
	for (int figure = 1; figure < 10; figure++) {
		best = scores[figure] > scores[best] ? figure : best;
	}
	return best;
}
EXPORT_SYMBOL(infer);
