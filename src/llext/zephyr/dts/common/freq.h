/* SPDX-License-Identifier: Apache-2.0
 *
 * Frequencies, for devicetree: clock-frequency = <DT_FREQ_M(16)>;
 */
#ifndef ZEPHYR_DTS_COMMON_FREQ_H_
#define ZEPHYR_DTS_COMMON_FREQ_H_

#define DT_FREQ_K(x) ((x) * 1000)
#define DT_FREQ_M(x) ((x) * 1000 * 1000)

#endif /* ZEPHYR_DTS_COMMON_FREQ_H_ */
