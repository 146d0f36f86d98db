/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that sends a message every 100 ms, in the format in use.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include "app.h"

/* What updates may call is decided when the device is sold. */
EXPORT_SYMBOL(snprintk);

static int text(const struct sample *sample, uint8_t *out, size_t room)
{
	return snprintk((char *)out, room, "n=%u;t=%d;u=%u", sample->number, (int)sample->centidegrees, sample->millivolts);
}

static const struct format built_in = {TELEMETRY_VERSION, "text", text};
static const struct format *format = &built_in;
K_MUTEX_DEFINE(format_lock);

void telemetry_use(const struct format *wanted)
{
	k_mutex_lock(&format_lock, K_FOREVER);
	format = wanted != NULL ? wanted : &built_in;
	k_mutex_unlock(&format_lock);
}

/* Stands for the link: text as text, all else as hex digits. */
static void send(const char *name, const uint8_t *message, int length)
{
	printk("%5u ms  %-8s%3d bytes  ", k_uptime_get_32(), name, length);
	for (int at = 0; at < length; at++) {
		printk(message[0] < 0x80 ? "%c" : "%02x", message[at]);
	}
	printk("\n");
}

static void telemetry(void *p1, void *p2, void *p3)
{
	struct sample sample = {0, 2150, 3300};

	while (true) {
		uint8_t message[48];

		k_sleep(K_TIMEOUT_ABS_MS(100 * (sample.number + 1)));
		sample.number++;
		sample.centidegrees -= 430;
		sample.millivolts -= 7;
		k_mutex_lock(&format_lock, K_FOREVER);
		const int length = format->encode(&sample, message, sizeof(message));

		send(format->name, message, length);
		k_mutex_unlock(&format_lock);
	}
}
K_THREAD_DEFINE(telemetry_thread, 1024, telemetry, NULL, NULL, NULL, K_PRIO_PREEMPT(1), 0, 0);
