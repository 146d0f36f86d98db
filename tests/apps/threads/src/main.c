/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "start.h"

#define STACK_SIZE 1024
#define PRIORITY   5
#define READINGS   3

struct reading {
	uint32_t number;
	int32_t value;
};

K_MSGQ_DEFINE(readings, sizeof(struct reading), 4, 4);
K_SEM_DEFINE(tick, 0, 10);
K_MUTEX_DEFINE(console);

static void say(const char *who, uint32_t number, int32_t value)
{
	k_mutex_lock(&console, K_FOREVER);
	printk("%s: %u is %d at %lld ms\n", who, number, value, k_uptime_get());
	k_mutex_unlock(&console);
}

static void producer(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);

	for (uint32_t i = 0; i < READINGS; i++) {
		struct reading now = {.number = i, .value = (int32_t)(i * i) - POINTER_TO_INT(p1)};

		k_sem_take(&tick, K_FOREVER);
		while (k_msgq_put(&readings, &now, K_NO_WAIT) != 0) {
			k_msgq_purge(&readings);
		}
	}
}

static void consumer(void *p1, void *p2, void *p3)
{
	struct reading got;

	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	while (k_msgq_get(&readings, &got, K_MSEC(50)) == 0) {
		say(k_thread_name_get(k_current_get()), got.number, got.value);
	}
	printk("nothing more at %u ms\n", k_uptime_get_32());
}

K_THREAD_DEFINE(producer_id, STACK_SIZE, producer, INT_TO_POINTER(1), NULL, NULL, PRIORITY, 0, 0);
K_THREAD_DEFINE(consumer_id, STACK_SIZE, consumer, NULL, NULL, NULL, PRIORITY + 1, 0, 0);

static void on_tick(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	k_sem_give(&tick);
}

static void on_stop(struct k_timer *timer)
{
	printk("timer stopped, %s\n", (const char *)k_timer_user_data_get(timer));
}

K_TIMER_DEFINE(ticker, on_tick, on_stop);

static void on_work(struct k_work *work)
{
	struct k_work_delayable *delayable = k_work_delayable_from_work(work);
	static int times;

	printk("work %d on %s\n", ++times, k_thread_name_get(k_current_get()));
	if (times < 2) {
		k_work_reschedule(delayable, K_MSEC(5));
	}
}

static K_WORK_DELAYABLE_DEFINE(chore, on_work);

int main(void)
{
	for (size_t i = 0; i < start_count; i++) {
		printk("%zu %s\n", i, start_steps[i]);
	}
	k_timer_user_data_set(&ticker, "as it should");
	k_timer_start(&ticker, K_MSEC(10), K_MSEC(10));
	k_work_schedule(&chore, K_MSEC(1));
	k_thread_join(producer_id, K_FOREVER);
	k_timer_stop(&ticker);
	k_thread_join(consumer_id, K_FOREVER);
	printk("main ends\n");
	return 0;
}
