"""The files that are damaged: extensions as ``llext build`` joins them and objects as compilers write them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from measuring import ROOT

from llext.build import BuildOptions, build_extension
from llext.errors import BuildError
from llext.target import load_target

PROLOGUE = "#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n"
MIXED = """
int zero[4];
int loose_one, loose_two[5];
static int value = 40;
int shared = 2;
extern int absent __attribute__((weak));
extern int gone(int) __attribute__((weak));
static const char *const names[] = {"none", "one", "two"};
static int first(int x) { return x + zero[1] + loose_one; }
static int second(int x) { return x * shared + loose_two[x & 3]; }
int (*const table[])(int) = {first, second};
__attribute__((noinline)) int pick(int n)
{
	switch (n) { case 0: return 5; case 1: return 77; case 2: return -4; case 3: return 12; case 5: return 9; default: return n; }
}
__attribute__((constructor)) static void up(void) { zero[0] = value; printk("up %d\\n", pick(value)); }
__attribute__((destructor)) static void down(void) { zero[0]--; }
int go(int n)
{
	zero[1] += n;
	printk("%s\\n", names[n & 1]);
	return value + pick(n) + table[n & 1](100) + (&absent ? absent : 1) + (gone ? gone(n) : 2);
}
EXPORT_SYMBOL(go);
EXPORT_SYMBOL(shared);
"""
CXX = """
struct Noted { int n; explicit Noted(int n) : n(n) { printk("+%d ", n); } ~Noted() { printk("-%d ", n); } };
static Noted one(1), two(2);
struct Shape { virtual ~Shape() {} virtual int area() const = 0; };
struct Square : Shape { int side; explicit Square(int side) : side(side) {} int area() const override { return side * side; } };
template <class T> T twice(T x) { static int calls; calls++; return x + x; }
inline int counter() { static int n = 40; return ++n; }
extern "C" int go(int n) { Square square(n); const Shape *shape = &square; return shape->area() + twice(n) + counter() + one.n; }
EXPORT_SYMBOL(go);
"""
MANY = (
    "".join(f"int v{n} = {n}; static int f{n}(int x) {{ return x * {n} + v{n}; }}\n" for n in range(60))
    + "int (*const all[])(int) = {"
    + ", ".join(f"f{n}" for n in range(60))
    + "};\n"
    + (
        "int go(int n) { int sum = 0; for (int i = 0; i < 60; i++) sum += all[i](n) + v1 + v2; return sum; }\nEXPORT_SYMBOL(go);\n"
    )
)
BSS = "static int a[100]; int b[3] __attribute__((aligned(64))); int go(int n) { return a[n]++ + b[0]; }\nEXPORT_SYMBOL(go);\n"
THREADS = """
__thread int seen = 3;
static __thread int own[4];
__attribute__((noinline)) int *where(void) { return &own[1]; }
int go(int n) { seen += n; return seen + *where(); }
EXPORT_SYMBOL(go);
"""
DIFFERENCES = """
extern const unsigned char lengths[];
#if defined(__riscv) && defined(__clang__)
__asm__(".section .rodata.lengths, \\"a\\"; .globl lengths; lengths: .uleb128 .Lb - .La; .byte 9; .uleb128 .Lc - .La; .previous");
#else
__asm__(".section .rodata.lengths, \\"a\\"; .globl lengths; lengths: .byte 8, 9, 12; .byte .Lb - .La; .long .Lc - .; .previous");
#endif
int far_away(int) __attribute__((weak));
__attribute__((noinline)) int marked(int n)
{
	__asm__ volatile(".La: nop");
	if (far_away) n += far_away(n);
	__asm__ volatile(".Lb: nop");
	printk("%d\\n", n);
	__asm__ volatile(".Lc: nop");
	return n;
}
int go(int n) { return lengths[0] + lengths[2] + marked(n); }
EXPORT_SYMBOL(go);
"""
SPLIT = ("-ffunction-sections", "-fdata-sections")
BOARDS = ("mps2/an385", "qemu_riscv32", "mps2/an386", "qemu_cortex_m0", "qemu_riscv32e")


@dataclass(frozen=True)
class Seed:
    """A file as a compiler or linker wrote it, and the board that it is for."""

    name: str
    board: str
    data: bytes


@dataclass(frozen=True)
class _Way:
    name: str
    text: str
    options: BuildOptions
    suffix: str = ".c"


def _ways(toolchain: str, board: str) -> Iterator[_Way]:
    def made(name: str, text: str, suffix: str = ".c", *, kind: str = "relocatable", model: str = "far",
             optimize: str = "s", cflags: tuple[str, ...] = ()) -> _Way:  # fmt: skip
        return _Way(name, text, BuildOptions(toolchain, optimize, cflags, "link", model, kind), suffix)

    yield made("mixed", MIXED)
    yield made("mixed-near", MIXED, model="near", cflags=("-fcommon",), kind="object")
    yield made("mixed-pic", MIXED, model="pic", kind="object")
    yield made("mixed-split", MIXED, kind="object", cflags=SPLIT)
    yield made("mixed-O0", MIXED, model="near", optimize="0", cflags=("-fcommon", "-fno-jump-tables"))
    yield made("many", MANY)
    yield made("many-split", MANY, kind="object", model="near", optimize="1", cflags=(*SPLIT, "-fno-inline"))
    yield made("bss", BSS, kind="object")
    if toolchain == "zig":
        yield made("threads", THREADS)  # gcc's have no emulation
    relaxed = ("-mrelax",) if toolchain == "zig" and "riscv" in board else ()  # a linker would decide what differences are
    yield made("differences", DIFFERENCES, kind="object", model="near", cflags=("-fno-inline", *relaxed))
    yield made("cxx", CXX, ".cpp")
    yield made("cxx-object", CXX, ".cpp", kind="object", model="pic")


def few_seeds(folder: Path) -> list[Seed]:
    """Some of them, by the compiler that is always there."""
    return [seed for board in BOARDS[:2] for way in _ways("zig", board) for seed in _built(folder, board, "zig", way)]


def seeds(folder: Path) -> list[Seed]:
    """All files, built into a folder; those of gcc only where it is installed. Also each with its debug sections."""
    found: list[Seed] = []
    toolchains = ["zig"]
    if all(map(shutil.which, ("arm-none-eabi-gcc", "riscv64-unknown-elf-gcc"))):
        toolchains.append("gcc")
    for toolchain in toolchains:
        for board in BOARDS[: 5 if toolchain == "zig" else 2]:
            for way in _ways(toolchain, board):
                found += _built(folder, board, toolchain, way)
    return found


def _built(folder: Path, board: str, toolchain: str, way: _Way) -> list[Seed]:
    name = f"{toolchain}-{board.rsplit('/', maxsplit=1)[-1]}-{way.name}"
    source = folder / f"{name}{way.suffix}"
    source.parent.mkdir(parents=True, exist_ok=True)
    text = PROLOGUE + way.text
    if not source.is_file() or source.read_text() != text:
        source.write_text(text)
    try:
        result = build_extension([source], folder / f"{name}.llext", load_target(board), way.options)
    except BuildError as error:
        print(f"left out: {name}: {error.message}")
        return []
    loaded = "mps2/an385" if board == "qemu_cortex_m0" else board  # that board's own memory has no room for canaries
    found = [Seed(name, loaded, result.output.read_bytes())]
    if result.debug.is_file() and way.name in {"mixed", "cxx", "many-split"}:
        found.append(Seed(f"{name}-debug", loaded, result.debug.read_bytes()))
    return found


def corpus() -> list[Seed]:
    """The files under the project's build folder."""
    return seeds(ROOT / "build" / "fuzz-corpus")
