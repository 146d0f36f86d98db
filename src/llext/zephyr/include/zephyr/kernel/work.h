/* SPDX-License-Identifier: Apache-2.0
 *
 * Work: functions that a thread calls one after another, as they were submitted.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_WORK_H_
#define ZEPHYR_INCLUDE_KERNEL_WORK_H_

#include <zephyr/kernel/poll.h>
#include <zephyr/kernel/sem.h>
#include <zephyr/kernel/thread.h>
#include <zephyr/kernel/timer.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	K_WORK_RUNNING_BIT = 0,
	K_WORK_CANCELING_BIT = 1,
	K_WORK_QUEUED_BIT = 2,
	K_WORK_DELAYED_BIT = 3,
	K_WORK_FLUSHING_BIT = 4,
	K_WORK_DELAYABLE_BIT = 8,
	K_WORK_RUNNING = 1,
	K_WORK_CANCELING = 2,
	K_WORK_QUEUED = 4,
	K_WORK_DELAYED = 8,
	K_WORK_FLUSHING = 16,
	K_WORK_DELAYABLE = 0x100,

	K_WORK_QUEUE_STARTED_BIT = 0,
	K_WORK_QUEUE_BUSY_BIT = 1,
	K_WORK_QUEUE_DRAIN_BIT = 2,
	K_WORK_QUEUE_PLUGGED_BIT = 3,
	K_WORK_QUEUE_STOP_BIT = 4,
	K_WORK_QUEUE_NO_YIELD_BIT = 8,
	K_WORK_QUEUE_STARTED = 1,
	K_WORK_QUEUE_BUSY = 2,
	K_WORK_QUEUE_DRAIN = 4,
	K_WORK_QUEUE_PLUGGED = 8,
	K_WORK_QUEUE_STOP = 16,
	K_WORK_QUEUE_NO_YIELD = 0x100
};

struct k_work;
struct k_work_q;
typedef void (*k_work_handler_t)(struct k_work *work);

struct k_work {
	void *node;
	k_work_handler_t handler;
	struct k_work_q *queue;
	uint32_t flags;
};

struct k_work_delayable {
	struct k_work work;
	struct _timeout timeout;
	struct k_work_q *queue;
};

struct k_work_q {
	struct k_thread thread;
	struct {
		void *head;
		void *tail;
	} pending;
	_wait_q_t notifyq;
	_wait_q_t drainq;
	uint32_t flags;
};

struct k_work_poll {
	struct k_work work;
	struct k_work_q *workq;
	struct z_poller poller;
	struct k_poll_event *events;
	int num_events;
	k_work_handler_t real_handler;
	struct _timeout timeout;
	int poll_result;
};

struct k_work_queue_config {
	const char *name;
	bool no_yield;
	bool essential;
};

/* Memory for a call that waits; the caller's, and untouched until it returns. */
struct z_work_flusher {
	struct k_work work;
	struct k_sem sem;
};
struct z_work_canceller {
	void *node;
	struct k_work *work;
	struct k_sem sem;
};
struct k_work_sync {
	union {
		struct z_work_flusher flusher;
		struct z_work_canceller canceller;
	} of;
};

extern struct k_work_q k_sys_work_q;

#define Z_WORK_INITIALIZER(work_handler) {NULL, work_handler, NULL, 0}
#define Z_WORK_DELAYABLE_INITIALIZER(work_handler)                                                                     \
	{{NULL, work_handler, NULL, K_WORK_DELAYABLE}, {{NULL, NULL}, NULL, 0}, NULL}

#define K_WORK_DEFINE(work, work_handler) struct k_work work = Z_WORK_INITIALIZER(work_handler)
#define K_WORK_DELAYABLE_DEFINE(work, work_handler)                                                                    \
	struct k_work_delayable work = Z_WORK_DELAYABLE_INITIALIZER(work_handler)

void k_work_init(struct k_work *work, k_work_handler_t handler);
int k_work_busy_get(const struct k_work *work);
int k_work_submit(struct k_work *work);
int k_work_submit_to_queue(struct k_work_q *queue, struct k_work *work);
bool k_work_flush(struct k_work *work, struct k_work_sync *sync);
int k_work_cancel(struct k_work *work);
bool k_work_cancel_sync(struct k_work *work, struct k_work_sync *sync);

void k_work_init_delayable(struct k_work_delayable *dwork, k_work_handler_t handler);
int k_work_delayable_busy_get(const struct k_work_delayable *dwork);
int k_work_schedule(struct k_work_delayable *dwork, k_timeout_t delay);
int k_work_schedule_for_queue(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay);
int k_work_reschedule(struct k_work_delayable *dwork, k_timeout_t delay);
int k_work_reschedule_for_queue(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay);
bool k_work_flush_delayable(struct k_work_delayable *dwork, struct k_work_sync *sync);
int k_work_cancel_delayable(struct k_work_delayable *dwork);
bool k_work_cancel_delayable_sync(struct k_work_delayable *dwork, struct k_work_sync *sync);

/* Items that the first of some events submits; poll_result is then 0, or -EAGAIN when the time is over. */
void k_work_poll_init(struct k_work_poll *work, k_work_handler_t handler);
int k_work_poll_submit_to_queue(struct k_work_q *work_q, struct k_work_poll *work, struct k_poll_event *events, int num_events,
				k_timeout_t timeout);
int k_work_poll_submit(struct k_work_poll *work, struct k_poll_event *events, int num_events, k_timeout_t timeout);
int k_work_poll_cancel(struct k_work_poll *work);

void k_work_queue_init(struct k_work_q *queue);
void k_work_queue_start(struct k_work_q *queue, k_thread_stack_t *stack, size_t stack_size, int prio,
			const struct k_work_queue_config *cfg);
void k_work_queue_run(struct k_work_q *queue, const struct k_work_queue_config *cfg);
k_tid_t k_work_queue_thread_get(struct k_work_q *queue);
int k_work_queue_drain(struct k_work_q *queue, bool plug);
int k_work_queue_unplug(struct k_work_q *queue);
int k_work_queue_stop(struct k_work_q *queue, k_timeout_t timeout);

/* For the guest runtime. */
void z_work_queue_begin(struct k_work_q *queue, const struct k_work_queue_config *cfg);
int z_work_queue_stop(struct k_work_q *queue);
struct k_work *z_work_next(struct k_work_q *queue);
void z_work_done(struct k_work_q *queue);
void z_work_poll_begin(struct k_work_poll *work);
void z_work_poll_handler(struct k_work *work);

static inline bool k_work_is_pending(const struct k_work *work)
{
	return k_work_busy_get(work) != 0;
}

static inline bool k_work_delayable_is_pending(const struct k_work_delayable *dwork)
{
	return k_work_delayable_busy_get(dwork) != 0;
}

static inline struct k_work_delayable *k_work_delayable_from_work(struct k_work *work)
{
	return CONTAINER_OF(work, struct k_work_delayable, work);
}

static inline k_ticks_t k_work_delayable_remaining_get(const struct k_work_delayable *dwork)
{
	return z_timeout_remaining(&dwork->timeout);
}

static inline k_ticks_t k_work_delayable_expires_get(const struct k_work_delayable *dwork)
{
	return z_timeout_expires(&dwork->timeout);
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_WORK_H_ */
