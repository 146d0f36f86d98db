"""How fast extensions are from C: llext_load, llext_find_sym over few and many exports, llext_call_fn; and an example as a whole."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from measuring import Rows, median, process, row

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.build.firmware import Project, build_application
from llext.target import load_target

ROOT = Path(__file__).resolve().parent.parent
HELLO = "#include <zephyr/llext/symbol.h>\nvoid hello(void) {}\nEXPORT_SYMBOL(hello);\n"
MAIN = """#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
static const uint8_t image[] __aligned(4) = {
#include <hello.inc>
};
static struct llext_buf_loader loader = LLEXT_BUF_LOADER(image, sizeof(image));
static struct llext *ext;
int load(int count)
{
	for (int i = 0; i < count; i++) {
		llext_load(&loader.loader, "hello", &ext, NULL);
		llext_unload(&ext);
	}
	return 0;
}
int find(const char *name, const char *symbol, int count)
{
	struct llext *of = llext_by_name(name);
	const void *found = NULL;

	for (int i = 0; i < count; i++) {
		found = llext_find_sym(&of->exp_tab, symbol);
	}
	return found != NULL;
}
int call(int count)
{
	struct llext *of = llext_by_name("few");

	for (int i = 0; i < count; i++) {
		llext_call_fn(of, "f0");
	}
	return 0;
}
EXPORT_SYMBOL(load);
EXPORT_SYMBOL(find);
EXPORT_SYMBOL(call);
int main(void)
{
	return 0;
}
"""
CMAKE = """cmake_minimum_required(VERSION 3.20)
find_package(Zephyr)
project(measured)
target_sources(app PRIVATE src/main.c)
add_llext_target(hello OUTPUT ${ZEPHYR_BINARY_DIR}/hello.llext SOURCES src/hello.c)
generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/hello.llext ${ZEPHYR_BINARY_DIR}/include/generated/hello.inc)
"""


def _application(folder: Path) -> Path:
    (folder / "src").mkdir(parents=True)
    texts = {
        "CMakeLists.txt": CMAKE,
        "src/main.c": MAIN,
        "src/hello.c": HELLO,
        "prj.conf": "CONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_SIZE=2048\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return build_application(Project.of(folder))


def _many(folder: Path, count: int) -> Path:
    """An extension with so many exports."""
    source = folder / f"many{count}.c"
    lines = [f"void f{i}(void) {{}}\nEXPORT_SYMBOL(f{i});" for i in range(count)]
    source.write_text("#include <zephyr/llext/symbol.h>\n" + "\n".join(lines) + "\n")
    return build_extension([source], folder / f"many{count}.llext", load_target("mps2/an385"), BuildOptions()).output


def _each(board: Board, count: int, *words: str | int) -> float:
    """Microseconds of one of so many in a function of the application."""
    name, *given = words

    def run(times: int) -> float:
        start = time.perf_counter()
        board.call(str(name), *given, times)
        return time.perf_counter() - start

    return (median(lambda: run(count)) - median(lambda: run(0))) / count * 1e6


def extensions(folder: Path, rows: Rows) -> None:
    """The rows of extensions from C."""
    elf = _application(folder / "loading from C")
    few, many = _many(folder, 10), _many(folder, 10_000)
    with Board(app=elf) as board:
        board.boot()
        board.run()
        rows.append(row("llext_load and llext_unload of hello, from C", _each(board, 200, "load"), "us"))
        board.load(few, "few")
        board.load(many, "many")
        rows.append(row("llext_find_sym, 10 exports", _each(board, 5000, "find", "few", "f9"), "us"))
        rows.append(row("llext_find_sym, 10,000 exports", _each(board, 5000, "find", "many", "f9999"), "us"))
        rows.append(row("llext_call_fn", _each(board, 5000, "call"), "us"))
    build = folder / "hello"
    command = [sys.executable, "-m", "llext", "run", ROOT / "examples" / "hello", "-d", build]
    process(command)
    rows.append(row("llext run examples/hello, unchanged, whole process", process(command), "s", 1.0))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        found: Rows = []
        extensions(Path(name), found)
        for each in found:
            print(each)
