/* SPDX-License-Identifier: Apache-2.0
 *
 * A loader of our own: files in a serial flash memory that gives 100 bytes in a millisecond, and a thread waits for them.
 */
#ifndef SLOW_FLASH_H_
#define SLOW_FLASH_H_

#include <zephyr/llext/loader.h>

struct slow_flash_loader {
	struct llext_loader loader;
	const uint8_t *file;
	size_t size;
	size_t at;
};

int slow_flash_read(struct llext_loader *ldr, void *out, size_t len);
int slow_flash_seek(struct llext_loader *ldr, size_t pos);

#define SLOW_FLASH_LOADER(bytes, length)                                                                               \
	{                                                                                                              \
		.loader = {.read = slow_flash_read, .seek = slow_flash_seek, .storage = LLEXT_STORAGE_TEMPORARY},      \
		.file = (bytes), .size = (length),                                                                     \
	}

#endif /* SLOW_FLASH_H_ */
