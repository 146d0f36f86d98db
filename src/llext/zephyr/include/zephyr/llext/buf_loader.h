/* SPDX-License-Identifier: Apache-2.0
 *
 * A loader of a file that lies in memory.
 */
#ifndef ZEPHYR_INCLUDE_LLEXT_BUF_LOADER_H_
#define ZEPHYR_INCLUDE_LLEXT_BUF_LOADER_H_

#include <stdint.h>
#include <zephyr/llext/loader.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct llext_buf_loader {
	struct llext_loader loader;
	const uint8_t *buf;
	size_t len;
	size_t pos;
};

int llext_buf_prepare(struct llext_loader *ldr);
int llext_buf_read(struct llext_loader *ldr, void *out, size_t len);
int llext_buf_seek(struct llext_loader *ldr, size_t pos);
void *llext_buf_peek(struct llext_loader *ldr, size_t pos);

#define Z_LLEXT_BUF_LOADER(storage_type, buffer, length)                                                               \
	{                                                                                                              \
		{llext_buf_prepare, llext_buf_read, llext_buf_seek, llext_buf_peek, NULL, storage_type}, (buffer), (length), 0        \
	}
#define LLEXT_TEMPORARY_BUF_LOADER(buffer, length) Z_LLEXT_BUF_LOADER(LLEXT_STORAGE_TEMPORARY, buffer, length)
#define LLEXT_PERSISTENT_BUF_LOADER(buffer, length) Z_LLEXT_BUF_LOADER(LLEXT_STORAGE_PERSISTENT, buffer, length)
#define LLEXT_WRITABLE_BUF_LOADER(buffer, length) Z_LLEXT_BUF_LOADER(LLEXT_STORAGE_WRITABLE, buffer, length)
#define LLEXT_BUF_LOADER(buffer, length)                                                                               \
	Z_LLEXT_BUF_LOADER(IS_ENABLED(CONFIG_LLEXT_STORAGE_WRITABLE) ? LLEXT_STORAGE_WRITABLE : LLEXT_STORAGE_PERSISTENT, buffer, length)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LLEXT_BUF_LOADER_H_ */
