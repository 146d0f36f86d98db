/* SPDX-License-Identifier: Apache-2.0
 *
 * Pins. What applications call is defined here, and calls the driver's functions through the device's table; a driver works
 * with physical levels. Logical ones, 1 for active, are made here: of the pins that were configured as GPIO_ACTIVE_LOW, as
 * the driver's data has them. Bits and results as in kernel.md section 12.
 */
#ifndef ZEPHYR_INCLUDE_DRIVERS_GPIO_H_
#define ZEPHYR_INCLUDE_DRIVERS_GPIO_H_

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/device.h>
#include <zephyr/devicetree.h>
#include <zephyr/dt-bindings/gpio/gpio.h>
#include <zephyr/sys/slist.h>
#include <zephyr/sys/util_macro.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a pin is used. */
#define GPIO_INPUT (1U << 16)
#define GPIO_OUTPUT (1U << 17)
#define GPIO_DISCONNECTED 0
#define GPIO_OUTPUT_INIT_LOW (1U << 18)
#define GPIO_OUTPUT_INIT_HIGH (1U << 19)
#define GPIO_OUTPUT_INIT_LOGICAL (1U << 20)
#define GPIO_OUTPUT_LOW (GPIO_OUTPUT | GPIO_OUTPUT_INIT_LOW)
#define GPIO_OUTPUT_HIGH (GPIO_OUTPUT | GPIO_OUTPUT_INIT_HIGH)
#define GPIO_OUTPUT_INACTIVE (GPIO_OUTPUT | GPIO_OUTPUT_INIT_LOW | GPIO_OUTPUT_INIT_LOGICAL)
#define GPIO_OUTPUT_ACTIVE (GPIO_OUTPUT | GPIO_OUTPUT_INIT_HIGH | GPIO_OUTPUT_INIT_LOGICAL)
#define GPIO_DIR_MASK (GPIO_INPUT | GPIO_OUTPUT)

/* When a pin interrupts. */
#define GPIO_INT_DISABLE (1U << 21)
#define GPIO_INT_ENABLE (1U << 22)
#define GPIO_INT_LEVELS_LOGICAL (1U << 23)
#define GPIO_INT_EDGE (1U << 24)
#define GPIO_INT_LOW_0 (1U << 25)
#define GPIO_INT_HIGH_1 (1U << 26)
#define GPIO_INT_EDGE_RISING (GPIO_INT_ENABLE | GPIO_INT_EDGE | GPIO_INT_HIGH_1)
#define GPIO_INT_EDGE_FALLING (GPIO_INT_ENABLE | GPIO_INT_EDGE | GPIO_INT_LOW_0)
#define GPIO_INT_EDGE_BOTH (GPIO_INT_ENABLE | GPIO_INT_EDGE | GPIO_INT_LOW_0 | GPIO_INT_HIGH_1)
#define GPIO_INT_LEVEL_LOW (GPIO_INT_ENABLE | GPIO_INT_LOW_0)
#define GPIO_INT_LEVEL_HIGH (GPIO_INT_ENABLE | GPIO_INT_HIGH_1)
#define GPIO_INT_EDGE_TO_INACTIVE (GPIO_INT_EDGE_FALLING | GPIO_INT_LEVELS_LOGICAL)
#define GPIO_INT_EDGE_TO_ACTIVE (GPIO_INT_EDGE_RISING | GPIO_INT_LEVELS_LOGICAL)
#define GPIO_INT_LEVEL_INACTIVE (GPIO_INT_LEVEL_LOW | GPIO_INT_LEVELS_LOGICAL)
#define GPIO_INT_LEVEL_ACTIVE (GPIO_INT_LEVEL_HIGH | GPIO_INT_LEVELS_LOGICAL)
#define Z_GPIO_INT_MODE (GPIO_INT_DISABLE | GPIO_INT_ENABLE | GPIO_INT_EDGE)
#define Z_GPIO_INT_TRIG (GPIO_INT_LOW_0 | GPIO_INT_HIGH_1)

#define GPIO_MAX_PINS_PER_PORT 32

typedef uint32_t gpio_port_pins_t;
typedef uint32_t gpio_port_value_t;
typedef uint8_t gpio_pin_t;
typedef uint16_t gpio_dt_flags_t;
typedef uint32_t gpio_flags_t;

/* A pin of a devicetree, as GPIO_DT_SPEC_GET gives it. */
struct gpio_dt_spec {
	const struct device *port;
	gpio_pin_t pin;
	gpio_dt_flags_t dt_flags;
};

#define GPIO_DT_SPEC_GET_BY_IDX(node_id, prop, idx)                                                                    \
	{                                                                                                              \
		DEVICE_DT_GET(DT_GPIO_CTLR_BY_IDX(node_id, prop, idx)), DT_GPIO_PIN_BY_IDX(node_id, prop, idx),        \
			DT_GPIO_FLAGS_BY_IDX(node_id, prop, idx)                                                       \
	}
#define GPIO_DT_SPEC_GET_BY_IDX_OR(node_id, prop, idx, default_value)                                                  \
	COND_CODE_1(DT_PROP_HAS_IDX(node_id, prop, idx), (GPIO_DT_SPEC_GET_BY_IDX(node_id, prop, idx)), (default_value))
#define GPIO_DT_SPEC_GET(node_id, prop) GPIO_DT_SPEC_GET_BY_IDX(node_id, prop, 0)
#define GPIO_DT_SPEC_GET_OR(node_id, prop, default_value) GPIO_DT_SPEC_GET_BY_IDX_OR(node_id, prop, 0, default_value)
#define GPIO_DT_SPEC_INST_GET_BY_IDX(inst, prop, idx) GPIO_DT_SPEC_GET_BY_IDX(DT_DRV_INST(inst), prop, idx)
#define GPIO_DT_SPEC_INST_GET_BY_IDX_OR(inst, prop, idx, default_value)                                                \
	GPIO_DT_SPEC_GET_BY_IDX_OR(DT_DRV_INST(inst), prop, idx, default_value)
#define GPIO_DT_SPEC_INST_GET(inst, prop) GPIO_DT_SPEC_GET(DT_DRV_INST(inst), prop)
#define GPIO_DT_SPEC_INST_GET_OR(inst, prop, default_value) GPIO_DT_SPEC_GET_OR(DT_DRV_INST(inst), prop, default_value)

/* The first member of a driver's configuration, and of its data. */
struct gpio_driver_config {
	gpio_port_pins_t port_pin_mask;
};

struct gpio_driver_data {
	gpio_port_pins_t invert;
};

#define GPIO_PORT_PIN_MASK_FROM_NGPIOS(ngpios) ((gpio_port_pins_t)((1ULL << (ngpios)) - 1U))
#define GPIO_PORT_PIN_MASK_FROM_DT_NODE(node_id) GPIO_PORT_PIN_MASK_FROM_NGPIOS(DT_PROP(node_id, ngpios))
#define GPIO_PORT_PIN_MASK_FROM_DT_INST(inst) GPIO_PORT_PIN_MASK_FROM_DT_NODE(DT_DRV_INST(inst))

struct gpio_callback;
typedef void (*gpio_callback_handler_t)(const struct device *port, struct gpio_callback *cb, gpio_port_pins_t pins);

struct gpio_callback {
	sys_snode_t node;
	gpio_callback_handler_t handler;
	gpio_port_pins_t pin_mask;
};

enum gpio_int_mode {
	GPIO_INT_MODE_DISABLED = GPIO_INT_DISABLE,
	GPIO_INT_MODE_LEVEL = GPIO_INT_ENABLE,
	GPIO_INT_MODE_EDGE = GPIO_INT_ENABLE | GPIO_INT_EDGE,
};

enum gpio_int_trig {
	GPIO_INT_TRIG_LOW = GPIO_INT_LOW_0,
	GPIO_INT_TRIG_HIGH = GPIO_INT_HIGH_1,
	GPIO_INT_TRIG_BOTH = GPIO_INT_LOW_0 | GPIO_INT_HIGH_1,
};

/* A driver's functions; those of interrupts may be missing. */
struct gpio_driver_api {
	int (*pin_configure)(const struct device *port, gpio_pin_t pin, gpio_flags_t flags);
	int (*port_get_raw)(const struct device *port, gpio_port_value_t *value);
	int (*port_set_masked_raw)(const struct device *port, gpio_port_pins_t mask, gpio_port_value_t value);
	int (*port_set_bits_raw)(const struct device *port, gpio_port_pins_t pins);
	int (*port_clear_bits_raw)(const struct device *port, gpio_port_pins_t pins);
	int (*port_toggle_bits)(const struct device *port, gpio_port_pins_t pins);
	int (*pin_interrupt_configure)(const struct device *port, gpio_pin_t pin, enum gpio_int_mode mode,
				       enum gpio_int_trig trig);
	int (*manage_callback)(const struct device *port, struct gpio_callback *cb, bool set);
	uint32_t (*get_pending_int)(const struct device *dev);
};

static inline const struct gpio_driver_api *z_gpio_api(const struct device *port)
{
	return (const struct gpio_driver_api *)port->api;
}

static inline gpio_port_pins_t z_gpio_inverted(const struct device *port)
{
	return ((const struct gpio_driver_data *)port->data)->invert;
}

static inline gpio_port_pins_t z_gpio_bit(gpio_pin_t pin)
{
	return (gpio_port_pins_t)1U << pin;
}

static inline bool gpio_is_ready_dt(const struct gpio_dt_spec *spec)
{
	return device_is_ready(spec->port);
}

/* The first level of an output that is given as a logical one becomes physical here. */
static inline int gpio_pin_configure(const struct device *port, gpio_pin_t pin, gpio_flags_t flags)
{
	struct gpio_driver_data *data = (struct gpio_driver_data *)port->data;
	const struct gpio_driver_config *config = (const struct gpio_driver_config *)port->config;
	const gpio_flags_t levels = GPIO_OUTPUT_INIT_LOW | GPIO_OUTPUT_INIT_HIGH;
	const bool low = (flags & GPIO_ACTIVE_LOW) != 0U;

	if (pin >= GPIO_MAX_PINS_PER_PORT || (config->port_pin_mask & z_gpio_bit(pin)) == 0U) {
		return -EINVAL;
	}
	if (low && (flags & GPIO_OUTPUT_INIT_LOGICAL) != 0U && (flags & levels) != 0U) {
		flags ^= levels;
	}
	data->invert = low ? data->invert | z_gpio_bit(pin) : data->invert & ~z_gpio_bit(pin);
	return z_gpio_api(port)->pin_configure(port, pin, flags & ~GPIO_OUTPUT_INIT_LOGICAL);
}

static inline int gpio_pin_configure_dt(const struct gpio_dt_spec *spec, gpio_flags_t extra_flags)
{
	return gpio_pin_configure(spec->port, spec->pin, spec->dt_flags | extra_flags);
}

static inline int gpio_pin_interrupt_configure(const struct device *port, gpio_pin_t pin, gpio_flags_t flags)
{
	gpio_flags_t mode = flags & Z_GPIO_INT_MODE, trig = flags & Z_GPIO_INT_TRIG;

	if (z_gpio_api(port)->pin_interrupt_configure == NULL) {
		return -ENOSYS;
	}
	if ((flags & GPIO_INT_LEVELS_LOGICAL) != 0U && (z_gpio_inverted(port) & z_gpio_bit(pin)) != 0U &&
	    trig != Z_GPIO_INT_TRIG) {
		trig ^= Z_GPIO_INT_TRIG;
	}
	return z_gpio_api(port)->pin_interrupt_configure(port, pin, (enum gpio_int_mode)mode, (enum gpio_int_trig)trig);
}

static inline int gpio_pin_interrupt_configure_dt(const struct gpio_dt_spec *spec, gpio_flags_t flags)
{
	return gpio_pin_interrupt_configure(spec->port, spec->pin, flags);
}

/* All pins of a port at once. */
static inline int gpio_port_get_raw(const struct device *port, gpio_port_value_t *value)
{
	return z_gpio_api(port)->port_get_raw(port, value);
}

static inline int gpio_port_get(const struct device *port, gpio_port_value_t *value)
{
	int result = gpio_port_get_raw(port, value);

	if (result == 0) {
		*value ^= z_gpio_inverted(port);
	}
	return result;
}

static inline int gpio_port_set_masked_raw(const struct device *port, gpio_port_pins_t mask, gpio_port_value_t value)
{
	return z_gpio_api(port)->port_set_masked_raw(port, mask, value);
}

static inline int gpio_port_set_masked(const struct device *port, gpio_port_pins_t mask, gpio_port_value_t value)
{
	return gpio_port_set_masked_raw(port, mask, value ^ z_gpio_inverted(port));
}

static inline int gpio_port_set_bits_raw(const struct device *port, gpio_port_pins_t pins)
{
	return z_gpio_api(port)->port_set_bits_raw(port, pins);
}

static inline int gpio_port_set_bits(const struct device *port, gpio_port_pins_t pins)
{
	return gpio_port_set_masked(port, pins, pins);
}

static inline int gpio_port_clear_bits_raw(const struct device *port, gpio_port_pins_t pins)
{
	return z_gpio_api(port)->port_clear_bits_raw(port, pins);
}

static inline int gpio_port_clear_bits(const struct device *port, gpio_port_pins_t pins)
{
	return gpio_port_set_masked(port, pins, 0);
}

static inline int gpio_port_toggle_bits(const struct device *port, gpio_port_pins_t pins)
{
	return z_gpio_api(port)->port_toggle_bits(port, pins);
}

static inline int gpio_port_set_clr_bits_raw(const struct device *port, gpio_port_pins_t set_pins,
					     gpio_port_pins_t clear_pins)
{
	return gpio_port_set_masked_raw(port, set_pins | clear_pins, set_pins);
}

static inline int gpio_port_set_clr_bits(const struct device *port, gpio_port_pins_t set_pins,
					 gpio_port_pins_t clear_pins)
{
	return gpio_port_set_masked(port, set_pins | clear_pins, set_pins);
}

/* One pin. */
static inline int gpio_pin_get_raw(const struct device *port, gpio_pin_t pin)
{
	gpio_port_value_t value = 0;
	int result = gpio_port_get_raw(port, &value);

	return result == 0 ? (value & z_gpio_bit(pin)) != 0U : result;
}

static inline int gpio_pin_get(const struct device *port, gpio_pin_t pin)
{
	gpio_port_value_t value = 0;
	int result = gpio_port_get(port, &value);

	return result == 0 ? (value & z_gpio_bit(pin)) != 0U : result;
}

static inline int gpio_pin_get_dt(const struct gpio_dt_spec *spec)
{
	return gpio_pin_get(spec->port, spec->pin);
}

static inline int gpio_pin_set_raw(const struct device *port, gpio_pin_t pin, int value)
{
	return value != 0 ? gpio_port_set_bits_raw(port, z_gpio_bit(pin)) : gpio_port_clear_bits_raw(port, z_gpio_bit(pin));
}

static inline int gpio_pin_set(const struct device *port, gpio_pin_t pin, int value)
{
	return gpio_pin_set_raw(port, pin, (value != 0) != ((z_gpio_inverted(port) & z_gpio_bit(pin)) != 0U));
}

static inline int gpio_pin_set_dt(const struct gpio_dt_spec *spec, int value)
{
	return gpio_pin_set(spec->port, spec->pin, value);
}

static inline int gpio_pin_toggle(const struct device *port, gpio_pin_t pin)
{
	return gpio_port_toggle_bits(port, z_gpio_bit(pin));
}

static inline int gpio_pin_toggle_dt(const struct gpio_dt_spec *spec)
{
	return gpio_pin_toggle(spec->port, spec->pin);
}

/* What is called, in the interrupt, when one of the pins interrupts. */
static inline void gpio_init_callback(struct gpio_callback *callback, gpio_callback_handler_t handler,
				      gpio_port_pins_t pin_mask)
{
	callback->handler = handler;
	callback->pin_mask = pin_mask;
}

static inline int z_gpio_manage_callback(const struct device *port, struct gpio_callback *callback, bool set)
{
	if (z_gpio_api(port)->manage_callback == NULL) {
		return -ENOSYS;
	}
	return z_gpio_api(port)->manage_callback(port, callback, set);
}

static inline int gpio_add_callback(const struct device *port, struct gpio_callback *callback)
{
	return z_gpio_manage_callback(port, callback, true);
}

static inline int gpio_add_callback_dt(const struct gpio_dt_spec *spec, struct gpio_callback *callback)
{
	return gpio_add_callback(spec->port, callback);
}

static inline int gpio_remove_callback(const struct device *port, struct gpio_callback *callback)
{
	return z_gpio_manage_callback(port, callback, false);
}

static inline int gpio_remove_callback_dt(const struct gpio_dt_spec *spec, struct gpio_callback *callback)
{
	return gpio_remove_callback(spec->port, callback);
}

static inline int gpio_get_pending_int(const struct device *dev)
{
	return z_gpio_api(dev)->get_pending_int != NULL ? (int)z_gpio_api(dev)->get_pending_int(dev) : -ENOSYS;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_DRIVERS_GPIO_H_ */
