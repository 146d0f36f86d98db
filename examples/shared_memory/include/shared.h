/* SPDX-License-Identifier: Apache-2.0
 *
 * What firmware and extension share: one layout, from one file.
 */
#ifndef SHARED_H
#define SHARED_H

#include <stdint.h>
#include <zephyr/devicetree.h>

struct shared_info {
	int32_t setpoint; /* main writes */
	int32_t measured; /* main writes */
	int32_t output;   /* the extension writes */
	uint32_t steps;   /* both write: one of them at a time */
};

/* A variable of the firmware, in the region shared_ram. */
extern struct shared_info s_info;

/* A whole region, known by its address: no symbol, no export. */
#define MAILBOX_SIZE DT_REG_SIZE(DT_NODELABEL(mailbox_ram))
#define MAILBOX ((volatile struct shared_info *)DT_REG_ADDR(DT_NODELABEL(mailbox_ram)))

#endif
