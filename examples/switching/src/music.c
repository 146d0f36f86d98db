/* SPDX-License-Identifier: Apache-2.0
 *
 * For music: more bass, a little more treble.
 */
#include <zephyr/llext/symbol.h>
#include "biquads.h"

static const struct biquad sections[] = {
#include "music.inc"
};
static struct history histories[ARRAY_SIZE(sections)];

static void run(const int16_t *in, int16_t *out, size_t samples)
{
	chain(sections, histories, ARRAY_SIZE(sections), in, out, samples);
}

const struct filter filter = {"music", run};
EXPORT_SYMBOL(filter);
