"""Whatever an overlay says wrong is told with its file and line, what it is, and what to do; the texts are the contract."""

import random
import re

import pytest
from devicetrees import BOARD, text_of, tree_of

from llext.errors import BuildError, LlextError, TargetError
from llext.target.devicetree import read_tree, target_of
from llext.target.dt_header import header_text

NAME = "überlay und mehr.overlay"
LABELS = (
    "labels that there are: button_0, button_1, flash0, flash_controller, gpio0, gpio1, led_0, led_1, services, slot0_partition, "
    "sram0, storage_partition, uart0."
)
ROWS = {
    "a missing semicolon": (
        '&uart0 { current-speed = <9600> status = "okay"; };',
        "devicetree syntax at 'status': expected ';' or ','",
        "look also at the end of the line before: each property and each closing brace ends in ';'.",
    ),
    "a semicolon missing at the end": ("&uart0 { }", "the devicetree ends too early: expected ';', not '<EOF>'", "a '}', a ';' or a quote is missing."),
    "an open brace": ("/ { a {", "the devicetree ends too early: expected node name, property name, or '}'", "a '}', a ';' or a quote is missing."),
    "an overlay for an absent node": ("&uart7 { };", "the devicetree has no node with label 'uart7'", "did you mean uart0?"),
    "an overlay for an absent path": ("&{/leds/led_9} { };", "the devicetree has no node /leds/led_9", "did you mean /leds/led_1 or /leds/led_0 or /leds?"),
    "an unknown label in a property": ("&led_0 { gpios = <&gpio7 1 0>; };", "the devicetree has no node with label 'gpio7'", "did you mean gpio1 or gpio0?"),
    "an unknown label in /chosen": ("/ { chosen { zephyr,console = &uart9; }; };", "the devicetree has no node with label 'uart9'", "did you mean uart0?"),
    "an unknown label in /aliases": ("/ { aliases { led0 = &ledd_0; }; };", "the devicetree has no node with label 'ledd_0'", "did you mean led_0 or led_1?"),
    "a label like no other": (
        "/delete-node/ &qqq;",
        "the devicetree has no node with label 'qqq'",
        LABELS,
    ),
    "an unknown macro": (
        "&sram0 { reg = <0x20000000 DT_SIZE_K(4)>; };",
        "devicetree syntax at 'DT_SIZE_K': expected number or parenthesized expression",
        "if DT_SIZE_K is a macro, the #include that defines it is missing.",
    ),
    "a string for a number": (
        '&uart0 { current-speed = "fast"; };',
        "property 'current-speed' of /uart@40004000 has a value of another type: current-speed = \"fast\";",
        "write it as current-speed = < (number) >;",
    ),
    "a number for a string": (
        "&uart0 { parity = <1>; };",
        "property 'parity' of /uart@40004000 has a value of another type: parity = < 0x1 >;",
        'write it as parity = "string";',
    ),
    "a string for pins": (
        '&led_0 { gpios = "gpio0"; };',
        "property 'gpios' of /leds/led_0 has a value of another type: gpios = \"gpio0\";",
        "write it as gpios = < &foo ... &bar 1 ... &baz 2 3 >",
    ),
    "a value for a boolean": (
        "&uart0 { hw-flow-control = <1>; };",
        "property 'hw-flow-control' of /uart@40004000 is a boolean and takes no value",
        "write 'hw-flow-control;' or leave it out.",
    ),
    "a value that is not allowed": (
        '&uart0 { parity = "strange"; };',
        "property 'parity' of /uart@40004000 is 'strange', which its binding does not allow",
        "allowed: 'none', 'odd', 'even', 'mark', 'space'.",
    ),
    "an undeclared property": (
        "&uart0 { curent-speed = <9600>; };",
        "property 'curent-speed' of /uart@40004000 is not declared in llext,uart.yaml",
        "did you mean current-speed?",
    ),
    "a missing property": (
        '/ { m@21000000 { compatible = "zephyr,memory-region"; reg = <0x21000000 16>; }; };',
        "/m@21000000 lacks property 'zephyr,memory-region', which zephyr,memory-region.yaml requires",
        'set it, or take the node out of use: status = "disabled";',
    ),
    "an unknown status": ('&uart0 { status = "okey"; };', 'status of /uart@40004000 is "okey"', "did you mean okay or ok?"),
    "too few cells in reg": (
        "&sram0 { reg = <0x20000000>; };",
        "property 'reg' of /memory@20000000 has 1 cells, not a multiple of 2",
        "how many there are for each entry is said by #address-cells and #size-cells of the node above, or by the controller.",
    ),
    "too few cells behind a phandle": (
        "&led_0 { gpios = <&gpio0 1>; };",
        "property 'gpios' of /leds/led_0 has too few cells behind a phandle",
        "the node that it points at says in #gpio-cells, #pwm-cells and so on how many it wants.",
    ),
    "pins of what has none": (
        "&led_0 { gpios = <&uart0 1 0>; };",
        "/uart@40004000 is pointed at with cells, but has no #gpio-cells",
        "it is no controller of that kind: point at another node.",
    ),
    "a size of zero": (
        "&sram0 { reg = <0x20000000 0>; };",
        "'reg' of /memory@20000000 has size 0",
        "give a size, or set #size-cells = <0> in the node above.",
    ),
    "too many names": ('&uart0 { reg-names = "a", "b"; };', "reg-names of /uart@40004000 has 2 names, expected 1", ""),
    "an alias of nothing": (
        '/ { aliases { lamp = "/nope"; }; };',
        "property 'lamp' of /aliases points at /nope, which does not exist",
        "a path is the names of all nodes from the root on.",
    ),
    "an alias in capitals": ("/ { aliases { Lamp = &led_0; }; };", "/aliases: alias property name 'Lamp' should include only characters from [0-9a-z-]", ""),
    "a number of 33 bits": ("&sram0 { reg = <0x20000000 0x100000000>; };", "devicetree syntax at '0x100000000': 4294967296 does not fit in 32 bits", ""),
    "a property of /zephyr,user": (
        "/ { zephyr,user { lamp = <&gpio0 1 0>; }; };",
        "property 'lamp' of /zephyr,user has cells behind a phandle, but its name does not end in s",
        "what it points at is told by its name: lamp-gpios, pwms, io-channels.",
    ),
    "a chosen RAM that is none": (
        "/ { chosen { zephyr,sram = &uart0; }; };",
        "chosen zephyr,sram is /uart@40004000, which is no ram with status okay",
        "nodes that are ram: sram0.",
    ),
    "a RAM within the flash": (
        "&sram0 { reg = <0x1000 0x10000>; };",
        "memory sram0 (0x00001000..0x00011000) overlaps flash0 (0x00000000..0x00400000)",
        "move it, or make the other smaller: &LABEL { reg = <ADDRESS SIZE>; }; in the overlay.",
    ),
    "a flash around the RAM": (
        "&flash0 { reg = <0x20000000 0x1000000>; };",
        "memory flash0 (0x20000000..0x21000000) overlaps sram0 (0x20000000..0x20400000)",
        "move it, or make the other smaller: &LABEL { reg = <ADDRESS SIZE>; }; in the overlay.",
    ),
    "a RAM that begins within a word": (
        "&sram0 { reg = <0x20000003 0x10000>; };",
        "memory sram0 (0x20000003..0x20010003) begins or ends within a word",
        "give its reg in multiples of 4 bytes.",
    ),
    "a memory that overlaps another in part": (
        '/ { m: memory@203f0000 { compatible = "mmio-sram"; reg = <0x203f0000 0x100000>; }; };',
        "memory m (0x203f0000..0x204f0000) overlaps sram0 (0x20000000..0x20400000)",
        "move it, or make the other smaller: &LABEL { reg = <ADDRESS SIZE>; }; in the overlay.",
    ),
    "a memory at the end of the address space": (
        "&sram0 { reg = <0xfff00000 0x200000>; };",
        "/memory@20000000: 0xfff00000..0x100100000 ends behind the 32-bit address space",
        "",
    ),
    "two nodes with one name in C": (
        "/ { my_node { }; }; / { my-node { }; };",
        "/my-node and /my_node are the same name in C",
        "names must differ in letters or digits: rename one.",
    ),
    "an include that is not there": (
        "#include <zephyr/dt-bindings/gpio/gpoi.h>",
        "zephyr/dt-bindings/gpio/gpoi.h is not found",
        "did you mean zephyr/dt-bindings/gpio/gpio.h or dt-bindings/gpio/gpio.h or zephyr/dt-bindings/memory-attr/memory-attr.h?",
    ),
    "a comment without end": ("/* &uart0 { };", "unterminated /* comment", ""),
    "an #error": ("#error not for this board", "not for this board", ""),
}  # fmt: skip


def read_all(folder, text, name=NAME):
    tree = tree_of(folder, text, name=name)
    return target_of(BOARD, tree), header_text(tree)


@pytest.mark.parametrize("row", ROWS)
def test_a_mistake_has_its_place_its_words_and_a_way_out(tmp_path, row):
    text, message, hint = ROWS[row]
    with pytest.raises((TargetError, BuildError)) as raised:
        read_all(tmp_path, f"/* three lines\n * and a blank one */\n\n{text}\n\n")
    assert raised.value.message == f"{tmp_path / NAME}:4: {message}"
    assert raised.value.hint == hint
    assert raised.value.errno is None


def test_a_label_at_two_nodes_has_both_places(tmp_path):
    with pytest.raises(TargetError, match="label 'x' stands at two nodes: /a and /b") as raised:
        read_all(tmp_path, "/ {\n\tx: a { };\n\tx: b { };\n};\n")
    assert raised.value.message.startswith(f"{tmp_path / NAME}:3: ")
    assert raised.value.message.endswith(f"(first in {tmp_path / NAME}:2)")


def test_what_points_at_a_deleted_node_is_shown(tmp_path):
    with pytest.raises(
        TargetError, match=r".overlay:1: label 'sram0' is pointed at in .*an385.dtsi:14, but its node was deleted"
    ):
        read_all(tmp_path, "/delete-node/ &sram0;")


def test_the_last_of_several_settings_is_the_one_that_is_shown(tmp_path):
    first = tmp_path / "first.overlay"
    first.write_text("&uart0 { current-speed = <1>; };")
    second = tmp_path / "second.overlay"
    second.write_text('\n\n&uart0 { current-speed = "x"; };')
    with pytest.raises(TargetError, match=r"second.overlay:3: property 'current-speed'"):
        read_tree(text_of(first, second))
    with pytest.raises(TargetError, match=r"second.overlay:3: property 'current-speed'"):
        read_tree(text_of(first, second, first, second))


def test_a_mistake_in_an_included_file_has_that_files_place(tmp_path):
    (tmp_path / "common.dtsi").write_text("\n&uart7 { };\n")
    with pytest.raises(TargetError, match=r"common.dtsi:2: the devicetree has no node with label 'uart7'"):
        read_all(tmp_path, '#include "common.dtsi"\n')


def test_bytes_that_are_no_utf_8_are_shown(tmp_path):
    path = tmp_path / "latin.overlay"
    path.write_bytes(b'/ {\n\tzephyr,user {\n\t\tword = "\xe4";\n\t};\n};\n')
    with pytest.raises(TargetError, match=r"latin.overlay:3: bytes that are no UTF-8"):
        read_tree(text_of(path))


def test_nodes_that_depend_on_each_other_are_named(tmp_path):
    binding = tmp_path / "bindings"
    binding.mkdir()
    (binding / "a.yaml").write_text(
        'description: x\ncompatible: "a,b"\nproperties: {to: {type: phandle}, compatible: {type: string-array}}\n'
    )
    overlay = '/ { p: p { compatible = "a,b"; to = <&q>; }; q: q { compatible = "a,b"; to = <&p>; }; };'
    with pytest.raises(TargetError, match="nodes depend on each other in a circle: /p, /q"):
        tree_of(tmp_path, overlay, bindings=[binding])


def test_a_broken_binding_is_named(tmp_path):
    binding = tmp_path / "bindings"
    binding.mkdir()
    (binding / "acme,x.yaml").write_text('description: x\ncompatible: "acme,x"\nproperties: {speed: {type: nonsense}}\n')
    with pytest.raises(TargetError, match=r"acme,x.yaml"):
        tree_of(tmp_path, '/ { x { compatible = "acme,x"; }; };', bindings=[binding])
    (binding / "acme,x.yaml").write_text('compatible: "acme,x"\n  bad: [\n')
    with pytest.raises(TargetError, match=r"acme,x.yaml"):
        tree_of(tmp_path, '/ { x { compatible = "acme,x"; }; };', bindings=[binding])


def test_what_a_binding_includes_must_be_there(tmp_path):
    (tmp_path / "acme,x.yaml").write_text('description: x\ncompatible: "acme,x"\ninclude: i2c-device.yaml\n')
    with pytest.raises(TargetError) as raised:
        tree_of(tmp_path, '/ { x { compatible = "acme,x"; }; };', bindings=[tmp_path])
    assert raised.value.message == "a binding includes i2c-device.yaml, which is not there"
    assert raised.value.hint == "ours to include: base.yaml, gpio-controller.yaml, uart-controller.yaml, memory-region.yaml."


SOME = """/ { aliases { l = &led_1; }; s { #address-cells = <1>; #size-cells = <0>; ranges; w: w@1 { compatible = "gpio-leds",
"zephyr,gpio-emul"; reg = <1>; status = "okay"; a { gpios = <&gpio0 1 2>, <0>, <&gpio1 3 4>; label = "x"; }; }; };
zephyr,user { i = <1>; a = <1 2>; s = "a"; p = <&gpio0>; gpios = <&gpio0 1 2>; b = [01 02]; };
m: m@21000000 { compatible = "zephyr,memory-region"; reg = <0x21000000 0x1000>; zephyr,memory-region = "M"; }; };
&uart0 { current-speed = <9600>; parity = "none"; };
"""
ODD = ["<1>", "<&gpio0>", '"x"', "<0xffffffff>", "[ 01 ]", "phandle", "#gpio-cells", "#size-cells = <9>;", "ranges = <1 2 3>;",
       "/bits/ 8 <1>", "gpio-map = <1 &gpio0 2>;", "\x00", "ä", "&", "/delete-node/", "/delete-property/ reg;", "reg = <>;",
       "compatible;", "interrupts = <1>;", "interrupt-parent = <&gpio1>;", "pinctrl-0 = <&gpio0>;"]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_damaged_overlays_end_in_one_error_with_a_place(seed):
    rng, base, words = random.Random(seed), text_of(), re.compile(r'"[^"]*"|[\w,#@-]+|\s+|.', re.DOTALL)
    pieces = [*words.findall(SOME), *ODD]
    for _ in range(60):
        tokens = words.findall(SOME)
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(tokens))
            tokens[place : place + rng.randrange(2)] = [rng.choice(pieces)] * rng.randrange(2)
        try:
            tree = read_tree(f'{base}\n# 1 "some.overlay"\n{"".join(tokens)}')
            target_of(BOARD, tree)
            header_text(tree)
        except LlextError as error:
            assert re.match(r"\S+:\d+: ", error.message) or "cannot be read" in error.message, error.message
