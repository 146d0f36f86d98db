"""Simulated GPIO of an application: Zephyr's blinky, and a button whose edges interrupt (kernel.md section 12)."""

import pytest

from llext import Board

MAIN = """
#include <zephyr/drivers/gpio.h>
#include <zephyr/drivers/gpio/gpio_emul.h>
#include <zephyr/kernel.h>
static const struct gpio_dt_spec led = GPIO_DT_SPEC_GET(DT_ALIAS(led0), gpios);
static const struct gpio_dt_spec button = GPIO_DT_SPEC_GET(DT_ALIAS(sw0), gpios);
static struct gpio_callback callback;
static void pressed(const struct device *port, struct gpio_callback *cb, gpio_port_pins_t pins)
{
	printk("pressed %x %d %d\\n", (unsigned int)pins, k_is_in_isr(), cb == &callback && port == button.port);
}
static int out(void) { return gpio_emul_output_get(led.port, led.pin); }
static void in(int level) { printk("set %d\\n", gpio_emul_input_set(button.port, button.pin, level)); }
int main(void)
{
	printk("%d %d", gpio_is_ready_dt(&led), gpio_pin_configure_dt(&led, GPIO_OUTPUT_ACTIVE));
	printk(" %d", out());
	gpio_pin_toggle_dt(&led);
	printk(" %d", out());
	gpio_pin_set_dt(&led, 1);
	printk(" %d %d\\n", out(), gpio_pin_get_dt(&led));
	printk("no input yet %d\\n", gpio_emul_input_set(button.port, button.pin, 0));
	gpio_pin_configure_dt(&button, GPIO_INPUT);
	printk("button %d raw %d\\n", gpio_pin_get_dt(&button), gpio_pin_get_raw(button.port, button.pin));
	gpio_init_callback(&callback, pressed, BIT(button.pin));
	gpio_add_callback_dt(&button, &callback);
	gpio_pin_interrupt_configure_dt(&button, GPIO_INT_EDGE_TO_ACTIVE);
	in(0);
	in(0);
	printk("button %d\\n", gpio_pin_get_dt(&button));
	in(1);
	gpio_pin_interrupt_configure_dt(&button, GPIO_INT_DISABLE);
	in(0);
	gpio_remove_callback_dt(&button, &callback);
	printk("again %d no pin %d\\n", gpio_remove_callback_dt(&button, &callback), gpio_pin_configure(led.port, 40, GPIO_INPUT));
	return 0;
}
"""
SAYS = """\
1 0 1 0 1 1
no input yet -22
button 0 raw 1
pressed 4 1 1
set 0
set 0
button 1
set 0
set 0
again -22 no pin -22
"""


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_pins_have_levels_and_interrupt(application, name):
    with Board(app=application(MAIN, "CONFIG_GPIO=y\nCONFIG_BOOT_BANNER=n\n", board=name)) as board:
        board.boot()
        board.run()
        assert board.console == SAYS
