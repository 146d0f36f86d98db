/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHARED_INFO_H
#define SHARED_INFO_H

#include <zephyr/kernel.h>

struct shared_info {
	uint32_t a;
	uint32_t b;
	atomic_t count;
	char text[16];
	struct k_sem *done;
};

extern struct shared_info s_info;

#endif
