/* SPDX-License-Identifier: Apache-2.0
 *
 * Message queues: messages of one size, copied in and out.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_MSGQ_H_
#define ZEPHYR_INCLUDE_KERNEL_MSGQ_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

#define K_MSGQ_FLAG_ALLOC BIT(0)

struct k_msgq {
	_wait_q_t wait_q;
	size_t msg_size;
	uint32_t max_msgs;
	char *buffer_start;
	char *buffer_end;
	char *read_ptr;
	char *write_ptr;
	uint32_t used_msgs;
	sys_dlist_t poll_events;
	uint8_t flags;
};

struct k_msgq_attrs {
	size_t msg_size;
	uint32_t max_msgs;
	uint32_t used_msgs;
};

#define Z_MSGQ_INITIALIZER(obj, q_buffer, q_msg_size, q_max_msgs)                                                      \
	{                                                                                                              \
		{NULL, NULL}, q_msg_size, q_max_msgs, q_buffer,                                                        \
			(q_buffer) + ((q_max_msgs) * (q_msg_size)), q_buffer, q_buffer, 0, {NULL, NULL}, 0             \
	}

#define K_MSGQ_DEFINE(q_name, q_msg_size, q_max_msgs, q_align)                                                         \
	static char __noinit __aligned(q_align) _k_fifo_buf_##q_name[(q_max_msgs) * (q_msg_size)];                     \
	struct k_msgq q_name = Z_MSGQ_INITIALIZER(q_name, _k_fifo_buf_##q_name, q_msg_size, q_max_msgs)

void k_msgq_init(struct k_msgq *msgq, char *buffer, size_t msg_size, uint32_t max_msgs);
int k_msgq_alloc_init(struct k_msgq *msgq, size_t msg_size, uint32_t max_msgs) Z_SYSCALL(k_msgq_alloc_init);
int k_msgq_cleanup(struct k_msgq *msgq);
int k_msgq_put(struct k_msgq *msgq, const void *data, k_timeout_t timeout) Z_SYSCALL(k_msgq_put);
int k_msgq_put_front(struct k_msgq *msgq, const void *data) Z_SYSCALL(k_msgq_put_front);
int k_msgq_get(struct k_msgq *msgq, void *data, k_timeout_t timeout) Z_SYSCALL(k_msgq_get);
int k_msgq_peek(struct k_msgq *msgq, void *data) Z_SYSCALL(k_msgq_peek);
int k_msgq_peek_at(struct k_msgq *msgq, void *data, uint32_t idx) Z_SYSCALL(k_msgq_peek_at);
void k_msgq_purge(struct k_msgq *msgq) Z_SYSCALL(k_msgq_purge);
void k_msgq_get_attrs(struct k_msgq *msgq, struct k_msgq_attrs *attrs) Z_SYSCALL(k_msgq_get_attrs);

static inline uint32_t k_msgq_num_free_get(struct k_msgq *msgq)
{
	return msgq->max_msgs - msgq->used_msgs;
}

static inline uint32_t k_msgq_num_used_get(struct k_msgq *msgq)
{
	return msgq->used_msgs;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_MSGQ_H_ */
