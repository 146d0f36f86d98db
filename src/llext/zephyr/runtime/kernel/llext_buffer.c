/* SPDX-License-Identifier: Apache-2.0
 *
 * The loader of a file in memory. What lies behind its end reads as nothing.
 */
#include <string.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/sys/util.h>

int llext_buf_prepare(struct llext_loader *ldr)
{
	CONTAINER_OF(ldr, struct llext_buf_loader, loader)->pos = 0;
	return 0;
}

int llext_buf_read(struct llext_loader *ldr, void *out, size_t len)
{
	struct llext_buf_loader *buf = CONTAINER_OF(ldr, struct llext_buf_loader, loader);
	const size_t moved = MIN(len, buf->len - buf->pos);

	memcpy(out, buf->buf + buf->pos, moved);
	buf->pos += moved;
	return 0;
}

int llext_buf_seek(struct llext_loader *ldr, size_t pos)
{
	struct llext_buf_loader *buf = CONTAINER_OF(ldr, struct llext_buf_loader, loader);

	buf->pos = MIN(pos, buf->len);
	return 0;
}

void *llext_buf_peek(struct llext_loader *ldr, size_t pos)
{
	struct llext_buf_loader *buf = CONTAINER_OF(ldr, struct llext_buf_loader, loader);

	return pos < buf->len ? (void *)(uintptr_t)(buf->buf + pos) : NULL;
}
