/* SPDX-License-Identifier: Apache-2.0
 *
 * Semaphores.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_SEM_H_
#define ZEPHYR_INCLUDE_KERNEL_SEM_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

struct k_sem {
	_wait_q_t wait_q;
	unsigned int count;
	unsigned int limit;
	sys_dlist_t poll_events;
};

#define K_SEM_MAX_LIMIT UINT_MAX

#define Z_SEM_INITIALIZER(count, limit) {{NULL, NULL}, count, limit, {NULL, NULL}}

#define K_SEM_DEFINE(name, initial_count, count_limit)                                                                 \
	struct k_sem name = Z_SEM_INITIALIZER(initial_count, count_limit);                                             \
	BUILD_ASSERT((count_limit) != 0 && (int64_t)(count_limit) - (int64_t)(initial_count) >= 0, "a semaphore's limit")

int k_sem_init(struct k_sem *sem, unsigned int initial_count, unsigned int limit) Z_SYSCALL(k_sem_init);
int k_sem_take(struct k_sem *sem, k_timeout_t timeout) Z_SYSCALL(k_sem_take);
void k_sem_give(struct k_sem *sem) Z_SYSCALL(k_sem_give);
void k_sem_reset(struct k_sem *sem) Z_SYSCALL(k_sem_reset);

static inline unsigned int k_sem_count_get(struct k_sem *sem)
{
	return sem->count;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_SEM_H_ */
