/* SPDX-License-Identifier: Apache-2.0
 *
 * The system heap, and heaps of one's own.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_MEMORY_H_
#define ZEPHYR_INCLUDE_KERNEL_MEMORY_H_

#include <zephyr/kernel/objects.h>
#include <zephyr/kernel/thread.h>
#include <zephyr/sys/mem_stats.h>
#include <zephyr/sys/sys_heap.h>
#include <zephyr/sys/util.h>
#include <zephyr/sys_clock.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

void *k_aligned_alloc(size_t align, size_t size);
void *k_malloc(size_t size);
void *k_calloc(size_t nmemb, size_t size);
void *k_realloc(void *ptr, size_t size);
void k_free(void *ptr);

void k_heap_init(struct k_heap *heap, void *mem, size_t bytes);
void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout);
void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout);
void *k_heap_calloc(struct k_heap *heap, size_t num, size_t size, k_timeout_t timeout);
void *k_heap_realloc(struct k_heap *heap, void *ptr, size_t bytes, k_timeout_t timeout);
void k_heap_free(struct k_heap *heap, void *mem);

/* What kernel objects of a thread are allocated from, and of those that it creates; the system heap by default. */

static inline void k_thread_heap_assign(struct k_thread *thread, struct k_heap *heap)
{
	thread->resource_pool = heap;
}

static inline void k_thread_system_pool_assign(struct k_thread *thread)
{
	thread->resource_pool = NULL;
}

/*
 * A heap and its buffer as objects of their own, the buffer in a NOBITS section. Firmware makes the heap ready at boot, and
 * the virtual board at the first use; on a device an extension must call
 * k_heap_init(&name, name.heap.init_mem, name.heap.init_bytes) itself.
 *
 * gcc puts its own flags behind a section name; the assembler's comment sign hides them. clang takes all of it for the name,
 * but knows a pragma that names the section of zeroed variables, and resets it with an empty name.
 */
#ifdef __clang__
#define Z_HEAP_BUFFER(name, bytes)                                                                                     \
	Z_PRAGMA(clang section bss = ".noinit.kheap_buf_" #name)                                                       \
	static char __aligned(8) kheap_##name[bytes];                                                                  \
	Z_PRAGMA(clang section bss = "")
#else
#ifdef __riscv
#define Z_COMMENT "#"
#else
#define Z_COMMENT "@"
#endif
#define Z_HEAP_BUFFER(name, bytes)                                                                                     \
	static char __aligned(8)                                                                                       \
		__attribute__((__section__(".noinit.kheap_buf_" #name ",\"aw\",%nobits " Z_COMMENT)))                  \
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

#endif /* ZEPHYR_INCLUDE_KERNEL_MEMORY_H_ */
