/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_RAMP_H_
#define ACME_RAMP_H_

#include <zephyr/device.h>

typedef int (*ramp_read_t)(const struct device *dev, int32_t *value);

__subsystem struct ramp_driver_api {
	ramp_read_t read;
};

static inline int ramp_read(const struct device *dev, int32_t *value)
{
	const struct ramp_driver_api *api = dev->api;

	return api->read(dev, value);
}

#endif
