/* SPDX-License-Identifier: Apache-2.0
 *
 * File systems.
 */
#ifndef ZEPHYR_INCLUDE_FS_FS_H_
#define ZEPHYR_INCLUDE_FS_FS_H_

#error "CONFIG_FILE_SYSTEM is not there yet on the virtual board, and neither is <zephyr/fs/fs.h>"

#endif /* ZEPHYR_INCLUDE_FS_FS_H_ */
