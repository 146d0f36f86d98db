/* SPDX-License-Identifier: Apache-2.0
 *
 * Mutexes, whose owner runs as urgently as who waits for it.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_MUTEX_H_
#define ZEPHYR_INCLUDE_KERNEL_MUTEX_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

struct k_thread;

struct k_mutex {
	_wait_q_t wait_q;
	struct k_thread *owner;
	uint32_t lock_count;
	int owner_orig_prio;
};

#define Z_MUTEX_INITIALIZER {{NULL, NULL}, NULL, 0, 0}
#define K_MUTEX_DEFINE(name) struct k_mutex name = Z_MUTEX_INITIALIZER

int k_mutex_init(struct k_mutex *mutex) Z_SYSCALL(k_mutex_init);
int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout) Z_SYSCALL(k_mutex_lock);
int k_mutex_unlock(struct k_mutex *mutex) Z_SYSCALL(k_mutex_unlock);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_MUTEX_H_ */
