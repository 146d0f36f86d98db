/* SPDX-License-Identifier: Apache-2.0
 *
 * The urgent thread waits for what the unimportant one holds, and a third one, which has nothing to do with it, computes. A
 * mutex lends the holder the waiter's priority; a semaphore belongs to nobody, and so the third one goes first.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

K_MUTEX_DEFINE(mutex);
K_SEM_DEFINE(semaphore, 1, 1);
static bool lends;
static int64_t start;
static struct k_thread threads[3];
K_THREAD_STACK_ARRAY_DEFINE(stacks, 3, 1024);

void invert(void);

static void say(const char *who, const char *what)
{
	printk("%3d ms: %s %s\n", (int)(k_uptime_get() - start), who, what);
}

static void take(void)
{
	if (lends) {
		k_mutex_lock(&mutex, K_FOREVER);
	} else {
		k_sem_take(&semaphore, K_FOREVER);
	}
}

static void give(void)
{
	if (lends) {
		k_mutex_unlock(&mutex);
	} else {
		k_sem_give(&semaphore);
	}
}

static void low(void *p1, void *p2, void *p3)
{
	(void)p1, (void)p2, (void)p3;
	take();
	say("low", "has it");
	k_busy_wait(10000);
	say("low", "gives it");
	give();
}

static void medium(void *p1, void *p2, void *p3)
{
	(void)p1, (void)p2, (void)p3;
	say("medium", "computes");
	k_busy_wait(50000);
	say("medium", "is done");
}

static void high(void *p1, void *p2, void *p3)
{
	(void)p1, (void)p2, (void)p3;
	say("high", "wants it");
	take();
	say("high", "has it");
	give();
}

static void run(void)
{
	static void (*const entries[])(void *, void *, void *) = {low, medium, high};
	static const int priorities[] = {10, 5, 1}, delays[] = {0, 4, 2};

	start = k_uptime_get();
	for (int i = 0; i < 3; i++) {
		k_thread_create(&threads[i], stacks[i], K_THREAD_STACK_SIZEOF(stacks[i]), entries[i], NULL, NULL, NULL,
				priorities[i], 0, K_MSEC(delays[i]));
	}
	for (int i = 0; i < 3; i++) {
		k_thread_join(&threads[i], K_FOREVER);
	}
}

void invert(void)
{
	printk("with a semaphore\n");
	lends = false;
	run();
	printk("with a mutex\n");
	lends = true;
	run();
}
EXPORT_SYMBOL(invert);
