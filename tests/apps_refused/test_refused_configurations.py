"""Mistakes in CMakeLists.txt, prj.conf, Kconfig and overlays: one message with file, line and what to do, and nothing is built."""

import pytest
from refused import CMAKE, MAIN, llext, plain, refused, write_app

EXTENSION = "add_llext_target(ext OUTPUT ${ZEPHYR_BINARY_DIR}/ext.llext SOURCES src/main.c)\n"
LLEXT = {"prj.conf": "CONFIG_LLEXT=y\n"}


def cmake(more):
    return {"CMakeLists.txt": CMAKE + more}


CONFIGURATION = {
    "typo": ({"prj.conf": "\nCONFIG_LLEXT_HEAP_SZE=3\n"}, "APP/prj.conf:2: there is no option CONFIG_LLEXT_HEAP_SZE\n  did you mean CONFIG_LLEXT_HEAP_SIZE?"),
    "unmet dependency": ({"prj.conf": "CONFIG_LLEXT_HEAP_SIZE=3\n"}, "APP/prj.conf:1: CONFIG_LLEXT_HEAP_SIZE=3 has no effect, it stays empty: it needs LLEXT=y (it is n)\n  set CONFIG_LLEXT=y."),
    "spaces": ({"prj.conf": "CONFIG_LLEXT = y\n"}, "APP/prj.conf:1: no spaces may stand around the equals sign, nor in front of the line\n  write CONFIG_LLEXT=y"),
    "not UTF-8": ({"prj.conf": b"# \xfc\n"}, "APP/prj.conf:1: not UTF-8: byte 0xfc\n  save the file as UTF-8."),
    "CRLF": ({"prj.conf": "\r\n\r\nCONFIG_LLEXT_HEAP_SZE=3\r\n"}, "APP/prj.conf:3: there is no option CONFIG_LLEXT_HEAP_SZE\n"),
    "absent node": ({"app.overlay": '\n&uart7 { status = "okay"; };\n'}, "APP/app.overlay:2: the devicetree has no node with label 'uart7'\n  did you mean uart0?"),
    "overlay syntax": ({"app.overlay": '/ {\n\tx { status = "okay" }\n};\n'}, "APP/app.overlay:2: devicetree syntax at '}': expected ';' or ','\n"),
    "overlay syntax, CRLF": ({"app.overlay": '/ {\r\n\tx { status = "okay" }\r\n};\r\n'}, "APP/app.overlay:2: devicetree syntax at '}'"),
    "a deleted memory": (
        {"app.overlay": "\n\n/delete-node/ &sram0;\n"},
        "APP/app.overlay:3: label 'sram0' is pointed at in LLEXT/boards/mps2/an385.dtsi:14, but its node was deleted\n  delete also what points at it",
    ),
    "a memory that is not used": (
        {"app.overlay": '&sram0 {\n\tstatus = "disabled";\n};\n'},
        "APP/app.overlay:2: chosen zephyr,sram is /memory@20000000, which is no ram with status okay",
    ),
    "a region without a name": (
        {"app.overlay": '/ {\n\tm@20100000 {\n\t\tcompatible = "zephyr,memory-region";\n\t\treg = <0x20100000 0x1000>;\n\t\tzephyr,memory-region = "";\n\t};\n};\n'},
        "APP/app.overlay:5: the memory region of /m@20100000 has no name\n  name it: zephyr,memory-region",
    ),
    "overlay in UTF-16": ({"app.overlay": "/ {};\n".encode("utf-16")}, "APP/app.overlay:1: the file is UTF-16\n  save it as UTF-8."),
    "overlay include": ({"app.overlay": "#include <absent.dtsi>\n"}, "APP/app.overlay:1: absent.dtsi is not found\n  folders that are searched: APP/include, "),
    "Kconfig loop": (
        {"Kconfig": 'source "Kconfig.zephyr"\nconfig A\n\tbool "a"\n\tdepends on B\nconfig B\n\tbool "b"\n\tdepends on A\n'},
        "APP/Kconfig:2: options depend on each other in a loop: A (APP/Kconfig:2) needs B (APP/Kconfig:5) needs A (APP/Kconfig:2)\n",
    ),
    "Kconfig sources itself": ({"Kconfig": 'source "Kconfig.zephyr"\nrsource "Kconfig"\n'}, "APP/Kconfig:2: recursive 'source' of 'APP/Kconfig' detected\n"),
    "Kconfig syntax": ({"Kconfig": 'source "Kconfig.zephyr"\nconfig A\n\tboool "a"\n'}, "APP/Kconfig:3: couldn't parse 'boool \"a\"': syntax error"),
}  # fmt: skip
PACKAGE = {
    "unknown command": (cmake("zephyr_nonsense(3)\n"), 'APP/CMakeLists.txt:5: Unknown CMake command "zephyr_nonsense".\n  a command of Zephyr\'s that is not there, or a slip'),
    "missing source": (cmake("target_sources(app PRIVATE src/mian.c)\n"), "APP/CMakeLists.txt:5: Cannot find source file: src/mian.c\n  names are relative"),
    "an error of its own": (cmake('message(FATAL_ERROR "my own words")\n'), "APP/CMakeLists.txt:5: my own words"),
    "syntax": (cmake("if(1\n"), "APP/CMakeLists.txt:5: Parse error. Function missing ending"),
    "a newer CMake": ({"CMakeLists.txt": CMAKE.replace("3.20", "9.9")}, "APP/CMakeLists.txt:1: CMake 9.9 or higher is required. You are running"),
    "a newer Zephyr": (
        {"CMakeLists.txt": CMAKE.replace("Zephyr REQUIRED", "Zephyr 9.9 REQUIRED")},
        'APP/CMakeLists.txt:2: Could not find a configuration file for package "Zephyr" that is compatible with requested version "9.9".',
    ),
    "no find_package": ({"CMakeLists.txt": CMAKE.replace("find_package", "# ")}, 'APP/CMakeLists.txt:4: Cannot specify sources for target "app" which is not built by this project.\n  find_package(Zephyr REQUIRED) must stand before it'),
    "project first": (
        {"CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(x)\nfind_package(Zephyr)\ntarget_sources(app PRIVATE src/main.c)\n"},
        "APP/CMakeLists.txt:3: find_package(Zephyr) must stand before project(): it says which compiler that begins.",
    ),
    "no project": ({"CMakeLists.txt": CMAKE.replace("project(mistaken)", "")}, "APP/CMakeLists.txt:2: find_package(Zephyr) must stand before project()"),
    "no cmake_minimum_required": ({"CMakeLists.txt": CMAKE.partition("\n")[2]}, "APP/CMakeLists.txt: No cmake_minimum_required command is present."),
    "no sources": ({"CMakeLists.txt": CMAKE.partition("target_sources")[0]}, "APP/CMakeLists.txt: The application has no sources. They are named by target_sources(app PRIVATE src/main.c)."),
    "two targets": (cmake("add_library(a STATIC src/main.c)\n" * 2), 'APP/CMakeLists.txt:6: add_library cannot create target "a" because another target with the same name already exists.'),
    "two extensions": (LLEXT | cmake(EXTENSION * 2), "APP/CMakeLists.txt:6: add_llext_target(ext): there is a target of this name already"),
    "no CONFIG_LLEXT": (cmake(EXTENSION), "APP/CMakeLists.txt:5: add_llext_target(ext): CONFIG_LLEXT=y is needed for extensions; write it in prj.conf"),
    "several sources": (
        {"prj.conf": "CONFIG_LLEXT=y\nCONFIG_LLEXT_TYPE_ELF_OBJECT=y\n"} | cmake(EXTENSION.replace("src/main.c", "src/main.c src/b.c")),
        "APP/CMakeLists.txt:5: add_llext_target(ext): CONFIG_LLEXT_TYPE_ELF_OBJECT takes one source; for several set CONFIG_LLEXT_TYPE_ELF_RELOCATABLE=y",
    ),
    "shared library": (
        {"prj.conf": "CONFIG_LLEXT=y\nCONFIG_LLEXT_TYPE_ELF_SHAREDLIB=y\n"} | cmake(EXTENSION),
        "APP/CMakeLists.txt:5: add_llext_target(ext): CONFIG_LLEXT_TYPE_ELF_SHAREDLIB is not there yet; set CONFIG_LLEXT_TYPE_ELF_RELOCATABLE=y",
    ),
    "no output": (LLEXT | cmake("add_llext_target(ext SOURCES src/main.c)\n"), "APP/CMakeLists.txt:5: add_llext_target(ext): needs OUTPUT file.llext and SOURCES file.c"),
    "an extension without its source": (LLEXT | cmake(EXTENSION.replace("main.c", "absent.c")), "APP/CMakeLists.txt:5: Cannot find source file: src/absent.c"),
    "a command for nobody": (
        LLEXT | cmake("add_llext_command(TARGET nope POST_BUILD COMMAND echo)\n"),
        "APP/CMakeLists.txt:5: add_llext_command(TARGET nope): there is no extension of this name; add_llext_target makes one",
    ),
    "a folder that is not there": (cmake("add_subdirectory(lib)\n"), 'APP/CMakeLists.txt:5: add_subdirectory given source "lib" which is not an existing directory.'),
}  # fmt: skip
ROWS = CONFIGURATION | PACKAGE


@pytest.mark.parametrize("name", ROWS)
def test_a_mistake_of_a_configuration_is_one_message_with_its_line(tmp_path, capfd, name):
    files, words = ROWS[name]
    app = write_app(tmp_path / "an app", files)
    said = refused(capfd, app)
    assert plain(said.message, app).startswith(words)
    assert not (app / "build" / "zephyr" / "zephyr.elf").exists()


def test_a_version_that_is_too_new_is_told_with_the_one_that_is_there(tmp_path, capfd):
    app = write_app(tmp_path, PACKAGE["a newer Zephyr"][0])
    assert refused(capfd, app).message.endswith(
        "\n  Zephyr 4.4.0 is modelled here, and every earlier one is accepted: ask for that, or for none."
    )


@pytest.mark.parametrize("name", ["CMakeLists.txt", "prj.conf"])
def test_a_folder_without_its_files_is_no_application(tmp_path, capfd, name):
    app = write_app(tmp_path, without=[name])
    said = refused(capfd, app)
    assert name in said.message
    assert str(app) in said.message
    assert "\n  " in said.message


def test_a_mistake_in_a_configuration_that_was_sound_is_told_too(tmp_path, capfd):
    """Then it is ninja that has CMake run."""
    app = write_app(tmp_path)
    assert llext(capfd, "run", app).out == "hello\n"
    (app / "prj.conf").write_text("CONFIG_LLEXT_HEAP_SZE=3\n")
    assert plain(refused(capfd, app).message, app).startswith("APP/prj.conf:1: there is no option CONFIG_LLEXT_HEAP_SZE\n")
    (app / "prj.conf").write_text("CONFIG_UNHEARD_OF=y\n")
    assert "prj.conf:1: warning: CONFIG_UNHEARD_OF has no effect" in llext(capfd, "run", app).err
    (app / "CMakeLists.txt").write_text(CMAKE + "nonsense()\n")
    assert plain(refused(capfd, app).message, app).startswith('APP/CMakeLists.txt:5: Unknown CMake command "nonsense".')
    (app / "CMakeLists.txt").write_text(CMAKE)
    assert llext(capfd, "run", app).out.endswith("hello\n")


def test_an_old_minimum_of_cmake_is_accepted(tmp_path, capfd):
    app = write_app(tmp_path, {"CMakeLists.txt": CMAKE.replace("3.20", "2.8")})
    assert llext(capfd, "run", app).out == "hello\n"


@pytest.mark.parametrize("option", ["USERSPACE", "FILE_SYSTEM", "FLASH", "SHELL"])
def test_what_is_not_there_yet_is_a_warning_with_its_line(tmp_path, capfd, option):
    app = write_app(tmp_path, {"prj.conf": f"CONFIG_{option}=y\n"})
    said = llext(capfd, "app", "config", app)
    assert f"{app}/prj.conf:1: warning: CONFIG_{option} is not there yet on the virtual board" in said.err
    assert said.code == 0


def test_cxx_without_its_option_is_told_and_compiled(tmp_path, capfd):
    sources = CMAKE.replace("main.c", "main.cpp")
    app = write_app(tmp_path / "app", {"CMakeLists.txt": sources, "src/main.cpp": MAIN})
    said = llext(capfd, "run", app)
    assert (said.code, said.out) == (0, "hello\n")
    assert (
        "src/main.cpp is C++ without CONFIG_CPP=y: it is compiled here, but Zephyr compiles C++ only with that option"
        in said.err
    )
    (app / "prj.conf").write_text("CONFIG_BOOT_BANNER=n\nCONFIG_CPP=y\n")
    assert "CONFIG_CPP" not in llext(capfd, "run", app).err
