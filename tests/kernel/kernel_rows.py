"""Tables of kernel behaviour: C files in rows/, each row a function that gives 0, or the line of the check that failed."""

import re
from pathlib import Path

import pytest

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.target import load_target

FOLDER = Path(__file__).parent / "rows"
SMALL = "qemu_cortex_m0"
TWO = ["mps2/an385", "qemu_riscv32"]


def rows_of(name):
    """The names of a file's rows."""
    return re.findall(r"^ROW\((\w+)\)", (FOLDER / name).read_text(), re.MULTILINE)


def build_rows(folder, name, board, **options):
    """Builds a file of rows for a board."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{Path(name).stem}.llext"
    flags = ("-Wall", "-Wextra", "-Werror", f"-I{FOLDER}", *options.pop("cflags", ()))
    return build_extension([FOLDER / name], made, load_target(board), BuildOptions(cflags=flags, **options)).output


class Rows:
    """Files of rows, each loaded once on each kind of board."""

    def __init__(self, folder):
        self._folder = folder
        self._ready = {}

    def run(self, name, row, board, toolchain="zig", **settings):
        """Runs one row and gives its answer: 0, or the line of the check that failed."""
        key = (name, board, toolchain, *sorted(settings.items()))
        if key not in self._ready:
            path = build_rows(self._folder / f"{toolchain}-{board.replace('/', '_')}", name, board, toolchain=toolchain)
            powered = Board(board, **settings) if board == SMALL else Board(board, heap_size=256 << 10, **settings)
            powered.export(powered.raise_irq, name="raise_line", prototype="void raise_line(int number)")
            self._ready[key] = (powered, powered.load(path))
        _, extension = self._ready[key]
        return extension.fn(row, f"int {row}(void)")()


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Rows, ready to run."""
    return Rows(tmp_path_factory.mktemp("rows"))
