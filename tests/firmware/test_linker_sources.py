"""Files of zephyr_linker_sources, as applications for Zephyr have them: they use the macros of its linker scripts without an #include."""

import pytest

QUIET = "CONFIG_BOOT_BANNER=n\n"
MAIN = """
#include <zephyr/sys/iterable_sections.h>
struct lamp { int number; };
struct key { const char *name; };
STRUCT_SECTION_ITERABLE(lamp, b) = {2};
STRUCT_SECTION_ITERABLE(lamp, a) = {1};
const STRUCT_SECTION_ITERABLE(key, x) = {"x"};
const STRUCT_SECTION_ITERABLE(key, y) = {"y"};
int main(void)
{
	STRUCT_SECTION_FOREACH(lamp, each) {
		each->number *= 10;
		printk("%d ", each->number);
	}
	STRUCT_SECTION_FOREACH(key, each) {
		printk("%s ", each->name);
	}
	k_sleep(K_MSEC(1));
	return 0;
}
"""
RAM, ROM = "ITERABLE_SECTION_RAM(lamp, 4)\n", "ITERABLE_SECTION_ROM(key, Z_LINK_ITERABLE_SUBALIGN)\n"
PROLOGUES = """SECTION_DATA_PROLOGUE(lamp_area,,SUBALIGN(4))
{
	_lamp_list_start = .;
	KEEP(*(SORT_BY_NAME(._lamp.static.*)));
	_lamp_list_end = .;
} GROUP_DATA_LINK_IN(RAMABLE_REGION, ROMABLE_REGION)
SECTION_PROLOGUE(key_area,,)
{
	_key_list_start = .;
	KEEP(*(SORT_BY_NAME("._key.static.*")));
	_key_list_end = .;
} GROUP_ROM_LINK_IN(RAMABLE_REGION, ROMABLE_REGION)
"""
WAYS = {
    "two places": ("zephyr_linker_sources(DATA_SECTIONS ram.ld)\nzephyr_linker_sources(SECTIONS rom.ld)\n", RAM, ROM),
    "sections": ("zephyr_linker_sources(SECTIONS ram.ld rom.ld)\n", RAM, ROM),
    "read only": ("zephyr_linker_sources(DATA_SECTIONS ram.ld)\nzephyr_linker_sources(ROM_SECTIONS rom.ld)\n", RAM, ROM),
    "included": ("zephyr_linker_sources(DATA_SECTIONS ram.ld)\nzephyr_linker_sources(SECTIONS rom.ld)\n",
                 "#include <zephyr/linker/iterable_sections.h>\n" + RAM, ROM),
    "both kinds": ("""zephyr_linker_sources(DATA_SECTIONS ram.ld)
zephyr_iterable_section(NAME lamp GROUP DATA_REGION)
zephyr_iterable_section(NAME key GROUP RODATA_REGION)
zephyr_linker_sources(SECTIONS rom.ld)
""", RAM, ROM),
    "by name alone": ("zephyr_iterable_section(NAME lamp)\nzephyr_iterable_section(NAME key GROUP RODATA_REGION)\n", RAM, ROM),
    "prologues": ("zephyr_linker_sources(SECTIONS ram.ld)\n", PROLOGUES, ROM),
}  # fmt: skip


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
@pytest.mark.parametrize("way", WAYS)
def test_lists_are_gathered_by_the_macros_of_linker_scripts(ran, way, board):
    cmake, ram, rom = WAYS[way]
    assert ran(QUIET, MAIN, cmake=cmake, files={"ram.ld": ram, "rom.ld": rom}, board=board) == "10 20 x y "


def test_objects_that_nothing_else_uses_may_go(ran):
    files = {"all.ld": RAM.replace("(", "_GC_ALLOWED(", 1) + ROM.replace("(", "_GC_ALLOWED(", 1)}
    main = MAIN.replace("int main(void)\n{", 'int main(void)\n{\n\tprintk("%p" + 2, &a);')
    assert ran(QUIET, main, cmake="zephyr_linker_sources(SECTIONS all.ld)\n", files=files) == "10 "


FAR = """
#include <zephyr/llext/symbol.h>
static const char far[8000] Z_GENERIC_SECTION(.rodata_far) = {[0] = 1, [7999] = 2};
int sum(void)
{
	int all = 0;

	for (size_t i = 0; i < sizeof(far); i++) {
		all += ((volatile const char *)far)[i];
	}
	return all;
}
EXPORT_SYMBOL(sum);
"""
CALLED = "int late(int number);\nint early(int number) { return late(number); }\nEXPORT_SYMBOL(early);\n"


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_what_an_application_puts_behind_everything_else_is_left_alone(powered, build, board):
    """The host has code of its own behind what is in flash: behind sections that an application adds, too."""
    files = {
        "far.ld": "SECTION_PROLOGUE(far_area,,) { KEEP(*(.rodata_far)) } GROUP_ROM_LINK_IN(RAMABLE_REGION, ROMABLE_REGION)\n"
    }
    machine = powered(QUIET + "CONFIG_LLEXT=y\n", FAR + "int main(void) { return 0; }\n", cmake="zephyr_linker_sources(SECTIONS far.ld)\n",
                      files=files, board=board)  # fmt: skip
    machine.boot()
    machine.run()

    @machine.export
    def late(number: int) -> int:
        return number + 1

    assert machine.load(build("#include <zephyr/llext/symbol.h>\n" + CALLED, board=board)).fn("early")(4) == 5
    assert machine.call("sum") == 3
