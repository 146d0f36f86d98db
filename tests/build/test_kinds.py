"""Ways of building: plain objects, position-independent code, CPUs without a board, and their comparison."""

import json
import subprocess

import pytest
from conftest import BOARDS, GNU, PROLOGUE, ROOT, TOOLCHAINS, need

from llext import Board, BuildError, LoadError, TargetError
from llext.arch import named_chip
from llext.build import BuildOptions, build_extension
from llext.cli.app import run
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.link import RegionKind, plan, stock_rules
from llext.target import load_target

TEXT = PROLOGUE + """
static int zero[4];
static int value = 40;
static const char *const names[] = {"none", "one", "two"};
static int pick(int n)
{
	switch (n) { case 0: return 5; case 1: return 77; case 2: return -4; case 3: return 12; case 5: return 9; default: return 0; }
}
int go(int n) { zero[1] += n; printk("%s\\n", names[n]); return value + zero[1] + pick(n); }
EXPORT_SYMBOL(go);
"""
HELLO = ROOT / "examples" / "hello_world" / "hello_world.c"


@pytest.mark.parametrize("level", ["0", "s"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("name", BOARDS)
def test_an_object_without_a_link_step_loads(tmp_path, name, toolchain, level):
    if toolchain == "gcc":
        need(*GNU)
    (tmp_path / "o.c").write_text(TEXT)
    with Board(name) as board:
        options = BuildOptions(toolchain, level, kind="object")
        result = build_extension([tmp_path / "o.c"], tmp_path / "o.llext", board.target, options)
        ext = board.load(result.output)
        assert ext.fn("go")(2) == 40 + 2 - 4
        assert str(ext.fn("go").prototype) == "int go(int n)"
        elf = ElfFile.parse(result.output.read_bytes())
        assert not [section.name for section in elf.sections if section.name.startswith((".debug", ".ARM.ex", ".comment"))]
        kinds = [section.index for section in elf.sections if section.type in (c.SHT_PROGBITS, c.SHT_NOBITS)]
        assert kinds == sorted(kinds)


@pytest.mark.parametrize("version", ["3.7", "4.0", "4.4"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_an_object_is_what_stock_takes_too(tmp_path, toolchain, version):
    if toolchain == "gcc":
        need(*GNU)
    (tmp_path / "o.c").write_text(TEXT)
    options = BuildOptions(toolchain, kind="object")
    result = build_extension([tmp_path / "o.c"], tmp_path / "o.llext", load_target("mps2/an385"), options)
    assert plan(ElfFile.parse(result.output.read_bytes()), stock_rules(version)).notes == ()


@pytest.mark.tools
def test_readelf_has_nothing_to_say_against_a_stripped_object(tmp_path):
    need("arm-none-eabi-readelf")
    (tmp_path / "o.c").write_text(TEXT)
    options = BuildOptions(kind="object")
    result = build_extension([tmp_path / "o.c"], tmp_path / "o.llext", load_target("mps2/an385"), options)
    done = subprocess.run(["arm-none-eabi-readelf", "-aW", result.output], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "Tag_CPU_arch: v7" in done.stdout


def test_an_object_is_made_of_one_source(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.c").write_text(f"int {name};\n")
    with pytest.raises(BuildError, match="an object is made of one source, 2 given"):
        build_extension(
            [tmp_path / "a.c", tmp_path / "b.c"], tmp_path / "x.llext", load_target("mps2/an385"), BuildOptions(kind="object")
        )


@pytest.mark.parametrize(
    ("cpu", "abi", "machine"),
    [("cortex-m7", "hard", 40), ("cortex-m55", "", 40), ("cortex-m23", "soft", 40), ("rv32imc", "", 243), ("rv32e", "", 243)],
)
def test_any_cpu_that_the_compiler_knows_can_be_built_for(tmp_path, cpu, abi, machine):
    result = build_extension([HELLO], tmp_path / "h.llext", named_chip(cpu, abi))
    elf = ElfFile.parse(result.output.read_bytes())
    assert elf.header.machine == machine
    assert plan(elf, stock_rules()).notes == ()


def test_unknown_cpus_are_named_by_whoever_knows_it(tmp_path):
    with pytest.raises(TargetError, match="no instruction set of ours has a CPU 'z80'"):
        named_chip("z80")
    with pytest.raises(BuildError) as caught:
        build_extension([HELLO], tmp_path / "h.llext", named_chip("cortex-m99"))
    assert "cortex-m99" in caught.value.diagnostics


FLOATS = """
double scale(float a, double b, long long c) { return a * b + (double)c / 3 + (float)(c % 7); }
EXPORT_SYMBOL(scale);
"""


@pytest.mark.tools
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize(
    ("cpu", "abi", "named"),
    [
        ("rv32imafc", "hard", "single-float ABI"), ("rv32imafdc", "hard", "double-float ABI"),
        ("rv32imafdc", "ilp32f", "single-float ABI"), ("rv32imafc", "", "soft-float ABI"), ("rv32imafc", "soft", "soft-float ABI"),
    ],
)  # fmt: skip
def test_a_riscv_chip_with_floating_point_registers_gets_code_and_helpers_that_use_them(tmp_path, toolchain, cpu, abi, named):
    need(*GNU)
    (tmp_path / "f.c").write_text(PROLOGUE + FLOATS)
    options = BuildOptions(toolchain)
    if toolchain == "gcc" and named == "soft-float ABI":
        with pytest.raises(BuildError, match="has no compiler helpers"):  # Debian's gcc has that ISA with ilp32f only
            build_extension([tmp_path / "f.c"], tmp_path / "f.llext", named_chip(cpu, abi), options)
        return
    result = build_extension([tmp_path / "f.c"], tmp_path / "f.llext", named_chip(cpu, abi), options)
    made = plan(ElfFile.parse(result.output.read_bytes()), stock_rules())
    assert made.imports == {}
    words = ["riscv64-unknown-elf-readelf", "-h", str(result.output)]
    assert named in subprocess.run(words, check=True, capture_output=True, text=True).stdout
    with Board("qemu_riscv32") as board:
        reason = "uses the extensions f" if named == "soft-float ABI" else "passes floats in registers"
        with pytest.raises(LoadError, match=reason):
            board.load(result.output)


def test_a_riscv_chip_that_is_no_list_of_extensions_gets_the_float_abi_that_is_asked_for(tmp_path):
    assert named_chip("sifive-e34", "ilp32f").cpu.float_abi == "ilp32f"
    with pytest.raises(TargetError, match="no float ABI 'hard'") as caught:
        named_chip("sifive-e34", "hard")
    assert "ilp32f or ilp32d" in caught.value.hint


@pytest.mark.parametrize("cpu", ["cortex-m0", "cortex-m3", "cortex-m23"])
def test_a_cpu_without_floating_point_unit_passes_no_floats_in_its_registers(cpu):
    with pytest.raises(TargetError, match=f"{cpu} has no floating-point unit"):
        named_chip(cpu, "hard")


def test_a_cpu_and_a_board_contradict_each_other(capfdbinary):
    assert run(["build", str(HELLO), "--cpu", "cortex-m7", "--board", "mps2/an385"]) == 2
    assert b"--cpu and --board" in capfdbinary.readouterr().err


@pytest.mark.tools
def test_a_cpu_for_which_gcc_has_no_helpers_is_named(tmp_path):
    need(*GNU)
    (tmp_path / "d.c").write_text(PROLOGUE + "long long d(long long a, long long b) { return a / b; }\nEXPORT_SYMBOL(d);\n")
    with pytest.raises(BuildError, match="has no compiler helpers for rv32gc"):
        build_extension([tmp_path / "d.c"], tmp_path / "d.llext", named_chip("rv32gc"), BuildOptions("gcc"))


def test_float_abi_without_a_cpu_is_wrong_usage(capfdbinary):
    assert run(["build", str(HELLO), "--float-abi", "hard"]) == 2
    assert b"--float-abi goes with --cpu" in capfdbinary.readouterr().err


def test_inspect_shows_veneers_and_the_table_with_their_cost(tmp_path, capfdbinary):
    (tmp_path / "p.c").write_text(PROLOGUE + "int shared = 5;\nint go(void) { printk(\"x\"); return shared; }\nEXPORT_SYMBOL(go);\n")
    assert run(["build", str(tmp_path / "p.c"), "--pic", "-O0", "-o", str(tmp_path / "p.llext")]) == 0
    capfdbinary.readouterr()
    assert run(["inspect", str(tmp_path / "p.llext")]) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert "veneers  8 bytes in text: printk" in shown
    assert "global offset table  4 bytes in rodata: shared" in shown


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_cortex_m0", "qemu_riscv32"])
def test_three_ways_of_building_are_compared(capfdbinary, board):
    assert run(["inspect", "--compare", str(HELLO), "--board", board, "--json"]) == 0
    rows = {row["way"]: row for row in json.loads(capfdbinary.readouterr().out)}
    assert list(rows) == ["plain", "long calls", "PIC"]
    arm = board != "qemu_riscv32"
    assert (rows["plain"]["veneers"] > 0) is arm
    assert rows["long calls"]["veneers"] == 0
    assert rows["long calls"]["stock"] == "loads everywhere"
    assert ("CONFIG_LLEXT_VENEERS" in rows["plain"]["stock"]) is arm
    assert run(["inspect", "--compare", str(HELLO), "--board", board]) == 0
    assert b"long calls" in capfdbinary.readouterr().out


def test_a_file_that_is_built_is_inspected_without_choices_for_a_compiler(capfdbinary):
    assert run(["inspect", str(HELLO), "-O", "2", "--toolchain", "gcc"]) == 2
    assert b"-O, --toolchain without --compare" in capfdbinary.readouterr().err


def test_the_veneers_region_is_text(tmp_path):
    (tmp_path / "p.c").write_text(PROLOGUE + 'void go(void) { printk("x"); }\nEXPORT_SYMBOL(go);\n')
    result = build_extension([tmp_path / "p.c"], tmp_path / "p.llext", load_target("mps2/an385"), BuildOptions(model="near"))
    made = plan(ElfFile.parse(result.output.read_bytes()), stock_rules())
    (pool,) = made.veneers
    assert pool.kind is RegionKind.TEXT
    assert made.regions[RegionKind.TEXT].size == pool.offset + pool.size
