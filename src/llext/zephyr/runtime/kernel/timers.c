/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers as far as they call functions of their owner, and waiting without giving the CPU away.
 */
#include <zephyr/kernel.h>

/* The linker script asks for this name: firmware has this file, and names of an application's own do not take its place. */
__asm__(".globl z_part_timers\nz_part_timers = 1");

/* System calls have two names: the header's leads to z_impl_X, which firmware exports. */
#define ALSO_PLAIN(name) extern __typeof__(name) plain_##name __asm__(#name) __attribute__((__alias__("z_impl_" #name)))

/* The clock's interrupt handler for a timer with an expiry function. */
void z_timer_expired(struct k_timer *timer)
{
	timer->expiry_fn(timer);
	z_timer_wake(timer);
}

void k_timer_stop(struct k_timer *timer)
{
	if (!z_timer_cancel(timer)) {
		return;
	}
	if (timer->stop_fn != NULL) {
		timer->stop_fn(timer);
	}
	z_timer_wake(timer);
}
ALSO_PLAIN(k_timer_stop);

uint32_t k_timer_status_sync(struct k_timer *timer)
{
	z_timer_wait(timer);
	return k_timer_status_get(timer);
}
ALSO_PLAIN(k_timer_status_sync);

/* Up to a moment, whoever runs in between; what is due meanwhile interrupts between two steps. */
void k_busy_wait(uint32_t usec_to_wait)
{
	const int64_t end = z_clock_nanoseconds() + (int64_t)usec_to_wait * NSEC_PER_USEC;

	while (usec_to_wait != 0 && z_busy_wait_until(end)) {
	}
}
ALSO_PLAIN(k_busy_wait);

k_timepoint_t sys_timepoint_calc(k_timeout_t timeout)
{
	k_timepoint_t timepoint = {0};

	if (K_TIMEOUT_EQ(timeout, K_FOREVER)) {
		timepoint.tick = UINT64_MAX;
	} else if (timeout.ticks > 0) {
		timepoint.tick = (uint64_t)(k_uptime_ticks() + timeout.ticks);
	} else if (timeout.ticks < 0) {
		timepoint.tick = (uint64_t)(K_TICKS_FOREVER - 1 - timeout.ticks);
	}
	return timepoint;
}

k_timeout_t sys_timepoint_timeout(k_timepoint_t timepoint)
{
	uint64_t now;

	if (timepoint.tick == UINT64_MAX) {
		return K_FOREVER;
	}
	if (timepoint.tick == 0) {
		return K_NO_WAIT;
	}
	now = (uint64_t)k_uptime_ticks();
	return K_TICKS(timepoint.tick > now ? timepoint.tick - now : 0);
}
