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
#include <zephyr/sys/__assert.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>
#include <zephyr/sys_clock.h>
#include <zephyr/toolchain.h>
#include <zephyr/types.h>

/*
 * Zephyr's locks are empty on one CPU. An array without elements has 0 bytes in C++ too, unlike an empty struct; it stands
 * outside extern "C", inside of which compilers warn of what C and C++ size differently, and not of this array.
 */
Z_PRAGMA(GCC diagnostic push)
Z_PRAGMA(GCC diagnostic ignored "-Wpedantic")
struct k_spinlock {
	char none[0];
};
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
struct k_heap {
	struct sys_heap heap;
	_wait_q_t wait_q;
	struct k_spinlock lock;
};
Z_PRAGMA(GCC diagnostic pop)

BUILD_ASSERT(sizeof(struct k_heap) == 5 * sizeof(void *), "struct k_heap");

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

/* Memory */

void *k_malloc(size_t size);
void *k_calloc(size_t nmemb, size_t size);
void k_free(void *ptr);

void k_heap_init(struct k_heap *heap, void *mem, size_t bytes);
void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout);
void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout);
void k_heap_free(struct k_heap *heap, void *mem);

/*
 * A heap and its buffer as objects of their own, the buffer in a NOBITS section. Firmware makes the heap ready at boot;
 * an extension must call k_heap_init(&name, name.heap.init_mem, name.heap.init_bytes) itself.
 *
 * gcc puts its own flags behind a section name; the comment sign "@" hides them. clang takes all of it for the name, but
 * knows a pragma that names the section of zeroed variables, and resets it with an empty name.
 */
#ifdef __clang__
#define Z_HEAP_BUFFER(name, bytes)                                                                                     \
	Z_PRAGMA(clang section bss = ".noinit.kheap_buf_" #name)                                                       \
	static char __aligned(8) kheap_##name[bytes];                                                                  \
	Z_PRAGMA(clang section bss = "")
#else
#define Z_HEAP_BUFFER(name, bytes)                                                                                     \
	static char __aligned(8) __attribute__((__section__(".noinit.kheap_buf_" #name ",\"aw\",%nobits @")))          \
		kheap_##name[bytes];
#endif

#ifdef __cplusplus
#define Z_HEAP_INITIAL(memory, bytes) {NULL, memory, bytes}, {NULL, NULL}, {}
#else
#define Z_HEAP_INITIAL(memory, bytes) .heap = {NULL, memory, bytes}
#endif

/* What the smallest heap needs for its own records. */
#define Z_HEAP_MIN_SIZE 44

#define K_HEAP_DEFINE(name, bytes)                                                                                     \
	Z_HEAP_BUFFER(name, MAX(bytes, Z_HEAP_MIN_SIZE))                                                               \
	struct k_heap __attribute__((__section__("._k_heap.static." #name "_"))) __used name = {                       \
		Z_HEAP_INITIAL(kheap_##name, MAX(bytes, Z_HEAP_MIN_SIZE))}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_H_ */
