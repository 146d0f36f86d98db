"""After a change of each kind of input only what must be made again is made again."""

import pytest
from zephyr_apps import edit, touch

BOARD = "mps2/an385"
EXTENSIONS = {"scale", "sum", "plain", "checked"}


@pytest.fixture
def extensions(copies):
    """The application with several extensions, with nothing left to do."""
    return _settled(copies, "extensions")


@pytest.fixture
def devices(copies):
    return _settled(copies, "devices")


@pytest.fixture
def options(copies):
    return _settled(copies, "options")


@pytest.fixture
def libraries(copies):
    return _settled(copies, "libraries")


def _settled(copies, name):
    build = copies.build(name, BOARD, "touched")
    build.steps()
    assert build.steps() == set()
    return build


def done_once(build):
    """What a build does; a further one does nothing."""
    steps = build.steps()
    assert build.reasons() == []
    return steps


def test_a_saved_prj_conf_compiles_nothing(extensions):
    touch(extensions.app / "prj.conf")
    assert done_once(extensions) == {"cmake"}


def test_a_comment_in_prj_conf_compiles_nothing(extensions):
    edit(extensions.app / "prj.conf", "CONFIG_LLEXT=y", "# needed\nCONFIG_LLEXT=y")
    assert done_once(extensions) == {"cmake"}


def test_another_value_in_prj_conf_compiles_everything(extensions):
    edit(extensions.app / "prj.conf", "CONFIG_MAIN_STACK_SIZE=4096", "CONFIG_MAIN_STACK_SIZE=2048")
    steps = done_once(extensions)
    assert {"cmake", "main.c", "scale.c", "scale_table.c", "sum.c", "plain.c", "checked.c", "zephyr.elf"} <= steps
    edit(extensions.app / "prj.conf", "CONFIG_MAIN_STACK_SIZE=2048", "CONFIG_MAIN_STACK_SIZE=4096")


def test_one_source_is_compiled_and_linked(extensions):
    edit(extensions.app / "src" / "main.c", "int main(void)", "int more;\n\nint main(void)")
    assert done_once(extensions) == {"main.c", "zephyr.elf"}


def test_a_header_compiles_what_includes_it(extensions):
    touch(extensions.app / "include" / "api.h")
    steps = done_once(extensions)
    assert {"main.c", *(f"{name}.c" for name in EXTENSIONS)} <= steps
    assert not {"scale_table.c", "cmake"} & steps


def test_a_header_of_one_extension_leaves_the_firmware_alone(extensions):
    edit(extensions.app / "ext" / "include" / "scale_table.h", "extern", "/* By the value's last bits. */\nextern")
    assert done_once(extensions) == {"scale.c", "scale_table.c", "scale_ext"}


def test_an_extension_is_compiled_packed_embedded_and_linked(extensions):
    edit(extensions.app / "ext" / "sum.c", "sum * 10", "sum * 20")
    assert done_once(extensions) == {"sum.c", "sum_ext", "sum.inc", "main.c", "zephyr.elf"}


def test_a_comment_in_an_extension_reaches_only_its_object(extensions):
    edit(extensions.app / "ext" / "sum.c", "static int sum", "/* So far. */\nstatic int sum")
    assert done_once(extensions) == {"sum.c", "sum_ext"}


def test_a_comment_in_an_extension_with_numbered_imports_reaches_only_its_object(copies):
    build = copies.build("plugins", BOARD, "numbered")
    edit(build.app / "prj.conf", "CONFIG_LLEXT=y", "CONFIG_LLEXT=y\nCONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID=y")
    build.steps()
    edit(build.app / "plugins" / "codec.c", "int codec_encode", "/* One way. */\nint codec_encode")
    assert done_once(build) == {"codec.c", "codec_plugin"}


def test_what_makes_an_extension_runs_again_with_it(extensions):
    edit(extensions.app / "ext" / "plain" / "plain.c", "return -value", "return -2 * value")
    assert {"plain.c", "plain_ext", "plain.inc", "main.c", "zephyr.elf"} <= done_once(extensions)


def test_commands_of_an_extension_run_again_with_it(extensions):
    edit(extensions.app / "ext" / "checked.c", "OF_SOURCE * 10", "OF_SOURCE * 20")
    (extensions.folder / "blobs" / "checked.llext").unlink()
    done_once(extensions)
    assert (extensions.folder / "blobs" / "checked.llext").is_file()


def test_a_saved_cmakelists_compiles_nothing(extensions):
    touch(extensions.app / "CMakeLists.txt")
    touch(extensions.app / "ext" / "plain" / "CMakeLists.txt")
    assert done_once(extensions) == {"cmake"}


def test_another_definition_in_cmakelists_compiles_what_has_it(extensions):
    edit(extensions.app / "CMakeLists.txt", "SUM_START=100", "SUM_START=200")
    assert done_once(extensions) == {"cmake", "sum.c", "sum_ext", "sum.inc", "main.c", "zephyr.elf"}


def test_a_configuration_file_of_the_board_that_appears_is_read(extensions):
    new = extensions.app / "boards" / "mps2_an385.conf"
    new.write_text("CONFIG_LLEXT_HEAP_SIZE=48\n")
    assert "main.c" in done_once(extensions)
    assert "CONFIG_LLEXT_HEAP_SIZE=48\n" in (extensions.folder / "zephyr" / ".config").read_text()
    new.unlink()
    assert "main.c" in done_once(extensions)
    assert "CONFIG_LLEXT_HEAP_SIZE=32\n" in (extensions.folder / "zephyr" / ".config").read_text()


def test_an_overlay_that_appears_is_read(extensions):
    new = extensions.app / "app.overlay"
    new.write_text("/ { zephyr,user { answer = <42>; }; };\n")
    assert "cmake" in done_once(extensions)
    header = extensions.folder / "zephyr" / "include" / "generated" / "zephyr" / "devicetree_generated.h"
    assert "_P_answer" in header.read_text()
    new.unlink()
    assert "cmake" in done_once(extensions)
    assert "_P_answer" not in header.read_text()


def test_a_comment_in_an_overlay_compiles_nothing(devices):
    edit(devices.app / "boards" / "common.dtsi", "/ {\n\taliases", "/* More nodes. */\n/ {\n\taliases")
    assert done_once(devices) == {"cmake"}


def test_another_value_in_an_overlay_compiles_what_includes_the_devicetree(devices):
    edit(devices.app / "boards" / "mps2_an385.overlay", "<9600>", "<19200>")
    steps = done_once(devices)
    assert {"cmake", "places.c", "zephyr.elf"} <= steps


def test_a_binding_is_read_again(devices):
    edit(devices.app / "dts" / "bindings" / "sensor" / "acme,ramp.yaml", 'default: "slow"', 'default: "fast"')
    assert {"cmake", "main.c", "zephyr.elf"} <= done_once(devices)


def test_a_binding_that_appears_is_read(devices):
    new = devices.app / "dts" / "bindings" / "acme,other.yaml"
    new.write_text('description: Other\ncompatible: "acme,other"\n')
    assert done_once(devices) == {"cmake"}


def test_a_saved_kconfig_compiles_nothing(devices):
    touch(devices.app / "drivers" / "ramp" / "Kconfig")
    assert done_once(devices) == {"cmake"}


def test_another_default_in_kconfig_compiles_everything(devices):
    edit(devices.app / "drivers" / "ramp" / "Kconfig", "default 80", "default 81")
    assert {"cmake", "main.c", "pins.c", "places.c", "ramp.c", "zephyr.elf"} <= done_once(devices)


def test_names_of_configuration_files_in_cmakelists_may_change(options):
    (options.app / "conf" / "late.conf").rename(options.app / "conf" / "later.conf")
    edit(options.app / "CMakeLists.txt", "conf/late.conf", "conf/later.conf")
    assert done_once(options) == {"cmake"}


def test_a_library_is_compiled_archived_and_linked(libraries):
    edit(libraries.app / "lib" / "filter" / "private" / "kind.h", "moving average", "average")
    assert done_once(libraries) == {"fast.c", "liblib_lib_filter.a", "zephyr.elf"}


def test_a_library_that_somebody_brought_is_linked_again(libraries):
    edit(libraries.app / "vendor" / "checksum.c", "return ~sum", "return sum")
    assert done_once(libraries) == {"checksum.c", "libvendor.a", "zephyr.elf"}


def test_another_version_compiles_what_includes_it(libraries):
    edit(libraries.app / "VERSION", "PATCHLEVEL = 3", "PATCHLEVEL = 4")
    assert done_once(libraries) == {"cmake", "main.c", "zephyr.elf"}
    assert (libraries.folder / "released.elf").read_bytes() == libraries.elf.read_bytes()


def test_a_source_that_a_glob_finds_is_compiled(libraries):
    (libraries.app / "src" / "further.c").write_text("int further;\n")
    steps = done_once(libraries)
    assert {"cmake", "further.c", "zephyr.elf"} <= steps
    assert "main.c" not in steps
