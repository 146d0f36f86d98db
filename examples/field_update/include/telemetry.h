/* SPDX-License-Identifier: Apache-2.0
 *
 * What the firmware and later formats of telemetry agree on. It must be right when the device is sold.
 */
#ifndef TELEMETRY_H_
#define TELEMETRY_H_

#include <stddef.h>
#include <stdint.h>

#define TELEMETRY_VERSION 1

struct sample {
	uint32_t number;
	int32_t centidegrees;
	uint32_t millivolts;
};

/* What an update exports, under the name "format". */
struct format {
	uint32_t version;
	const char *name;
	/* Writes a message. Its length, or a negative errno. */
	int (*encode)(const struct sample *sample, uint8_t *out, size_t room);
};

#endif /* TELEMETRY_H_ */
