"""What applications of others do in their CMakeLists.txt and sources: each was refused, or told nothing, once."""

import gzip

import pytest

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
