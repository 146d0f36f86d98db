/* SPDX-License-Identifier: Apache-2.0
 *
 * The shell without a line, for tests.
 */
#ifndef ZEPHYR_INCLUDE_SHELL_SHELL_DUMMY_H_
#define ZEPHYR_INCLUDE_SHELL_SHELL_DUMMY_H_

#error "CONFIG_SHELL is not there yet on the virtual board, and neither is <zephyr/shell/shell_dummy.h>"

#endif /* ZEPHYR_INCLUDE_SHELL_SHELL_DUMMY_H_ */
