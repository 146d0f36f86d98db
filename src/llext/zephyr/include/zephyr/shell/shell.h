/* SPDX-License-Identifier: Apache-2.0
 *
 * A command line on the console.
 */
#ifndef ZEPHYR_INCLUDE_SHELL_SHELL_H_
#define ZEPHYR_INCLUDE_SHELL_SHELL_H_

#error "CONFIG_SHELL is not there yet on the virtual board, and neither is <zephyr/shell/shell.h>"

#endif /* ZEPHYR_INCLUDE_SHELL_SHELL_H_ */
