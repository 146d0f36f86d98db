"""What applications of others do in their CMakeLists.txt and sources: each was refused, or told nothing, once."""

import gzip

import pytest
from conftest import CMAKE

from llext import Board
from llext.build.firmware import Project, build_application
from llext.cli.app import run
from llext.errors import BuildError

BLOB = """#include <zephyr/kernel.h>
static const uint8_t blob[] = {
#include "blob.inc"
};
int main(void)
{
	for (unsigned i = 0; i < sizeof(blob); i++) {
		printk("%02x", blob[i]);
	}
	return 0;
}
"""
INC = "generate_inc_file_for_target(app src/blob.bin ${ZEPHYR_BINARY_DIR}/include/generated/blob.inc %s)\n"


@pytest.mark.parametrize(
    ("words", "read"),
    [("", lambda data: data), ("--gzip", gzip.decompress), ("--offset 2 --length 3", lambda data: data)],
    ids=["plain", "gzip", "part"],
)
def test_a_file_beside_the_sources_is_embedded(ran, words, read):
    text = "what is embedded, what is embedded"
    printed = ran("CONFIG_BOOT_BANNER=n\n", BLOB, files={"src/blob.bin": text}, cmake=INC % words)
    assert read(bytes.fromhex(printed)).decode() == (text[2:5] if "offset" in words else text)


@pytest.mark.parametrize("prio", ["5 + 1", "5+1", "(5)", "1000", "0x5", "007", "-1"])
def test_a_priority_that_would_be_sorted_wrongly_is_refused(application, prio):
    with pytest.raises(BuildError, match="a priority within a level is a plain number"):
        application(
            f"#include <zephyr/init.h>\nstatic int f(void) {{ return 0; }}\nSYS_INIT(f, APPLICATION, {prio});\nint main(void) {{ return 0; }}\n"
        )


def test_a_level_that_there_is_not_is_refused(application):
    with pytest.raises(BuildError, match="Z_INIT_IS_APLICATION"):
        application(
            "#include <zephyr/init.h>\nstatic int f(void) { return 0; }\nSYS_INIT(f, APLICATION, 5);\nint main(void) { return 0; }\n"
        )


@pytest.mark.parametrize("prio", ["0", "9", "10", "99", "100", "999", "CONFIG_APPLICATION_INIT_PRIORITY"])
def test_plain_priorities_run(ran, prio):
    main = f'#include <zephyr/init.h>\nstatic int f(void) {{ printk("f"); return 0; }}\nSYS_INIT(f, APPLICATION, {prio});\nint main(void) {{ return 0; }}\n'
    assert ran("CONFIG_BOOT_BANNER=n\n", main) == "f"


def test_static_objects_with_destructors_need_no_heap(ran):
    source = '#include <zephyr/kernel.h>\nstruct A { A() { printk("made"); } ~A() { printk("gone"); } };\nstatic A a;\n'
    printed = ran("CONFIG_BOOT_BANNER=n\nCONFIG_CPP=y\n", "int main(void) { return 0; }\n", files={"src/a.cpp": source},
                  cmake="target_sources(app PRIVATE src/a.cpp)\n")  # fmt: skip
    assert printed == "made"


def test_words_of_a_library_without_one_are_for_the_application(ran):
    main = "#include <odd.h>\nint main(void) { printk(ODD); return 0; }\n"
    cmake = "zephyr_library_include_directories(inc)\nzephyr_library_sources(src/more.c)\n"
    files = {"inc/odd.h": '#define ODD "odd"\n', "src/more.c": "int more;\n"}
    assert ran("CONFIG_BOOT_BANNER=n\n", main, files=files, cmake=cmake) == "odd"


def test_flags_are_filtered_by_the_list_that_is_named(ran):
    cmake = """set(unwanted "-Os" "-g.*")
llext_filter_zephyr_flags(unwanted "-Os;-g3;-Wall" kept)
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/kept.h CONTENT "#define KEPT \\"${kept}\\"\\n")
target_include_directories(app PRIVATE ${CMAKE_BINARY_DIR})
"""
    assert (
        ran("CONFIG_BOOT_BANNER=n\n", "#include <kept.h>\nint main(void) { printk(KEPT); return 0; }\n", cmake=cmake) == "-Wall"
    )


RELOCATABLE = """CONFIG_BOOT_BANNER=n
CONFIG_LLEXT=y
CONFIG_LLEXT_TYPE_ELF_RELOCATABLE=y
"""
CALLED = """#include <zephyr/kernel.h>
#include <zephyr/llext/llext.h>
#include <zephyr/llext/buf_loader.h>
static const uint8_t blob[] __aligned(4) = {
#include "two.inc"
};
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(blob, sizeof(blob));
	struct llext *ext;
	int (*f)(void);

	if (llext_load(&loader.loader, "two", &ext, NULL) == 0) {
		f = (int (*)(void))llext_find_sym(&ext->exp_tab, "two");
		printk("%d", f());
	}
	return 0;
}
"""
TWO = """add_llext_target(two OUTPUT ${ZEPHYR_BINARY_DIR}/two.llext SOURCES src/one.c src/two.c)
llext_link_options(two -Wl,--defsym,three=3)
get_target_property(from two lib_output)
get_target_property(to two pkg_input)
%s
generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/two.llext ${ZEPHYR_BINARY_DIR}/include/generated/two.inc)
"""
SOURCES = {
    "src/one.c": "extern char three[];\nint one(void) { return 100 + (int)three; }\n",
    "src/two.c": "#include <zephyr/llext/symbol.h>\nint one(void);\nint two(void) { return one(); }\nEXPORT_SYMBOL(two);\n",
}


@pytest.mark.parametrize(
    "conf", [RELOCATABLE, RELOCATABLE + "CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID=y\n"], ids=["names", "slids"]
)
def test_commands_of_post_build_get_what_was_linked_of_all_sources(ran, conf):
    cmake = TWO % "add_llext_command(TARGET two POST_BUILD COMMAND ${CMAKE_COMMAND} -E copy ${from} ${to})"
    main = CALLED if conf == RELOCATABLE else 'int main(void) { printk("%d", 103); return 0; }'
    assert ran(conf, main, files=SOURCES, cmake=cmake) == "103"


def test_commands_of_pre_build_run_before_the_linker(application, tmp_path):
    cmake = TWO % (
        f"add_llext_command(TARGET two PRE_BUILD COMMAND ${{CMAKE_COMMAND}} -DFILE=${{from}} -DOUT={tmp_path}/seen.txt "
        "-P ${CMAKE_CURRENT_SOURCE_DIR}/seen.cmake)\n"
        f"add_llext_command(TARGET two POST_BUILD COMMAND ${{CMAKE_COMMAND}} -DFILE=${{from}} -DOUT={tmp_path}/seen.txt "
        "-P ${CMAKE_CURRENT_SOURCE_DIR}/seen.cmake COMMAND ${CMAKE_COMMAND} -E copy ${from} ${to})"
    )
    seen = 'if(EXISTS "${FILE}")\n  file(APPEND "${OUT}" "linked ")\nelse()\n  file(APPEND "${OUT}" "not yet ")\nendif()\n'
    application(CALLED, RELOCATABLE, files=SOURCES | {"seen.cmake": seen}, cmake=cmake)
    assert (tmp_path / "seen.txt").read_text() == "not yet linked "


def test_a_value_with_a_semicolon_stays_whole(tmp_path):
    app = tmp_path / "app"
    (app / "src").mkdir(parents=True)
    (app / "prj.conf").write_text("CONFIG_BOOT_BANNER=n\n")
    (app / "Kconfig").write_text('source "Kconfig.zephyr"\nconfig WORDS\n\tstring "Words"\n')
    (app / "src" / "main.c").write_text("#include <zephyr/kernel.h>\nint main(void) { printk(CONFIG_WORDS); return 0; }\n")
    (app / "CMakeLists.txt").write_text(CMAKE)
    with Board(app=build_application(Project.of(app, defines=['-DCONFIG_WORDS="--a;b;[c"']))) as board:
        board.boot()
        board.run()
        assert board.console == "--a;b;[c"


def test_an_option_that_nobody_knows_is_an_error_if_that_is_wanted(tmp_path):
    app = tmp_path / "app"
    (app / "src").mkdir(parents=True)
    (app / "prj.conf").write_text("CONFIG_NOBODY_KNOWS=y\n")
    (app / "src" / "main.c").write_text("int main(void) { return 0; }\n")
    (app / "CMakeLists.txt").write_text(CMAKE)
    assert run(["app", "build", str(app)]) == 0
    assert run(["app", "build", str(app), "--kconfig-strict"]) in (1, 2)
    assert run(["run", str(app), "--kconfig-strict"]) in (1, 2)
    assert run(["run", str(app)]) == 0


@pytest.mark.parametrize("conf", ["", "CONFIG_LOG=y\nCONFIG_LOG_MODE_MINIMAL=y\n"])
def test_a_module_level_that_is_not_defined_is_the_default(ran, conf):
    main = """#include <zephyr/logging/log.h>
LOG_MODULE_REGISTER(mym, CONFIG_NOBODY_LOG_LEVEL);
int main(void) { LOG_DBG("no"); LOG_INF("yes"); printk("end"); return 0; }
"""
    assert ran("CONFIG_BOOT_BANNER=n\n" + conf, main).split() == (["I:", "yes", "end"] if conf else ["end"])


@pytest.mark.parametrize(
    ("level", "words"), [("LOG_LEVEL_ERR", []), ("LOG_LEVEL_INF", ["yes"]), ("4", ["more", "yes"]), ("LOG_LEVEL_NONE", [])]
)
def test_a_module_level_that_is_given_counts(ran, level, words):
    main = f"""#include <zephyr/logging/log.h>
LOG_MODULE_REGISTER(mym, {level});
int main(void) {{ LOG_DBG("more"); LOG_INF("yes"); return 0; }}
"""
    conf = "CONFIG_BOOT_BANNER=n\nCONFIG_LOG=y\nCONFIG_LOG_MODE_MINIMAL=y\n"
    assert [word for word in ran(conf, main).split() if ":" not in word] == words


def test_flags_of_the_applications_own_leave_the_cpu_alone(ran):
    cmake = 'set(CMAKE_C_FLAGS "-O3 -DOWN=7")\ntarget_sources(app PRIVATE src/more.c)\n'
    main = 'int more(void);\nint main(void) { printk("%d %d", more(), OWN); return 0; }\n'
    assert ran("CONFIG_BOOT_BANNER=n\n", main, files={"src/more.c": "int more(void) { return OWN; }\n"}, cmake=cmake) == "7 7"


def test_the_kernels_header_has_the_devicetree(ran):
    main = (
        '#include <zephyr/kernel.h>\nint main(void) { printk("%d", DT_PROP_OR(DT_NODELABEL(uart0), nothing, 3)); return 0; }\n'
    )
    assert ran("CONFIG_BOOT_BANNER=n\n", main) == "3"


def test_what_post_build_made_is_made_again_if_it_is_gone(application):
    cmake = TWO % "add_llext_command(TARGET two POST_BUILD COMMAND ${CMAKE_COMMAND} -E copy ${from} ${to})"
    elf = application(CALLED, RELOCATABLE, files=SOURCES, cmake=cmake)
    project, gone = Project.of(elf.parents[2]), elf.parent.parent / "llext" / "two_debug.elf"
    gone.unlink()
    with pytest.raises(BuildError, match="its commands run again in the next build"):
        build_application(project)
    build_application(project)
    assert gone.is_file()
