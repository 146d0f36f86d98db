"""The headers compile alone, without a warning, and make the objects that a loader expects."""

import io
import subprocess

import pytest
from conftest import GNU, HEADERS_THAT_ARE_NOT_THERE, TOOLCHAINS, need
from elftools.elf.elffile import ELFFile

from llext.build.toolchain import HEADERS, find_toolchain, include_flags
from llext.target import load_target

NAMES = sorted(
    path.relative_to(root).as_posix()
    for root, pattern in ((HEADERS, "zephyr/**/*.h"), (HEADERS / "libc", "**/*.h"))
    for path in root.glob(pattern)
    if path.relative_to(root).as_posix() not in HEADERS_THAT_ARE_NOT_THERE
)
BOARDS = ["mps2/an385", "mps2/an386", "mps2/an521", "qemu_riscv32", "qemu_riscv32e"]
CPUS = {
    "mps2/an385": "M3",
    "mps2/an386": "M4 hard float",
    "mps2/an521": "M33",
    "qemu_riscv32": "RV32",
    "qemu_riscv32e": "RV32E",
}
LANGUAGES = ["c99", "c11", "c17", "c++17"]
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wsystem-headers", "-Werror")


def compile_text(text, *flags, toolchain="zig", board="mps2/an385", language="c11", check=True):
    """Compiles a text from standard input; the object's bytes go to standard output."""
    if toolchain == "gcc":
        need(*GNU)
    target = load_target(board)
    tools = find_toolchain(toolchain, target.arch, target.cpu)
    kind = "c++" if language.startswith("c++") else "c"
    command = (*tools.compiler, *tools.flags, *include_flags(), "-Os", "-x", kind, f"-std={language}", *flags, "-")
    done = subprocess.run(command, input=text.encode(), capture_output=True)
    if check:
        assert done.returncode == 0, done.stderr.decode()
    return done


def make_object(folder, text, *flags, **options):
    compile_text(text, *flags, "-c", "-o", str(folder / "made.o"), **options)
    return ELFFile(io.BytesIO((folder / "made.o").read_bytes()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("board", BOARDS, ids=CPUS.get)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("name", NAMES)
def test_a_header_compiles_alone_without_a_warning(name, toolchain, board, language):
    text = f"#include <{name}>\n#include <{name}>\ntypedef int something;\n"
    done = compile_text(text, *STRICT, "-fsyntax-only", toolchain=toolchain, board=board, language=language)
    assert done.stderr == b""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_all_headers_go_together(toolchain, language):
    text = "".join(f"#include <{name}>\n" for name in NAMES)
    compile_text(text, *STRICT, "-fsyntax-only", toolchain=toolchain, language=language)


@pytest.mark.parametrize("name", sorted(HEADERS_THAT_ARE_NOT_THERE))
def test_a_header_of_what_is_not_there_says_so_in_one_error(name):
    done = compile_text(f"#include <{name}>\n#include <{name}>\n", "-fsyntax-only", check=False)
    said = done.stderr.decode()
    assert done.returncode != 0
    assert said.count("error: ") == 1
    assert " is not there yet on the virtual board" in said


@pytest.mark.parametrize("option", ["USERSPACE", "FILE_SYSTEM", "FLASH", "SHELL"])
def test_each_part_that_is_not_there_has_such_headers(option):
    texts = [(HEADERS / name).read_text() for name in HEADERS_THAT_ARE_NOT_THERE]
    assert any(f"CONFIG_{option} is not there yet" in text for text in texts)


def test_memory_of_user_mode_is_memory_as_any_other_without_it():
    text = "#include <zephyr/app_memory/app_memdomain.h>\nK_APPMEM_PARTITION_DEFINE(part);\nK_APP_DMEM(part) int x = 3;\n"
    compile_text(text, "-fsyntax-only")
    refused = compile_text(text, "-fsyntax-only", "-DCONFIG_USERSPACE=1", check=False)
    assert b"CONFIG_USERSPACE is not there yet on the virtual board" in refused.stderr


HEAP = """
#include <zephyr/kernel.h>
BUILD_ASSERT(sizeof(struct k_heap) == 20);
BUILD_ASSERT(sizeof(struct k_spinlock) == 0, "lock");
BUILD_ASSERT(offsetof(struct k_heap, heap) == 0 && offsetof(struct k_heap, wait_q) == 12, "members");
BUILD_ASSERT(offsetof(struct k_heap, lock) == 20, "members");
BUILD_ASSERT(offsetof(struct sys_heap, init_mem) == 4 && offsetof(struct sys_heap, init_bytes) == 8, "members");
BUILD_ASSERT(sizeof(k_timeout_t) == 8 && sizeof(k_ticks_t) == 8, "ticks");
K_HEAP_DEFINE(pool, 300);
K_HEAP_DEFINE(tiny, 1);
int after;
static int __noinit kept;
int *keep(void) { kept++; return &kept; }
"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("board", BOARDS, ids=CPUS.get)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_heap_has_the_size_and_members_of_the_firmware(toolchain, board, language):
    compile_text(HEAP, *STRICT, "-fsyntax-only", toolchain=toolchain, board=board, language=language)


@pytest.mark.parametrize("language", ["c11", "c++17"])
@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"], ids=CPUS.get)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_defined_heap_has_its_buffer_in_a_nobits_section_of_its_own(tmp_path, toolchain, board, language):
    elf = make_object(tmp_path, HEAP, toolchain=toolchain, language=language, board=board)
    for name, size in (("pool", 300), ("tiny", 44)):
        buffer = elf.get_section_by_name(f".noinit.kheap_buf_{name}")
        assert (buffer["sh_type"], buffer["sh_size"], buffer["sh_addralign"]) == ("SHT_NOBITS", size, 8)
        heap = elf.get_section_by_name(f"._k_heap.static.{name}_")
        assert heap.data() == bytes(8) + size.to_bytes(4, "little") + bytes(8)
    others = {".bss.after", ".bss.noinit" if toolchain == "zig" else ".noinit"}
    found = {s.name for s in elf.iter_sections() if s["sh_type"] == "SHT_NOBITS" and s["sh_size"] and "kheap" not in s.name}
    assert found == others


EXPORT = """
#include <zephyr/llext/symbol.h>
int shared_value = 1;
int shared_function(void);
int shared_function(void) { return shared_value; }
"""


def relocations(elf, name):
    table = elf.get_section_by_name(f".rel{name}")
    symbols = elf.get_section(table["sh_link"])
    return [(r["r_offset"], r["r_info_type"], symbols.get_symbol(r["r_info_sym"]).name) for r in table.iter_relocations()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("macro", ["EXPORT_SYMBOL", "LL_EXTENSION_SYMBOL"])
def test_an_export_is_a_name_and_an_address_in_its_section(tmp_path, macro, toolchain, language):
    text = f"{EXPORT}{macro}(shared_value);\n"
    elf = make_object(tmp_path, text, "-DLL_EXTENSION_BUILD", *STRICT, toolchain=toolchain, language=language)
    section = elf.get_section_by_name(".exported_sym")
    assert (section["sh_type"], section["sh_size"]) == ("SHT_PROGBITS", 8)
    found = relocations(elf, ".exported_sym")
    assert [(offset, kind) for offset, kind, _ in found] == [(0, 2), (4, 2)]  # R_ARM_ABS32
    assert found[1][2] == "shared_value"
    entry = elf.get_section_by_name(".symtab").get_symbol_by_name("__llext_sym_shared_value")
    assert entry is not None
    assert entry[0]["st_info"] == {"bind": "STB_GLOBAL", "type": "STT_OBJECT"}
    assert elf.get_section_by_name(".init_array") is None


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("macro", ["EXPORT_SYMBOL_NAMED(", "EXPORT_GROUP_SYMBOL_NAMED(LIBC, ", "LL_EXTENSION_SYMBOL_NAMED("])
def test_an_export_can_have_another_name(tmp_path, macro, toolchain):
    text = f"{EXPORT}{macro}shared_function, public_name);\n"
    elf = make_object(tmp_path, text, "-DLL_EXTENSION_BUILD", *STRICT, toolchain=toolchain)
    assert [name for _, _, name in relocations(elf, ".exported_sym")][1] == "shared_function"
    assert elf.get_section_by_name(".symtab").get_symbol_by_name("__llext_sym_public_name")
    assert any(b"public_name\0" in s.data() for s in elf.iter_sections() if s.name.startswith(".rodata"))


LISTED = ["shared_value", "shared_function"]


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize(
    ("flags", "exported"),
    [
        ((), LISTED),
        (("-DCONFIG_LLEXT_KCONFIG=1",), []),
        (("-DCONFIG_LLEXT_KCONFIG=1", "-DCONFIG_LLEXT=1"), []),
        (("-DCONFIG_LLEXT_KCONFIG=1", "-DCONFIG_LLEXT=1", "-DCONFIG_LLEXT_EXPORT_SYMBOL_GROUP_UNASSIGNED=1"), LISTED[:1]),
        (("-DCONFIG_LLEXT_KCONFIG=1", "-DCONFIG_LLEXT=1", "-DCONFIG_LLEXT_EXPORT_SYMBOL_GROUP_LIBC=1"), LISTED[1:]),
    ],
)
def test_firmware_exports_what_its_groups_say(tmp_path, flags, exported, toolchain):
    """zephyr-llext.md 1.5: an entry of the iterable section llext_const_symbol, if the group is on; nothing without CONFIG_LLEXT."""
    text = f"{EXPORT}EXPORT_SYMBOL(shared_value);\nEXPORT_GROUP_SYMBOL(LIBC, shared_function);\nLL_EXTENSION_SYMBOL(shared_value);\n"
    elf = make_object(tmp_path, text, *STRICT, *flags, toolchain=toolchain)
    assert elf.get_section_by_name(".exported_sym") is None
    prefix = "._llext_const_symbol.static."
    assert sorted(s.name for s in elf.iter_sections() if s.name.startswith(prefix)) == sorted(
        f"{prefix}{name}_" for name in exported
    )


TIMEOUTS = {
    "K_NO_WAIT": 0, "K_FOREVER": -1, "K_TICKS(7)": 7, "K_MSEC(0)": 0, "K_MSEC(-5)": 0, "K_MSEC(1)": 10, "K_USEC(1)": 1,
    "K_USEC(100)": 1, "K_USEC(101)": 2, "K_NSEC(100001)": 2, "K_SECONDS(2)": 20000, "K_MINUTES(1)": 600000,
    "K_HOURS(100000)": 3600000000000, "K_CYC(2501)": 2, "K_NSEC(9000000000000000000)": 90000000000000,
    "K_MSEC(0xFFFFFFFFU)": 42949672950, "K_TIMEOUT_ABS_TICKS(0)": -2, "SYS_TIMEOUT_MS(-1)": -1, "SYS_TIMEOUT_MS(3)": 30,
}  # fmt: skip


def data_of(folder, text, name, *flags, **options):
    elf = make_object(folder, text, *flags, **options)
    symbol = elf.get_section_by_name(".symtab").get_symbol_by_name(name)[0]
    start = symbol["st_value"]
    return elf.get_section(symbol["st_shndx"]).data()[start : start + symbol["st_size"]]


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_constant_timeouts_are_right_and_constant(tmp_path, toolchain):
    ticks = ", ".join(f"({timeout}).ticks" for timeout in TIMEOUTS)
    function = (
        f"#include <zephyr/kernel.h>\nvoid fill(int64_t *to);\nvoid fill(int64_t *to) {{ const int64_t all[] = {{{ticks}}};"
    )
    checks = "".join(f" if (all[{i}] != {value}LL) wrong_{i}();" for i, value in enumerate(TIMEOUTS.values()))
    declared = "".join(f"void wrong_{i}(void);\n" for i in range(len(TIMEOUTS)))
    elf = make_object(tmp_path, f"{declared}{function}{checks} *to = all[0]; }}\n", "-O2", *STRICT, toolchain=toolchain)
    called = {s.name for s in elf.get_section_by_name(".symtab").iter_symbols() if s.name.startswith("wrong_")}
    assert {list(TIMEOUTS)[int(name[6:])] for name in called} == set()


@pytest.mark.parametrize("language", ["c99", "c++17"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_timeout_initialises_a_static_object(tmp_path, toolchain, language):
    text = "#include <zephyr/kernel.h>\nk_timeout_t patience = K_MSEC(250);\n"
    assert data_of(tmp_path, text, "patience", toolchain=toolchain, language=language) == (2500).to_bytes(8, "little")


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_the_tick_rate_can_be_another(tmp_path, toolchain):
    text = "#include <zephyr/kernel.h>\nk_timeout_t patience = K_MSEC(100);\n"
    data = data_of(tmp_path, text, "patience", "-DCONFIG_SYS_CLOCK_TICKS_PER_SEC=32768", toolchain=toolchain)
    assert int.from_bytes(data, "little") == 3277


UTILITIES = """
#include <zephyr/kernel.h>
struct pair { int first; char second; };
BUILD_ASSERT(IS_ENABLED(CONFIG_YES) && !IS_ENABLED(CONFIG_NO) && !IS_ENABLED(CONFIG_UNKNOWN), "IS_ENABLED");
BUILD_ASSERT(COND_CODE_1(CONFIG_YES, (1), (2)) == 1 && COND_CODE_1(CONFIG_NO, (1), (2)) == 2, "COND_CODE_1");
BUILD_ASSERT(COND_CODE_0(CONFIG_NO, (1), (2)) == 1 && COND_CODE_0(CONFIG_YES, (1), (2)) == 2, "COND_CODE_0");
BUILD_ASSERT(0 IF_ENABLED(CONFIG_YES, (+ 1)) IF_ENABLED(CONFIG_NO, (+ 2)) == 1, "IF_ENABLED");
BUILD_ASSERT(GENMASK(7, 4) == 0xf0 && GENMASK(31, 0) == 0xffffffff && GENMASK64(63, 63) == BIT64(63), "GENMASK");
BUILD_ASSERT(FIELD_GET(GENMASK(7, 4), 0x35UL) == 3 && FIELD_PREP(GENMASK(7, 4), 3) == 0x30, "FIELD");
BUILD_ASSERT(MIN(2, 3) == 2 && MAX(2, 3) == 3 && CLAMP(9, 0, 5) == 5 && CLAMP(-1, 0, 5) == 0, "MIN");
BUILD_ASSERT(ROUND_UP(13, 8) == 16 && ROUND_DOWN(13, 8) == 8 && DIV_ROUND_UP(7, 2) == 4, "ROUND");
BUILD_ASSERT(DIV_ROUND_CLOSEST(7, 2) == 4 && DIV_ROUND_CLOSEST(-7, 2) == -4, "DIV_ROUND_CLOSEST");
BUILD_ASSERT(LOG2(1) == 0 && LOG2(8) == 3 && LOG2(9) == 3 && LOG2(0) == -1, "LOG2");
BUILD_ASSERT(IS_POWER_OF_TWO(8U) && !IS_POWER_OF_TWO(0U) && KB(2) == 2048 && IN_RANGE(3, 3, 3), "KB");
BUILD_ASSERT(sizeof(STRINGIFY(CONFIG_YES)) == 2, "STRINGIFY");
char CONCAT(na, me);
struct pair *owner(char *second);
struct pair *owner(char *second) { return CONTAINER_OF(second, struct pair, second); }
"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_utilities_do_what_their_names_say(toolchain, language):
    flags = (*STRICT, "-DCONFIG_YES=1", "-DCONFIG_NO=0", "-fsyntax-only")
    compile_text(UTILITIES, *flags, toolchain=toolchain, language=language)


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_build_assertion_that_does_not_hold_stops_the_compiler_with_its_text(toolchain):
    text = '#include <zephyr/toolchain.h>\nBUILD_ASSERT(1 == 2, "one is not two");\n'
    done = compile_text(text, "-fsyntax-only", toolchain=toolchain, check=False)
    assert done.returncode != 0
    assert b"one is not two" in done.stderr


FORMATS = """
#include <inttypes.h>
#include <stdio.h>
__attribute__((__format__(__scanf__, 1, 2))) int scan(const char *format, ...);
void all(void);
void all(void)
{
"""


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_formats_fit_their_types(toolchain):
    text = FORMATS
    kinds = [f"{kind}{bits}" for kind in ("", "_least", "_fast") for bits in (8, 16, 32, 64)] + ["max", "ptr"]
    for kind in kinds:
        name = kind.strip("_").upper()
        for conversions, sign in (("di", ""), ("oux", "u")):
            text += f"\t{{ {sign}int{kind}_t v = 1;"
            for letter in conversions:
                text += f' printf("%" PRI{letter}{name}, v); scan("%" SCN{letter}{name}, &v);'
            text += ' printf("%" PRIX' + name + ", v);" if sign else ""
            text += " }\n"
    compile_text(text + "}\n", *STRICT, "-fsyntax-only", toolchain=toolchain)


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_32_bit_integers_are_int(toolchain):
    text = "#include <stdint.h>\nextern uint32_t a;\nextern unsigned int a;\nextern int32_t b;\nextern int b;\n"
    compile_text(text, "-fsyntax-only", toolchain=toolchain)


@pytest.mark.parametrize("call", ['printk("%s", 1)', 'printf("%d", "a")', 'snprintk(0, 0, "%s", 1)', 'snprintf(0, 0, "%d")'])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_wrong_format_is_an_error(call, toolchain):
    text = f"#include <stdio.h>\n#include <zephyr/kernel.h>\nvoid f(void);\nvoid f(void) {{ {call}; }}\n"
    done = compile_text(text, "-Wall", "-Werror", "-fsyntax-only", toolchain=toolchain, check=False)
    assert done.returncode != 0
    assert b"-Wformat" in done.stderr or b"-Werror=format" in done.stderr


FATAL = "#include <zephyr/kernel.h>\nint f(int n);\nint f(int n) {{ if (n) return 1; {call}; }}\n"


@pytest.mark.parametrize("call", ["k_panic()", "k_oops()", "z_except_reason(17)"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_fatal_error_is_a_supervisor_call_that_does_not_return(tmp_path, call, toolchain):
    elf = make_object(tmp_path, FATAL.format(call=call), *STRICT, toolchain=toolchain)
    reason = {"k_panic()": 4, "k_oops()": 3}.get(call, 17)
    code = elf.get_section_by_name(".text.f").data()
    assert bytes([reason, 0x20, 2, 0xDF]) in code  # movs r0, #reason; svc #2


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_assertions_vanish_with_ndebug_and_without_config_assert(tmp_path, toolchain):
    text = (
        "#include <assert.h>\n#include <zephyr/sys/__assert.h>\nint f(int n);\n"
        'int f(int n) { assert(n > 1); __ASSERT(n > 2, "n is %d", n); __ASSERT_NO_MSG(n > 3); return n; }\n'
    )
    for flags, wanted in ((("-DNDEBUG",), False), ((), True), (("-DNDEBUG", "-DCONFIG_ASSERT=1"), True)):
        elf = make_object(tmp_path, text, *flags, *STRICT, toolchain=toolchain)
        names = {symbol.name for symbol in elf.get_section_by_name(".symtab").iter_symbols()}
        assert bool(names & {"printk", "assert_print"}) == wanted
