/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring of bytes between one writer and one reader; nothing here locks. Positions count on from where the ring began its
 * present turn (base), and claimed bytes stand between tail and head.
 */
#ifndef ZEPHYR_INCLUDE_SYS_RING_BUFFER_H_
#define ZEPHYR_INCLUDE_SYS_RING_BUFFER_H_

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ring_buf_index {
	uint32_t head;
	uint32_t tail;
	uint32_t base;
};

struct ring_buf {
	uint8_t *buffer;
	struct ring_buf_index put;
	struct ring_buf_index get;
	uint32_t size;
};

#define RING_BUFFER_MAX_SIZE 0x7fffffffU

#define RING_BUF_INIT(memory, bytes) {(memory), {0, 0, 0}, {0, 0, 0}, (bytes)}

#define RING_BUF_DECLARE(name, bytes)                                                                                  \
	BUILD_ASSERT((bytes) <= RING_BUFFER_MAX_SIZE, "the size of a ring buffer");                                    \
	static uint8_t __noinit z_ring_buffer_data_##name[bytes];                                                      \
	struct ring_buf name = RING_BUF_INIT(z_ring_buffer_data_##name, bytes)

/* For items: as many 32-bit words. */
#define RING_BUF_ITEM_DECLARE(name, words)                                                                             \
	BUILD_ASSERT((words) <= RING_BUFFER_MAX_SIZE / 4, "the size of a ring buffer");                                \
	static uint32_t __noinit z_ring_buffer_data_##name[words];                                                     \
	struct ring_buf name = RING_BUF_INIT((uint8_t *)z_ring_buffer_data_##name, 4 * (words))
#define RING_BUF_ITEM_SIZEOF(expr) DIV_ROUND_UP(sizeof(expr), sizeof(uint32_t))

/* All positions at one value. */
static inline void ring_buf_internal_reset(struct ring_buf *buf, uint32_t value)
{
	buf->put.head = buf->put.tail = buf->put.base = value;
	buf->get.head = buf->get.tail = buf->get.base = value;
}

static inline void ring_buf_reset(struct ring_buf *buf)
{
	ring_buf_internal_reset(buf, 0);
}

static inline void ring_buf_init(struct ring_buf *buf, uint32_t size, uint8_t *data)
{
	buf->size = size;
	buf->buffer = data;
	ring_buf_reset(buf);
}

static inline void ring_buf_item_init(struct ring_buf *buf, uint32_t words, uint32_t *data)
{
	ring_buf_init(buf, 4 * words, (uint8_t *)data);
}

static inline bool ring_buf_is_empty(const struct ring_buf *buf)
{
	return buf->get.head == buf->put.tail;
}

static inline uint32_t ring_buf_capacity_get(const struct ring_buf *buf)
{
	return buf->size;
}

/* Bytes that can still be claimed by the writer, or by the reader. */
static inline uint32_t ring_buf_space_get(const struct ring_buf *buf)
{
	return buf->size - (buf->put.head - buf->get.tail);
}

static inline uint32_t ring_buf_size_get(const struct ring_buf *buf)
{
	return buf->put.tail - buf->get.head;
}

static inline uint32_t ring_buf_item_space_get(const struct ring_buf *buf)
{
	return ring_buf_space_get(buf) / 4;
}

/* Claims bytes up to the end of the memory, at most so many; more calls claim more. */
static inline uint32_t z_ring_buf_claim(struct ring_buf *buf, struct ring_buf_index *index, uint8_t **data, uint32_t size,
					uint32_t available)
{
	uint32_t offset = index->head - index->base;

	if (offset >= buf->size) { /* an earlier claim has gone to the end already */
		offset -= buf->size;
	}
	size = MIN(size, available);
	size = MIN(size, buf->size - offset);
	*data = &buf->buffer[offset];
	index->head += size;
	return size;
}

/* Keeps as many of the claimed bytes; the claim of the others is over. */
static inline int z_ring_buf_finish(struct ring_buf *buf, struct ring_buf_index *index, uint32_t size)
{
	if (size > index->head - index->tail) {
		return -EINVAL;
	}
	index->tail += size;
	index->head = index->tail;
	if (index->tail - index->base >= buf->size) {
		index->base += buf->size;
	}
	return 0;
}

static inline uint32_t ring_buf_put_claim(struct ring_buf *buf, uint8_t **data, uint32_t size)
{
	return z_ring_buf_claim(buf, &buf->put, data, size, ring_buf_space_get(buf));
}

static inline int ring_buf_put_finish(struct ring_buf *buf, uint32_t size)
{
	return z_ring_buf_finish(buf, &buf->put, size);
}

static inline uint32_t ring_buf_get_claim(struct ring_buf *buf, uint8_t **data, uint32_t size)
{
	return z_ring_buf_claim(buf, &buf->get, data, size, ring_buf_size_get(buf));
}

static inline int ring_buf_get_finish(struct ring_buf *buf, uint32_t size)
{
	return z_ring_buf_finish(buf, &buf->get, size);
}

/* Bytes that there was room for. */
static inline uint32_t ring_buf_put(struct ring_buf *buf, const uint8_t *data, uint32_t size)
{
	uint32_t done = 0;
	uint32_t part;
	uint8_t *to;

	do {
		part = ring_buf_put_claim(buf, &to, size - done);
		if (part != 0) {
			__builtin_memcpy(to, data + done, part);
			done += part;
		}
	} while (part != 0 && done < size);
	(void)ring_buf_put_finish(buf, done);
	return done;
}

/* Claims and copies what is there; data may be NULL, then nothing is copied. */
static inline uint32_t z_ring_buf_copy(struct ring_buf *buf, uint8_t *data, uint32_t size)
{
	uint32_t done = 0;
	uint32_t part;
	uint8_t *from;

	do {
		part = ring_buf_get_claim(buf, &from, size - done);
		if (part != 0) {
			if (data != NULL) {
				__builtin_memcpy(data + done, from, part);
			}
			done += part;
		}
	} while (part != 0 && done < size);
	return done;
}

static inline uint32_t ring_buf_get(struct ring_buf *buf, uint8_t *data, uint32_t size)
{
	const uint32_t done = z_ring_buf_copy(buf, data, size);

	(void)ring_buf_get_finish(buf, done);
	return done;
}

static inline uint32_t ring_buf_peek(struct ring_buf *buf, uint8_t *data, uint32_t size)
{
	const uint32_t done = z_ring_buf_copy(buf, data, size);

	(void)ring_buf_get_finish(buf, 0);
	return done;
}

/* An item: a head of 16 bits type, 8 bits length in words and 8 bits value, then its words. */
struct z_ring_buf_item {
	uint32_t type : 16;
	uint32_t length : 8;
	uint32_t value : 8;
};

static inline int ring_buf_item_put(struct ring_buf *buf, uint16_t type, uint8_t value, const uint32_t *data,
				    uint8_t words)
{
	const struct z_ring_buf_item head = {type, words, value};

	if (ring_buf_space_get(buf) < sizeof(head) + 4U * words) {
		return -EMSGSIZE;
	}
	(void)ring_buf_put(buf, (const uint8_t *)&head, sizeof(head));
	(void)ring_buf_put(buf, (const uint8_t *)data, 4U * words);
	return 0;
}

/*
 * In *words the room at data, and afterwards the item's length. An item that is too long stays. Without data the item is
 * dropped.
 */
static inline int ring_buf_item_get(struct ring_buf *buf, uint16_t *type, uint8_t *value, uint32_t *data, uint8_t *words)
{
	struct z_ring_buf_item head;

	if (ring_buf_peek(buf, (uint8_t *)&head, sizeof(head)) < sizeof(head)) {
		return -EAGAIN;
	}
	if (data != NULL && *words < head.length) {
		*words = (uint8_t)head.length;
		return -EMSGSIZE;
	}
	*words = (uint8_t)head.length;
	*type = (uint16_t)head.type;
	*value = (uint8_t)head.value;
	(void)ring_buf_get(buf, NULL, sizeof(head));
	(void)ring_buf_get(buf, (uint8_t *)data, 4U * head.length);
	return 0;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_RING_BUFFER_H_ */
