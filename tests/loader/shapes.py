"""Ten extensions of different shape, for tests that try something on each."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from conftest import PROLOGUE

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.build.toolchain import find_toolchain, include_flags, language_flags

SMALL = 'int value = 3;\nint go(int n) { printk("%d\\n", n); return n + value; }\nEXPORT_SYMBOL(go);\n'
LIBRARY = "int twice(int n) { return 2 * n; }\nEXPORT_SYMBOL(twice);\n"
USER = "extern int twice(int n);\nint go(int n) { return twice(n) + 1; }\nEXPORT_SYMBOL(go);\n"
ARRAYS = (
    "static int order;\n__attribute__((constructor)) static void up(void) { order += k_uptime_get_32() + 1; }\n"
    "__attribute__((destructor)) static void down(void) { order = 0; }\nint go(int n) { return n + order; }\nEXPORT_SYMBOL(go);\n"
)
CXX = (
    "struct Base { virtual int f(int) = 0; int seed = 4; };\n"
    "struct Twice : Base { int f(int n) override { return 2 * n + seed; } };\n"
    'static Twice one;\nBase *table[] = {&one};\nextern "C" int go(int n) { return table[0]->f(n); }\nEXPORT_SYMBOL(go);\n'
)
COMMON = "int shared[3];\nchar other;\nint go(int n) { shared[1] += n; return shared[1] + other; }\nEXPORT_SYMBOL(go);\n"
SPLIT = (
    "static int a[4], b[8];\nstatic const int c[3] = {7, 8, 9};\nint d = 5;\n"
    "__attribute__((noinline)) int f(int n) { return a[n] + b[n] + c[n]; }\nint go(int n) { return f(n) + d; }\nEXPORT_SYMBOL(go);\n"
)
WEAK = "extern int maybe(int n) __attribute__((weak));\nint go(int n) { return maybe ? maybe(n) : errno + n; }\nEXPORT_SYMBOL(go);\n"
ERRNO = "#include <errno.h>\n"


@dataclass(frozen=True)
class Shape:
    """One extension: text, how it is made, what must be loaded before it, and the board."""

    text: str
    model: str = "far"
    suffix: str = ".c"
    raw: tuple[str, ...] | None = None
    first: str = ""
    board: str = "qemu_cortex_m0"
    guarded: bool = True
    head: str = ""

    def power_on(self, **options: object) -> Board:
        return Board(self.board, mpu=self.guarded, **options)

    def build(self, folder: Path, board: Board, text: str = "", name: str = "it") -> Path:
        source = folder / f"{name}{self.suffix}"
        source.write_text(PROLOGUE + self.head + (text or self.text))
        output = folder / f"{name}.llext"
        if self.raw is None or text:
            return build_extension([source], output, board.target, BuildOptions(model=self.model)).output
        tools = find_toolchain("zig", board.target.arch, board.target.cpu, self.model)
        command = [*tools.compiler, *tools.flags, *language_flags(source, tools), "-DLL_EXTENSION_BUILD", *include_flags()]
        subprocess.run([*map(str, command), "-Os", *self.raw, "-c", source, "-o", output], check=True)
        return output


SHAPES = {
    "small": Shape(SMALL),
    "veneers": Shape(SMALL, "near", board="mps2/an385"),
    "table": Shape(SMALL, "pic", board="mps2/an386"),
    "arrays": Shape(ARRAYS, board="mps2/an521"),
    "c++": Shape(CXX, suffix=".cpp"),
    "user of another": Shape(USER, first=LIBRARY),
    "common": Shape(COMMON, raw=("-fcommon", "-fno-data-sections")),
    "split": Shape(SPLIT, raw=("-O0", "-g"), board="qemu_riscv32"),
    "weak": Shape(WEAK, head=ERRNO, board="qemu_riscv32e"),
    "no rights": Shape(SPLIT, guarded=False),
}
