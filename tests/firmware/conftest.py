"""Small applications, built once for a module of tests."""

import pytest

from llext.build.firmware import Project, build_application

CMAKE = """cmake_minimum_required(VERSION 3.20)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(tiny)
target_sources(app PRIVATE src/main.c)
"""
EXTENSION = """add_llext_target(%(name)s OUTPUT ${ZEPHYR_BINARY_DIR}/%(name)s.llext SOURCES src/%(name)s.c)
generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/%(name)s.llext ${ZEPHYR_BINARY_DIR}/include/generated/%(name)s.inc)
"""


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    """Builds an application from texts: main.c, prj.conf, extensions by name, further files; returns its zephyr.elf."""

    def make(main, conf="", extensions=None, files=None, board="mps2/an385", cmake=""):
        folder = tmp_path_factory.mktemp("app") / "tiny app"
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "main.c").write_text(main)
        (folder / "prj.conf").write_text(conf)
        text = CMAKE + cmake
        for name, source in (extensions or {}).items():
            (folder / "src" / f"{name}.c").write_text(source)
            text += EXTENSION % {"name": name}
        (folder / "CMakeLists.txt").write_text(text)
        for name, contents in (files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(contents)
        return build_application(Project.of(folder, board=board))

    return make
