/* SPDX-License-Identifier: Apache-2.0
 *
 * Two producers and a consumer around a buffer of three places: one semaphore counts free places, one counts items, a mutex
 * guards the buffer.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#define PLACES 3
#define PRODUCERS 2
#define ITEMS 4

K_SEM_DEFINE(places, PLACES, PLACES);
K_SEM_DEFINE(items, 0, PLACES);
K_MUTEX_DEFINE(guard);
static struct k_thread threads[PRODUCERS];
K_THREAD_STACK_ARRAY_DEFINE(stacks, PRODUCERS, 1024);
static int buffer[PLACES], head, tail;

void consume(void);

static void producer(void *number, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	for (int item = 1; item <= ITEMS; item++) {
		k_sem_take(&places, K_FOREVER);
		k_mutex_lock(&guard, K_FOREVER);
		buffer[head++ % PLACES] = (int)(intptr_t)number * 100 + item;
		k_mutex_unlock(&guard);
		k_sem_give(&items);
		k_msleep((int)(intptr_t)number);
	}
}

void consume(void)
{
	int sum = 0;

	for (int number = 1; number <= PRODUCERS; number++) {
		k_thread_create(&threads[number - 1], stacks[number - 1], K_THREAD_STACK_SIZEOF(stacks[number - 1]), producer,
				(void *)(intptr_t)number, NULL, NULL, -1, 0, K_NO_WAIT);
	}
	for (int count = 0; count < PRODUCERS * ITEMS; count++) {
		int item;

		k_sem_take(&items, K_FOREVER);
		k_mutex_lock(&guard, K_FOREVER);
		item = buffer[tail++ % PLACES];
		k_mutex_unlock(&guard);
		k_sem_give(&places);
		printk("from producer %d: item %d\n", item / 100, item % 100);
		sum += item;
		k_msleep(3); /* is slower than the producers, who wait for it */
	}
	for (int number = 0; number < PRODUCERS; number++) {
		k_thread_join(&threads[number], K_FOREVER);
	}
	printk("sum %d\n", sum);
}
EXPORT_SYMBOL(consume);
