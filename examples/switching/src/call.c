/* SPDX-License-Identifier: Apache-2.0
 *
 * For phone calls: nothing below 300 Hz, nothing above 3,400 Hz.
 */
#include <zephyr/llext/symbol.h>
#include "biquads.h"

static const struct biquad sections[] = {
#include "call.inc"
};
static struct history histories[ARRAY_SIZE(sections)];

static void run(const int16_t *in, int16_t *out, size_t samples)
{
	chain(sections, histories, ARRAY_SIZE(sections), in, out, samples);
}

const struct filter filter = {"call", run};
EXPORT_SYMBOL(filter);
