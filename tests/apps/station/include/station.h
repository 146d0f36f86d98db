/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STATION_H_
#define STATION_H_

#include <stdint.h>

struct sample {
	int16_t celsius;
	uint16_t humidity;
};

int sample_add(int celsius, int humidity);
int sample_mean(void);

#endif
