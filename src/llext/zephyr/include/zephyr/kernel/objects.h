/* SPDX-License-Identifier: Apache-2.0
 *
 * What kernel objects are made of. Wait queues, list nodes and timeouts are the kernel's business: code must not look into
 * them. Zephyr's lock in each object has no bytes on one CPU, and is left out of most.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_OBJECTS_H_
#define ZEPHYR_INCLUDE_KERNEL_OBJECTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/dlist.h>
#include <zephyr/sys/util.h>
#include <zephyr/sys_clock.h>
#include <zephyr/toolchain.h>
#include <zephyr/types.h>

/* A system call: firmware exports its implementation, under this name. */
#define Z_SYSCALL(name) __asm__("z_impl_" #name)

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

struct _timeout {
	sys_dnode_t node;
	void (*fn)(struct _timeout *t);
	int64_t dticks;
};

#endif /* ZEPHYR_INCLUDE_KERNEL_OBJECTS_H_ */
