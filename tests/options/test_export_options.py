"""What a firmware exports to extensions: groups of symbols, those of an application's own, and devices."""

import re

import pytest
from conftest import ROOT

from llext.build.firmware.exports import GROUPS

PRJ = "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\nCONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_SIZE=64\n"
NAMES = """
#include <zephyr/llext/llext.h>
#include <zephyr/llext/symbol.h>
static int mine, extra;
EXPORT_SYMBOL(mine);
EXPORT_GROUP_SYMBOL(EXTRA, extra);
static const char *const names[] = {"mine", "printk", "extra", "strlen", "z_impl_k_sleep"};
int main(void)
{
	for (int i = 0; i < ARRAY_SIZE(names); i++) {
		if (llext_find_sym(NULL, names[i]) != NULL) {
			printk("%s ", names[i]);
		}
	}
	return 0;
}
"""
KCONFIG = 'source "Kconfig.zephyr"\n\nconfig LLEXT_EXPORT_SYMBOL_GROUP_EXTRA\n\tbool "Export what only some may use"\n'


@pytest.mark.parametrize(
    ("prj", "exported"),
    [
        ("", "mine printk strlen z_impl_k_sleep "),
        ("CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_EXTRA=y\n", "mine printk extra strlen z_impl_k_sleep "),
        ("CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_UNASSIGNED=n\n", "strlen z_impl_k_sleep "),
        ("CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_LIBC=n\n", "mine printk z_impl_k_sleep "),
        ("CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_SYSCALL=n\n", "mine printk strlen "),
        ("CONFIG_LLEXT_EXPORT_DEFAULT_GROUPS=n\nCONFIG_LLEXT_EXPORT_SYMBOL_GROUP_EXTRA=y\n", "extra "),
    ],
)
def test_groups_are_exported_as_it_was_configured(ran, prj, exported):
    assert ran(PRJ + prj, NAMES, files={"Kconfig": KCONFIG}) == exported


def test_every_system_call_of_the_headers_is_exported():
    headers = (ROOT / "src" / "llext" / "zephyr" / "include").rglob("*.h")
    calls = {name for header in headers for name in re.findall(r"\bZ_SYSCALL\((\w+)\)", header.read_text())} - {"name"}
    assert {f"z_impl_{name}" for name in calls} <= set(GROUPS["SYSCALL"])


MAIN = """
#include <zephyr/device.h>
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext;
	const int loaded = llext_load(&loader.loader, "ext", &ext, NULL);

	printk("load %d\\n", loaded);
	if (loaded == 0) {
		printk("call %d\\n", llext_call_fn(ext, "hello"));
	}
	printk("by ordinal %d\\n", llext_find_sym(NULL, STRINGIFY(DEVICE_DT_NAME_GET(DT_NODELABEL(gpio0)))) != NULL);
	return 0;
}
"""
EXT = """
#include <zephyr/device.h>
#include <zephyr/drivers/gpio.h>
static const struct gpio_dt_spec led = GPIO_DT_SPEC_GET(DT_ALIAS(led0), gpios);
void hello(void) { printk("%s ready %d ", led.port->name, device_is_ready(led.port)); }
EXPORT_SYMBOL(hello);
"""
READY = "load 0\ngpio@40010000 ready 1 call 0\nby ordinal %d\n"


@pytest.mark.parametrize(
    ("prj", "said"),
    [
        ("CONFIG_LLEXT_EXPORT_DEVICES=y\n", READY % 1),
        ("CONFIG_LLEXT_EXPORT_DEVICES=y\nCONFIG_LLEXT_EXPORT_DEV_IDS_BY_HASH=y\n", READY % 0),
        ("CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_DEVICE=y\n", "load -61\nby ordinal 0\n"),  # a group alone exports nothing
    ],
)
def test_extensions_use_devices_that_are_exported(ran, prj, said):
    assert ran(PRJ + "CONFIG_GPIO=y\n" + prj, MAIN, EXT) == said


def test_hashes_of_nodes_are_zephyrs(ran):
    main = '#include <zephyr/devicetree.h>\nint main(void) { printk("%s", STRINGIFY(DT_NODE_HASH(DT_ROOT))); return 0; }\n'
    assert ran(PRJ, main) == "il7asoJjJEMhngUeSt4tHVu8Zxx4EFG_FDeJfL3_oPE"


HEAP = """
#include <errno.h>
static uint8_t room[16384] __aligned(4096);
static struct llext *ext;
static int load(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));

	return llext_load(&loader.loader, "ext", &ext, NULL);
}
int main(void)
{
	printk("uninit %d load %d ", llext_heap_uninit(), load());
	printk("init %d again %d\\n", llext_heap_init(room, sizeof(room)), llext_heap_init(room, sizeof(room)));
	const int loaded = load();

	printk("load %d inside %d ", loaded, (uint8_t *)ext - room < sizeof(room));
	printk("call %d ", llext_call_fn(ext, "hello"));
	printk("uninit %d ", llext_heap_uninit());
	llext_unload(&ext);
	printk("%d load %d init %d\\n", llext_heap_uninit(), load(), llext_heap_init(room, sizeof(room)));
	return 0;
}
"""
HELLO = 'void hello(void) { printk("hello "); }\nEXPORT_SYMBOL(hello);\n'


@pytest.mark.parametrize(
    ("prj", "said"),
    [
        (
            "CONFIG_LLEXT_HEAP_DYNAMIC=y\n",
            "uninit -17 load -12 init 0 again -17\nload 0 inside 1 hello call 0 uninit -16 0 load -12 init 0\n",
        ),
        (
            "CONFIG_LLEXT_HEAP_SIZE=64\n",
            "uninit -88 load 0 init -88 again -88\nload 1 inside 0 hello call 0 uninit -88 -88 load 1 init -88\n",
        ),
    ],
)
def test_the_application_may_give_the_heap(ran, prj, said):
    assert ran("CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n" + prj, HEAP, HELLO) == said
