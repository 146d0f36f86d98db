/* SPDX-License-Identifier: Apache-2.0
 *
 * What the clock says.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_TIME_H_
#define ZEPHYR_INCLUDE_KERNEL_TIME_H_

#include <zephyr/kernel/objects.h>
#include <zephyr/sys_clock.h>

#ifdef __cplusplus
extern "C" {
#endif

k_ticks_t k_uptime_ticks(void) Z_SYSCALL(k_uptime_ticks);
void k_busy_wait(uint32_t usec_to_wait) Z_SYSCALL(k_busy_wait);
uint32_t sys_clock_cycle_get_32(void);
uint64_t sys_clock_cycle_get_64(void);

/* For the guest runtime. */
int64_t z_clock_nanoseconds(void);
bool z_busy_wait_until(int64_t nanoseconds);

static inline int64_t k_uptime_get(void)
{
	return (int64_t)k_ticks_to_ms_floor64((uint64_t)k_uptime_ticks());
}

static inline uint32_t k_uptime_get_32(void)
{
	return (uint32_t)k_uptime_get();
}

static inline uint32_t k_uptime_seconds(void)
{
	return (uint32_t)k_ticks_to_sec_floor64((uint64_t)k_uptime_ticks());
}

static inline int64_t k_uptime_delta(int64_t *reference)
{
	const int64_t now = k_uptime_get();
	const int64_t delta = now - *reference;

	*reference = now;
	return delta;
}

static inline uint32_t k_cycle_get_32(void)
{
	return sys_clock_cycle_get_32();
}

static inline uint64_t k_cycle_get_64(void)
{
	return sys_clock_cycle_get_64();
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_TIME_H_ */
