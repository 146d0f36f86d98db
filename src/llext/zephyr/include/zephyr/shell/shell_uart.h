/* SPDX-License-Identifier: Apache-2.0
 *
 * The shell on a serial line.
 */
#ifndef ZEPHYR_INCLUDE_SHELL_SHELL_UART_H_
#define ZEPHYR_INCLUDE_SHELL_SHELL_UART_H_

#error "CONFIG_SHELL is not there yet on the virtual board, and neither is <zephyr/shell/shell_uart.h>"

#endif /* ZEPHYR_INCLUDE_SHELL_SHELL_UART_H_ */
