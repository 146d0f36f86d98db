/* SPDX-License-Identifier: Apache-2.0
 *
 * How services check what threads in user mode ask for.
 */
#ifndef ZEPHYR_INCLUDE_INTERNAL_SYSCALL_HANDLER_H_
#define ZEPHYR_INCLUDE_INTERNAL_SYSCALL_HANDLER_H_

#error "CONFIG_USERSPACE is not there yet on the virtual board, and neither is <zephyr/internal/syscall_handler.h>"

#endif /* ZEPHYR_INCLUDE_INTERNAL_SYSCALL_HANDLER_H_ */
