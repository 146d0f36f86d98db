/* SPDX-License-Identifier: Apache-2.0
 *
 * Queues of items, the first word of which is the kernel's while they are in one; FIFOs and LIFOs are made of them.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_QUEUE_H_
#define ZEPHYR_INCLUDE_KERNEL_QUEUE_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

struct _slist;

struct k_queue {
	struct {
		void *head;
		void *tail;
	} data_q;
	_wait_q_t wait_q;
	sys_dlist_t poll_events;
};

struct k_fifo {
	struct k_queue _queue;
};

struct k_lifo {
	struct k_queue _queue;
};

#define Z_QUEUE_INITIALIZER(obj) {{NULL, NULL}, {NULL, NULL}, {NULL, NULL}}
#define Z_FIFO_INITIALIZER(obj) {Z_QUEUE_INITIALIZER(obj._queue)}
#define Z_LIFO_INITIALIZER(obj) {Z_QUEUE_INITIALIZER(obj._queue)}

#define K_QUEUE_DEFINE(name) struct k_queue name = Z_QUEUE_INITIALIZER(name)
#define K_FIFO_DEFINE(name) struct k_fifo name = Z_FIFO_INITIALIZER(name)
#define K_LIFO_DEFINE(name) struct k_lifo name = Z_LIFO_INITIALIZER(name)

void k_queue_init(struct k_queue *queue) Z_SYSCALL(k_queue_init);
void k_queue_cancel_wait(struct k_queue *queue) Z_SYSCALL(k_queue_cancel_wait);
void k_queue_append(struct k_queue *queue, void *data);
int32_t k_queue_alloc_append(struct k_queue *queue, void *data) Z_SYSCALL(k_queue_alloc_append);
void k_queue_prepend(struct k_queue *queue, void *data);
int32_t k_queue_alloc_prepend(struct k_queue *queue, void *data) Z_SYSCALL(k_queue_alloc_prepend);
void k_queue_insert(struct k_queue *queue, void *prev, void *data);
int k_queue_append_list(struct k_queue *queue, void *head, void *tail);
int k_queue_merge_slist(struct k_queue *queue, struct _slist *list);
void *k_queue_get(struct k_queue *queue, k_timeout_t timeout) Z_SYSCALL(k_queue_get);
bool k_queue_remove(struct k_queue *queue, void *data);
bool k_queue_unique_append(struct k_queue *queue, void *data);
void *k_queue_peek_head(struct k_queue *queue) Z_SYSCALL(k_queue_peek_head);
void *k_queue_peek_tail(struct k_queue *queue) Z_SYSCALL(k_queue_peek_tail);

static inline int k_queue_is_empty(struct k_queue *queue)
{
	return queue->data_q.head == NULL;
}

#define k_fifo_init(fifo) k_queue_init(&(fifo)->_queue)
#define k_fifo_cancel_wait(fifo) k_queue_cancel_wait(&(fifo)->_queue)
#define k_fifo_put(fifo, data) k_queue_append(&(fifo)->_queue, data)
#define k_fifo_alloc_put(fifo, data) k_queue_alloc_append(&(fifo)->_queue, data)
#define k_fifo_put_list(fifo, head, tail) k_queue_append_list(&(fifo)->_queue, head, tail)
#define k_fifo_put_slist(fifo, list) k_queue_merge_slist(&(fifo)->_queue, list)
#define k_fifo_get(fifo, timeout) k_queue_get(&(fifo)->_queue, timeout)
#define k_fifo_is_empty(fifo) k_queue_is_empty(&(fifo)->_queue)
#define k_fifo_peek_head(fifo) k_queue_peek_head(&(fifo)->_queue)
#define k_fifo_peek_tail(fifo) k_queue_peek_tail(&(fifo)->_queue)

#define k_lifo_init(lifo) k_queue_init(&(lifo)->_queue)
#define k_lifo_put(lifo, data) k_queue_prepend(&(lifo)->_queue, data)
#define k_lifo_alloc_put(lifo, data) k_queue_alloc_prepend(&(lifo)->_queue, data)
#define k_lifo_get(lifo, timeout) k_queue_get(&(lifo)->_queue, timeout)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_QUEUE_H_ */
