"""What zephyr/devicetree.h says of a tree, as static assertions for each compiler; most in preprocessor conditions too."""

import pytest
from conftest import TOOLCHAINS
from devicetrees import compile_with, tree_of

from llext.errors import TargetError

OVERLAY = r"""
#include <mem.h>
#include <zephyr/dt-bindings/gpio/gpio.h>
/ {
	aliases { my-lamp = &led_1; };
	chosen { acme,log-port = &uart0; };
	soc {
		#address-cells = <1>;
		#size-cells = <1>;
		ranges = <0x0 0x60000000 0x100000>;
		first: dev@1000 {
			compatible = "acme,widget", "acme,thing";
			reg = <0x1000 0x10>, <0x2000 0x20>;
			reg-names = "control", "data-port";
			label = "WIDGET";
			level = <3>;
			big = <0xfedcba98>;
			numbers = <1 2 3>;
			bytes = [ 0a ff ];
			words = "one", "two three";
			mode = "fast-mode";
			enabled;
			friend = <&second>;
			friends = <&second &uart0>;
			out-gpios = <&gpio0 5 GPIO_ACTIVE_LOW>, <&gpio1 31 0>;
			pwms = <&pwm 7 1000>, <&pwm 8 2000>;
			pwm-names = "left", "right";
			interrupts = <9 2>;
			interrupt-parent = <&nvic>;
			quoted = "a \"b\" \\ ??/";
			child@0 { reg = <0>; };
			other-child { status = "disabled"; };
			#address-cells = <1>;
			#size-cells = <0>;
		};
		second: dev@3000 { compatible = "acme,widget"; reg = <0x3000 0x10>; level = <4>; };
		off: dev@0 { compatible = "acme,widget"; reg = <0x0 0x10>; status = "disabled"; level = <5>; };
		pwm: pwm { compatible = "acme,pwm"; #pwm-cells = <2>; };
		nvic: nvic { compatible = "acme,nvic"; interrupt-controller; #interrupt-cells = <2>; };
		bus: bus@5000 {
			compatible = "acme,spi";
			reg = <0x5000 0x10>;
			#address-cells = <1>;
			#size-cells = <0>;
			sensor: also_sensor: sensor@2 { compatible = "acme,sensor", "nobody,sensor"; reg = <2>; speed = <20>; ready; };
		};
		wide {
			#address-cells = <2>;
			#size-cells = <1>;
			ranges = <0x1 0x2 0x70000000 0x100>, <0x3 0x0 0x80000000 0x200>;
		};
	};
	shared: memory@21000000 {
		compatible = "zephyr,memory-region", "mmio-sram";
		reg = <0x21000000 DT_SIZE_K(64)>;
		zephyr,memory-region = "SHARED-RAM";
	};
	zephyr,user { threshold = <42>; lamp-gpios = <&gpio0 9 GPIO_ACTIVE_LOW>; };
};
"""
BINDINGS = {
    "acme,widget": """
include: base.yaml
properties:
  level: {type: int, required: true}
  absent: {type: int}
  with-default: {type: int, default: 12}
  big: {type: int}
  numbers: {type: array}
  bytes: {type: uint8-array}
  words: {type: string-array}
  mode: {type: string, enum: ["slow-mode", "fast-mode"]}
  enabled: {type: boolean}
  sleepy: {type: boolean}
  friend: {type: phandle}
  friends: {type: phandles}
  out-gpios: {type: phandle-array}
  pwms: {type: phandle-array}
  pwm-names: {type: string-array}
  quoted: {type: string}
""",
    "acme,pwm": "include: base.yaml\nproperties: {'#pwm-cells': {type: int}}\npwm-cells: [channel, period]\n",
    "acme,spi": "include: base.yaml\nbus: spi\n",
    "acme,sensor": "include: base.yaml\non-bus: spi\nproperties: {speed: {type: int, enum: [10, 20]}, ready: {type: boolean}, tired: {type: boolean}}\n",
    "acme,nvic": "properties: {'#interrupt-cells': {type: int}}\ninterrupt-cells: [irq, priority]\n",
}
VENDORS = '# who is who\nacme\tAcme "Inc."\n'
S, W = "DT_NODELABEL(sensor)", "DT_PATH(soc, wide)"
N, U, NOPE = "DT_NODELABEL(first)", "DT_NODELABEL(uart0)", "DT_NODELABEL(nope)"
NUMBERS = [
    f"DT_NODE_EXISTS({N})", f"!DT_NODE_EXISTS({NOPE})", f"DT_SAME_NODE({N}, DT_PATH(soc, dev_1000))",
    f"DT_SAME_NODE(DT_PARENT({N}), DT_PATH(soc))", f"DT_SAME_NODE(DT_GPARENT({N}), DT_ROOT)",
    f"DT_SAME_NODE(DT_CHILD(DT_PATH(soc), dev_1000), {N})", "DT_SAME_NODE(DT_ALIAS(my_lamp), DT_PATH(leds, led_1))",
    f"DT_HAS_CHOSEN(acme_log_port) && DT_SAME_NODE(DT_CHOSEN(acme_log_port), {U})", "!DT_HAS_CHOSEN(acme_nothing)",
    "DT_SAME_NODE(DT_CHOSEN(zephyr_console), DT_NODELABEL(uart0))", "DT_HAS_ALIAS(led0) && !DT_HAS_ALIAS(led7)",
    f"DT_SAME_NODE(DT_INST(0, acme_widget), {N})", "DT_SAME_NODE(DT_INST(1, acme_widget), DT_NODELABEL(second))",
    "DT_SAME_NODE(DT_INST(2, acme_widget), DT_NODELABEL(off))", "DT_NUM_INST_STATUS_OKAY(acme_widget) == 2",
    "DT_NUM_INST_STATUS_OKAY(acme_nothing) == 0", "DT_HAS_COMPAT_STATUS_OKAY(acme_thing)", "!DT_HAS_COMPAT_STATUS_OKAY(acme_nothing)",
    f"DT_SAME_NODE(DT_COMPAT_GET_ANY_STATUS_OKAY(acme_thing), {N})",
    f"DT_NODE_HAS_STATUS({N}, okay) && DT_NODE_HAS_STATUS_OKAY({N})", "DT_NODE_HAS_STATUS(DT_NODELABEL(off), disabled)",
    "!DT_NODE_HAS_STATUS_OKAY(DT_NODELABEL(off))", f"!DT_NODE_HAS_STATUS_OKAY({NOPE})", f"DT_NODE_HAS_COMPAT({N}, acme_thing)",
    f"!DT_NODE_HAS_COMPAT({N}, acme_pwm)", f"DT_NODE_HAS_COMPAT_STATUS({N}, acme_thing, okay)",
    f"DT_NODE_HAS_PROP({N}, level) && !DT_NODE_HAS_PROP({N}, absent) && !DT_NODE_HAS_PROP({NOPE}, level)",
    f"DT_PROP({N}, level) == 3", f"DT_PROP({N}, with_default) == 12", f"DT_PROP({N}, big) == 4275878552 && DT_PROP({N}, big) > 0",
    f"DT_PROP_OR({N}, level, 9) == 3 && DT_PROP_OR({N}, absent, 9) == 9 && DT_PROP_OR({NOPE}, level, 8) == 8",
    f"DT_PROP({N}, enabled) == 1 && DT_PROP({N}, sleepy) == 0", f"DT_PROP_LEN({N}, numbers) == 3 && DT_PROP_LEN({N}, bytes) == 2",
    f"DT_PROP_LEN({N}, words) == 2 && DT_PROP_LEN({N}, friends) == 2 && DT_PROP_LEN({N}, out_gpios) == 2",
    f"DT_PROP_LEN({N}, mode) == 1 && DT_PROP_LEN({N}, friend) == 1 && DT_PROP_LEN_OR({N}, absent, 7) == 7",
    f"DT_PROP_BY_IDX({N}, numbers, 2) == 3 && DT_PROP_BY_IDX({N}, bytes, 1) == 255 && DT_PROP_LAST({N}, numbers) == 3",
    f"DT_PROP_HAS_IDX({N}, numbers, 2) && !DT_PROP_HAS_IDX({N}, numbers, 3) && DT_PROP_HAS_NAME({N}, pwms, left)",
    f"DT_ENUM_IDX({N}, mode) == 1 && DT_ENUM_IDX_OR({N}, absent, 5) == 5 && DT_ENUM_HAS_VALUE({N}, mode, fast_mode)",
    f"!DT_ENUM_HAS_VALUE({N}, mode, slow_mode)", f"DT_SAME_NODE(DT_PHANDLE({N}, friend), DT_NODELABEL(second))",
    f"DT_SAME_NODE(DT_PROP({N}, friend), DT_NODELABEL(second))", f"DT_SAME_NODE(DT_PHANDLE_BY_IDX({N}, friends, 1), {U})",
    f"DT_SAME_NODE(DT_PROP_BY_IDX({N}, friends, 1), {U})", f"DT_PROP_BY_PHANDLE({N}, friend, level) == 4",
    f"DT_PROP_BY_PHANDLE_IDX({N}, friends, 0, level) == 4 && DT_PROP_BY_PHANDLE_IDX_OR({N}, friends, 1, level, 6) == 6",
    f"DT_PHA({N}, pwms, channel) == 7 && DT_PHA_BY_IDX({N}, pwms, 1, period) == 2000 && DT_PHA_OR({N}, pwms, nothing, 3) == 3",
    f"DT_PHA_BY_NAME({N}, pwms, right, channel) == 8 && DT_PHA_BY_NAME_OR({N}, pwms, middle, channel, 1) == 1",
    f"DT_PHA_HAS_CELL({N}, pwms, period) && !DT_PHA_HAS_CELL_AT_IDX({N}, pwms, 2, period)",
    f"DT_SAME_NODE(DT_PHANDLE_BY_NAME({N}, pwms, left), DT_NODELABEL(pwm)) && DT_PHA_NUM_CELLS_BY_IDX({N}, pwms, 0) == 2",
    f"DT_NUM_REGS({N}) == 2 && DT_REG_ADDR({N}) == 0x60001000 && DT_REG_SIZE({N}) == 0x10",
    f"DT_REG_ADDR_BY_IDX({N}, 1) == 0x60002000 && DT_REG_SIZE_BY_NAME({N}, data_port) == 0x20 && DT_REG_ADDR_U64({N}) == 0x60001000",
    f"DT_REG_ADDR_BY_NAME({N}, control) == 0x60001000 && DT_REG_ADDR_BY_NAME_OR({N}, nothing, 4) == 4",
    f"DT_REG_HAS_IDX({N}, 1) && !DT_REG_HAS_IDX({N}, 2) && DT_REG_HAS_NAME({N}, control) && !DT_REG_HAS_NAME({N}, nothing)",
    f"DT_NUM_IRQS({N}) == 1 && DT_IRQN({N}) == 9 && DT_IRQ({N}, priority) == 2 && DT_IRQ_HAS_CELL({N}, irq) && !DT_IRQ_HAS_IDX({N}, 1)",
    f"DT_SAME_NODE(DT_IRQ_INTC({N}), DT_NODELABEL(nvic))", f"DT_CHILD_NUM({N}) == 2 && DT_CHILD_NUM_STATUS_OKAY({N}) == 1",
    f"DT_NODE_CHILD_IDX({N}) == 0 && DT_NODE_CHILD_IDX(DT_NODELABEL(second)) == 1 && DT_NUM_NODELABELS({N}) == 1",
    f"DT_DEP_ORD({N}) > DT_DEP_ORD(DT_NODELABEL(second)) && DT_DEP_ORD(DT_ROOT) == 0",
    "DT_ANY_COMPAT_HAS_PROP_STATUS_OKAY(acme_widget, level) && !DT_ANY_COMPAT_HAS_PROP_STATUS_OKAY(acme_widget, absent)",
    f"DT_GPIO_PIN({N}, out_gpios) == 5 && DT_GPIO_FLAGS({N}, out_gpios) == 1 && DT_GPIO_PIN_BY_IDX({N}, out_gpios, 1) == 31",
    f"DT_SAME_NODE(DT_GPIO_CTLR_BY_IDX({N}, out_gpios, 1), DT_NODELABEL(gpio1))", "DT_PROP(DT_PATH(zephyr_user), threshold) == 42",
    "FIXED_PARTITION_EXISTS(slot0_partition) && !FIXED_PARTITION_EXISTS(slot7_partition)", "FIXED_PARTITION_ID(slot0_partition) == 0",
    "FIXED_PARTITION_ID(storage_partition) == 1 && FIXED_PARTITION_OFFSET(storage_partition) == 0x3e0000",
    "FIXED_PARTITION_SIZE(storage_partition) == 0x20000 && FIXED_PARTITION_ADDRESS(storage_partition) == 0x3e0000",
    "DT_HAS_FIXED_PARTITION_LABEL(image_0) && !DT_HAS_FIXED_PARTITION_LABEL(image_7)",
    "DT_SAME_NODE(DT_NODE_BY_FIXED_PARTITION_LABEL(storage), DT_NODELABEL(storage_partition))",
    "DT_SAME_NODE(DT_MTD_FROM_FIXED_PARTITION(DT_NODELABEL(storage_partition)), DT_NODELABEL(flash_controller))",
    "DT_REG_SIZE(DT_NODELABEL(shared)) == 65536",
    f"DT_ON_BUS({S}, spi) && !DT_ON_BUS({S}, i2c) && !DT_ON_BUS({N}, spi) && DT_SAME_NODE(DT_BUS({S}), DT_NODELABEL(bus))",
    "DT_HAS_COMPAT_ON_BUS_STATUS_OKAY(acme_sensor, spi) && !DT_HAS_COMPAT_ON_BUS_STATUS_OKAY(acme_sensor, i2c)",
    "!DT_HAS_COMPAT_ON_BUS_STATUS_OKAY(acme_widget, spi) && !DT_HAS_COMPAT_ON_BUS_STATUS_OKAY(acme_nothing, spi)",
    "!DT_ANY_INST_ON_BUS_STATUS_OKAY(spi)", f"DT_NUM_NODELABELS({S}) == 2",
    f"DT_NUM_RANGES({W}) == 2 && DT_NUM_RANGES({N}) == 0 && DT_RANGES_HAS_IDX({W}, 1) && !DT_RANGES_HAS_IDX({W}, 2)",
    f"DT_RANGES_CHILD_BUS_ADDRESS_BY_IDX({W}, 0) == 0x100000002 && DT_RANGES_PARENT_BUS_ADDRESS_BY_IDX({W}, 0) == 0x70000000",
    f"DT_RANGES_LENGTH_BY_IDX({W}, 1) == 0x200 && !DT_RANGES_HAS_CHILD_BUS_FLAGS_AT_IDX({W}, 0)",
    f"DT_ENUM_IDX_BY_IDX({S}, speed, 0) == 1 && DT_ENUM_IDX_BY_IDX({N}, mode, 0) == 1 && DT_ENUM_IDX_BY_IDX_OR({N}, absent, 0, 9) == 9",
    f"DT_ENUM_HAS_VALUE_BY_IDX({S}, speed, 0, 20) && !DT_ENUM_HAS_VALUE_BY_IDX({S}, speed, 0, 10) && DT_ENUM_IDX_OR({S}, speed, 7) == 1",
    f"DT_NODE_VENDOR_HAS_IDX({N}, 0) && !DT_NODE_VENDOR_HAS_IDX({S}, 1) && !DT_NODE_VENDOR_HAS_IDX({NOPE}, 0) && !DT_NODE_MODEL_HAS_IDX({N}, 2)",
    "DT_ALL_INST_HAS_PROP_STATUS_OKAY(level) && !DT_ALL_INST_HAS_PROP_STATUS_OKAY(numbers) && !DT_ALL_INST_HAS_BOOL_STATUS_OKAY(enabled)",
    f"DT_REG_ADDR_BY_NAME_U64({N}, control) == 0x60001000 && FIXED_PARTITION_NODE_ADDRESS(DT_NODELABEL(storage_partition)) == 0x3e0000",
    "DT_DRV_INST_LEVELS == 7 && DT_INST_PROP(1, level) == 4 && DT_INST_PROP_OR(0, absent, 2) == 2 && DT_INST_REG_ADDR(1) == 0x60003000",
    "DT_ANY_INST_HAS_PROP_STATUS_OKAY(friend) && DT_ANY_INST_HAS_BOOL_STATUS_OKAY(enabled) && !DT_ANY_INST_HAS_BOOL_STATUS_OKAY(sleepy)",
]  # fmt: skip
STRINGS = {
    f"DT_PROP({N}, mode)": "fast-mode", f"DT_PROP_BY_IDX({N}, words, 1)": "two three", f"DT_NODE_PATH({N})": "/soc/dev@1000",
    f"DT_NODE_FULL_NAME({N})": "dev@1000", f"STRINGIFY(DT_STRING_TOKEN({N}, mode))": "fast_mode",
    f"STRINGIFY(DT_STRING_UPPER_TOKEN({N}, mode))": "FAST_MODE", f"STRINGIFY(DT_STRING_TOKEN_BY_IDX({N}, words, 1))": "two_three",
    f"STRINGIFY(DT_STRING_UNQUOTED_BY_IDX({N}, words, 1))": "two three", f"STRINGIFY(DT_NODE_FULL_NAME_TOKEN({N}))": "dev_1000",
    f"STRINGIFY(DT_STRING_TOKEN_OR({N}, absent, none))": "none", "LINKER_DT_NODE_REGION_NAME(DT_NODELABEL(shared))": "SHARED_RAM",
    f"DEVICE_DT_NAME({N})": "WIDGET", f"DEVICE_DT_NAME({U})": "uart@40004000", "STRINGIFY(DT_DEP_ORD_STR_SORTABLE(DT_ROOT))": "00000",
    f"DT_NODE_VENDOR_BY_IDX({N}, 0)": 'Acme "Inc."', f'DT_NODE_VENDOR_OR({NOPE}, "other")': "other",
    f'DT_NODE_VENDOR_BY_IDX_OR({S}, 1, "nobody")': "nobody", f"DT_NODE_MODEL_BY_IDX({N}, 1)": "thing",
    f'DT_NODE_MODEL_OR({S}, "x")': "sensor", f'DT_NODE_VENDOR_OR({U}, "x")': "llext's virtual boards",
    f"DT_PROP({N}, quoted)": 'a "b" \\ ??/',
}  # fmt: skip
PROLOGUE = """
#define DT_DRV_COMPAT acme_widget
#include <zephyr/device.h>
#include <zephyr/devicetree.h>
#include <zephyr/linker/devicetree_regions.h>
#include <zephyr/storage/flash_map.h>
#define ADD(inst) + DT_INST_PROP(inst, level)
#define DT_DRV_INST_LEVELS (0 DT_INST_FOREACH_STATUS_OKAY(ADD))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bindings")
    for name, text in BINDINGS.items():
        (folder / f"{name}.yaml").write_text(f'description: of a test\ncompatible: "{name}"\n{text}')
    (folder / "vendor-prefixes.txt").write_text(VENDORS)
    return tree_of(folder, OVERLAY, bindings=[folder])


@pytest.mark.parametrize("language", ["c99", "c17", "c++17"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_macros_say_what_the_devicetree_says(tmp_path, tree, toolchain, language):
    checks = [f'BUILD_ASSERT({each}, "");' for each in NUMBERS]
    conditions = [f"#if !({each})\n#error {number}\n#endif" for number, each in enumerate(NUMBERS)]
    compile_with(tmp_path, tree, PROLOGUE + "\n".join(checks + conditions) + "\n", toolchain=toolchain, language=language)


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_strings_are_those_of_the_devicetree(tmp_path, tree, toolchain):
    lines = [f"const char text_{number}[] = {macro};" for number, macro in enumerate(STRINGS)]
    output = tmp_path / "made.o"
    compile_with(tmp_path, tree, PROLOGUE + "\n".join(lines) + "\n", "-c", "-o", str(output), toolchain=toolchain)
    assert [text for text in STRINGS.values() if text.encode() + b"\0" not in output.read_bytes()] == []


EACH = """
#define NAMED(node_id) DT_NODE_FULL_NAME(node_id),
const char *children[] = {DT_FOREACH_CHILD(DT_PATH(leds), NAMED)};
BUILD_ASSERT(ARRAY_SIZE(children) == 2, "");
#define COUNT(...) +1
BUILD_ASSERT((0 DT_FOREACH_CHILD(DT_NODELABEL(first), COUNT)) == 2, "");
BUILD_ASSERT((0 DT_FOREACH_CHILD_STATUS_OKAY(DT_NODELABEL(first), COUNT)) == 1, "");
BUILD_ASSERT((0 DT_FOREACH_STATUS_OKAY(acme_widget, COUNT)) == 2, "");
BUILD_ASSERT((0 DT_FOREACH_STATUS_OKAY(acme_nothing, COUNT)) == 0, "");
BUILD_ASSERT((0 DT_FOREACH_NODE(COUNT)) > (0 DT_FOREACH_STATUS_OKAY_NODE(COUNT)), "");
#define TIMES(node_id, prop, idx, factor) +DT_PROP_BY_IDX(node_id, prop, idx) * factor
BUILD_ASSERT((0 DT_FOREACH_PROP_ELEM_VARGS(DT_NODELABEL(first), numbers, TIMES, 10)) == 60, "");
#define IT(node_id, prop, idx) DT_PROP_BY_IDX(node_id, prop, idx)
int numbers[] = {DT_FOREACH_PROP_ELEM_SEP(DT_NODELABEL(first), numbers, IT, (,))};
BUILD_ASSERT(sizeof(numbers) == 3 * sizeof(int), "");
/* Different loops and choices go inside each other. */
#define INNER(node_id, prop, idx) +COND_CODE_1(DT_NODE_HAS_PROP(node_id, enabled), (DT_PROP_BY_IDX(node_id, prop, idx)), (0))
#define OUTER(inst) COND_CODE_1(DT_INST_NODE_HAS_PROP(inst, numbers), (DT_INST_FOREACH_PROP_ELEM(inst, numbers, INNER)), (+100))
BUILD_ASSERT((0 DT_INST_FOREACH_STATUS_OKAY(OUTER)) == 106, "");
#define WITH(inst, more) +DT_INST_PROP(inst, level) * more
BUILD_ASSERT((0 DT_INST_FOREACH_STATUS_OKAY_VARGS(WITH, 2)) == 14, "");
#define LABELLED(label) +DT_NODE_EXISTS(DT_NODELABEL(label))
BUILD_ASSERT((0 DT_FOREACH_NODELABEL(DT_PATH(soc, dev_1000), LABELLED)) == 1, "");
BUILD_ASSERT(IS_ENABLED(DT_PROP(DT_NODELABEL(first), enabled)), "");
/* Ancestors, the nearest first; entries of ranges. */
#define PATHS(node_id) DT_NODE_PATH(node_id) " "
extern const char above[];
const char above[] = DT_FOREACH_ANCESTOR(DT_NODELABEL(sensor), PATHS);
BUILD_ASSERT(sizeof(above) == sizeof("/soc/bus@5000 /soc / "), "");
BUILD_ASSERT((0 DT_FOREACH_ANCESTOR(DT_ROOT, COUNT)) == 0, "");
#define LENGTH(node_id, idx) +DT_RANGES_LENGTH_BY_IDX(node_id, idx)
BUILD_ASSERT((0 DT_FOREACH_RANGE(DT_PATH(soc, wide), LENGTH)) == 0x300 && (0 DT_FOREACH_RANGE(DT_ROOT, LENGTH)) == 0, "");
const char *labels[] = DT_NODELABEL_STRING_ARRAY(DT_NODELABEL(sensor));
BUILD_ASSERT(ARRAY_SIZE(labels) == 2, "");
uint8_t bytes[] = DT_PROP(DT_NODELABEL(first), bytes);
BUILD_ASSERT(sizeof(bytes) == 2, "");
"""


@pytest.mark.parametrize("language", ["c99", "c++17"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_loops_visit_each_once(tmp_path, tree, toolchain, language):
    compile_with(tmp_path, tree, f"{PROLOGUE}#include <zephyr/sys/util.h>\n{EACH}", toolchain=toolchain, language=language)


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_driver_on_a_bus_knows_it(tmp_path, tree, toolchain):
    text = """
#define DT_DRV_COMPAT acme_sensor
#include <zephyr/devicetree.h>
#include <zephyr/toolchain.h>
#if !DT_ANY_INST_ON_BUS_STATUS_OKAY(spi) || DT_ANY_INST_ON_BUS_STATUS_OKAY(i2c) || !DT_INST_ON_BUS(0, spi)
#error "bus"
#endif
BUILD_ASSERT(DT_SAME_NODE(DT_INST_BUS(0), DT_NODELABEL(bus)) && DT_INST_NUM_NODELABELS(0) == 2, "");
BUILD_ASSERT(DT_INST_ENUM_IDX_BY_IDX(0, speed, 0) == 1 && DT_INST_ENUM_IDX_BY_IDX_OR(0, ready, 0, 4) == 4, "");
BUILD_ASSERT(DT_ALL_INST_HAS_BOOL_STATUS_OKAY(ready) && !DT_ALL_INST_HAS_BOOL_STATUS_OKAY(tired), "");
#undef DT_DRV_COMPAT
#define DT_DRV_COMPAT acme_nothing
BUILD_ASSERT(DT_ALL_INST_HAS_PROP_STATUS_OKAY(anything) && !DT_ANY_INST_HAS_PROP_STATUS_OKAY(anything), "");
"""
    compile_with(tmp_path, tree, text, toolchain=toolchain)


def test_a_vendor_without_a_tabulator_is_told_with_its_line(tmp_path):
    (tmp_path / "vendor-prefixes.txt").write_text("# mine\n\nacme Acme\n")
    with pytest.raises(TargetError, match=r"vendor-prefixes.txt:3: no tabulator between prefix and vendor"):
        tree_of(tmp_path, "", bindings=[tmp_path])


def test_descriptions_of_flash_areas_are_not_there(tmp_path, tree):
    text = "#include <zephyr/storage/flash_map.h>\nconst void *area = FIXED_PARTITION(storage_partition);\n"
    done = compile_with(tmp_path, tree, text, check=False)
    assert done.stderr.count("error: ") == 1
    assert "CONFIG_FLASH_MAP_is_not_there_yet_on_the_virtual_board" in done.stderr
