/* SPDX-License-Identifier: Apache-2.0
 *
 * Partitions of memory that Zephyr itself makes for threads in user mode.
 */
#ifndef ZEPHYR_INCLUDE_APP_MEMORY_PARTITIONS_H_
#define ZEPHYR_INCLUDE_APP_MEMORY_PARTITIONS_H_

#error "CONFIG_USERSPACE is not there yet on the virtual board, and neither is <zephyr/app_memory/partitions.h>"

#endif /* ZEPHYR_INCLUDE_APP_MEMORY_PARTITIONS_H_ */
