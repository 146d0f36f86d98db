/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <zephyr/kernel.h>
#include "slow_flash.h"

int slow_flash_read(struct llext_loader *ldr, void *out, size_t len)
{
	struct slow_flash_loader *flash = CONTAINER_OF(ldr, struct slow_flash_loader, loader);

	if (len > flash->size - flash->at) {
		return -EIO;
	}
	k_usleep(10 * (int32_t)len);
	memcpy(out, flash->file + flash->at, len);
	flash->at += len;
	return 0;
}

int slow_flash_seek(struct llext_loader *ldr, size_t pos)
{
	struct slow_flash_loader *flash = CONTAINER_OF(ldr, struct slow_flash_loader, loader);

	if (pos > flash->size) {
		return -EIO;
	}
	flash->at = pos;
	return 0;
}
