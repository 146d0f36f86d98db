/* SPDX-License-Identifier: Apache-2.0
 *
 * What of memory threads in user mode may use.
 */
#ifndef ZEPHYR_INCLUDE_APP_MEMORY_MEM_DOMAIN_H_
#define ZEPHYR_INCLUDE_APP_MEMORY_MEM_DOMAIN_H_

#error "CONFIG_USERSPACE is not there yet on the virtual board, and neither is <zephyr/app_memory/mem_domain.h>"

#endif /* ZEPHYR_INCLUDE_APP_MEMORY_MEM_DOMAIN_H_ */
