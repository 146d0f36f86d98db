"""An application on a board, from Python: it boots, is called, and ends; what goes wrong in it has a file and a line."""

import subprocess

import pytest
from conftest import need

from llext import Board, GuestFault, UsageError
from llext.build import build_extension
from llext.elf import ElfFile
from llext.errors import LoadError
from llext.target import load_target

CONF = "CONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_SIZE=32\nCONFIG_BOOT_BANNER=n\nCONFIG_HEAP_MEM_POOL_SIZE=2048\n"
MAIN = """
#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
int main_helper(int x) { return 2 * x + 1; }
__attribute__((noinline)) int only_here(const char *text) { int n = 0; while (text[n]) n++; return n; }
EXPORT_SYMBOL(main_helper);
static int ticks;
int ticks_so_far(void) { return ticks; }
EXPORT_SYMBOL(ticks_so_far);
static void ticking(void *a, void *b, void *c) { for (;;) { k_msleep(10); ticks++; } }
K_THREAD_DEFINE(ticker, 1024, ticking, NULL, NULL, NULL, 5, 0, 0);
static int wild(int *p) { return *p; }
int crash(int address) { return 1 + wild((int *)address); }
EXPORT_SYMBOL(crash);
K_SEM_DEFINE(nobody_gives, 0, 1);
int waits(void) { return k_sem_take(&nobody_gives, K_FOREVER); }
EXPORT_SYMBOL(waits);
int level = 7;
EXPORT_SYMBOL(level);
static int early(void) { printk("early %d ", k_is_pre_kernel()); return 0; }
SYS_INIT(early, PRE_KERNEL_2, 10);
static int late(void) { printk("late %d ", k_is_pre_kernel()); return 0; }
SYS_INIT(late, APPLICATION, 10);
static void named(const struct k_thread *thread, void *data) { printk("[%s]", thread->name); }
int main(void)
{
	printk("main %s %d\\n", k_current_get()->name, k_thread_priority_get(k_current_get()));
	k_msleep(only_here("as many milliseconds as that"));
	k_thread_foreach(named, NULL);
	printk("main ends\\n");
	return 0;
}
"""


@pytest.fixture(scope="module")
def elf(application):
    return application(MAIN, CONF)


def test_it_boots_by_levels_and_runs_until_the_time_is_over(elf):
    with Board(app=elf) as board:
        assert board.console == ""
        board.boot()
        board.run_for(ms=1)
        assert board.console == "early 1 late 0 main main 0\n"
        board.run_for(ms=49)
        assert board.console.endswith("[ticker][main]main ends\n")
        assert board.call("ticks_so_far") == 4


def test_its_functions_are_called_by_name_with_the_types_of_its_debug_information(elf):
    with Board(app=elf) as board:
        assert board.call("main_helper", 3) == 7
        assert board.call("only_here", "seven..") == 7
        with pytest.raises(UsageError, match=r"no function 'main_helpr'.*\n.*did you mean main_helper"):
            board.call("main_helpr", 3)


def test_a_call_that_waits_while_another_thread_is_periodic_ends_in_time(elf):
    with Board(app=elf, timeout=0.3) as board:
        board.boot()
        with pytest.raises(GuestFault, match=r"still running after 0.3 s") as caught:
            board.call("waits")
        assert any("python waits in k_sem_take" in note and "nobody_gives" in note for note in caught.value.notes)
        assert board.call("main_helper", 3) == 7
        board.run_for(ms=400_000)  # which takes longer, but goes on
        assert board.call("ticks_so_far") > 40_000


def test_extensions_are_loaded_beside_it_and_see_its_exports_and_pythons(elf, build):
    text = "extern int main_helper(int); extern int from_python(int); int both(int x) { return main_helper(from_python(x)); }\n"
    path = build(text + "EXPORT_SYMBOL(both);")
    with Board(app=elf) as board:

        @board.export
        def from_python(x: int) -> int:
            return 100 + x

        board.boot()
        assert board.load(path).fn("both", "int both(int)")(5) == 211
        with pytest.raises(LoadError, match=r"nothing provides 'only_here'"):
            board.load(
                build("extern int only_here(const char *); int f(void) { return only_here(0); }\nEXPORT_SYMBOL(f);", "other")
            )


def test_a_variable_is_no_function_to_call(elf):
    with Board(app=elf) as board:
        with pytest.raises(UsageError, match=r"'level' is a variable of the application, at (0x\w+), not a function") as caught:
            board.call("level")
        address = int(caught.value.message.split(" at ")[1].split(",")[0], 16)
        assert board.memory[address : address + 4] == b"\7\0\0\0"
        with pytest.raises(UsageError, match="the name of a function is 3"):
            board.call(3)


def test_what_waits_in_an_application_that_was_not_booted_is_told_so(elf):
    with Board(app=elf) as board:
        with pytest.raises(
            GuestFault, match=r"deadlock.*\n.*python waits in k_sem_take.*\n  the application was not booted: board.boot"
        ):
            board.call("waits")
        assert board.call("main_helper", 1) == 3
        board.boot()
        with pytest.raises(GuestFault) as caught:
            board.call("crash", 0x60000000)
        assert "not booted" not in str(caught.value)


def test_a_fault_in_it_is_told_with_file_line_and_callers(elf):
    with Board(app=elf) as board:
        board.boot()
        with pytest.raises(GuestFault, match=r"load from 0x60000000") as caught:
            board.call("crash", 0x60000000)
        assert (caught.value.file.endswith("src/main.c"), caught.value.line) == (
            True,
            MAIN[: MAIN.index("return *p")].count("\n") + 1,
        )
        board.run_for(ms=15)
        assert board.call("ticks_so_far") == 1


def test_an_application_whose_main_waits_for_ever_is_a_deadlock(application):
    main = (
        "#include <zephyr/kernel.h>\nK_SEM_DEFINE(never, 0, 1);\nint main(void) { k_sem_take(&never, K_FOREVER); return 0; }\n"
    )
    with Board(app=application(main)) as board:
        board.boot()
        with pytest.raises(GuestFault, match="deadlock") as caught:
            board.run()
        assert any("main waits in k_sem_take" in note and "never" in note for note in caught.value.notes)


def test_a_stack_that_is_too_small_is_found_at_the_first_overflow(application):
    main = (
        "static int deep(int n) { volatile char room[64]; for (int i = 0; i < 64; i++) room[i] = n;\n"
        "return n ? deep(n - 1) + room[n % 64] : 0; }\nint main(void) { return deep(100); }\n"
    )
    with Board(app=application(main, "CONFIG_MAIN_STACK_SIZE=512\n")) as board:
        board.boot()
        with pytest.raises(GuestFault, match="stack overflow.*in main") as caught:
            board.run()
        assert caught.value.file.endswith("src/main.c")


def test_nobody_waits_before_the_kernel_runs(application):
    main = (
        "#include <zephyr/init.h>\n#include <zephyr/kernel.h>\nstatic int naps(void) { k_msleep(1); return 0; }\n"
        "SYS_INIT(naps, PRE_KERNEL_1, 1);\nint main(void) { return 0; }\n"
    )
    with Board(app=application(main)) as board:
        board.boot()
        with pytest.raises(GuestFault, match="k_sleep would wait at a level before POST_KERNEL"):
            board.run()


def test_what_an_application_cannot_be_used_for_is_said(elf, tmp_path):
    with pytest.raises(UsageError, match="is built for mps2/an385, not for qemu_riscv32"):
        Board("qemu_riscv32", app=elf)
    with Board(app=elf) as board:
        board.boot()
        with pytest.raises(UsageError, match="was booted already"):
            board.boot()
    with Board() as board, pytest.raises(UsageError, match="a bare board has nothing to boot"):
        board.boot()
    with Board() as board, pytest.raises(UsageError, match="has no application to call"):
        board.call("f")
    for app in (3, b"zephyr.elf", ["app"]):
        with pytest.raises(UsageError, match="app is .*\n.*give the folder of an application, with CMakeLists.txt"):
            Board(app=app)
    for app in (tmp_path / "nobody", "x" * 5000):
        with pytest.raises(UsageError, match="no such file or folder|is no path"):
            Board(app=app)
    (tmp_path / "x.c").write_text("int x;\n")
    extension = build_extension([tmp_path / "x.c"], tmp_path / "x.elf", load_target("mps2/an385")).output
    with pytest.raises(UsageError, match="is no firmware that boots here"):
        Board(app=extension)


def test_its_tables_are_those_of_a_stock_firmware(elf):
    """firmware.md 1.1 and 1.2: exports in llext_const_symbol_area, values as absolute symbols CONFIG_*."""
    file = ElfFile.parse(elf.read_bytes(), "zephyr.elf")
    names = {symbol.name: symbol for symbol in file.symbols}
    start, end = (names[f"_llext_const_symbol_list_{bound}"].value for bound in ("start", "end"))
    area = file.section("llext_const_symbol_area")
    assert (area.address, area.size) == (start, end - start)
    assert (end - start) // 8 > 80
    heap = names["CONFIG_LLEXT_HEAP_SIZE"]
    assert (heap.value, heap.section) == (32, 0xFFF1)
    assert "CONFIG_BOOT_BANNER" not in names
    assert names["CONFIG_LLEXT"].value == 1


@pytest.mark.tools
def test_a_debugger_finds_services_by_name(elf):
    """DESIGN and app-build.md section 8: stubs are functions with sizes."""
    need("arm-none-eabi-nm")
    said = subprocess.run(["arm-none-eabi-nm", "-S", str(elf)], capture_output=True, text=True, check=True).stdout
    rows = {line.split()[-1]: line.split() for line in said.splitlines()}
    assert rows["k_msleep" if "k_msleep" in rows else "z_impl_k_sleep"][2] in {"T", "t"}
    assert rows["printk"][1:3] == ["00000020", "T"]


LISTS = """
#include <zephyr/kernel.h>
#include <zephyr/sys/iterable_sections.h>
struct command { const char *name; int (*run)(int); };
struct counter { int value; };
#define COMMAND(n) static int run_##n(int x); static const STRUCT_SECTION_ITERABLE(command, cmd_##n) = {#n, run_##n}; static int run_##n(int x)
COMMAND(twice) { return 2 * x; }
COMMAND(half) { return x / 2; }
STRUCT_SECTION_ITERABLE(counter, second) = {7};
STRUCT_SECTION_ITERABLE(counter, first) = {5};
int main(void)
{
	STRUCT_SECTION_FOREACH(command, command) { printk("%s %d ", command->name, command->run(10)); }
	STRUCT_SECTION_FOREACH(counter, counter) { printk("%d ", ++counter->value); }
	return 0;
}
"""


def test_lists_of_an_applications_own_types_have_a_place_in_its_linker_script(application):
    snippets = {
        "rom.ld": "#include <zephyr/linker/iterable_sections.h>\nITERABLE_SECTION_ROM(command, 4)\n",
        "ram.ld": "#include <zephyr/linker/iterable_sections.h>\nITERABLE_SECTION_RAM(counter, 4)\n",
    }
    cmake = "zephyr_linker_sources(ROM_SECTIONS rom.ld)\nzephyr_linker_sources(DATA_SECTIONS ram.ld)\n"
    with Board(app=application(LISTS, "CONFIG_BOOT_BANNER=n\n", files=snippets, cmake=cmake)) as board:
        board.boot()
        board.run()
        assert board.console == "half 5 twice 20 6 8 "


def test_a_section_whose_bounds_are_used_is_kept_as_by_gnu_ld(application):
    main = """
#include <zephyr/kernel.h>
static int one __attribute__((used, section("mine"))) = 1, two __attribute__((used, section("mine"))) = 2;
extern int __start_mine[], __stop_mine[];
int main(void)
{
	for (int *each = __start_mine; each < __stop_mine; each++) { printk("%d ", *each); }
	return 0;
}
"""
    cmake = "zephyr_linker_sources(DATA_SECTIONS mine.ld)\n"
    with Board(
        app=application(main, "CONFIG_BOOT_BANNER=n\n", files={"mine.ld": "mine : { *(mine) } > RAM AT> FLASH\n"}, cmake=cmake)
    ) as board:
        board.boot()
        board.run()
        assert board.console == "1 2 "
