/* SPDX-License-Identifier: Apache-2.0
 *
 * The update: what the server reads today, a map of CBOR (RFC 8949) with small keys: 1 number, 2 centidegrees, 3 millivolts.
 */
#include <errno.h>
#include <zephyr/llext/symbol.h>
#include <telemetry.h>

/* A head: three bits of type, and a number in as few bytes as it needs, up to four. */
static size_t head(uint8_t *out, uint8_t type, uint32_t number)
{
	const int bytes = number < 24 ? 0 : number < 0x100 ? 1 : number < 0x10000 ? 2 : 4;

	out[0] = (uint8_t)(type << 5 | (bytes == 0 ? number : bytes == 4 ? 26 : 23 + bytes));
	for (int at = 0; at < bytes; at++) {
		out[1 + at] = (uint8_t)(number >> 8 * (bytes - 1 - at));
	}
	return 1 + bytes;
}

static int encode(const struct sample *sample, uint8_t *out, size_t room)
{
	const int32_t value = sample->centidegrees;
	size_t at = 0;

	if (room < 19) {
		return -ENOMEM;
	}
	at += head(out + at, 5, 3);
	at += head(out + at, 0, 1);
	at += head(out + at, 0, sample->number);
	at += head(out + at, 0, 2);
	at += value < 0 ? head(out + at, 1, ~(uint32_t)value) : head(out + at, 0, (uint32_t)value);
	at += head(out + at, 0, 3);
	at += head(out + at, 0, sample->millivolts);
	return (int)at;
}

const struct format format = {TELEMETRY_VERSION, "compact", encode};
EXPORT_SYMBOL(format);
