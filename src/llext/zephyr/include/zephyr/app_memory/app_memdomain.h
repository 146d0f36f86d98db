/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of threads in user mode. Without CONFIG_USERSPACE it is memory as any other, as in Zephyr.
 */
#ifndef ZEPHYR_INCLUDE_APP_MEMORY_APP_MEMDOMAIN_H_
#define ZEPHYR_INCLUDE_APP_MEMORY_APP_MEMDOMAIN_H_

#define K_APP_DMEM(partition)
#define K_APP_BMEM(partition)
#define K_APP_DMEM_SECTION(partition)
#define K_APP_BMEM_SECTION(partition)
#define K_APPMEM_PARTITION_DEFINE(partition)

#ifdef CONFIG_USERSPACE
#error "CONFIG_USERSPACE is not there yet on the virtual board, and neither is <zephyr/app_memory/app_memdomain.h>"
#endif

#endif /* ZEPHYR_INCLUDE_APP_MEMORY_APP_MEMDOMAIN_H_ */
