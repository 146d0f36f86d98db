/* SPDX-License-Identifier: Apache-2.0
 *
 * A timer stands for the microphone: every 10 ms its interrupt handler fills a frame. A thread that is more urgent than main filters
 * the frames. Two frames may wait; one that finds no room is lost.
 */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include "audio.h"

#define RECORDED 16000

static uint32_t arrived, no_room;       /* of the interrupt handler */
static uint32_t filtered, no_filter;    /* of the thread */
static int16_t recorded[RECORDED];

static const struct filter *current;
static const struct filter *wanted;
static atomic_t asked;
K_SEM_DEFINE(in_use, 0, 1);

K_MSGQ_DEFINE(frames, FRAME * sizeof(int16_t), 2, 4);

/* A sine of 64 values, a quarter of it kept. */
static int sine(uint32_t phase)
{
	static const int16_t quarter[] = {0,    804,  1598, 2378, 3135, 3861, 4551, 5196, 5792,
					  6332, 6811, 7224, 7567, 7838, 8034, 8152, 8191};
	const uint32_t at = phase >> 26;
	const int value = quarter[at & 16 ? 16 - (at & 15) : at & 15];

	return at & 32 ? -value : value;
}

/* Hum of 100 Hz, a voice of 1,000 Hz and hiss of 5,000 Hz, each of a quarter of full scale. */
static void microphone(struct k_timer *timer)
{
	static const uint32_t steps[] = {26843546, 268435456, 1342177280};
	static uint32_t phases[3];
	static int16_t frame[FRAME];

	for (int at = 0; at < FRAME; at++) {
		int sample = 0;

		for (int tone = 0; tone < 3; tone++) {
			sample += sine(phases[tone]);
			phases[tone] += steps[tone];
		}
		frame[at] = (int16_t)sample;
	}
	arrived += FRAME;
	if (k_msgq_put(&frames, frame, K_NO_WAIT) != 0) {
		no_room += FRAME;
	}
}
K_TIMER_DEFINE(microphone_timer, microphone, NULL);

/* The frames are in order, so a new filter may first hear what the old one heard last: it begins without a click. */
static void audio(void *p1, void *p2, void *p3)
{
	static int16_t before[FRAME], now[FRAME], out[FRAME];

	while (true) {
		k_msgq_get(&frames, now, K_FOREVER);
		if (atomic_clear(&asked) != 0) {
			current = wanted;
			if (current != NULL) {
				current->run(before, out, FRAME);
			}
			k_sem_give(&in_use);
		}
		if (current == NULL) {
			no_filter += FRAME;
		} else {
			current->run(now, out, FRAME);
			if (filtered + FRAME <= RECORDED) {
				memcpy(&recorded[filtered], out, sizeof(out));
			}
			filtered += FRAME;
		}
		memcpy(before, now, sizeof(before));
	}
}
K_THREAD_DEFINE(audio_thread, 1024, audio, NULL, NULL, NULL, K_PRIO_COOP(7), 0, 0);

void audio_start(void)
{
	k_timer_start(&microphone_timer, K_MSEC(10), K_MSEC(10));
}

struct audio_counts audio_stop(void)
{
	k_timer_stop(&microphone_timer);
	return (struct audio_counts){arrived, filtered, no_room + no_filter};
}

void audio_use(const struct filter *filter)
{
	wanted = filter;
	atomic_set(&asked, 1);
	k_sem_take(&in_use, K_FOREVER);
}

/* For scripts: what the loudspeaker got. */
int recording(int16_t *out, int samples)
{
	const int there = MIN((int)filtered, RECORDED);
	const int count = MIN(samples, there);

	memcpy(out, recorded, count * sizeof(*out));
	return count;
}
EXPORT_SYMBOL(recording);
