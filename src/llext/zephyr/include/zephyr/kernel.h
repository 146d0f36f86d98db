/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel services that are there: time, heaps, fatal errors. Each declared function works.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_H_
#define ZEPHYR_INCLUDE_KERNEL_H_

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/fatal.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>
#include <zephyr/sys_clock.h>
#include <zephyr/toolchain.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Time. k_uptime_ticks is a system call, so the firmware exports its implementation. */

k_ticks_t z_impl_k_uptime_ticks(void);
uint32_t sys_clock_cycle_get_32(void);

static inline k_ticks_t k_uptime_ticks(void)
{
	return z_impl_k_uptime_ticks();
}

static inline int64_t k_uptime_get(void)
{
	return k_ticks_to_ms_floor64(k_uptime_ticks());
}

static inline uint32_t k_uptime_get_32(void)
{
	return (uint32_t)k_uptime_get();
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

/* Memory */

void *k_malloc(size_t size);
void *k_calloc(size_t nmemb, size_t size);
void k_free(void *ptr);

struct z_heap;

struct sys_heap {
	struct z_heap *heap;
	void *init_mem;
	size_t init_bytes;
};

typedef struct {
	void *head;
	void *tail;
} _wait_q_t;

/* Members in Zephyr's order; 20 bytes on a 32-bit target, where its spinlock is empty. */
struct k_heap {
	struct sys_heap heap;
	_wait_q_t wait_q;
};

BUILD_ASSERT(sizeof(void *) != 4 || sizeof(struct k_heap) == 20, "struct k_heap");

void k_heap_init(struct k_heap *heap, void *mem, size_t bytes);
void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout);
void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout);
void k_heap_free(struct k_heap *heap, void *mem);

/*
 * A heap and its buffer as objects of their own. Firmware makes it ready at boot; an extension must still call
 * k_heap_init(&name, name.heap.init_mem, name.heap.init_bytes). The buffer is a NOBITS section of its own unless the
 * objects are joined by 'llext build'.
 */
#define K_HEAP_DEFINE(name, bytes)                                                                                     \
	static char __aligned(8) __attribute__((__section__(".noinit.kheap_buf_" #name ",\"aw\",%nobits @")))          \
		kheap_##name[MAX(bytes, 64)];                                                                          \
	struct k_heap __attribute__((__section__("._k_heap.static." #name "_"))) __used name = {                       \
		{0, kheap_##name, MAX(bytes, 64)}, {0, 0}}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_H_ */
