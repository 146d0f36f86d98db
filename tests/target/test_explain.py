"""What compilers say of macros without a meaning is told in words."""

import pytest
from conftest import TOOLCHAINS
from devicetrees import compile_with, tree_of

from llext.target.explain import explain

PROLOGUE = "#include <zephyr/drivers/gpio.h>\n#include <zephyr/storage/flash_map.h>\n"
ROWS = {
    "int a = DT_PROP(DT_NODELABEL(led), gpios_len);": "the devicetree has no node label led: did you mean led_1 or led_0?",
    "int a = DT_PROP(DT_NODELABEL(uart0), curent_speed);": "/uart@40004000 (label uart0) has no property curent_speed: did you mean current_speed?",
    "int a = DT_REG_ADDR(DT_ALIAS(led7));": "the devicetree has no alias led7: did you mean led1 or led0?",
    "int a = DT_REG_ADDR(DT_CHOSEN(zephyr_consola));": "the devicetree has no chosen zephyr_consola: did you mean zephyr_console",
    "int a = DT_REG_ADDR(DT_PATH(leds, lamp_0));": "the devicetree has no node with the path /leds/lamp_0: did you mean /leds",
    "int a = DT_REG_ADDR(DT_CHILD(DT_PATH(leds), led_7));": "/leds has no child led_7: did you mean led_1 or led_0?",
    "int a = DT_REG_ADDR_BY_IDX(DT_NODELABEL(uart0), 1);": "/uart@40004000 (label uart0) has no reg number 1: it has 1",
    "int a = DT_PROP(DT_INST(3, gpio_leds), x);": "the devicetree has no instance gpio_leds_3: did you mean gpio_leds_0",
    "int a = DT_PROP(DT_NODELABEL(plain), x);": "/plain (label plain) has no property x, and no binding that declares any",
    "int a = DT_PROP_LEN(DT_NODELABEL(uart0), current_speed);": "property current-speed of /uart@40004000 (label uart0) is not of a type that has this",
    "int a = FIXED_PARTITION_ID(slot1_partition);": "the devicetree has no node label slot1_partition: did you mean slot0_partition",
    "int a = DT_REG_ADDR(DT_NODE_BY_FIXED_PARTITION_LABEL(image_1));": "the devicetree has no partition named image_1: did you mean image_0?",
    "const struct device *d = DEVICE_DT_GET(DT_NODELABEL(uart7));": "the devicetree has no node label uart7: did you mean uart0?",
    "const struct device *d = DEVICE_DT_GET(DT_NODELABEL(gpio1));": "/gpio@40011000 (label gpio1) has no device: its status is disabled",
    "const struct device *d = DEVICE_DT_GET_ONE(acme_nothing);": "the devicetree has no node of compatible acme_nothing with status okay",
    "struct gpio_dt_spec s = GPIO_DT_SPEC_GET_BY_IDX(DT_ALIAS(led0), gpios, 4);": "property gpios of /leds/led_0 (label led_0) has no entry number 4: it has 1",
}  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    overlay = '/ { plain: plain { compatible = "acme,plain"; x = <3>; }; };\n&gpio1 { status = "disabled"; };\n'
    return tree_of(tmp_path_factory.mktemp("tree"), overlay)


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("text", ROWS)
def test_a_mistake_in_c_is_told_in_words_once(tmp_path, tree, toolchain, text):
    said = compile_with(tmp_path, tree, f"{PROLOGUE}{text}\n", toolchain=toolchain, check=False)
    assert said.returncode != 0
    found = explain(said.stderr, tree)
    assert len(found) == 1
    assert ROWS[text] in found[0]


def test_a_device_that_no_driver_defines_is_told_with_its_place(tree):
    node = tree.labelled("uart0")
    said = f"ld.lld: error: undefined symbol: __device_dts_ord_{node.ordinal}\n>>> referenced by main.c:3\n"
    assert explain(said, tree)[0].endswith(
        "an385.dts:8: /uart@40004000 (label uart0) has no device: no driver that is built in defines one for llext,uart"
    )


@pytest.mark.parametrize(
    "said", ["", "main.c:1: error: unknown type name 'DTL'", "error: __device_dts_ord_999 undeclared", "DTL_nope_ORD"]
)
def test_what_is_about_something_else_is_not_explained(tree, said):
    assert explain(said, tree) == ()
