"""Facts of boards: trees, and the targets that overlays make of them."""

import subprocess
import sys

import pytest
from conftest import BOARDS, TOOLCHAINS, need
from devicetree import dtlib
from devicetrees import BOARD, compile_with, text_of, tree_of

from llext.errors import TargetError
from llext.machine import Machine
from llext.target import MemoryArea, load_target
from llext.target.devicetree import read_tree, target_of
from llext.target.dt_header import header_text
from llext.target.tree import Reference

REGION = '{name}: memory@{at:x} {{ compatible = "zephyr,memory-region", "mmio-sram"; reg = <{at:#x} {size:#x}>; zephyr,memory-region = "{word}"; }};'


def region(name="shared", at=0x21000000, size=0x10000, word="SHARED_RAM"):
    return "/ { " + REGION.format(name=name, at=at, size=size, word=word) + " };"


@pytest.mark.parametrize("name", BOARDS)
def test_a_shipped_board_is_the_same_target_with_and_without_its_devices(name):
    assert target_of(name, read_tree(text_of(board=name))) == load_target(name)


@pytest.mark.parametrize("name", BOARDS)
def test_a_shipped_board_has_what_applications_look_for(name):
    tree = read_tree(text_of(board=name))
    chosen = dict(tree.chosen)
    assert tree.notes == ()
    assert tree.node(chosen["zephyr,console"]) == tree.labelled("uart0")
    assert tree.node(chosen["zephyr,sram"]).okay
    assert tree.node(chosen["zephyr,flash"]) == tree.labelled("flash0")
    assert {"led0", "led1", "sw0", "sw1"} <= {alias for node in tree.nodes for alias in node.aliases}
    assert tree.labelled("gpio0") in tree.gpio_controllers
    assert [part.label for part in tree.partitions] == ["slot0_partition", "storage_partition"]
    assert sum(part.size for part in tree.partitions) == load_target(name).flash.size
    assert {part.flash for part in tree.partitions} == {chosen["zephyr,flash"]}


@pytest.mark.parametrize("language", ["c99", "c++17"])
@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_the_header_of_a_shipped_board_compiles(tmp_path, name, toolchain, language):
    text = "#include <zephyr/drivers/gpio.h>\n#include <zephyr/storage/flash_map.h>\n"
    text += "const struct gpio_dt_spec lamp = GPIO_DT_SPEC_GET(DT_ALIAS(led0), gpios);\nextern int something;\n"
    text += "const struct gpio_dt_spec *use(void);\nconst struct gpio_dt_spec *use(void) { return &lamp; }\n"
    compile_with(tmp_path, read_tree(text_of(board=name)), text, board=name, toolchain=toolchain, language=language)


def test_a_board_is_loaded_without_edtlib_and_yaml():
    text = "import sys; from llext.target import load_target; load_target('mps2/an385'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split()
    assert {"devicetree.dtlib"} <= set(loaded)
    assert not {"devicetree.edtlib", "yaml", "llext.target.devicetree", "llext.target.places"} & set(loaded)


def test_an_overlay_adds_a_memory_and_a_region(tmp_path):
    tree = tree_of(tmp_path, region())
    assert MemoryArea("shared", 0x21000000, 0x10000, "ram") in target_of(BOARD, tree).memories
    assert [(each.name, each.path, each.address, each.size) for each in tree.regions] == [
        ("SHARED_RAM", "/memory@21000000", 0x21000000, 0x10000)
    ]


def test_an_overlay_shrinks_a_ram(tmp_path):
    target = target_of(BOARD, tree_of(tmp_path, "&sram0 { reg = <0x20000000 0x80000>; };"))
    assert (target.ram.size, len(target.memories)) == (0x80000, 2)


def test_a_node_of_a_path_that_exists_is_that_node(tmp_path):
    target = target_of(BOARD, tree_of(tmp_path, "/ { memory@20000000 { reg = <0x20000000 0x1000>; }; };"))
    assert target.ram.size == 0x1000


def test_a_region_inside_a_memory_is_that_memorys(tmp_path):
    tree = tree_of(tmp_path, region(at=0x20300000))
    assert target_of(BOARD, tree).memories == load_target(BOARD).memories
    assert tree.regions[0].address == 0x20300000


def test_a_small_region_is_mapped_in_whole_granules_and_works(tmp_path):
    tree = tree_of(tmp_path, region(at=0x80000000 - 0x800, size=0x100), board="qemu_riscv32")
    target = target_of("qemu_riscv32", tree)
    assert MemoryArea("shared", 0x80000000 - 0x1000, 0x1000, "ram") in target.memories
    assert (tree.regions[0].address, tree.regions[0].size) == (0x80000000 - 0x800, 0x100)
    machine = Machine(target)
    machine.memory.write(0x80000000 - 0x800, b"there")
    assert machine.memory.read(0x80000000 - 0x800, 5) == b"there"


def test_two_memories_in_one_granule_are_refused(tmp_path):
    overlay = "&ram0 { reg = <0x80000000 0x10800>; };\n" + region(at=0x80010800, size=0x800)
    with pytest.raises(
        TargetError, match=r"app.overlay:2: memory shared begins at 0x80010800, in the same 4096 bytes in which ram0 ends"
    ):
        target_of("qemu_riscv32", tree_of(tmp_path, overlay, board="qemu_riscv32"))


def test_memories_side_by_side_are_two(tmp_path):
    overlay = "&sram0 { reg = <0x20000000 0x3f0000>; };\n" + region(at=0x203F0000)
    assert [area.name for area in target_of(BOARD, tree_of(tmp_path, overlay)).memories] == ["flash0", "sram0", "shared"]


def test_a_region_that_is_disabled_is_none(tmp_path):
    tree = tree_of(tmp_path, region() + '&shared { status = "disabled"; };')
    assert tree.regions == ()
    assert target_of(BOARD, tree).memories == load_target(BOARD).memories


def test_a_region_has_a_name_that_linkers_take(tmp_path):
    assert tree_of(tmp_path, region(word="My-RAM 2")).regions[0].name == "My_RAM_2"


def test_another_ram_can_be_chosen(tmp_path):
    tree = tree_of(tmp_path, region() + "/ { chosen { zephyr,sram = &shared; }; };")
    assert target_of(BOARD, tree).ram.name == "shared"


def test_memory_at_the_service_window_is_refused(tmp_path):
    with pytest.raises(TargetError, match=r"app.overlay:1: memory shared \(0x4f000000\.\.0x4f010000\) overlaps services"):
        target_of(BOARD, tree_of(tmp_path, region(at=0x4F000000)))


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ("/delete-node/ &services;", "no node of compatible llext,services is okay"),
        ("/ { chosen { /delete-property/ zephyr,sram; }; };", "there is no chosen zephyr,sram"),
        ('&{/cpus/cpu@0} { compatible = "arm,cortex-a53"; };', "no instruction set of ours has a CPU 'cortex-a53'"),
        ("/delete-node/ &{/cpus/cpu@0};", "the devicetree has no node with path '/cpus/cpu@0'"),
    ],
)  # fmt: skip
def test_what_is_no_board_is_refused(tmp_path, overlay, message):
    with pytest.raises(TargetError, match=message):
        target_of(BOARD, tree_of(tmp_path, overlay))


def test_a_property_points_at_nodes_with_named_cells(tmp_path):
    tree = tree_of(tmp_path, "&led_0 { gpios = <&gpio1 7 1>; };")
    assert tree.labelled("led_0").property("gpios").value == Reference("/gpio@40011000", (("pin", 7), ("flags", 1)))


def test_an_unknown_label_gets_the_nearest(tmp_path):
    with pytest.raises(TargetError) as raised:
        tree_of(tmp_path).labelled("uart7")
    assert raised.value.hint == "did you mean uart0?"


def test_a_node_whose_name_has_another_address_is_noted(tmp_path):
    notes = tree_of(tmp_path, "/ { dev@5 { reg = <4 1>; }; };").notes
    assert notes == (f"{tmp_path / 'app.overlay'}:1: /dev@5 has another address in its name than in reg (0x4)",)


def test_the_same_text_gives_the_same_header(tmp_path):
    texts = {text_of(), text_of()}
    assert len(texts) == 1
    command = [sys.executable, "-c", HASHED, texts.pop()]
    made = {subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}).stdout
            for seed in ("1", "2")}  # fmt: skip
    assert made == {header_text(tree_of(tmp_path)).encode()}


HASHED = """
import sys
from llext.target.devicetree import read_tree
from llext.target.dt_header import header_text
sys.stdout.write(header_text(read_tree(sys.argv[1])))
"""


def raw(prop):
    """A property's bytes, as a flattened devicetree has them; None for what points at nodes."""
    if prop.type in ("int", "array"):
        return b"".join(value.to_bytes(4, "big") for value in prop.values)
    if prop.type in ("string", "string-array"):
        return b"".join(value.encode() + b"\0" for value in prop.values)
    return b"" if prop.type == "boolean" and prop.value else None


@pytest.mark.tools
@pytest.mark.parametrize("name", BOARDS)
def test_dtc_reads_the_same_tree(tmp_path, name):
    need("dtc")
    command = ["dtc", "-q", "-I", "dts", "-O", "dts", "-o", tmp_path / "flat.dts"]
    subprocess.run(command, input=text_of(board=name), check=True, text=True)
    theirs = {node.path: node.props for node in dtlib.DT(str(tmp_path / "flat.dts")).node_iter()}
    ours = read_tree(text_of(board=name))
    assert [node.path for node in ours.nodes] == list(theirs)
    compared = 0
    for node in ours.nodes:
        for prop in node.properties:
            if prop.name in theirs[node.path] and raw(prop) is not None:
                assert raw(prop) == theirs[node.path][prop.name].value, (node.path, prop.name)
                compared += 1
    assert compared > 30
