"""Init levels, lists that the linker gathers, and devices: rows of kernel.md section 9."""

import pytest
from conftest import PROLOGUE, TOOLCHAINS, need

from llext import Board, BuildError, LinkError
from llext.build import BuildOptions, build_extension
from llext.target import load_target

BOARDS = ["mps2/an385", "qemu_riscv32"]

ORDER = """
#include <zephyr/init.h>
#define SAYS(name, level, prio) static int name(void) { printk(#name " "); return -5; } SYS_INIT(name, level, prio)
SAYS(smp, SMP, 0);
SAYS(app100, APPLICATION, 100);
SAYS(app9, APPLICATION, 9);
SAYS(app90, APPLICATION, CONFIG_APPLICATION_INIT_PRIORITY);
__attribute__((constructor)) static void object(void) { printk("object "); }
SAYS(post999, POST_KERNEL, 999);
SAYS(post40, POST_KERNEL, CONFIG_KERNEL_INIT_PRIORITY_DEFAULT);
SAYS(pre2, PRE_KERNEL_2, 0);
SAYS(pre1_50, PRE_KERNEL_1, 50);
SAYS(pre1_7, PRE_KERNEL_1, 7);
SAYS(early, EARLY, 999);
static int twice(void) { printk("twice "); return 0; }
SYS_INIT_NAMED(again, twice, APPLICATION, 8);
SYS_INIT_NAMED(before, twice, PRE_KERNEL_2, 999);
void nothing(void) {}
EXPORT_SYMBOL(nothing);
"""
IN_ORDER = "early pre1_7 pre1_50 pre2 twice post40 post999 object twice app9 app90 app100 smp "


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_functions_run_by_level_and_priority_and_static_objects_before_applications(build, toolchain, name):
    with Board(name) as board:
        board.load(build(ORDER, toolchain=toolchain, board=name)).bringup()
        assert board.console == IN_ORDER


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_functions_of_one_priority_run_in_the_order_of_linking(tmp_path, board, toolchain):
    if toolchain == "gcc":
        need("arm-none-eabi-gcc")
    sources = []
    for name in "bac":
        sources.append(tmp_path / f"{name}.c")
        says = f'#include <zephyr/init.h>\nstatic int {name}(void) {{ printk("{name}"); return 0; }}\n'
        sources[-1].write_text(PROLOGUE + says + f"SYS_INIT({name}, POST_KERNEL, 5);\n")
    built = build_extension(sources, tmp_path / "all.llext", board.target, BuildOptions(toolchain))
    board.load(built.output).bringup()
    assert board.console == "bac"


LISTS = """
#include <zephyr/sys/iterable_sections.h>
struct row { char name; int64_t number; };
struct empty { int n; };
static STRUCT_SECTION_ITERABLE(row, b_second) = {'b', 2};
static const STRUCT_SECTION_ITERABLE(row, c_third) = {'c', 3};
STRUCT_SECTION_ITERABLE(row, a_first) = {'a', 1};
static STRUCT_SECTION_ITERABLE_NAMED(row, aa, whatever) = {'n', 4};
static char odd = 1;
int walk(void)
{
	size_t count, none;
	struct row *third;

	STRUCT_SECTION_FOREACH(row, row) printk("%c%d ", row->name, (int)row->number);
	STRUCT_SECTION_FOREACH(empty, nobody) printk("%d ", nobody->n);
	STRUCT_SECTION_COUNT(row, &count);
	STRUCT_SECTION_COUNT(empty, &none);
	STRUCT_SECTION_GET(row, 2, &third);
	third->number++;
	return (int)(100 * count + 10 * none) + (int)third->number + odd - 1;
}
EXPORT_SYMBOL(walk);
"""


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_objects_of_a_list_are_walked_by_name(build, toolchain, name):
    with Board(name) as board:
        assert board.load(build(LISTS, toolchain=toolchain, board=name)).fn("walk")() == 400 + 3
        assert board.console == "a1 n4 b2 c3 "


def test_a_list_has_the_objects_of_all_files(tmp_path, board):
    first, second = tmp_path / "first.c", tmp_path / "second.c"
    kind = PROLOGUE + "#include <zephyr/sys/iterable_sections.h>\nstruct row { int n; };\n"
    first.write_text(
        kind + "static STRUCT_SECTION_ITERABLE(row, z) = {26};\n"
        'void f(void) { STRUCT_SECTION_FOREACH(row, r) printk("%d ", r->n); }\nEXPORT_SYMBOL(f);'
    )
    second.write_text(kind + "static STRUCT_SECTION_ITERABLE(row, a) = {1};\n")
    board.load(build_extension([first, second], tmp_path / "all.llext", board.target).output).call("f")
    assert board.console == "1 26 "


def test_a_list_whose_bounds_nobody_made_is_named_when_loading(tmp_path, board):
    source = tmp_path / "one.c"
    source.write_text(PROLOGUE + LISTS)
    built = build_extension([source], tmp_path / "one.llext", board.target, BuildOptions(kind="object"))
    with pytest.raises(LinkError, match="_row_list_"):
        board.load(built.output)


DEVICES = """
#include <zephyr/device.h>
struct sums_driver_api { int (*add)(const struct device *dev, int n); };
struct settings { int start; };
struct memory { int sum; };
static int add(const struct device *dev, int n) { return ((struct memory *)dev->data)->sum += n; }
static int ready_at_init;
static int init(const struct device *dev)
{
	ready_at_init += device_is_ready(dev);
	printk("%s ", dev->name);
	((struct memory *)dev->data)->sum = ((const struct settings *)dev->config)->start;
	return 0;
}
static int fail(const struct device *dev) { printk("%s ", dev->name); return -EIO; }
static int huge(const struct device *dev) { return 1000; }
static DEVICE_API(sums, api) = {add};
static const struct settings seven = {7};
static struct memory first, second;
DEVICE_DEFINE(late, "LATE", init, NULL, &second, &seven, POST_KERNEL, 60, &api);
DEVICE_DEFINE(good, "GOOD", init, NULL, &first, &seven, POST_KERNEL, CONFIG_KERNEL_INIT_PRIORITY_DEVICE, &api);
DEVICE_DEFINE(bad, "BAD", fail, NULL, NULL, NULL, PRE_KERNEL_1, 0, NULL);
DEVICE_DEFINE(worse, "WORSE", huge, NULL, NULL, NULL, PRE_KERNEL_1, 1, NULL);
DEVICE_DEFINE(plain, "PLAIN", NULL, NULL, NULL, NULL, PRE_KERNEL_2, 1, NULL);
static int in_time;
static int look(void) { in_time = device_get_binding("GOOD") != NULL && !device_is_ready(DEVICE_GET(late)); return 0; }
SYS_INIT(look, POST_KERNEL, 55);
int use(int n)
{
	const struct device *dev = device_get_binding("GOOD");
	return dev == DEVICE_GET(good) ? DEVICE_API_GET(sums, dev)->add(dev, n) : -1;
}
int found(const char *name) { return device_get_binding(name) != NULL; }
int null_binding(void) { return device_get_binding(NULL) != NULL || device_is_ready(NULL); }
int ready(void)
{
	return device_is_ready(DEVICE_GET(good)) + 2 * device_is_ready(DEVICE_GET(bad)) +
		4 * device_is_ready(DEVICE_GET(worse)) + 8 * device_is_ready(DEVICE_GET(plain));
}
int results(void) { return DEVICE_GET(bad)->state->init_res * 1000 + DEVICE_GET(worse)->state->init_res; }
int again(void) { return device_init(DEVICE_GET(good)); }
int by_hand(void) { return device_init(DEVICE_GET(bad)); }
int early(void) { return ready_at_init * 10 + in_time; }
int listed(void) { size_t count; STRUCT_SECTION_COUNT(device, &count); return (int)count; }
"""
NAMES = ["use", "found", "null_binding", "ready", "results", "again", "by_hand", "early", "listed"]
DEVICES += "".join(f"EXPORT_SYMBOL({name});" for name in NAMES)
EIO, EALREADY = 5, 120


@pytest.fixture(scope="module", params=[(b, t) for b in BOARDS for t in ("zig", "gcc")], ids=str)
def devices(request, tmp_path_factory):
    name, toolchain = request.param
    if toolchain == "gcc":
        need("arm-none-eabi-gcc", "riscv64-unknown-elf-gcc")
    folder = tmp_path_factory.mktemp("devices")
    (folder / "d.c").write_text(PROLOGUE + DEVICES)
    return name, build_extension([folder / "d.c"], folder / "d.llext", load_target(name), BuildOptions(toolchain)).output


DEVICE_ROWS = [
    ("use", (5,), 12), ("found", ("LATE",), 1), ("found", ("late",), 0), ("found", ("",), 0),
    ("found", ("BAD",), 0), ("found", ("WORSE",), 0), ("found", ("PLAIN",), 1), ("null_binding", (), 0), ("ready", (), 1 + 8),
    ("results", (), 5 * 1000 + 255), ("again", (), -EALREADY), ("by_hand", (), -EALREADY), ("early", (), 1), ("listed", (), 5),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "result"), DEVICE_ROWS)
def test_a_device_is_ready_after_bringing_up_if_its_init_gave_0(devices, function, arguments, result):
    name, path = devices
    with Board(name) as board:
        extension = board.load(path)
        extension.bringup()
        assert board.console == "BAD GOOD LATE "
        assert extension.fn(function)(*arguments) == result


def test_a_device_that_was_not_brought_up_is_initialised_by_hand(devices):
    name, path = devices
    with Board(name) as board:
        extension = board.load(path)
        assert extension.fn("ready")() == 0
        assert extension.fn("found")("GOOD") == 0
        assert extension.fn("by_hand")() == -EIO  # negative since 4.3
        assert extension.fn("again")() == 0
        assert extension.fn("again")() == -EALREADY
        assert extension.fn("ready")() == 1


def test_other_extensions_find_a_device_until_it_is_torn_down_or_gone(devices, build):
    name, path = devices
    user = build(
        '#include <zephyr/device.h>\nint f(void) { return device_get_binding("LATE") != NULL; }EXPORT_SYMBOL(f);', board=name
    )
    with Board(name) as board:
        found = board.load(user, "user").fn("f")
        driver = board.load(path)
        assert found() == 0
        driver.bringup()
        assert found() == 1
        driver.teardown()
        assert found() == 0
        driver.bringup()
        assert found() == 1
        board.unload(driver)
        assert found() == 0


def test_a_device_of_the_last_level_is_refused_by_the_compiler(build):
    text = '#include <zephyr/device.h>\nDEVICE_DEFINE(d, "D", NULL, NULL, NULL, NULL, APPLICATION, 1, NULL);'
    with pytest.raises(BuildError):
        build(text)


@pytest.mark.parametrize("level", ["PRE_KERNEL_1", "APPLICATION"])
def test_a_priority_that_would_be_one_of_the_next_level_is_refused_by_the_compiler(build, level):
    """kernel.md section 9: 0 to 999."""
    text = f"#include <zephyr/init.h>\nstatic int f(void) {{ return 0; }}\nSYS_INIT(f, {level}, 1000);"
    with pytest.raises(BuildError) as caught:
        build(text)
    assert "a priority within a level is 0 to 999" in caught.value.diagnostics
