/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers: functions that the clock's interrupt calls, once or again and again.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_TIMER_H_
#define ZEPHYR_INCLUDE_KERNEL_TIMER_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

struct k_timer;
typedef void (*k_timer_expiry_t)(struct k_timer *timer);
typedef void (*k_timer_stop_t)(struct k_timer *timer);

struct k_timer {
	struct _timeout timeout;
	_wait_q_t wait_q;
	k_timer_expiry_t expiry_fn;
	k_timer_stop_t stop_fn;
	k_timeout_t period;
	uint32_t status;
	void *user_data;
};

#define Z_TIMER_INITIALIZER(expiry, stop) {{{NULL, NULL}, NULL, 0}, {NULL, NULL}, expiry, stop, {0}, 0, NULL}

#define K_TIMER_DEFINE(name, expiry_fn, stop_fn) struct k_timer name = Z_TIMER_INITIALIZER(expiry_fn, stop_fn)

void k_timer_init(struct k_timer *timer, k_timer_expiry_t expiry_fn, k_timer_stop_t stop_fn);
void k_timer_start(struct k_timer *timer, k_timeout_t duration, k_timeout_t period) Z_SYSCALL(k_timer_start);
void k_timer_stop(struct k_timer *timer) Z_SYSCALL(k_timer_stop);
uint32_t k_timer_status_get(struct k_timer *timer) Z_SYSCALL(k_timer_status_get);
uint32_t k_timer_status_sync(struct k_timer *timer) Z_SYSCALL(k_timer_status_sync);

/* Of any timeout: a timer's, a thread's, that of delayable work. */
k_ticks_t z_timeout_remaining(const struct _timeout *timeout);
k_ticks_t z_timeout_expires(const struct _timeout *timeout);

/* For the guest runtime. */
bool z_timer_cancel(struct k_timer *timer);
void z_timer_wait(struct k_timer *timer);
void z_timer_wake(struct k_timer *timer);

static inline k_ticks_t k_timer_remaining_ticks(const struct k_timer *timer)
{
	return z_timeout_remaining(&timer->timeout);
}

static inline k_ticks_t k_timer_expires_ticks(const struct k_timer *timer)
{
	return z_timeout_expires(&timer->timeout);
}

static inline uint32_t k_timer_remaining_get(struct k_timer *timer)
{
	return (uint32_t)k_ticks_to_ms_floor64((uint64_t)k_timer_remaining_ticks(timer));
}

static inline void k_timer_user_data_set(struct k_timer *timer, void *user_data)
{
	timer->user_data = user_data;
}

static inline void *k_timer_user_data_get(const struct k_timer *timer)
{
	return timer->user_data;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_TIMER_H_ */
