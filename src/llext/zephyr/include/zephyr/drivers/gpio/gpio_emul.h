/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulated pins seen from outside: what a wire would do to an input, and what a meter would show of an output.
 */
#ifndef ZEPHYR_INCLUDE_DRIVERS_GPIO_GPIO_EMUL_H_
#define ZEPHYR_INCLUDE_DRIVERS_GPIO_GPIO_EMUL_H_

#include <zephyr/drivers/gpio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sets the physical level of inputs; -EINVAL for a pin that is none. Interrupts that this causes are taken before it returns. */
int gpio_emul_input_set_masked(const struct device *port, gpio_port_pins_t pins, gpio_port_value_t values);
/* The physical levels that outputs drive; -EINVAL for a pin that is none. */
int gpio_emul_output_get_masked(const struct device *port, gpio_port_pins_t pins, gpio_port_value_t *values);
/* How a pin is configured. */
int gpio_emul_flags_get(const struct device *port, gpio_pin_t pin, gpio_flags_t *flags);

static inline int gpio_emul_input_set(const struct device *port, gpio_pin_t pin, int value)
{
	const gpio_port_pins_t bit = (gpio_port_pins_t)1U << pin;

	return gpio_emul_input_set_masked(port, bit, value != 0 ? bit : 0U);
}

static inline int gpio_emul_output_get(const struct device *port, gpio_pin_t pin)
{
	gpio_port_value_t values = 0;
	const int result = gpio_emul_output_get_masked(port, (gpio_port_pins_t)1U << pin, &values);

	return result != 0 ? result : values != 0U;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_DRIVERS_GPIO_GPIO_EMUL_H_ */
