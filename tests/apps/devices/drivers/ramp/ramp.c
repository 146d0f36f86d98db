/* SPDX-License-Identifier: Apache-2.0 */
#define DT_DRV_COMPAT acme_ramp

#include <acme/ramp.h>
#include <errno.h>
#include <zephyr/drivers/gpio.h>
#include <zephyr/kernel.h>

struct ramp_config {
	const char *label;
	int32_t start;
	const uint32_t *steps;
	size_t step_count;
	bool wrap;
	const struct device *feeds;
	struct gpio_dt_spec enable;
};

struct ramp_data {
	int32_t value;
	size_t at;
};

static int ramp_read_impl(const struct device *dev, int32_t *value)
{
	const struct ramp_config *config = dev->config;
	struct ramp_data *data = dev->data;

	*value = data->value;
	data->value += config->steps[data->at];
	if (++data->at == config->step_count) {
		data->at = 0;
		if (config->wrap) {
			data->value = config->start;
		}
	}
	return 0;
}

static int ramp_init(const struct device *dev)
{
	const struct ramp_config *config = dev->config;
	struct ramp_data *data = dev->data;

	data->value = config->start;
	if (config->enable.port != NULL) {
		if (!gpio_is_ready_dt(&config->enable)) {
			return -ENODEV;
		}
		gpio_pin_configure_dt(&config->enable, GPIO_OUTPUT_ACTIVE);
	}
	if (config->feeds != NULL && !device_is_ready(config->feeds)) {
		return -EAGAIN;
	}
	printk("ramp %s of %s\n", config->label, dev->name);
	return 0;
}

static DEVICE_API(ramp, ramp_api) = {
	.read = ramp_read_impl,
};

#define RAMP(n)                                                                                                        \
	static const uint32_t ramp_steps_##n[] = DT_INST_PROP(n, steps);                                               \
	static const struct ramp_config ramp_config_##n = {                                                            \
		.label = DT_INST_PROP(n, label_text),                                                                  \
		.start = DT_INST_PROP(n, start),                                                                       \
		.steps = ramp_steps_##n,                                                                               \
		.step_count = DT_INST_PROP_LEN(n, steps),                                                              \
		.wrap = DT_INST_PROP(n, wrap),                                                                         \
		.feeds = COND_CODE_1(DT_INST_NODE_HAS_PROP(n, feeds), (DEVICE_DT_GET(DT_INST_PHANDLE(n, feeds))), (NULL)), \
		.enable = GPIO_DT_SPEC_INST_GET_OR(n, enable_gpios, {0}),                                              \
	};                                                                                                             \
	static struct ramp_data ramp_data_##n;                                                                         \
	DEVICE_DT_INST_DEFINE(n, ramp_init, NULL, &ramp_data_##n, &ramp_config_##n, POST_KERNEL,                       \
			      CONFIG_ACME_RAMP_INIT_PRIORITY, &ramp_api);

DT_INST_FOREACH_STATUS_OKAY(RAMP)
