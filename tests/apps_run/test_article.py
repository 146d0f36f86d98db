"""The first recipes of the LLEXT article, word for word as it prints them, in one application."""

import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

FOLDER = ROOT / "examples" / "article"
RECIPES = {
    "prj.conf": "CONFIG_LLEXT=y\nCONFIG_LLEXT_LOG_LEVEL_DBG=y\nCONFIG_LLEXT_HEAP_SIZE=64\nCONFIG_LLEXT_TYPE_ELF_RELOCATABLE=y\n"
    "CONFIG_MAIN_STACK_SIZE=2048\n",
    "CMakeLists.txt": "add_llext_target(",
    "src/main.c": "#include <zephyr/llext/buf_loader.h>\n",
    "src/hello_world.c": "extern void my_main_function(void);\nextern struct shared_info s_info;\n",
}
"""Lines of the article, and the files where they stand."""
LINES = {
    "src/main.c": ['void (*hello_world_fn)() = llext_find_sym(&ext->exp_tab, "hello_world");', "EXPORT_SYMBOL(my_main_function);"],
    "src/pool.c": [
        "static uint8_t ext_heap_buf[1024];", "static struct k_heap ext_heap;", "k_heap_init(&ext_heap, ext_heap_buf, 1024);",
        "int *ptr2 = k_heap_alloc(&ext_heap, 128, K_NO_WAIT);", "k_heap_free(&ext_heap, ptr2);",
    ],
    "CMakeLists.txt": ["generate_inc_file_for_target(app ${ext_bin} ${ext_inc})"],
}  # fmt: skip
"""Whole lines of the article, but for blanks."""


def run(folder, *words, app=FOLDER):
    command = [sys.executable, "-m", "llext", "run", str(app), "-d", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def shown():
    """What the page shows."""
    return re.search(
        r"^\$ llext run examples/article\n(.*?)^```$", (FOLDER / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )[1]


@pytest.mark.parametrize("file", RECIPES)
def test_the_recipe_stands_in_the_file_as_the_article_prints_it(file):
    assert RECIPES[file] in (FOLDER / file).read_text()


@pytest.mark.parametrize("file", LINES)
def test_each_line_of_the_article_stands_in_the_file(file):
    assert set(LINES[file]) <= {line.strip() for line in (FOLDER / file).read_text().splitlines()}


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_the_article_runs(tmp_path, board):
    done = run(tmp_path / "build", "--board", board)
    assert done.stdout == shown()
    assert "SHARED_RAM:           8 B         4 KB" in done.stderr
    assert done.stderr.startswith(f"{FOLDER}/prj.conf:2: warning: CONFIG_LLEXT_LOG_LEVEL_DBG=y has no effect")


def test_with_a_log_each_load_tells_where_its_sections_are(tmp_path):
    text = re.sub(
        r"\x1b\[[0-9;]*m", "", run(tmp_path / "build", "--", "-DCONFIG_LOG=y", "-DCONFIG_LOG_BUFFER_SIZE=8192").stdout
    )
    assert re.findall(r"llext: (?:gdb add-symbol-file.*|-s \.\w+|Loaded .*)", text) == [
        "llext: gdb add-symbol-file flags:", "llext: -s .text", "llext: -s .rodata", "llext: Loaded extension hello_world",
        "llext: gdb add-symbol-file flags:", "llext: -s .text", "llext: -s .rodata", "llext: -s .bss", "llext: Loaded extension pool",
    ]  # fmt: skip


def test_what_is_not_loaded_is_explained_beside_the_console(tmp_path):
    app = tmp_path / "app"
    shutil.copytree(FOLDER, app)
    main = app / "src" / "main.c"
    main.write_text(main.read_text().replace("EXPORT_SYMBOL(k_heap_alloc);", ""))
    done = run(tmp_path / "build", app=app)
    assert done.stdout.endswith("Failed to load pool, return code -61\n")
    assert "\nnote: llext_load('pool'): nothing provides 'k_heap_alloc'\n  did you mean " in done.stderr
    assert "EXPORT_SYMBOL(k_heap_alloc)" in done.stderr
