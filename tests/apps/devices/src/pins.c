/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/drivers/gpio.h>
#include <zephyr/kernel.h>

void show_pins(void);

static const struct gpio_dt_spec led = GPIO_DT_SPEC_GET(DT_ALIAS(status_led), gpios);
static const struct gpio_dt_spec alarm = GPIO_DT_SPEC_GET_BY_IDX(DT_PATH(zephyr_user), alarm_gpios, 1);
static const struct gpio_dt_spec enable = GPIO_DT_SPEC_GET(DT_NODELABEL(ramp_a), enable_gpios);
static const struct gpio_dt_spec all[] = {DT_FOREACH_PROP_ELEM_SEP(DT_PATH(zephyr_user), alarm_gpios, GPIO_DT_SPEC_GET_BY_IDX, (,))};

void show_pins(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		gpio_pin_configure_dt(&all[i], GPIO_INPUT);
	}
	printk("led on gpio0 %d, pin %d flags %#x\n", led.port == DEVICE_DT_GET(DT_NODELABEL(gpio0)), led.pin, led.dt_flags);
	printk("alarm %d, enable %d flags %#x, %d in all\n", alarm.pin, enable.pin, enable.dt_flags, (int)ARRAY_SIZE(all));
	gpio_pin_configure_dt(&led, GPIO_OUTPUT_INACTIVE);
	gpio_pin_set_dt(&led, 1);
	printk("led is %d, raw %d\n", gpio_pin_get_dt(&led), gpio_pin_get_raw(led.port, led.pin));
	gpio_pin_toggle_dt(&led);
	printk("led is %d, enable is %d\n", gpio_pin_get_dt(&led), gpio_pin_get_dt(&enable));
}
