/* SPDX-License-Identifier: Apache-2.0
 *
 * Five philosophers, five forks, two of which each needs to eat. Everybody takes the fork with the smaller number first: then
 * they can never all hold one and wait for the other.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#define SEATS 5
#define MEALS 2

static struct k_mutex forks[SEATS];
static struct k_thread philosophers[SEATS];
static int eaten[SEATS];
K_THREAD_STACK_ARRAY_DEFINE(stacks, SEATS, 1024);

void dine(void);

static void philosopher(void *seat, void *p2, void *p3)
{
	const int left = (int)(intptr_t)seat, right = (left + 1) % SEATS;
	struct k_mutex *first = &forks[left < right ? left : right], *second = &forks[left < right ? right : left];

	(void)p2;
	(void)p3;
	for (int meal = 1; meal <= MEALS; meal++) {
		k_mutex_lock(first, K_FOREVER);
		k_mutex_lock(second, K_FOREVER);
		printk("philosopher %d: meal %d\n", left, meal);
		k_msleep(2);
		eaten[left]++;
		k_mutex_unlock(second);
		k_mutex_unlock(first);
		k_msleep(1); /* thinks */
	}
}

void dine(void)
{
	int total = 0;

	for (int fork = 0; fork < SEATS; fork++) {
		k_mutex_init(&forks[fork]);
		eaten[fork] = 0;
	}
	for (int seat = 0; seat < SEATS; seat++) {
		k_thread_create(&philosophers[seat], stacks[seat], K_THREAD_STACK_SIZEOF(stacks[seat]), philosopher,
				(void *)(intptr_t)seat, NULL, NULL, 5, 0, K_NO_WAIT);
	}
	for (int seat = 0; seat < SEATS; seat++) {
		k_thread_join(&philosophers[seat], K_FOREVER);
		total += eaten[seat];
	}
	printk("all have eaten: %d meals\n", total);
}
EXPORT_SYMBOL(dine);
