/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversions between seconds, their parts, cycles and ticks: k_X_to_Y_floor32 and the like, each for 32 and 64 bits and
 * rounded down, up or to the nearest. Rates are constants, so that most become one multiplication or division.
 */
#ifndef ZEPHYR_INCLUDE_SYS_TIME_UNITS_H_
#define ZEPHYR_INCLUDE_SYS_TIME_UNITS_H_

#include <zephyr/toolchain.h>
#include <zephyr/types.h>

#ifndef CONFIG_SYS_CLOCK_TICKS_PER_SEC
#define CONFIG_SYS_CLOCK_TICKS_PER_SEC 10000
#endif
#ifndef CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC
#define CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC 25000000
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define Z_ROUND_FLOOR 0
#define Z_ROUND_NEAR 1
#define Z_ROUND_CEIL 2

static inline int sys_clock_hw_cycles_per_sec(void)
{
	return CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC;
}

static ALWAYS_INLINE uint64_t z_divide_rounded(uint64_t value, uint64_t by, int rounding)
{
	return (value + (rounding == Z_ROUND_CEIL ? by - 1 : rounding == Z_ROUND_NEAR ? by / 2 : 0)) / by;
}

/* The generic case takes whole seconds apart, so that no product leaves 64 bits. */
static ALWAYS_INLINE uint64_t z_convert_time(uint64_t value, uint64_t from, uint64_t to, int rounding)
{
	if (from % to == 0) {
		return z_divide_rounded(value, from / to, rounding);
	}
	if (to % from == 0) {
		return value * (to / from);
	}
	return value / from * to + z_divide_rounded(value % from * to, from, rounding);
}

#define Z_CONVERSION(from, from_rate, to, to_rate, suffix, rounding)                                                   \
	static inline uint64_t k_##from##_to_##to##_##suffix##64(uint64_t value)                                       \
	{                                                                                                              \
		return z_convert_time(value, from_rate, to_rate, rounding);                                            \
	}                                                                                                              \
	static inline uint32_t k_##from##_to_##to##_##suffix##32(uint32_t value)                                       \
	{                                                                                                              \
		return (uint32_t)z_convert_time(value, from_rate, to_rate, rounding);                                  \
	}
#define Z_CONVERSIONS(from, from_rate, to, to_rate)                                                                    \
	Z_CONVERSION(from, from_rate, to, to_rate, floor, Z_ROUND_FLOOR)                                               \
	Z_CONVERSION(from, from_rate, to, to_rate, near, Z_ROUND_NEAR)                                                 \
	Z_CONVERSION(from, from_rate, to, to_rate, ceil, Z_ROUND_CEIL)
#define Z_CONVERSIONS_BETWEEN(a, a_rate, b, b_rate)                                                                    \
	Z_CONVERSIONS(a, a_rate, b, b_rate)                                                                            \
	Z_CONVERSIONS(b, b_rate, a, a_rate)

Z_CONVERSIONS_BETWEEN(sec, 1, cyc, CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC)
Z_CONVERSIONS_BETWEEN(ms, 1000, cyc, CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC)
Z_CONVERSIONS_BETWEEN(us, 1000000, cyc, CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC)
Z_CONVERSIONS_BETWEEN(ns, 1000000000, cyc, CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC)
Z_CONVERSIONS_BETWEEN(sec, 1, ticks, CONFIG_SYS_CLOCK_TICKS_PER_SEC)
Z_CONVERSIONS_BETWEEN(ms, 1000, ticks, CONFIG_SYS_CLOCK_TICKS_PER_SEC)
Z_CONVERSIONS_BETWEEN(us, 1000000, ticks, CONFIG_SYS_CLOCK_TICKS_PER_SEC)
Z_CONVERSIONS_BETWEEN(ns, 1000000000, ticks, CONFIG_SYS_CLOCK_TICKS_PER_SEC)
Z_CONVERSIONS_BETWEEN(cyc, CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC, ticks, CONFIG_SYS_CLOCK_TICKS_PER_SEC)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SYS_TIME_UNITS_H_ */
