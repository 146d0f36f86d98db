"""Sources that do not compile or link, and firmware that is too large: the first mistake with file, line and what to do."""

import pytest
from refused import CMAKE, MAIN, llext, plain, refused, write_app

KERNEL = "#include <zephyr/kernel.h>\n"
DEVICE = KERNEL + "#include <zephyr/device.h>\n"
REGION = KERNEL + "#include <zephyr/linker/devicetree_regions.h>\n"
SHARED = '/ { sh: memory@20300000 { compatible = "zephyr,memory-region"; reg = <0x20300000 0x100>; zephyr,memory-region = "SHRD"; }; };\n'
MORE = {"CMakeLists.txt": CMAKE + "target_sources(app PRIVATE src/more.c)\n"}


def main(text):
    return {"src/main.c": text}


ROWS = {
    "include": (main("#include <zephyr/kernle.h>\n"), "APP/src/main.c:1: 'zephyr/kernle.h' file not found\n  did you mean zephyr/kernel.h"),
    "own include": (main('#include "a.h"\n') | {"include/a.h": ""}, "APP/src/main.c:1: 'a.h' file not found\n  the application has one; target_include_directories(app PRIVATE folder) says where."),
    "include of another target": (
        {"CMakeLists.txt": CMAKE + "add_library(other STATIC src/other.c)\ntarget_link_libraries(app PRIVATE other)\n", "src/other.c": KERNEL},
        ("APP/src/other.c:1: 'zephyr/kernel.h' file not found\n  Zephyr's headers are for sources of app, and of targets that link zephyr_interface: "
        "target_link_libraries(TARGET PRIVATE zephyr_interface)."),
    ),
    "error": (main("int main(void)\n{\n\treturn x;\n}\n"), "APP/src/main.c:3: use of undeclared identifier 'x'"),
    "undeclared": (main(KERNEL + "int main(void)\n{\n\tk_sleeep(3);\n}\n"), "APP/src/main.c:4: call to undeclared function 'k_sleeep'\n  did you mean k_sleep?"),
    "CRLF": (main("int main(void)\r\n{\r\n\treturn x;\r\n}\r\n"), "APP/src/main.c:3: use of undeclared identifier 'x'"),
    "assembler": (MORE | {"CMakeLists.txt": CMAKE + "target_sources(app PRIVATE src/a.S)\n", "src/a.S": ".text\n foo r1\n"}, "APP/src/a.S:2: invalid instruction"),
    "not there yet": (main("#include <zephyr/fs/fs.h>\n" + MAIN), "APP/src/main.c:1: CONFIG_FILE_SYSTEM is not there yet on the virtual board"),
    "undefined": (
        main("void k_sem_gve(void);\nint main(void)\n{\n\tk_sem_gve();\n}\n"),
        "APP/src/main.c:4: nothing defines k_sem_gve\n  did you mean k_sem_give or k_sem_take or k_sem_reset? Else a source that defines it is missing",
    ),
    "two undefined": (
        main("void b(void), a(void);\nint main(void)\n{\n\tb();\n\ta();\n}\n"),
        "APP/src/main.c:4: nothing defines b, nor a\n  a source that defines it is missing in target_sources(app PRIVATE ...).",
    ),
    "twice": (MORE | main(MAIN + "int twice;\n") | {"src/more.c": "\nint twice = 2;\n"}, "twice is defined twice\n"),
    "label": (main(DEVICE + "int main(void) { return DT_PROP(DT_NODELABEL(uart7), current_speed); }\n"), "APP/src/main.c:3: the devicetree has no node label uart7: did you mean uart0?"),
    "alias": (main(DEVICE + "int x[DT_REG_ADDR(DT_ALIAS(nope))];\n"), "APP/src/main.c:3: the devicetree has no alias nope"),
    "device": (
        main(DEVICE + "int main(void) { return device_is_ready(DEVICE_DT_GET(DT_NODELABEL(plain))); }\n")
        | {"app.overlay": '\n/ { plain: plain { compatible = "acme,plain"; status = "okay"; }; };\n'},
        ("APP/src/main.c:3: APP/app.overlay:2: /plain (label plain) has no device: no driver that is built in defines one for acme,plain\n"
        "  DEVICE_DT_GET wants a driver: a source with DEVICE_DT_DEFINE for that node; or ask by DEVICE_DT_GET_OR_NULL."),
    ),
    "region": (
        main(REGION + "int x Z_GENERIC_SECTION(LINKER_DT_NODE_REGION_NAME(DT_NODELABEL(shrd)));\nint main(void) { x = 1; }\n"),
        "APP: src/main.c: the devicetree has no node label shrd",
    ),
    "section": (
        main(KERNEL + '\nint own __attribute__((section("mine"))) = 3;\nint main(void) { printk("%d", own); }\n'),
        ("APP/src/main.c:3: no memory is meant for section 'mine'\n"
        "  zephyr_linker_sources(DATA_SECTIONS more.ld) in CMakeLists.txt gives it one, with this line in more.ld: mine : { KEEP(*(mine)) } > RAM AT> FLASH. Or"),
    ),
    "bound": (
        main(KERNEL + 'extern int __start_mine[], __stop_mine[];\nint main(void)\n{\n\tprintk("%p %p", __start_mine, __stop_mine);\n}\n'),
        ("APP/src/main.c:5: __start_mine is a bound of a section named 'mine', which is not there\n"
        '  it takes a variable that has __attribute__((used, section("mine"))), and a line in a file of zephyr_linker_sources(DATA_SECTIONS more.ld): mine : {'),
    ),
    "CPU": (
        {"app.overlay": '\n&{/cpus/cpu@0} {\n\tcompatible = "arm,cortex-m9";\n};\n'},
        "APP/app.overlay:3: board mps2/an385: no instruction set of ours has a CPU 'cortex-m9'\n  did you mean cortex-m",
    ),
    "region RAM": (
        {"app.overlay": "\n" + SHARED.replace("SHRD", "RAM")},
        "APP/app.overlay:2: the memory region of /memory@20300000 is named RAM, as the board's own memory is\n  give it another name",
    ),
    "region text": (
        {"app.overlay": SHARED.replace("SHRD", "text")},
        "APP/app.overlay:1: the memory region of /memory@20300000 is named text, as a section of every firmware is\n",
    ),
    "regions of one name": (
        {"app.overlay": SHARED + SHARED.replace("sh:", "sh2:").replace("20300000", "20310000")},
        "APP/app.overlay:2: the memory region of /memory@20310000 is named SHRD, as that of /memory@20300000 is\n",
    ),
    "flash": (
        main(KERNEL + 'const char big[6 << 20] = {1}, mid[3000] = {2};\nint main(void) { printk("%p %p", big, mid); }\n'),
        "APP: the firmware is too large for FLASH: by 21#### bytes\n  what takes most of it:\n       6291456 big (main.c)\n          3000 mid (main.c)\n",
    ),
    "RAM": (
        main(KERNEL + 'char big[6 << 20], mid[3000] = {2};\nint main(void) { printk("%p %p", big, mid); }\n'),
        "APP: the firmware is too large for RAM: by 21#### bytes\n  what takes most of it:\n       6291456 big (main.c)\n          3000 mid (main.c)\n",
    ),
    "heap": (
        {"prj.conf": "CONFIG_HEAP_MEM_POOL_SIZE=60000000\n"},
        "APP: the firmware is too large for RAM: by 558#### bytes\n  what takes most of it:\n      60000000 heap of k_malloc (CONFIG_HEAP_MEM_POOL_SIZE)\n",
    ),
    "memory region": (
        main(REGION + "char x[300] Z_GENERIC_SECTION(LINKER_DT_NODE_REGION_NAME(DT_NODELABEL(sh)));\nint main(void) { x[2] = 1; }\n")
        | {"app.overlay": SHARED},
        "APP: the firmware is too large for SHRD: by 44 bytes\n  what takes most of it:\n           300 x (main.c)",
    ),
    "generated from nothing": (
        {"CMakeLists.txt": CMAKE + "generate_inc_file_for_target(app ${CMAKE_CURRENT_SOURCE_DIR}/nope.bin ${ZEPHYR_BINARY_DIR}/nope.inc)\n"},
        "APP/nope.bin is not there, and zephyr/nope.inc is made from it\n",
    ),
    "a command without words": (
        {"CMakeLists.txt": CMAKE + "add_custom_command(OUTPUT more.h COMMAND exit 3)\nadd_custom_target(more DEPENDS more.h)\nadd_dependencies(app more)\n"},
        "the command that makes more.h APP/build/more.h failed with exit code 3\n  it is: cd ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_mistake_of_a_source_is_told_with_its_line(tmp_path, capfd, name):
    files, words = ROWS[name]
    app = write_app(tmp_path / "an app", files)
    message = plain(refused(capfd, app).message, app)
    for part in words.split("####"):
        assert part in message
    assert message.startswith(words.partition("####")[0]) or name == "twice"


def test_what_is_defined_twice_is_told_with_both_places(tmp_path, capfd):
    app = write_app(
        tmp_path,
        MORE | {"src/main.c": MAIN + "int twice(void) { return 1; }\n", "src/more.c": "\nint twice(void) { return 2; }\n"},
    )
    assert plain(refused(capfd, app).message, app).startswith("APP/src/main.c:7, APP/src/more.c:2: twice is defined twice\n")


OWN = [
    ("void z_boot(void *a, void *b, void *c) { }", "APP/src/main.c:7: z_boot"),
    ("void z_timer_expired(void *timer) { }", "APP/src/main.c:7: z_timer_expired"),
    ("int z_main_stack = 5;", "APP/src/main.c:7: z_main_stack"),
    ("extern char kheap_llext_heap[];\nchar kheap_llext_heap[16];", "APP/src/main.c:8: kheap_llext_heap"),
    ("int z_impl_k_usleep(int us) { return us; }", "APP/src/main.c:7: z_impl_k_usleep"),
]


@pytest.mark.parametrize(("text", "words"), OWN, ids=[words.split()[-1] for _, words in OWN])
def test_a_name_of_the_firmwares_own_is_not_taken_in_silence(tmp_path, capfd, text, words):
    app = write_app(tmp_path, {"src/main.c": MAIN + text + "\n"})
    message = plain(refused(capfd, app).message, app)
    assert message.startswith(f"{words} is a name of the firmware's own, which every application has\n  give it another name")


def test_a_function_of_the_c_library_may_be_the_applications_own(tmp_path, capfd):
    text = (
        KERNEL
        + '#include <stdlib.h>\nint abs(int x) { return 7; }\nint main(void) { volatile int n = -2; printk("%d", abs(n)); }\n'
    )
    conf = 'CONFIG_BOOT_BANNER=n\nCONFIG_COMPILER_OPT="-fno-builtin"\n'
    assert llext(capfd, "run", write_app(tmp_path, {"src/main.c": text, "prj.conf": conf})).out == "7"


def test_a_stack_that_is_too_small_is_found_at_its_first_overflow(tmp_path, capfd):
    text = (
        KERNEL
        + "int main(void)\n{\n\tvolatile char a[2000];\n\tfor (int i = 1999; i >= 0; i--)\n\t\ta[i] = i;\n\treturn a[3];\n}\n"
    )
    app = write_app(tmp_path, {"src/main.c": text, "prj.conf": "CONFIG_MAIN_STACK_SIZE=512\n"})
    said = llext(capfd, "run", app)
    assert said.code == 1
    assert "guest fault: stack overflow at " in said.err
    assert ", in main\n" in said.err
    assert f"  at {app}/src/main.c:6\n" in said.err
    assert "CONFIG_MAIN_STACK_SIZE=... in prj.conf gives main a larger one" in said.err
    (app / "prj.conf").write_text("CONFIG_MAIN_STACK_SIZE=4096\n")
    assert llext(capfd, "run", app).code == 0


def test_a_name_that_an_extension_lacks_is_told_when_it_is_loaded(tmp_path, capfd):
    text = "#include <zephyr/llext/symbol.h>\nint k_sem_gve(void);\nint go(void) { return k_sem_gve(); }\nEXPORT_SYMBOL(go);\n"
    load = KERNEL + (
        "#include <zephyr/llext/llext.h>\n#include <zephyr/llext/buf_loader.h>\n"
        'static const uint8_t bytes[] __aligned(4) = {\n#include "ext.inc"\n};\n'
        "int main(void)\n{\n\tstruct llext_buf_loader loader = LLEXT_BUF_LOADER(bytes, sizeof(bytes));\n\tstruct llext *ext;\n"
        "\tstruct llext_load_param param = LLEXT_LOAD_PARAM_DEFAULT;\n"
        '\tprintk("load %d\\n", llext_load(&loader.loader, "ext", &ext, &param));\n}\n'
    )
    cmake = CMAKE + (
        "add_llext_target(ext OUTPUT ${ZEPHYR_BINARY_DIR}/ext.llext SOURCES src/ext.c)\n"
        "generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/ext.llext ${ZEPHYR_BINARY_DIR}/include/generated/ext.inc)\n"
    )
    conf = "CONFIG_LLEXT=y\nCONFIG_BOOT_BANNER=n\n"
    app = write_app(tmp_path, {"src/ext.c": text, "src/main.c": load, "CMakeLists.txt": cmake, "prj.conf": conf})
    said = llext(capfd, "run", "--log-level", "err", app)
    assert (said.code, said.out) == (0, "load -61\n")
    assert "llext_load('ext'): nothing provides 'k_sem_gve'" in said.err
