/* SPDX-License-Identifier: Apache-2.0
 *
 * What the examples with threads need of the kernel, on the host: POSIX threads without priorities, which wait for ever.
 */
#ifndef HOST_THREADS_KERNEL_H_
#define HOST_THREADS_KERNEL_H_

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <zephyr/sys/printk.h>

typedef int k_timeout_t;
#define K_FOREVER (-1)
#define K_NO_WAIT 0

struct k_mutex {
	pthread_mutex_t mutex;
};
#define K_MUTEX_DEFINE(name) struct k_mutex name = {PTHREAD_MUTEX_INITIALIZER}

static inline int k_mutex_init(struct k_mutex *mutex)
{
	return pthread_mutex_init(&mutex->mutex, NULL);
}

static inline int k_mutex_lock(struct k_mutex *mutex, k_timeout_t forever)
{
	(void)forever;
	return pthread_mutex_lock(&mutex->mutex);
}

static inline int k_mutex_unlock(struct k_mutex *mutex)
{
	return pthread_mutex_unlock(&mutex->mutex);
}

struct k_sem {
	pthread_mutex_t mutex;
	pthread_cond_t given;
	unsigned int count, limit;
};
#define K_SEM_DEFINE(name, count, limit)                                                                                       \
	struct k_sem name = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, count, limit}

static inline int k_sem_take(struct k_sem *sem, k_timeout_t forever)
{
	(void)forever;
	pthread_mutex_lock(&sem->mutex);
	while (!sem->count) {
		pthread_cond_wait(&sem->given, &sem->mutex);
	}
	sem->count--;
	return pthread_mutex_unlock(&sem->mutex);
}

static inline void k_sem_give(struct k_sem *sem)
{
	pthread_mutex_lock(&sem->mutex);
	if (sem->count < sem->limit) {
		sem->count++;
	}
	pthread_cond_signal(&sem->given);
	pthread_mutex_unlock(&sem->mutex);
}

struct k_thread {
	pthread_t thread;
	void (*entry)(void *, void *, void *);
	void *arguments[3];
};
#define K_THREAD_STACK_ARRAY_DEFINE(name, count, size) static char name[count][size]
#define K_THREAD_STACK_SIZEOF(stack) sizeof(stack)

static void *host_thread(void *given)
{
	struct k_thread *thread = given;

	thread->entry(thread->arguments[0], thread->arguments[1], thread->arguments[2]);
	return NULL;
}

static inline struct k_thread *k_thread_create(struct k_thread *thread, char *stack, size_t size,
					       void (*entry)(void *, void *, void *), void *p1, void *p2, void *p3, int priority,
					       int options, k_timeout_t at_once)
{
	(void)stack, (void)size, (void)priority, (void)options, (void)at_once;
	thread->entry = entry;
	thread->arguments[0] = p1;
	thread->arguments[1] = p2;
	thread->arguments[2] = p3;
	pthread_create(&thread->thread, NULL, host_thread, thread);
	return thread;
}

static inline int k_thread_join(struct k_thread *thread, k_timeout_t forever)
{
	(void)forever;
	return pthread_join(thread->thread, NULL);
}

static inline int k_msleep(int milliseconds)
{
	const struct timespec time = {0, milliseconds * 1000000L};

	return nanosleep(&time, NULL);
}

#endif /* HOST_THREADS_KERNEL_H_ */
