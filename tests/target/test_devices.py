"""Devices of nodes: a driver defines them, applications get them and their pins. On a board where code runs."""

import io

import pytest
from conftest import TOOLCHAINS
from devicetrees import BOARD, compile_with, text_of, tree_of
from elftools.elf.elffile import ELFFile

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.target import load_target
from llext.target.devicetree import read_tree
from llext.target.dt_header import header_text

DRIVER = r"""
#define DT_DRV_COMPAT zephyr_gpio_emul
#include <zephyr/kernel.h>
#include <zephyr/drivers/gpio.h>
#include <zephyr/llext/symbol.h>

struct config { struct gpio_driver_config common; };
struct data { struct gpio_driver_data common; uint32_t level, flags, mode, trig; sys_slist_t callbacks; };

static int configure(const struct device *port, gpio_pin_t pin, gpio_flags_t flags)
{
	struct data *data = port->data;

	data->flags = flags;
	if (flags & GPIO_OUTPUT_INIT_HIGH) data->level |= BIT(pin);
	if (flags & GPIO_OUTPUT_INIT_LOW) data->level &= ~BIT(pin);
	return 0;
}
static int get(const struct device *port, gpio_port_value_t *value) { *value = ((struct data *)port->data)->level; return 0; }
static int masked(const struct device *port, gpio_port_pins_t mask, gpio_port_value_t value)
{
	struct data *data = port->data;

	data->level = (data->level & ~mask) | (value & mask);
	return 0;
}
static int set(const struct device *port, gpio_port_pins_t pins) { return masked(port, pins, pins); }
static int clear(const struct device *port, gpio_port_pins_t pins) { return masked(port, pins, 0); }
static int toggle(const struct device *port, gpio_port_pins_t pins) { ((struct data *)port->data)->level ^= pins; return 0; }
static int interrupt(const struct device *port, gpio_pin_t pin, enum gpio_int_mode mode, enum gpio_int_trig trig)
{
	struct data *data = port->data;

	data->mode = mode; data->trig = trig;
	return pin == 31 ? -ENOTSUP : 0;
}
static int manage(const struct device *port, struct gpio_callback *cb, bool set)
{
	cb->handler(port, cb, cb->pin_mask & (set ? 0xff : 0xff00));
	return 0;
}
static int init(const struct device *port) { return 0; }
static const struct gpio_driver_api api = {configure, get, masked, set, clear, toggle, interrupt, manage, NULL};
#define PORT(inst)                                                                                                     \
	static const struct config config_##inst = {{GPIO_PORT_PIN_MASK_FROM_DT_INST(inst)}};                          \
	static struct data data_##inst;                                                                                \
	DEVICE_DT_INST_DEFINE(inst, init, NULL, &data_##inst, &config_##inst, POST_KERNEL, 40, &api);
DT_INST_FOREACH_STATUS_OKAY(PORT)

static const struct gpio_dt_spec lamp = GPIO_DT_SPEC_GET(DT_ALIAS(led0), gpios);
static const struct gpio_dt_spec button = GPIO_DT_SPEC_GET(DT_ALIAS(sw0), gpios);
static const struct gpio_dt_spec nothing = GPIO_DT_SPEC_GET_OR(DT_ALIAS(led9), gpios, {0});

int ready(void) { return gpio_is_ready_dt(&lamp) + 2 * gpio_is_ready_dt(&button) + 4 * (nothing.port == NULL); }
int named(void)
{
	return device_get_binding(DEVICE_DT_NAME(DT_NODELABEL(gpio0))) == lamp.port && lamp.port == DEVICE_DT_GET_ANY(zephyr_gpio_emul) &&
		DEVICE_DT_GET_OR_NULL(DT_NODELABEL(nope)) == NULL;
}
int level(void) { return (int)data_0.level; }
void force(int value) { data_0.level = (uint32_t)value; }
int flags(void) { return (int)data_0.flags; }
int trig(void) { return (int)(data_0.mode | data_0.trig); }
int configure_lamp(int extra) { return gpio_pin_configure_dt(&lamp, (gpio_flags_t)extra); }
int configure_button(int extra) { return gpio_pin_configure_dt(&button, (gpio_flags_t)extra); }
int configure_pin(int pin) { return gpio_pin_configure(lamp.port, (gpio_pin_t)pin, GPIO_INPUT); }
int set_button(int value) { return gpio_pin_set_dt(&button, value); }
int get_button(void) { return gpio_pin_get_dt(&button); }
int get_raw(void) { return gpio_pin_get_raw(button.port, button.pin); }
int toggle_lamp(void) { return gpio_pin_toggle_dt(&lamp); }
int interrupt_button(int how) { return gpio_pin_interrupt_configure_dt(&button, (gpio_flags_t)how); }
int interrupt_31(void) { return gpio_pin_interrupt_configure(lamp.port, 31, GPIO_INT_EDGE_BOTH); }
int port_logical(void) { gpio_port_value_t value; (void)gpio_port_get(lamp.port, &value); return (int)value; }
int port_set(int pins) { return gpio_port_set_bits(lamp.port, (gpio_port_pins_t)pins); }
int pending(void) { return gpio_get_pending_int(lamp.port); }
static int heard;
static void hear(const struct device *port, struct gpio_callback *cb, gpio_port_pins_t pins) { heard = (int)pins; }
int callback(void)
{
	static struct gpio_callback cb;

	gpio_init_callback(&cb, hear, BIT(2) | BIT(9));
	(void)gpio_add_callback_dt(&button, &cb);
	int first = heard;
	(void)gpio_remove_callback_dt(&button, &cb);
	return first << 16 | heard;
}
EXPORT_SYMBOL(ready); EXPORT_SYMBOL(named); EXPORT_SYMBOL(level); EXPORT_SYMBOL(force); EXPORT_SYMBOL(flags); EXPORT_SYMBOL(trig);
EXPORT_SYMBOL(configure_lamp); EXPORT_SYMBOL(configure_button); EXPORT_SYMBOL(configure_pin); EXPORT_SYMBOL(set_button);
EXPORT_SYMBOL(get_button); EXPORT_SYMBOL(get_raw); EXPORT_SYMBOL(toggle_lamp); EXPORT_SYMBOL(interrupt_button);
EXPORT_SYMBOL(interrupt_31); EXPORT_SYMBOL(port_logical); EXPORT_SYMBOL(port_set); EXPORT_SYMBOL(pending); EXPORT_SYMBOL(callback);
"""
INPUT, OUTPUT_ACTIVE, OUTPUT_INACTIVE, OUTPUT_HIGH = (
    1 << 16,
    1 << 17 | 1 << 19 | 1 << 20,
    1 << 17 | 1 << 18 | 1 << 20,
    1 << 17 | 1 << 19,
)
EDGE_TO_ACTIVE, EDGE_RISING, EDGE_BOTH = (
    1 << 22 | 1 << 24 | 1 << 26 | 1 << 23,
    1 << 22 | 1 << 24 | 1 << 26,
    0b111 << 24 | 1 << 22,
)


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_riscv32"])
def pins(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pins")
    (folder / "zephyr").mkdir()
    (folder / "zephyr" / "devicetree_generated.h").write_text(header_text(read_tree(text_of(board=request.param))))
    source = folder / "pins.c"
    source.write_text(DRIVER)
    built = build_extension(
        [source], folder / "pins.llext", load_target(request.param), BuildOptions(cflags=("-I", str(folder)))
    ).output
    with Board(request.param) as board:
        extension = board.load(built)
        extension.bringup()
        yield lambda name, *arguments: extension.fn(name)(*arguments)


def test_devices_of_nodes_are_ready_and_found_by_name(pins):
    assert pins("ready") == 7
    assert pins("named") == 1


def test_outputs_begin_with_the_level_that_was_asked_for(pins):
    assert (pins("configure_button", OUTPUT_ACTIVE), pins("level") >> 2 & 1) == (0, 0)  # active low
    assert (pins("configure_button", OUTPUT_INACTIVE), pins("level") >> 2 & 1) == (0, 1)
    assert (pins("configure_lamp", OUTPUT_ACTIVE), pins("level") & 1) == (0, 1)
    assert (pins("configure_button", OUTPUT_HIGH), pins("level") >> 2 & 1) == (0, 1)


def test_a_driver_sees_flags_of_devicetree_and_caller_without_logical_ones(pins):
    pins("configure_button", INPUT)
    assert pins("flags") == INPUT | 0x11


def test_logical_levels_are_turned_around_for_pins_that_are_active_low(pins):
    pins("configure_button", INPUT)
    pins("configure_lamp", OUTPUT_ACTIVE)
    pins("force", 0b101)
    assert (pins("get_button"), pins("get_raw"), pins("port_logical")) == (0, 1, 0b001)
    assert (pins("set_button", 1), pins("level")) == (0, 0b001)
    assert (pins("set_button", 0), pins("level")) == (0, 0b101)
    assert (pins("toggle_lamp"), pins("level")) == (0, 0b100)
    assert (pins("port_set", 0b101), pins("level")) == (0, 0b001)


def test_interrupts_are_told_in_physical_levels(pins):
    pins("configure_button", INPUT)
    assert (pins("interrupt_button", EDGE_TO_ACTIVE), pins("trig")) == (0, 1 << 22 | 1 << 24 | 1 << 25)
    assert (pins("interrupt_button", EDGE_RISING), pins("trig")) == (0, EDGE_RISING)
    assert (pins("interrupt_button", EDGE_BOTH), pins("trig")) == (0, EDGE_BOTH)


def test_pins_that_do_not_exist_and_functions_that_a_driver_lacks_are_errors(pins):
    assert pins("configure_pin", 32) == -22
    assert pins("interrupt_31") == -134
    assert pins("pending") == -88


def test_callbacks_are_added_and_removed(pins):
    assert pins("callback") == 4 << 16 | 0x200


FIRMWARE = """
#define DT_DRV_COMPAT zephyr_gpio_emul
#include <zephyr/device.h>
#include <zephyr/linker/devicetree_regions.h>
#define PORT(inst) DEVICE_DT_INST_DEFINE(inst, NULL, NULL, NULL, NULL, PRE_KERNEL_1, 40, NULL);
DT_INST_FOREACH_STATUS_OKAY(PORT)
int kept Z_GENERIC_SECTION(LINKER_DT_NODE_REGION_NAME(DT_NODELABEL(shared)));
"""


@pytest.fixture(scope="module")
def firmware_tree(tmp_path_factory):
    overlay = '/ { shared: m@21000000 { compatible = "zephyr,memory-region"; reg = <0x21000000 64>; zephyr,memory-region = "S-R"; }; };'
    return tree_of(tmp_path_factory.mktemp("tree"), overlay)


def sections(folder, tree, toolchain, text=FIRMWARE):
    compile_with(folder, tree, text, "-c", "-o", str(folder / "made.o"), toolchain=toolchain, board=BOARD)
    return {section.name for section in ELFFile(io.BytesIO((folder / "made.o").read_bytes())).iter_sections()}


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_devices_of_one_priority_come_in_the_order_of_their_nodes(tmp_path, firmware_tree, toolchain):
    ordinals = [firmware_tree.labelled(label).ordinal for label in ("gpio0", "gpio1")]
    found = sections(tmp_path, firmware_tree, toolchain)
    for ordinal in ordinals:
        assert f".z_init_PRE_KERNEL_1_P_40_SUB_{ordinal:05d}_" in found
        assert f"._device.static.dts_ord_{ordinal}_" in found


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_device_that_is_deferred_is_not_made_ready_at_boot(tmp_path, toolchain):
    tree = tree_of(tmp_path, "&gpio1 { zephyr,deferred-init; };")
    found = sections(tmp_path, tree, toolchain, FIRMWARE.split("int kept", maxsplit=1)[0])
    ordinals = [tree.labelled(label).ordinal for label in ("gpio0", "gpio1")]
    assert [f"._device.static.dts_ord_{ordinal}_" in found for ordinal in ordinals] == [True, True]
    assert [f".z_init_PRE_KERNEL_1_P_40_SUB_{ordinal:05d}_" in found for ordinal in ordinals] == [True, False]


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_variable_of_a_region_is_in_its_section(tmp_path, firmware_tree, toolchain):
    assert sections(tmp_path, firmware_tree, toolchain) & {"S_R", '"S_R"'}  # clang keeps the quotes, app-build.md section 7
