/* SPDX-License-Identifier: Apache-2.0
 *
 * What the examples need of the kernel, on the host.
 */
#ifndef HOST_SHIM_KERNEL_H_
#define HOST_SHIM_KERNEL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/printk.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif /* HOST_SHIM_KERNEL_H_ */
