/* SPDX-License-Identifier: Apache-2.0
 *
 * What the thread of a work queue does.
 */
#include <zephyr/kernel.h>

/* The linker script asks for this name: firmware has this file, and names of an application's own do not take its place. */
__asm__(".globl z_part_work\nz_part_work = 1");

static void nothing(struct k_work *work)
{
	(void)work;
}

/* An item in whose turn a thread in k_work_flush is woken. */
struct k_work z_work_flusher = Z_WORK_INITIALIZER(nothing);

/* An item that events submit. */
void z_work_poll_handler(struct k_work *work)
{
	struct k_work_poll *polled = CONTAINER_OF(work, struct k_work_poll, work);

	z_work_poll_begin(polled);
	polled->real_handler(work);
}

static void serve(struct k_work_q *queue)
{
	while (queue->flags & K_WORK_QUEUE_STARTED) {
		struct k_work *work = z_work_next(queue);

		if (work == NULL) {
			continue;
		}
		work->handler(work);
		z_work_done(queue);
		if (!(queue->flags & K_WORK_QUEUE_NO_YIELD)) {
			k_yield();
		}
	}
}

void z_work_queue_main(void *queue, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	serve((struct k_work_q *)queue);
}

void k_work_queue_run(struct k_work_q *queue, const struct k_work_queue_config *cfg)
{
	z_work_queue_begin(queue, cfg);
	serve(queue);
}

int k_work_queue_stop(struct k_work_q *queue, k_timeout_t timeout)
{
	const k_tid_t worker = k_work_queue_thread_get(queue); /* a more urgent one ends before z_work_queue_stop returns */
	const int refused = z_work_queue_stop(queue);

	if (refused) {
		return refused;
	}
	if (k_thread_join(worker, timeout)) {
		queue->flags &= ~(uint32_t)K_WORK_QUEUE_STOP;
		return -ETIMEDOUT;
	}
	return 0;
}
