/* SPDX-License-Identifier: Apache-2.0
 *
 * Timeouts: 64-bit ticks in a struct, so that no plain number passes for one. Times become ticks that last at least as
 * long (rounded up), a negative time none. The rates are those of the board, given with -D by who knows them.
 */
#ifndef ZEPHYR_INCLUDE_SYS_CLOCK_H_
#define ZEPHYR_INCLUDE_SYS_CLOCK_H_

#include <zephyr/sys/time_units.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int64_t k_ticks_t;

typedef struct {
	k_ticks_t ticks;
} k_timeout_t;

#define NSEC_PER_USEC 1000U
#define NSEC_PER_MSEC 1000000U
#define NSEC_PER_SEC 1000000000U
#define USEC_PER_MSEC 1000U
#define USEC_PER_SEC 1000000U
#define MSEC_PER_SEC 1000U
#define SEC_PER_MIN 60U
#define MIN_PER_HOUR 60U
#define HOUR_PER_DAY 24U

#define K_TICKS_FOREVER ((k_ticks_t)-1)
#define SYS_FOREVER_MS (-1)
#define SYS_FOREVER_US (-1)

#if defined(__cplusplus) && __cplusplus >= 201103L
#define Z_TIMEOUT(number) (k_timeout_t{(k_ticks_t)(number)})
#else
#define Z_TIMEOUT(number) ((k_timeout_t){(k_ticks_t)(number)})
#endif

/* Ticks of value/rate seconds, rounded up; whole seconds apart, so that 64 bits suffice for any time. */
#define Z_TICKS_CEIL(value, rate)                                                                                      \
	((int64_t)(value) <= 0 ? 0                                                                                     \
			       : (int64_t)(value) / (rate) * CONFIG_SYS_CLOCK_TICKS_PER_SEC +                          \
					 ((int64_t)(value) % (rate) * CONFIG_SYS_CLOCK_TICKS_PER_SEC + (rate)-1) / (rate))

static inline k_ticks_t z_ticks_ceil(int64_t value, int64_t rate)
{
	return Z_TICKS_CEIL(value, rate);
}

/* A constant stays one, fit for static initialisers; anything else is evaluated once. */
#define Z_TIMEOUT_FROM(value, rate)                                                                                    \
	Z_TIMEOUT(__builtin_constant_p(value) ? Z_TICKS_CEIL(value, (int64_t)(rate)) : z_ticks_ceil(value, rate))

#define K_NO_WAIT Z_TIMEOUT(0)
#define K_FOREVER Z_TIMEOUT(K_TICKS_FOREVER)
#define K_TICKS(t) Z_TIMEOUT(t)
#define K_CYC(t) Z_TIMEOUT_FROM(t, CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC)
#define K_NSEC(t) Z_TIMEOUT_FROM(t, 1000000000)
#define K_USEC(t) Z_TIMEOUT_FROM(t, 1000000)
#define K_MSEC(t) Z_TIMEOUT_FROM(t, 1000)
#define K_SECONDS(t) Z_TIMEOUT_FROM(t, 1)
#define K_MINUTES(t) K_SECONDS((int64_t)(t) * 60)
#define K_HOURS(t) K_SECONDS((int64_t)(t) * 3600)

/* Points in time count down from -2: relative times are positive, and -1 is for ever. */
#define Z_TICKS_ABSOLUTE(t) Z_TIMEOUT(K_TICKS_FOREVER - 1 - (k_ticks_t)(t))
#define K_TIMEOUT_ABS_TICKS(t) Z_TICKS_ABSOLUTE(t)
#define K_TIMEOUT_ABS_SEC(t) Z_TICKS_ABSOLUTE(k_sec_to_ticks_ceil64((uint64_t)(t)))
#define K_TIMEOUT_ABS_MS(t) Z_TICKS_ABSOLUTE(k_ms_to_ticks_ceil64((uint64_t)(t)))
#define K_TIMEOUT_ABS_US(t) Z_TICKS_ABSOLUTE(k_us_to_ticks_ceil64((uint64_t)(t)))
#define K_TIMEOUT_ABS_NS(t) Z_TICKS_ABSOLUTE(k_ns_to_ticks_ceil64((uint64_t)(t)))
#define K_TIMEOUT_ABS_CYC(t) Z_TICKS_ABSOLUTE(k_cyc_to_ticks_ceil64((uint64_t)(t)))

#define SYS_TIMEOUT_MS(ms) ((ms) == SYS_FOREVER_MS ? K_FOREVER : K_MSEC(ms))
#define SYS_TIMEOUT_US(us) ((us) == SYS_FOREVER_US ? K_FOREVER : K_USEC(us))
#define K_TIMEOUT_EQ(a, b) ((a).ticks == (b).ticks)

/* A moment up to which several calls may wait together: 0 is over, the largest number never comes. */
typedef struct {
	uint64_t tick;
} k_timepoint_t;

k_timepoint_t sys_timepoint_calc(k_timeout_t timeout);
k_timeout_t sys_timepoint_timeout(k_timepoint_t timepoint);

static inline bool sys_timepoint_expired(k_timepoint_t timepoint)
{
	return sys_timepoint_timeout(timepoint).ticks == 0;
}

static inline int sys_timepoint_cmp(k_timepoint_t a, k_timepoint_t b)
{
	return a.tick < b.tick ? -1 : a.tick > b.tick;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_CLOCK_H_ */
