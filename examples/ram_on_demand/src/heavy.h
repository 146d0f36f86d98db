/* SPDX-License-Identifier: Apache-2.0
 *
 * Three functions that are seldom called, and need much memory then.
 */
#ifndef HEAVY_H_
#define HEAVY_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/kernel.h>

#define FRAME 9216

uint32_t spectrum(const uint8_t *data);
uint32_t compress(const uint8_t *data);
uint32_t median(const uint8_t *data);

/* Defines "work", what a function works in: memory of its own, or the memory that all of them have. */
#ifdef CONFIG_HEAVY_SHARED
#define SHARED_BYTES (2 * FRAME)
extern uint8_t heavy_memory[SHARED_BYTES];
#define HEAVY_WORK(type)                                                                                               \
	BUILD_ASSERT(sizeof(type) <= SHARED_BYTES);                                                                    \
	static type *const work = (type *)heavy_memory
#else
#define HEAVY_WORK(type)                                                                                               \
	static type memory;                                                                                            \
	static type *const work = &memory
#endif

#endif
