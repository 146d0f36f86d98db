/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for the first of several objects, which takes none of them.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_POLL_H_
#define ZEPHYR_INCLUDE_KERNEL_POLL_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

struct k_fifo;
struct k_msgq;
struct k_pipe;
struct k_queue;
struct k_sem;

#define K_POLL_TYPE_IGNORE 0
#define K_POLL_TYPE_SIGNAL 1
#define K_POLL_TYPE_SEM_AVAILABLE 2
#define K_POLL_TYPE_DATA_AVAILABLE 4
#define K_POLL_TYPE_FIFO_DATA_AVAILABLE K_POLL_TYPE_DATA_AVAILABLE
#define K_POLL_TYPE_MSGQ_DATA_AVAILABLE 8
#define K_POLL_TYPE_PIPE_DATA_AVAILABLE 16

#define K_POLL_STATE_NOT_READY 0
#define K_POLL_STATE_SIGNALED 1
#define K_POLL_STATE_SEM_AVAILABLE 2
#define K_POLL_STATE_DATA_AVAILABLE 4
#define K_POLL_STATE_FIFO_DATA_AVAILABLE K_POLL_STATE_DATA_AVAILABLE
#define K_POLL_STATE_CANCELLED 8
#define K_POLL_STATE_MSGQ_DATA_AVAILABLE 16
#define K_POLL_STATE_PIPE_DATA_AVAILABLE 32

enum k_poll_modes {
	K_POLL_MODE_NOTIFY_ONLY = 0,
	K_POLL_NUM_MODES
};

struct z_poller {
	bool is_polling;
	uint8_t mode;
};

struct k_poll_signal {
	sys_dlist_t poll_events;
	unsigned int signaled;
	int result;
};

struct k_poll_event {
	sys_dnode_t _node;
	struct z_poller *poller;
	__extension__ union {
		uint32_t bits; /* all of the following */
		__extension__ struct {
			uint32_t tag : 8;
			uint32_t type : 6;
			uint32_t state : 7;
			uint32_t mode : 1;
			uint32_t unused : 10;
		};
	};
	__extension__ union {
		void *obj;
		struct k_poll_signal *signal;
		struct k_sem *sem;
		struct k_fifo *fifo;
		struct k_queue *queue;
		struct k_msgq *msgq;
		struct k_pipe *pipe;
	};
};

#define K_POLL_SIGNAL_INITIALIZER(object) {{NULL, NULL}, 0, 0}

#define K_POLL_EVENT_STATIC_INITIALIZER(event_type, event_mode, event_object, event_tag)                               \
	{                                                                                                              \
		{NULL, NULL}, NULL, {(uint32_t)(event_tag) | (event_type) << 8 | (uint32_t)(event_mode) << 21},        \
		{                                                                                                      \
			event_object                                                                                   \
		}                                                                                                      \
	}
#define K_POLL_EVENT_INITIALIZER(event_type, event_mode, event_object)                                                 \
	K_POLL_EVENT_STATIC_INITIALIZER(event_type, event_mode, event_object, 0)

void k_poll_event_init(struct k_poll_event *event, uint32_t type, int mode, void *obj);
int k_poll(struct k_poll_event *events, int num_events, k_timeout_t timeout) Z_SYSCALL(k_poll);
void k_poll_signal_init(struct k_poll_signal *sig) Z_SYSCALL(k_poll_signal_init);
void k_poll_signal_reset(struct k_poll_signal *sig) Z_SYSCALL(k_poll_signal_reset);
void k_poll_signal_check(struct k_poll_signal *sig, unsigned int *signaled, int *result) Z_SYSCALL(k_poll_signal_check);
int k_poll_signal_raise(struct k_poll_signal *sig, int result) Z_SYSCALL(k_poll_signal_raise);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_POLL_H_ */
