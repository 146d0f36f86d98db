/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of devices: their init functions are called once, and what those return decides whether they are ready.
 */
#include <errno.h>
#include <zephyr/device.h>

static int begin(const struct device *dev)
{
	int result = dev->ops.init != NULL ? dev->ops.init(dev) : 0;

	result = result < 0 ? -result : result;
	dev->state->init_res = (uint8_t)(result < UINT8_MAX ? result : UINT8_MAX);
	dev->state->initialized = true;
	return -dev->state->init_res;
}

bool device_is_ready(const struct device *dev)
{
	return dev != NULL && dev->state->initialized && dev->state->init_res == 0;
}

int device_init(const struct device *dev)
{
	return dev->state->initialized ? -EALREADY : begin(dev);
}

void z_device_begin(const struct device *dev)
{
	z_device_list(dev, true);
	if (!dev->state->initialized) {
		(void)begin(dev);
	}
}

void z_device_end(const struct device *dev)
{
	z_device_list(dev, false);
	dev->state->initialized = false;
}

/* Under the names that C code writes, for objects that other headers made. */
bool z_named_is_ready(const struct device *dev) __asm__("device_is_ready");
int z_named_init(const struct device *dev) __asm__("device_init");

bool z_named_is_ready(const struct device *dev)
{
	return device_is_ready(dev);
}

int z_named_init(const struct device *dev)
{
	return device_init(dev);
}
