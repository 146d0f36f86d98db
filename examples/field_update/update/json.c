/* SPDX-License-Identifier: Apache-2.0
 *
 * Another update, written when the device had long been sold: nothing of it is in the firmware's image.
 */
#include <errno.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include <telemetry.h>

static int encode(const struct sample *sample, uint8_t *out, size_t room)
{
	const bool minus = sample->centidegrees < 0;
	const uint32_t size = minus ? -(uint32_t)sample->centidegrees : (uint32_t)sample->centidegrees;
	const int length = snprintk((char *)out, room, "{\"n\":%u,\"t\":%s%u.%02u,\"u\":%u.%03u}", sample->number, minus ? "-" : "",
				    size / 100, size % 100, sample->millivolts / 1000, sample->millivolts % 1000);

	return length < (int)room ? length : -ENOMEM;
}

const struct format format = {TELEMETRY_VERSION, "json", encode};
EXPORT_SYMBOL(format);
