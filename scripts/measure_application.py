"""How fast applications are: to main's first line, from nothing, after an edit, and from power-on to main."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from measuring import Rows, median, process, row

from llext import Board
from llext.build.firmware import Project, build_application

FILES = {
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nfind_package(Zephyr)\nproject(measured)\n"
    "target_sources(app PRIVATE src/main.c src/more.c)\n"
    "add_llext_target(ext OUTPUT ${ZEPHYR_BINARY_DIR}/ext.llext SOURCES src/ext.c)\n"
    "generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/ext.llext ${ZEPHYR_BINARY_DIR}/include/generated/ext.inc)\n",
    "prj.conf": "CONFIG_LLEXT=y\n",
    "src/main.c": "#include <zephyr/kernel.h>\nint more(void);\nstatic const unsigned char ext[] = {\n#include <ext.inc>\n};\n"
    'int main(void) { printk("first line %d %d\\n", more(), (int)sizeof(ext)); return 0; }\n',
    "src/more.c": "int more(void) { return 1; }\n",
    "src/ext.c": "#include <zephyr/llext/symbol.h>\nint f(int x) { return x; }\nEXPORT_SYMBOL(f);\n",
}


def application(folder: Path, rows: Rows) -> None:
    """The rows of applications."""
    app = folder / "application"
    for name, text in FILES.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text)
    project = Project.of(app)
    build_application(project)

    def cold() -> None:
        shutil.rmtree(project.build)
        build_application(project)

    count = 0

    def edited() -> None:
        nonlocal count
        count += 1
        (app / "src" / "more.c").write_text(f"int more(void) {{ return {count}; }}\n")
        build_application(project)

    def boot() -> None:
        with Board(app=project.elf) as board:
            board.boot()
            board.run()

    rows.append(row("an application configured and built from nothing, in process", median(cold) * 1e3, "ms"))
    rows.append(row("the same after an edit of one C file", median(edited) * 1e3, "ms"))
    rows.append(row("nothing changed", median(lambda: build_application(project)) * 1e3, "ms"))
    rows.append(row("power-on to the end of main", median(boot, 31) * 1e3, "ms", 50))
    whole = process([sys.executable, "-m", "llext", "run", app])
    rows.append(row("llext run of an unchanged application, whole process", whole, "s", 0.6))
