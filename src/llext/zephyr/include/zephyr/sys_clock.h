/* SPDX-License-Identifier: Apache-2.0
 *
 * Time as Zephyr code writes it: timeouts of 64-bit ticks, rounded up.
 */
#ifndef ZEPHYR_INCLUDE_SYS_CLOCK_H_
#define ZEPHYR_INCLUDE_SYS_CLOCK_H_

#include <zephyr/types.h>

#ifndef CONFIG_SYS_CLOCK_TICKS_PER_SEC
#define CONFIG_SYS_CLOCK_TICKS_PER_SEC 10000
#endif
#ifndef CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC
#define CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC 25000000
#endif

typedef int64_t k_ticks_t;

typedef struct {
	k_ticks_t ticks;
} k_timeout_t;

#define K_TICKS_FOREVER ((k_ticks_t)-1)

static inline k_timeout_t z_timeout_of(k_ticks_t ticks)
{
	k_timeout_t timeout = {ticks};

	return timeout;
}

/* Ticks that last at least value/per_second seconds; a negative time is none. */
static inline k_timeout_t z_timeout_from(int64_t value, int64_t per_second)
{
	const int64_t rate = CONFIG_SYS_CLOCK_TICKS_PER_SEC;

	return z_timeout_of(value <= 0 ? 0 : (value * rate + per_second - 1) / per_second);
}

#define K_NO_WAIT z_timeout_of(0)
#define K_FOREVER z_timeout_of(K_TICKS_FOREVER)
#define K_TICKS(t) z_timeout_of(t)
#define K_NSEC(t) z_timeout_from(t, 1000000000)
#define K_USEC(t) z_timeout_from(t, 1000000)
#define K_MSEC(t) z_timeout_from(t, 1000)
#define K_SECONDS(t) z_timeout_from(t, 1)
#define K_MINUTES(t) K_SECONDS((int64_t)(t) * 60)
#define K_HOURS(t) K_MINUTES((int64_t)(t) * 60)
#define K_TIMEOUT_EQ(a, b) ((a).ticks == (b).ticks)

static inline int sys_clock_hw_cycles_per_sec(void)
{
	return CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC;
}

static inline int64_t k_ticks_to_ms_floor64(k_ticks_t ticks)
{
	return ticks * 1000 / CONFIG_SYS_CLOCK_TICKS_PER_SEC;
}

#endif /* ZEPHYR_INCLUDE_SYS_CLOCK_H_ */
