/* SPDX-License-Identifier: Apache-2.0
 *
 * Semaphores under the names that user mode would need; here they are the kernel's own.
 */
#ifndef ZEPHYR_INCLUDE_SYS_SEM_H_
#define ZEPHYR_INCLUDE_SYS_SEM_H_

#include <errno.h>
#include <zephyr/kernel/sem.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sys_sem {
	struct k_sem kernel_sem;
};

#define SYS_SEM_DEFINE(name, initial_count, count_limit)                                                               \
	struct sys_sem name = {Z_SEM_INITIALIZER(initial_count, count_limit)};                                         \
	BUILD_ASSERT((count_limit) != 0 && (int64_t)(count_limit) - (int64_t)(initial_count) >= 0, "a semaphore's limit")

static inline int sys_sem_init(struct sys_sem *sem, unsigned int initial_count, unsigned int limit)
{
	(void)k_sem_init(&sem->kernel_sem, initial_count, limit);
	return 0;
}

static inline int sys_sem_give(struct sys_sem *sem)
{
	k_sem_give(&sem->kernel_sem);
	return 0;
}

static inline int sys_sem_take(struct sys_sem *sem, k_timeout_t timeout)
{
	const int result = k_sem_take(&sem->kernel_sem, timeout);

	return result == -EAGAIN || result == -EBUSY ? -ETIMEDOUT : result;
}

static inline unsigned int sys_sem_count_get(struct sys_sem *sem)
{
	return k_sem_count_get(&sem->kernel_sem);
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_SEM_H_ */
