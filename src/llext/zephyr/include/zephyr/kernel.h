/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel services: threads, what they share and wait for, time, memory, interrupts, fatal errors. Each declared function
 * works.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_H_
#define ZEPHYR_INCLUDE_KERNEL_H_

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef CONFIG_LLEXT_KCONFIG
#include <zephyr/devicetree.h>
#endif
#include <zephyr/fatal.h>
#include <zephyr/kernel/condvar.h>
#include <zephyr/kernel/event.h>
#include <zephyr/kernel/irq.h>
#include <zephyr/kernel/mem_slab.h>
#include <zephyr/kernel/memory.h>
#include <zephyr/kernel/msgq.h>
#include <zephyr/kernel/mutex.h>
#include <zephyr/kernel/objects.h>
#include <zephyr/kernel/pipe.h>
#include <zephyr/kernel/poll.h>
#include <zephyr/kernel/queue.h>
#include <zephyr/kernel/sem.h>
#include <zephyr/kernel/stack.h>
#include <zephyr/kernel/thread.h>
#include <zephyr/kernel/time.h>
#include <zephyr/kernel/timer.h>
#include <zephyr/kernel/work.h>
#include <zephyr/spinlock.h>
#include <zephyr/sys/__assert.h>
#include <zephyr/sys/atomic.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>
#include <zephyr/sys_clock.h>
#include <zephyr/toolchain.h>
#include <zephyr/types.h>

#endif /* ZEPHYR_INCLUDE_KERNEL_H_ */
