/* SPDX-License-Identifier: Apache-2.0
 *
 * Sound that arrives whether anybody is ready or not, and a thread that filters it.
 */
#ifndef AUDIO_H_
#define AUDIO_H_

#include <filter.h>

struct audio_counts {
	uint32_t arrived;    /* samples that the microphone gave */
	uint32_t filtered;   /* samples that went through a filter and to the loudspeaker */
	uint32_t lost;       /* samples that arrived and did not: no filter was there, or no buffer free */
};

void audio_start(void);
struct audio_counts audio_stop(void);

/* Makes a filter the one in use from the next frame on, and waits for that; NULL: none. The one before is then used no more. */
void audio_use(const struct filter *filter);

#endif /* AUDIO_H_ */
