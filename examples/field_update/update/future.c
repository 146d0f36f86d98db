/* SPDX-License-Identifier: Apache-2.0
 *
 * An update that asks for more than this device has: a function that its firmware does not export.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include <telemetry.h>

int battery_health(void);

static int encode(const struct sample *sample, uint8_t *out, size_t room)
{
	return snprintk((char *)out, room, "n=%u;health=%d", sample->number, battery_health());
}

const struct format format = {TELEMETRY_VERSION, "future", encode};
EXPORT_SYMBOL(format);
