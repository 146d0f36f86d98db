/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

LOG_MODULE_REGISTER(meter, CONFIG_METER_LOG_LEVEL);

int meter_read(int channel);

int meter_read(int channel)
{
	if (channel >= CONFIG_METER_CHANNELS) {
		LOG_ERR("channel %d of %d", channel, CONFIG_METER_CHANNELS);
		return -EINVAL;
	}
	LOG_DBG("channel %d", channel);
	return CONFIG_METER_BASE + channel;
}
