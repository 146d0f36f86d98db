/* SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers: those that the board's seed leads to, the same in every run. sys_csrand_get gives no secrets here.
 */
#ifndef ZEPHYR_INCLUDE_RANDOM_RANDOM_H_
#define ZEPHYR_INCLUDE_RANDOM_RANDOM_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

void sys_rand_get(void *dst, size_t len) Z_SYSCALL(sys_rand_get);
int sys_csrand_get(void *dst, size_t len) Z_SYSCALL(sys_csrand_get);

static inline uint8_t sys_rand8_get(void)
{
	uint8_t value;

	sys_rand_get(&value, sizeof(value));
	return value;
}

static inline uint16_t sys_rand16_get(void)
{
	uint16_t value;

	sys_rand_get(&value, sizeof(value));
	return value;
}

static inline uint32_t sys_rand32_get(void)
{
	uint32_t value;

	sys_rand_get(&value, sizeof(value));
	return value;
}

static inline uint64_t sys_rand64_get(void)
{
	uint64_t value;

	sys_rand_get(&value, sizeof(value));
	return value;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_RANDOM_RANDOM_H_ */
