/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes, for devicetree: reg = <0x20000000 DT_SIZE_K(64)>;
 */
#ifndef ZEPHYR_DTS_COMMON_MEM_H_
#define ZEPHYR_DTS_COMMON_MEM_H_

#define DT_SIZE_K(x) ((x) * 1024)
#define DT_SIZE_M(x) ((x) * 1024 * 1024)

#endif /* ZEPHYR_DTS_COMMON_MEM_H_ */
