/* SPDX-License-Identifier: Apache-2.0
 *
 * The file system littlefs.
 */
#ifndef ZEPHYR_INCLUDE_FS_LITTLEFS_H_
#define ZEPHYR_INCLUDE_FS_LITTLEFS_H_

#error "CONFIG_FILE_SYSTEM_LITTLEFS is not there yet on the virtual board, and neither is <zephyr/fs/littlefs.h>"

#endif /* ZEPHYR_INCLUDE_FS_LITTLEFS_H_ */
