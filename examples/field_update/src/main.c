/* SPDX-License-Identifier: Apache-2.0
 *
 * Plays the server at the other end of the link: some time after the device began to work, it sends an update, in pieces of 64 bytes.
 */
#include <zephyr/kernel.h>
#include <zephyr/sys/crc.h>
#include "app.h"

static const uint8_t compact_ext[] = {
#include <compact_ext.inc>
};

/* Sends a file; a byte of it may be damaged on the way. The device's answer. */
static int server_sends(const uint8_t *file, uint32_t size, uint32_t damaged)
{
	int result = update_begin(size, crc32_ieee(file, size));

	for (uint32_t at = 0; result == 0 && at < size; at += 64) {
		uint8_t piece[64];
		const uint32_t length = MIN(sizeof(piece), size - at);

		for (uint32_t byte = 0; byte < length; byte++) {
			piece[byte] = file[at + byte] ^ (at + byte == damaged ? 0x10 : 0);
		}
		k_msleep(10);
		result = update_piece(piece, length);
	}
	return result != 0 ? result : update_finish();
}

int main(void)
{
	k_sleep(K_TIMEOUT_ABS_MS(150));
	printk("an update, damaged on the way: %d\n", server_sends(compact_ext, sizeof(compact_ext), 700));
	printk("something that is no extension: %d\n", server_sends((const uint8_t *)"hello, hello", 12, UINT32_MAX));
	k_sleep(K_TIMEOUT_ABS_MS(450));
	printk("the update: %d\n", server_sends(compact_ext, sizeof(compact_ext), UINT32_MAX));
	k_sleep(K_TIMEOUT_ABS_MS(950));
	printk("back to the format of the firmware: %d\n", update_remove());
	return 0;
}
