/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulated pins. An output's level is what was set; an input's what gpio_emul_input_set says, before that what a resistor
 * pulls it to. A pin that is both reads what it drives.
 */
#define DT_DRV_COMPAT zephyr_gpio_emul

#include <zephyr/drivers/gpio/gpio_emul.h>
#include <zephyr/irq_offload.h>
#include <zephyr/kernel.h>

struct config {
	struct gpio_driver_config common;
};

struct data {
	struct gpio_driver_data common;
	gpio_port_value_t inputs;
	gpio_port_value_t outputs;
	gpio_port_pins_t rising;
	gpio_port_pins_t falling;
	gpio_port_pins_t high;
	gpio_port_pins_t low;
	gpio_port_pins_t fired;
	sys_slist_t callbacks;
	gpio_flags_t flags[GPIO_MAX_PINS_PER_PORT];
};

static struct data *of(const struct device *port)
{
	return (struct data *)port->data;
}

static gpio_port_pins_t pins_with(const struct device *port, gpio_flags_t flag)
{
	gpio_port_pins_t found = 0;

	for (unsigned int pin = 0; pin < GPIO_MAX_PINS_PER_PORT; pin++) {
		if ((of(port)->flags[pin] & flag) != 0U) {
			found |= (gpio_port_pins_t)1U << pin;
		}
	}
	return found;
}

/* Interrupts ---------------------------------------------------------------------------------------------------------- */

static void fire(const void *parameter)
{
	const struct device *port = (const struct device *)parameter;
	const gpio_port_pins_t pins = of(port)->fired;
	struct gpio_callback *callback, *next;

	of(port)->fired = 0;
	SYS_SLIST_FOR_EACH_CONTAINER_SAFE(&of(port)->callbacks, callback, next, node) {
		if ((callback->pin_mask & pins) != 0U) {
			callback->handler(port, callback, callback->pin_mask & pins);
		}
	}
}

static void changed(const struct device *port, gpio_port_value_t before)
{
	struct data *data = of(port);
	const gpio_port_value_t now = data->inputs;

	data->fired |= (now & ~before & data->rising) | (before & ~now & data->falling) | (now & data->high) | (~now & data->low);
	if (data->fired == 0U) {
		return;
	}
	if (k_is_in_isr()) {
		fire(port);
	} else {
		irq_offload(fire, port);
	}
}

static int pin_interrupt_configure(const struct device *port, gpio_pin_t pin, enum gpio_int_mode mode, enum gpio_int_trig trig)
{
	struct data *data = of(port);
	const gpio_port_pins_t bit = (gpio_port_pins_t)1U << pin;

	if ((data->flags[pin] & GPIO_INPUT) == 0U && mode != GPIO_INT_MODE_DISABLED) {
		return -EINVAL;
	}
	data->rising &= ~bit;
	data->falling &= ~bit;
	data->high &= ~bit;
	data->low &= ~bit;
	if (mode == GPIO_INT_MODE_DISABLED) {
		return 0;
	}
	if ((trig & GPIO_INT_TRIG_HIGH) != 0) {
		*(mode == GPIO_INT_MODE_EDGE ? &data->rising : &data->high) |= bit;
	}
	if ((trig & GPIO_INT_TRIG_LOW) != 0) {
		*(mode == GPIO_INT_MODE_EDGE ? &data->falling : &data->low) |= bit;
	}
	return 0;
}

static int manage_callback(const struct device *port, struct gpio_callback *callback, bool set)
{
	if (!sys_slist_find_and_remove(&of(port)->callbacks, &callback->node) && !set) {
		return -EINVAL;
	}
	if (set) {
		sys_slist_prepend(&of(port)->callbacks, &callback->node);
	}
	return 0;
}

/* Levels -------------------------------------------------------------------------------------------------------------- */

static int pin_configure(const struct device *port, gpio_pin_t pin, gpio_flags_t flags)
{
	struct data *data = of(port);
	const gpio_port_pins_t bit = (gpio_port_pins_t)1U << pin;

	data->flags[pin] = flags;
	if ((flags & GPIO_OUTPUT_INIT_HIGH) != 0U) {
		data->outputs |= bit;
	} else if ((flags & GPIO_OUTPUT_INIT_LOW) != 0U) {
		data->outputs &= ~bit;
	}
	if ((flags & GPIO_PULL_UP) != 0U) {
		data->inputs |= bit;
	} else if ((flags & GPIO_PULL_DOWN) != 0U) {
		data->inputs &= ~bit;
	}
	return 0;
}

static int port_get_raw(const struct device *port, gpio_port_value_t *value)
{
	const gpio_port_pins_t driven = pins_with(port, GPIO_OUTPUT);

	*value = (of(port)->outputs & driven) | (of(port)->inputs & ~driven);
	return 0;
}

static int port_set_masked_raw(const struct device *port, gpio_port_pins_t mask, gpio_port_value_t value)
{
	of(port)->outputs = (of(port)->outputs & ~mask) | (value & mask);
	return 0;
}

static int port_set_bits_raw(const struct device *port, gpio_port_pins_t pins)
{
	return port_set_masked_raw(port, pins, pins);
}

static int port_clear_bits_raw(const struct device *port, gpio_port_pins_t pins)
{
	return port_set_masked_raw(port, pins, 0);
}

static int port_toggle_bits(const struct device *port, gpio_port_pins_t pins)
{
	of(port)->outputs ^= pins;
	return 0;
}

/* From outside -------------------------------------------------------------------------------------------------------- */

int gpio_emul_input_set_masked(const struct device *port, gpio_port_pins_t pins, gpio_port_value_t values)
{
	const gpio_port_value_t before = of(port)->inputs;

	if ((pins & ~pins_with(port, GPIO_INPUT)) != 0U) {
		return -EINVAL;
	}
	of(port)->inputs = (before & ~pins) | (values & pins);
	changed(port, before);
	return 0;
}

int gpio_emul_output_get_masked(const struct device *port, gpio_port_pins_t pins, gpio_port_value_t *values)
{
	if ((pins & ~pins_with(port, GPIO_OUTPUT)) != 0U) {
		return -EINVAL;
	}
	*values = of(port)->outputs & pins;
	return 0;
}

int gpio_emul_flags_get(const struct device *port, gpio_pin_t pin, gpio_flags_t *flags)
{
	if (pin >= GPIO_MAX_PINS_PER_PORT) {
		return -EINVAL;
	}
	*flags = of(port)->flags[pin];
	return 0;
}

static const struct gpio_driver_api api = {
	pin_configure,       port_get_raw,     port_set_masked_raw,     port_set_bits_raw,
	port_clear_bits_raw, port_toggle_bits, pin_interrupt_configure, manage_callback, NULL,
};

#define INSTANCE(inst)                                                                                                 \
	static const struct config config_##inst = {{GPIO_PORT_PIN_MASK_FROM_DT_INST(inst)}};                           \
	static struct data data_##inst;                                                                                \
	DEVICE_DT_INST_DEFINE(inst, NULL, NULL, &data_##inst, &config_##inst, PRE_KERNEL_1, CONFIG_GPIO_INIT_PRIORITY, &api);

DT_INST_FOREACH_STATUS_OKAY(INSTANCE)
