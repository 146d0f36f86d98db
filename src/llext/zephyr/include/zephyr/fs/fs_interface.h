/* SPDX-License-Identifier: Apache-2.0
 *
 * File systems: types.
 */
#ifndef ZEPHYR_INCLUDE_FS_FS_INTERFACE_H_
#define ZEPHYR_INCLUDE_FS_FS_INTERFACE_H_

#error "CONFIG_FILE_SYSTEM is not there yet on the virtual board, and neither is <zephyr/fs/fs_interface.h>"

#endif /* ZEPHYR_INCLUDE_FS_FS_INTERFACE_H_ */
