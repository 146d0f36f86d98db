"""What others built: objects as compilers write them, not joined, with PIC, without long calls, split or not, assembled."""

import subprocess

import pytest
from conftest import BOARDS, GNU, PROLOGUE, TOOLCHAINS, need

from llext import Board, LinkError
from llext.build import BuildOptions, build_extension
from llext.build.toolchain import find_toolchain, include_flags, language_flags
from llext.target import load_target

TEXT = (
    PROLOGUE
    + """
int zero[4];
static int value = 40;
int shared = 2;
static const char *const names[] = {"none", "one", "two"};
static int first(int x) { return x + zero[1]; }
static int second(int x) { return x * shared; }
int (*const table[])(int) = {first, second};
__attribute__((noinline)) static int pick(int n)
{
	switch (n) { case 0: return 5; case 1: return 77; case 2: return -4; case 3: return 12; case 5: return 9; default: return 0; }
}
long long wide(long long a, int b) { return a * b / 7; }
int go(int n)
{
	zero[1] += n;
	printk("%s %d\\n", names[n], (int)wide(1000000000007ll, n));
	return value + pick(n) + table[n & 1](100);
}
EXPORT_SYMBOL(go);
"""
)
EXPECTED = {1: (40 + 77 + 200, "one -1538759936\n"), 2: (40 - 4 + 103, "two 1217447424\n")}


def wide(n):
    number = 1000000000007 * n // 7 & 0xFFFFFFFF
    return (number ^ 0x80000000) - 0x80000000


def compiled(folder, board, toolchain, model, *flags, text=TEXT, suffix=".c"):
    """An object as the compiler leaves it, helpers of the compiler aside: those are joined in by the same linker."""
    if toolchain == "gcc":
        need(*GNU)
    target = load_target(board)
    tools = find_toolchain(toolchain, target.arch, target.cpu, model)
    source, output = folder / f"raw{suffix}", folder / "raw.o"
    source.write_text(text)
    command = [*tools.compiler, *tools.flags, *language_flags(source, tools), "-DLL_EXTENSION_BUILD", *include_flags(), *flags]
    subprocess.run([*map(str, command), "-c", source, "-o", output], check=True)
    return output


@pytest.mark.parametrize("split", ["-ffunction-sections", "-fno-function-sections"])
@pytest.mark.parametrize("model", ["near", "far", "pic"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("name", BOARDS)
def test_an_object_loads_however_it_was_compiled(tmp_path, name, toolchain, model, split):
    text = TEXT.replace("a * b / 7", "a + b")  # what needs no helper, since nothing is joined
    data = "-fdata-sections" if split == "-ffunction-sections" else "-fno-data-sections"
    level = "-O0" if model == "pic" else "-Os"
    path = compiled(tmp_path, name, toolchain, model, level, "-g", split, data, "-fno-jump-tables", text=text)
    with Board(name) as board:
        go = board.load(path, "raw").fn("go")
        assert [go(1), go(2)] == [EXPECTED[1][0], EXPECTED[2][0]]
        numbers = [(1000000000007 + n & 0xFFFFFFFF ^ 0x80000000) - 0x80000000 for n in (1, 2)]
        assert board.console == f"one {numbers[0]}\ntwo {numbers[1]}\n"


@pytest.mark.parametrize("model", ["near", "far", "pic"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("name", BOARDS)
def test_what_is_joined_with_its_helpers_computes_the_same(tmp_path, name, toolchain, model):
    if toolchain == "gcc":
        need(*GNU)
    (tmp_path / "t.c").write_text(TEXT)
    with Board(name) as board:
        options = BuildOptions(toolchain, model=model)
        go = board.load(build_extension([tmp_path / "t.c"], tmp_path / "t.llext", board.target, options).output).fn("go")
        assert [go(1), go(2)] == [EXPECTED[1][0], EXPECTED[2][0]]
        assert board.console == f"one {wide(1)}\ntwo {wide(2)}\n"


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_small_data_sections_of_risc_v_are_data(tmp_path, toolchain):
    text = (
        PROLOGUE + "int a = 3; int b; const int c = 40;\nint go(int n) { b += n; a += b; return a + c; }\nEXPORT_SYMBOL(go);\n"
    )
    path = compiled(tmp_path, "qemu_riscv32", toolchain, "near", "-Os", "-msmall-data-limit=8", text=text)
    with Board("qemu_riscv32") as board:
        ext = board.load(path, "small")
        assert [ext.fn("go")(1), ext.fn("go")(1)] == [44, 46]
        assert any(name.startswith(".sdata") for name in ext.regions["data"].sections)
        assert any(name.startswith(".sbss") for name in ext.regions["bss"].sections)
    (tmp_path / "t.c").write_text(text)
    with Board("qemu_riscv32") as board:
        options = BuildOptions(toolchain, cflags=("-msmall-data-limit=8",))
        ext = board.load(build_extension([tmp_path / "t.c"], tmp_path / "t.llext", board.target, options).output, strict=True)
        assert ext.fn("go")(1) == 44


@pytest.mark.tools
def test_alignment_that_wants_bytes_deleted_is_refused_naming_the_flag(tmp_path):
    need(*GNU)
    text = ".globl f\n.type f, @function\nf:\n\tnop\n\t.balign 16\n\tret\n"
    path = compiled(tmp_path, "qemu_riscv32", "gcc", "far", "-mrelax", "-Wa,-mrelax", text=text, suffix=".S")
    with Board("qemu_riscv32") as board, pytest.raises(LinkError, match=r"R_RISCV_ALIGN \(43\) .* deleting bytes") as caught:
        board.load(path)
    assert "-mno-relax" in caught.value.hint


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_an_object_with_comdat_groups_and_weak_definitions_loads(tmp_path, name, toolchain):
    text = (
        PROLOGUE.replace("#include", "#include") + "template <class T> T add(T x) { static T sum; sum += x; return sum; }\n"
        "inline int one() { static int n = 5; return n++; }\n"
        "__attribute__((weak)) int weak_one() { return 1000; }\n"
        'extern "C" int go(int n) { return add(n) + add(n) + one() + (int)add(short(2)) + weak_one(); }\nEXPORT_SYMBOL(go);\n'
    )
    path = compiled(tmp_path, name, toolchain, "near", "-Os", "-fno-inline", text=text, suffix=".cpp")
    with Board(name) as board:
        assert board.load(path, "comdat").fn("go")(10) == 10 + 20 + 5 + 2 + 1000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("qemu_cortex_m0", (".syntax unified\n.thumb\n.globl go\n.type go, %function\ngo:\n\tpush {r4, lr}\n\tmov r4, r0\n"
                           "\tldr r0, =text\n\tmov r1, r4\n\tbl printk\n\tadds r0, r4, #1\n\tpop {r4, pc}\n.ltorg\n")),
        ("mps2/an521", (".syntax unified\n.thumb\n.globl go\n.type go, %function\ngo:\n\tpush {r4, lr}\n\tmov r4, r0\n"
                       "\tmovw r0, #:lower16:text\n\tmovt r0, #:upper16:text\n\tmov r1, r4\n\tbl printk\n\tadds r0, r4, #1\n"
                       "\tpop {r4, pc}\n")),
        ("qemu_riscv32e", (".globl go\n.type go, @function\ngo:\n\taddi sp, sp, -8\n\tsw ra, 4(sp)\n\tsw s0, 0(sp)\n\tmv s0, a0\n"
                          "\tmv a1, a0\n\tla a0, text\n\tcall printk\n\taddi a0, s0, 1\n\tlw ra, 4(sp)\n\tlw s0, 0(sp)\n"
                          "\taddi sp, sp, 8\n\tret\n")),
    ],
)  # fmt: skip
def test_assembler_loads(tmp_path, name, text):
    exported = '.section .rodata\ntext: .asciz "n is %d\\n"\nname: .asciz "go"\n.section .exported_sym, "a"\n.balign 4\n.word name, go\n'
    path = compiled(tmp_path, name, "zig", "near", text=text + exported, suffix=".S")
    with Board(name) as board:
        assert board.load(path, "asm").fn("go")(41) == 42
        assert board.console == "n is 41\n"
