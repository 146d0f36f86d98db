"""Names of Zephyr's CMake modules that applications use: what each does is seen in what the application prints."""

import subprocess

import pytest

from llext import Board
from llext.build.toolchain import zig_program
from llext.errors import BuildError

QUIET = "CONFIG_BOOT_BANNER=n\n"
NOTHING = "int main(void) { return 0; }\n"
SHOW = '#include "shown.h"\nint main(void) { printk("%s", SHOWN); return 0; }\n'


@pytest.fixture
def shown(ran):
    """What CMake has in a variable, printed by the application."""

    def go(variable, cmake="", conf="", **more):
        text = f"""{cmake}
string(REPLACE "\\\\" "\\\\\\\\" z_text "${{{variable}}}")
string(REPLACE "\\"" "\\\\\\"" z_text "${{z_text}}")
file(GENERATE OUTPUT ${{CMAKE_BINARY_DIR}}/shown.h CONTENT "#define SHOWN \\"${{z_text}}\\"\\n")
target_include_directories(app PRIVATE ${{CMAKE_BINARY_DIR}})
"""
        return ran(QUIET + conf, SHOW, cmake=text, **more)

    return go


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("BOARD", "mps2"),
        ("BOARD_QUALIFIERS", "/an385"),
        ("NORMALIZED_BOARD_TARGET", "mps2_an385"),
        ("ZEPHYR_TOOLCHAIN_VARIANT", "llvm"),
        ("KERNEL_VERSION_MAJOR", "4"),
        ("KERNEL_PATCHLEVEL", "0"),
        ("APP_VERSION_STRING", "1.2.3-rc1"),
        ("APP_VERSION_MINOR", "2"),
    ],
)
def test_variables_have_the_values_of_zephyr(shown, variable, said):
    version = "VERSION_MAJOR = 1\nVERSION_MINOR = 2\nPATCHLEVEL = 3\nEXTRAVERSION = rc1\n"
    assert shown(variable, files={"VERSION": version}) == said


def test_the_kernels_version_is_that_of_its_header(ran):
    cmake = 'target_compile_definitions(app PRIVATE CMAKES=\\"${KERNEL_VERSION_STRING}\\")\n'
    main = '#include <zephyr/version.h>\n#include <string.h>\nint main(void) { printk("%d", strcmp(CMAKES, KERNEL_VERSION_STRING)); return 0; }\n'
    assert ran(QUIET, main, cmake=cmake) == "0"


def test_a_board_without_qualifiers_has_none(shown):
    assert (
        shown("z_both", 'set(z_both "${BOARD}|${BOARD_QUALIFIERS}|${CONFIG_ARCH}")\n', board="qemu_riscv32")
        == "qemu_riscv32||riscv"
    )


def test_generated_files_are_where_their_variables_say(shown):
    cmake = """
file(STRINGS ${AUTOCONF_H} z_one REGEX "CONFIG_MAIN_STACK_SIZE")
file(STRINGS ${DOTCONFIG} z_two REGEX "CONFIG_MAIN_STACK_SIZE")
set(z_lines "${z_one}, ${z_two}")
"""
    assert (
        shown("z_lines", cmake, "CONFIG_MAIN_STACK_SIZE=2048\n")
        == "#define CONFIG_MAIN_STACK_SIZE 2048, CONFIG_MAIN_STACK_SIZE=2048"
    )


def test_a_fragment_of_kconfig_becomes_variables(shown):
    fragment = '# CONFIG_NOT is not set\nCONFIG_ONE=y\nCONFIG_TEXT="two words"\nCONFIG_NUMBER=0x10\nOTHER=1\n'
    cmake = """
import_kconfig(CONFIG_ ${CMAKE_CURRENT_SOURCE_DIR}/other.config names)
list(JOIN names "+" names)
set(z_all "${CONFIG_ONE} ${CONFIG_TEXT} ${CONFIG_NUMBER} ${CONFIG_NOT}${OTHER} ${names}")
"""
    assert shown("z_all", cmake, files={"other.config": fragment}) == "y two words 0x10  CONFIG_ONE+CONFIG_TEXT+CONFIG_NUMBER"


def test_flags_are_asked_for_by_language(shown):
    cmake = """
zephyr_check_compiler_flag(C -Wdouble-promotion z_c)
zephyr_check_compiler_flag(CXX -Wno-register z_cxx)
zephyr_check_compiler_flag(C -fno-such-flag-at-all z_no)
set(z_all "${z_c}${z_cxx}${z_no}")
"""
    assert shown("z_all", cmake) == "110"


def test_options_of_all_code_are_told_by_language(shown):
    cmake = """
zephyr_compile_options($<$<COMPILE_LANGUAGE:C>:-DONLY_C> $<$<COMPILE_LANGUAGE:CXX>:-DONLY_CXX> "$<$<COMPILE_LANGUAGE:C,ASM>:-DA;-DB>")
zephyr_get_compile_options_for_lang(C z_c)
zephyr_get_compile_options_for_lang(CXX z_cxx)
zephyr_get_compile_options_for_lang_as_string(ASM z_asm)
foreach(name IN ITEMS -DONLY_C -DONLY_CXX -DB -fno-rtti -ffreestanding)
  list(FIND z_c ${name} at)
  list(FIND z_cxx ${name} other)
  string(FIND "${z_asm}" " ${name}" third)
  foreach(index IN LISTS at other third)
    if(index EQUAL -1)
      string(APPEND z_all ".")
    else()
      string(APPEND z_all "y")
    endif()
  endforeach()
endforeach()
"""
    assert shown("z_all", cmake) == "y..  .y. y.y .y. yyy".replace(" ", "")


COMMAND = """
%s
zephyr_get_compile_options_for_lang(C options)
zephyr_get_include_directories_for_lang(C includes)
zephyr_get_system_include_directories_for_lang(C system)
zephyr_get_compile_definitions_for_lang(C definitions)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/own.i
  COMMAND ${CMAKE_C_COMPILER} clang ${CMAKE_C_FLAGS} "${includes}" "${system}" "${definitions}" ${options} -E -P -o ${CMAKE_BINARY_DIR}/own.i
          ${CMAKE_CURRENT_SOURCE_DIR}/own.h
  DEPENDS own.h COMMAND_EXPAND_LISTS VERBATIM)
separate_arguments(z_flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
add_custom_target(own DEPENDS ${CMAKE_BINARY_DIR}/own.i)
add_dependencies(app own)
"""


@pytest.mark.parametrize("definition", ["", "zephyr_compile_definitions(OWN=7)\n"])
def test_a_command_of_ones_own_compiles_as_all_code(application, definition):
    cmake = COMMAND.replace("${CMAKE_C_FLAGS} ", "${z_flags} ").replace(
        "zephyr_get_compile_options",
        'separate_arguments(z_flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")\nzephyr_get_compile_options',
        1,
    )
    elf = application(
        NOTHING,
        QUIET,
        files={
            "own.h": "#include <zephyr/sys/util.h>\n#ifndef OWN\n#define OWN 3\n#endif\nint own = OWN + CONFIG_MAIN_STACK_SIZE;\n"
        },
        cmake=cmake % definition,
    )
    assert f"int own = {7 if definition else 3} + 1024;" in (elf.parent.parent / "own.i").read_text()


def test_prefixes_and_delimiters_are_as_asked_for(shown):
    cmake = """
zephyr_compile_definitions(ONE TWO)
zephyr_get_compile_definitions_for_lang(C z_bare STRIP_PREFIX DELIMITER +)
zephyr_get_compile_definitions_for_lang_as_string(C z_text)
set(z_all "${z_bare} ${z_text}")
"""
    assert shown("z_all", cmake) == "ONE+TWO -DONE -DTWO"


LIBRARY = "int from_library(int number);\nint from_library(int number) { return number * 2; }\n"
CALLS = 'int from_library(int number);\nint main(void) { printk("%d", from_library(21)); return 0; }\n'


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_a_library_that_was_built_elsewhere_is_linked(application, tmp_path, board):
    source, made, archive = (tmp_path / name for name in ("library.c", "library.o", "libelsewhere.a"))
    source.write_text(LIBRARY)
    machine = {"mps2/an385": ["--target=arm-none-eabi", "-mcpu=cortex-m3", "-mthumb"], "qemu_riscv32": ["--target=riscv32-unknown-elf", "-march=rv32ima_zicsr_zifencei", "-mabi=ilp32"]}  # fmt: skip
    zig = str(zig_program())
    subprocess.run([zig, "clang", *machine[board], "-Os", "-c", str(source), "-o", str(made)], check=True)
    subprocess.run([zig, "ar", "rcs", str(archive), str(made)], check=True)
    elf = application(
        "#include <zephyr/kernel.h>\n" + CALLS, QUIET, cmake=f'zephyr_library_import(elsewhere "{archive}")\n', board=board
    )
    with Board(app=elf) as powered:
        powered.boot()
        powered.run()
        assert powered.console == "42"


INTERFACE = """
zephyr_interface_library_named(mylib)
target_include_directories(mylib INTERFACE inc)
target_compile_definitions(mylib INTERFACE WITH_MYLIB=5)
zephyr_library_named(part)
zephyr_library_sources(src/part.c)
zephyr_library_link_libraries(mylib)
add_library(outside STATIC src/outside.c)
target_link_libraries(outside PRIVATE common)
add_library(common INTERFACE)
zephyr_link_interface(common)
target_link_libraries(app PRIVATE outside)
"""
PARTS = {
    "inc/mylib.h": "#define NUMBER WITH_MYLIB\n",
    "src/part.c": "#include <mylib.h>\nint part = NUMBER;\n",
    "src/outside.c": "#include <zephyr/kernel.h>\nint outside = CONFIG_MAIN_STACK_SIZE;\n",
    "Kconfig": 'source "Kconfig.zephyr"\nconfig APP_LINK_WITH_MYLIB\n\tbool "Use it"\n',
}


def test_users_of_an_interface_library_are_compiled_with_it(ran):
    main = """
extern int part, outside;
#ifdef WITH_MYLIB
#define APPLICATION 1
#else
#define APPLICATION 0
#endif
int main(void) { printk("%d %d %d;", part, outside, APPLICATION); return 0; }
"""
    assert ran(QUIET, main, files=PARTS, cmake=INTERFACE) == "5 1024 0;"
    assert ran(QUIET + "CONFIG_APP_LINK_WITH_MYLIB=y\n", main, files=PARTS, cmake=INTERFACE) == "5 1024 1;"


def test_what_is_there_only_without_an_option(ran):
    cmake = (
        "target_sources_ifndef(CONFIG_NOTHING app PRIVATE src/a.c)\ntarget_sources_ifndef(CONFIG_PRINTK app PRIVATE src/b.c)\n"
    )
    files = {"src/a.c": "int a = 4;\n", "src/b.c": "#error never\n"}
    assert ran(QUIET, 'extern int a;\nint main(void) { printk("%d", a); return 0; }\n', files=files, cmake=cmake) == "4"


def test_an_option_of_the_linker_may_hang_on_kconfig(ran):
    cmake = "zephyr_ld_option_ifdef(CONFIG_PRINTK -Wl,--defsym=seven=7)\nzephyr_ld_option_ifdef(CONFIG_NOTHING -Wl,--no-such-word)\n"
    main = 'extern const char seven[];\nint main(void) { printk("%d", (int)(uintptr_t)seven); return 0; }\n'
    assert ran(QUIET, main, cmake=cmake) == "7"


@pytest.mark.parametrize("words", ["app PRIVATE m", "app PUBLIC m c gcc stdc++ supc++"])
def test_libraries_that_are_there_anyway_may_be_named(ran, words):
    main = (
        '#include <math.h>\nvolatile double two = 2.0;\nint main(void) { printk("%d", (int)(1000 * sqrt(two))); return 0; }\n'
    )
    assert ran(QUIET, main, cmake=f"target_link_libraries({words})\n") == "1414"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("zephyr_library_amend()", r"CMakeLists.txt:5: zephyr_library_amend is for Zephyr modules, which are not there"),
        ("zephyr_code_relocate(FILES src/main.c LOCATION SRAM)", r"CMakeLists.txt:5: zephyr_code_relocate is not there"),
        (
            "zephyr_library_import(mine lib/libmine.a)",
            r"CMakeLists.txt:5: zephyr_library_import\(mine\): there is no file .*libmine.a",
        ),
    ],
)
def test_what_is_not_there_is_told_at_the_applications_line(application, call, said):
    with pytest.raises(BuildError, match=said):
        application(NOTHING, QUIET, cmake=f"{call}\n")
