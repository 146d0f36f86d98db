"""Small devicetrees, from text to Tree and to compiled assertions."""

import subprocess
from pathlib import Path

from conftest import GNU, need

from llext.build.devicetree import preprocess
from llext.build.toolchain import find_toolchain, include_flags
from llext.target import load_target
from llext.target.boards import board_file
from llext.target.devicetree import read_tree
from llext.target.dt_header import header_text

BOARD = "mps2/an385"
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wsystem-headers", "-Werror")


def text_of(*overlays, board=BOARD, application=None):
    """The preprocessed text of a board and overlay files."""
    return preprocess(board_file(board), overlays, application).text


def tree_of(folder, overlay="", *, board=BOARD, name="app.overlay", bindings=()):
    """The tree of a board with an overlay of this text."""
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(overlay)
    return read_tree(text_of(path, board=board), bindings)


def compile_with(folder, tree, text, *flags, toolchain="zig", board=BOARD, language="c11", check=True):
    """Compiles C text with the generated header of a tree."""
    if toolchain == "gcc":
        need(*GNU)
    made = Path(folder) / "generated" / "zephyr"
    made.mkdir(parents=True, exist_ok=True)
    (made / "devicetree_generated.h").write_text(header_text(tree))
    target = load_target(board)
    tools = find_toolchain(toolchain, target.arch, target.cpu)
    kind = "c++" if language.startswith("c++") else "c"
    command = [*tools.compiler, *tools.flags, "-I", str(made.parent), *include_flags(), "-Os", "-x", kind, f"-std={language}"]
    done = subprocess.run([*command, *STRICT, *(flags or ("-fsyntax-only",)), "-"], input=text, capture_output=True, text=True)
    if check:
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    return done
