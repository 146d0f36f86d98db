"""Options of how an application is compiled, and of memory with rights."""

import json
import re

import pytest

from llext.elf import ElfFile
from llext.errors import BuildError

PRJ = "CONFIG_BOOT_BANNER=n\nCONFIG_PRINTK=y\n"
NOTHING = "int main(void) { return 0; }\n"
MACROS = """
int main(void)
{
#if defined(__OPTIMIZE_SIZE__)
	printk("size ");
#elif defined(__OPTIMIZE__)
	printk("speed ");
#else
	printk("none ");
#endif
	printk("%d %s\\n", EXTRA, STRINGIFY(NAMED));
	return 0;
}
"""


def commands(elf, name="main.c"):
    """The words with which a source was compiled."""
    text = (elf.parent.parent / "compile_commands.json").read_text(encoding="utf-8")
    return next(entry["command"] for entry in json.loads(text) if entry["file"].endswith(name)).split()


@pytest.mark.parametrize(
    ("prj", "printed", "flag"),
    [
        ("CONFIG_SIZE_OPTIMIZATIONS=y\n", "size ", "-Os"),
        ("CONFIG_SPEED_OPTIMIZATIONS=y\n", "speed ", "-O2"),
        ("CONFIG_DEBUG_OPTIMIZATIONS=y\n", "speed ", "-Og"),
        ("CONFIG_NO_OPTIMIZATIONS=y\n", "none ", "-O0"),
    ],
)
def test_code_is_optimised_as_it_was_configured(powered, prj, printed, flag):
    prj += 'CONFIG_COMPILER_OPT="-DEXTRA=42 -DNAMED=some_words"\nCONFIG_MAIN_STACK_SIZE=4096\n'
    board = powered(PRJ + prj, MACROS)
    board.boot()
    board.run()
    assert board.console == printed + "42 some_words\n"
    assert [word for word in commands(board.firmware.image.path) if word.startswith("-O")] == [flag]


def test_extensions_are_not_optimised_unless_they_ask_for_it(application):
    ext = "#include <zephyr/llext/symbol.h>\nint hello(void) { return __OPTIMIZE__ - 0; }\nEXPORT_SYMBOL(hello);\n"
    conf = PRJ + "CONFIG_LLEXT=y\n"
    with pytest.raises(BuildError, match="__OPTIMIZE__"):
        application(NOTHING, conf, {"ext": ext})
    assert application(NOTHING, conf, {"ext": ext}, cmake="add_compile_options(-O1)\n").exists()


COUNT = """#include <zephyr/kernel.h>
#include <cstdio>
struct Lamp {
	int number;
	explicit Lamp(int n) : number(n) { std::printf("made %d ", n); }
};
static Lamp lamp(3);
int main(void)
{
	printk("main %d %ld\\n", lamp.number, (long)__cplusplus);
	return 0;
}
"""


@pytest.mark.parametrize(
    ("board", "option", "standard"),
    [
        ("mps2/an385", "CONFIG_STD_CPP98", 199711),
        ("mps2/an385", "CONFIG_STD_CPP11", 201103),
        ("mps2/an385", "CONFIG_STD_CPP14", 201402),
        ("mps2/an385", "CONFIG_STD_CPP17", 201703),
        ("qemu_riscv32", "CONFIG_STD_CPP20", 202002),
        ("qemu_riscv32", "CONFIG_STD_CPP2A", 202002),
        ("mps2/an385", "CONFIG_STD_CPP23", 202302),
        ("mps2/an385", "CONFIG_STD_CPP2B", 202302),
    ],
)
def test_cpp_constructs_before_main(ran, board, option, standard):
    lists = "set_property(TARGET app PROPERTY SOURCES src/a.cpp)\n"
    conf = PRJ + f"CONFIG_CPP=y\n{option}=y\n"
    assert ran(conf, "", files={"src/a.cpp": COUNT}, cmake=lists, board=board) == f"made 3 main 3 {standard}\n"


STANDARD = """
#ifdef asm
#error
#endif
int main(void)
{
#ifdef __STRICT_ANSI__
	int asm = 1;
#elif !defined(__STRICT_ANSI__)
	__typeof__(1) strict = 0;
	asm volatile("nop");
	typeof(strict) asm_ = 0;
#define asm asm_
#endif
#ifndef __STDC_VERSION__
#define __STDC_VERSION__ 0
#endif
	printk("%ld %d", (long)__STDC_VERSION__, asm);
	return 0;
}
"""


@pytest.mark.parametrize(
    ("option", "standard"),
    [
        ("CONFIG_STD_C99", 199901),
        ("CONFIG_STD_C11", 201112),
        ("CONFIG_STD_C17", 201710),
        ("CONFIG_STD_C23", 202311),
        ("CONFIG_PRINTK", 201710),
    ],
)
@pytest.mark.parametrize("extensions", ["", "CONFIG_GNU_C_EXTENSIONS=y\n"])
def test_c_is_of_the_standard_that_was_configured(ran, option, standard, extensions):
    assert ran(f"{PRJ}{option}=y\n{extensions}", STANDARD) == f"{standard} {0 if extensions else 1}"


def test_c_90_is_for_gnu_s_extensions_of_it_as_headers_have_inline_functions(ran):
    assert ran(f"{PRJ}CONFIG_STD_C90=y\nCONFIG_GNU_C_EXTENSIONS=y\n", STANDARD) == "0 0"


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_names_of_the_c_library_are_in_namespace_std(ran, board):
    text = """
#include <cctype>
#include <cinttypes>
#include <cmath>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
static void say(const char *words, ...)
{
	std::va_list rest;
	va_start(rest, words);
	std::vprintf(words, rest);
	va_end(rest);
}
int main(void)
{
	char text[16];
	std::uint_fast8_t small = 3;
	std::jmp_buf back;
	if (setjmp(back) == 0) {
		std::longjmp(back, 1);
	}
	std::snprintf(text, sizeof(text), "%d", std::atoi("42") + std::toupper('a') - 'A');
	std::size_t length = std::strlen(std::strcat(text, "!"));
	say("%s %d %d %d ", text, (int)length, (int)small, (int)(10 * std::abs(-1.5)));
	std::printf("%d %d %d\\n", (int)std::floor(-0.5), (int)std::abs(-7L), std::abs(-8));
	std::puts("end");
	return 0;
}
"""
    lists = "set_property(TARGET app PROPERTY SOURCES src/a.cpp)\n"
    assert ran(PRJ + "CONFIG_CPP=y\n", "", files={"src/a.cpp": text}, cmake=lists, board=board) == "42! 3 3 15 -1 7 8\nend\n"


REGIONS = """
int main(void)
{
	struct llext_buf_loader loader = LLEXT_TEMPORARY_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext;
	const int loaded = llext_load(&loader.loader, "ext", &ext, NULL);

	printk("load %d", loaded);
	if (loaded == 0) {
		printk(" text %d rodata %d", (int)((uintptr_t)ext->mem[LLEXT_MEM_TEXT] % CONFIG_LLEXT_GRANULE),
			(int)((uintptr_t)ext->mem[LLEXT_MEM_RODATA] % CONFIG_LLEXT_GRANULE));
		printk(" call %d", llext_call_fn(ext, "hello"));
	}
	printk("\\n");
	return 0;
}
"""
WRITES = """
static const int table[2] = {1, 2};
const int *volatile there = table;
void hello(void) { *(volatile int *)there = 5; printk(" wrote %d", *there); }
EXPORT_SYMBOL(hello);
"""


@pytest.mark.parametrize(("board", "option"), [("mps2/an385", "CONFIG_ARM_MPU"), ("qemu_riscv32", "CONFIG_RISCV_PMP")])
def test_without_rights_nothing_is_rounded_and_nothing_faults(ran, powered, board, option):
    console = ran(PRJ + f"{option}=n\n", REGIONS, WRITES, board=board)
    found = re.fullmatch(r"load 0 text (\d+) rodata (\d+) wrote 5 call 0\n", console)
    assert found
    assert int(found[1])
    assert int(found[2])
    guarded = powered(PRJ + "CONFIG_LLEXT_HEAP_SIZE=64\n", REGIONS, WRITES, board=board)
    guarded.boot()
    with pytest.raises(Exception, match="store to"):
        guarded.run()
    assert guarded.console.startswith("load 0 text 0 rodata 0")


def test_a_firmware_without_llext_has_no_heap_and_exports_nothing(application):
    elf = ElfFile.parse(
        application("#include <zephyr/llext/symbol.h>\nint mine;\nEXPORT_SYMBOL(mine);\n" + NOTHING, PRJ).read_bytes()
    )
    assert not elf.section("llext_const_symbol_area").size
    with_it = ElfFile.parse(application(NOTHING, PRJ + "CONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_SIZE=3\n").read_bytes())
    for each, size in ((elf, 0), (with_it, 3 * 1024)):
        values = {symbol.name: symbol.value for symbol in each.symbols}
        assert values["kheap_llext_heap_end"] - values["kheap_llext_heap"] == size


@pytest.mark.parametrize(("kind", "sources"), [("CONFIG_LLEXT_TYPE_ELF_OBJECT", 1), ("CONFIG_LLEXT_TYPE_ELF_RELOCATABLE", 2)])
def test_extensions_are_of_the_kind_that_was_configured(application, kind, sources):
    lists = f"""add_llext_target(two OUTPUT ${{CMAKE_CURRENT_BINARY_DIR}}/two.llext SOURCES {" ".join(["src/a.c", "src/b.c"][:sources])})
"""
    files = {"src/a.c": "int a(void) { return 1; }\n", "src/b.c": "int b(void) { return 2; }\n"}
    conf = PRJ + f"CONFIG_LLEXT=y\n{kind}=y\n"
    elf = application(NOTHING, conf, files=files, cmake=lists)
    names = {symbol.name for symbol in ElfFile.parse((elf.parent.parent / "two.llext").read_bytes()).symbols}
    assert {"a", "b"} & names == ({"a"} if sources == 1 else {"a", "b"})


def test_an_object_has_one_source(application):
    lists = "add_llext_target(two OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/two.llext SOURCES src/a.c src/b.c)\n"
    with pytest.raises(BuildError) as told:
        application(NOTHING, PRJ + "CONFIG_LLEXT=y\n", files={"src/a.c": "", "src/b.c": ""}, cmake=lists)
    assert "LLEXT_TYPE_ELF_OBJECT takes one source" in f"{told.value}{told.value.diagnostics}"


def test_extensions_need_llext(application):
    with pytest.raises(BuildError) as told:
        application(NOTHING, PRJ, {"ext": "int a;\n"})
    assert "CONFIG_LLEXT=y is needed" in f"{told.value}{told.value.diagnostics}"


def test_the_log_vanishes_without_its_option(application):
    main = '#include <zephyr/logging/log.h>\nLOG_MODULE_REGISTER(m);\nint main(void) { LOG_ERR("a secret"); return 0; }\n'
    assert b"a secret" not in application(main, PRJ).read_bytes().partition(b".symtab")[0].replace(main.encode(), b"")
    assert b"a secret" in application(main, PRJ + "CONFIG_LOG=y\n").read_bytes()
