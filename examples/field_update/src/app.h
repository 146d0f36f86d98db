/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the device share.
 */
#ifndef APP_H_
#define APP_H_

#include <telemetry.h>

/* The format of messages from the next one on; NULL: the firmware's own. The one before is then used no more. */
void telemetry_use(const struct format *format);

/* An update arrives in pieces: its size and the CRC-32 of all, then the bytes. 0 or a negative errno. */
int update_begin(uint32_t size, uint32_t crc);
int update_piece(const uint8_t *data, uint32_t size);

/* Checks what has arrived, loads it and puts it to use; the format before goes. If it fails, nothing has changed. */
int update_finish(void);

/* Back to the firmware's own format. */
int update_remove(void);

#endif /* APP_H_ */
