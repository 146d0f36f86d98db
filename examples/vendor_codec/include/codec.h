/* SPDX-License-Identifier: Apache-2.0
 *
 * What the firmware and a vendor agree on. A vendor gets this file, and nothing else of the firmware.
 */
#ifndef CODEC_H_
#define CODEC_H_

#include <stddef.h>
#include <stdint.h>

/* A number that changes whenever this file does so that old extensions would no longer fit. */
#define CODEC_VERSION 1

/* A codec exports one constant of this type, by the name "codec". */
struct codec {
	uint32_t version;
	const char *name;
	/* Decodes the bytes behind a block's header byte. The number of samples, or a negative errno. */
	int (*decode)(const uint8_t *data, size_t bytes, int16_t *pcm, size_t room);
};

#endif /* CODEC_H_ */
