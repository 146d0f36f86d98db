/* SPDX-License-Identifier: Apache-2.0
 *
 * Condition variables.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_CONDVAR_H_
#define ZEPHYR_INCLUDE_KERNEL_CONDVAR_H_

#include <zephyr/kernel/mutex.h>

#ifdef __cplusplus
extern "C" {
#endif

struct k_condvar {
	_wait_q_t wait_q;
};

#define Z_CONDVAR_INITIALIZER {{NULL, NULL}}
#define K_CONDVAR_DEFINE(name) struct k_condvar name = Z_CONDVAR_INITIALIZER

int k_condvar_init(struct k_condvar *condvar) Z_SYSCALL(k_condvar_init);
int k_condvar_signal(struct k_condvar *condvar) Z_SYSCALL(k_condvar_signal);
int k_condvar_broadcast(struct k_condvar *condvar) Z_SYSCALL(k_condvar_broadcast);
int k_condvar_wait(struct k_condvar *condvar, struct k_mutex *mutex, k_timeout_t timeout) Z_SYSCALL(k_condvar_wait);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_CONDVAR_H_ */
