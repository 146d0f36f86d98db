/* SPDX-License-Identifier: Apache-2.0
 *
 * Extensions from files.
 */
#ifndef ZEPHYR_INCLUDE_LLEXT_FS_LOADER_H_
#define ZEPHYR_INCLUDE_LLEXT_FS_LOADER_H_

#error "CONFIG_FILE_SYSTEM is not there yet on the virtual board, and neither is <zephyr/llext/fs_loader.h>"

#endif /* ZEPHYR_INCLUDE_LLEXT_FS_LOADER_H_ */
