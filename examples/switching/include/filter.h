/* SPDX-License-Identifier: Apache-2.0
 *
 * What a filter exports, under the name "filter": 16-bit samples, 16,000 in a second.
 */
#ifndef FILTER_H_
#define FILTER_H_

#include <stddef.h>
#include <stdint.h>

#define RATE 16000
#define FRAME 160

struct filter {
	const char *name;
	void (*run)(const int16_t *in, int16_t *out, size_t samples);
};

#endif /* FILTER_H_ */
