/* SPDX-License-Identifier: Apache-2.0 */
#include <station.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include <zephyr/logging/log.h>

LOG_MODULE_DECLARE(station, CONFIG_STATION_LOG_LEVEL);

#define SAMPLES 8

static struct sample samples[SAMPLES];
static int count;

int sample_add(int celsius, int humidity)
{
	if (count == SAMPLES) {
		LOG_WRN("full after %d samples", count);
		return -ENOSPC;
	}
	samples[count++] = (struct sample){.celsius = celsius, .humidity = humidity};
	LOG_HEXDUMP_INF(&samples[count - 1], sizeof(samples[0]), "sample");
	return count;
}
EXPORT_SYMBOL(sample_add);

int sample_mean(void)
{
	int sum = 0;

	for (int i = 0; i < count; i++) {
		sum += samples[i].celsius;
	}
	return count ? sum / count : 0;
}
EXPORT_SYMBOL(sample_mean);
