"""What stock Zephyr would say of a file: nothing about what 'llext build' writes, the truth about the rest."""

import subprocess

import pytest
from conftest import GNU, ROOT, TOOLCHAINS, need

from llext import Board, LoadError
from llext.build import BuildOptions, build_extension
from llext.build.toolchain import find_toolchain, include_flags
from llext.elf import ElfFile
from llext.link import VERSIONS, plan, stock_rules
from llext.target import load_target

EXAMPLES = sorted(
    path for path in (ROOT / "examples").iterdir() if any(path.glob("*.c")) and path.name not in {"broken", "kernel"}
)
"""Not those of threads: the alignment of their stacks is more than old loaders give, which is noted."""


@pytest.mark.parametrize("optimize", ["0", "s", "2"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("board", ["mps2/an386", "qemu_riscv32"])
def test_what_build_writes_loads_on_every_stock_version(tmp_path, board, example, toolchain, optimize):
    if toolchain == "gcc":
        need(*GNU)
    target = load_target(board)
    result = build_extension(sorted(example.glob("*.c")), tmp_path / "x.llext", target, BuildOptions(toolchain, optimize))
    elf = ElfFile.parse(result.output.read_bytes())
    for version in VERSIONS[1:] if board == "qemu_riscv32" else VERSIONS:  # 3.7 knows no RISC-V
        assert [str(note) for note in plan(elf, stock_rules(version)).notes] == []
        with Board(board, zephyr=version) as powered:
            assert powered.load(result.output, strict=True).portability == ()


def joined(tmp_path, text):
    (tmp_path / "j.c").write_text(text)
    return build_extension([tmp_path / "j.c"], tmp_path / "j.llext", load_target("mps2/an385")).output


def notes(path, version):
    return [str(note) for note in plan(ElfFile.parse(path.read_bytes()), stock_rules(version)).notes]


@pytest.mark.parametrize("place", ["", " = {1}"], ids=["bss", "data"])
def test_alignment_beyond_what_old_loaders_give_is_noted(tmp_path, place):
    path = joined(
        tmp_path,
        f"#include <zephyr/llext/symbol.h>\nstatic int big[4] __attribute__((aligned(128))){place};\n"
        "int *get(void) { return big; }\nEXPORT_SYMBOL(get);\n",
    )
    assert any("wants 128-byte alignment" in note for note in notes(path, "4.0"))
    assert notes(path, "4.4") == []


def test_one_section_for_both_kinds_of_names_is_refused_by_stock(tmp_path):
    target = load_target("mps2/an385")
    tools = find_toolchain("zig", target.arch, target.cpu)
    (tmp_path / "a.S").write_text(".thumb\n.global f\n.type f, %function\nf:\n\tbx lr\n")
    command = [*tools.compiler, *tools.flags, "-c", tmp_path / "a.S", "-o", tmp_path / "a.o"]
    subprocess.run([str(word) for word in command], check=True)
    assert any("-ENOEXEC, one section holds the names of both" in note for note in notes(tmp_path / "a.o", "4.0"))


def test_an_array_without_entry_size_is_refused_by_stock(tmp_path):
    path = raw_object(
        tmp_path, "volatile int n; __attribute__((constructor)) void up(void) { n = n * 3 + 1; }\n", "-fno-unwind-tables"
    )
    elf = ElfFile.parse(path.read_bytes())
    data = bytearray(path.read_bytes())
    header = elf.header.section_offset + elf.section(".init_array").index * elf.header.section_entry_size
    data[header + 36 : header + 40] = bytes(4)
    path.write_bytes(data)
    assert any("-ENOEXEC, .init_array gives its entries 0 bytes" in note for note in notes(path, "4.4"))


def raw_object(tmp_path, text, *flags, toolchain="zig"):
    """An object as a compiler writes it, not joined."""
    target = load_target("mps2/an385")
    source = tmp_path / "raw.c"
    source.write_text(text)
    tools = find_toolchain(toolchain, target.arch, target.cpu)
    output = tmp_path / "raw.o"
    command = [
        *tools.compiler,
        *tools.flags,
        "-Os",
        "-DLL_EXTENSION_BUILD",
        *include_flags(),
        *flags,
        "-c",
        source,
        "-o",
        output,
    ]
    subprocess.run([str(word) for word in command], check=True)
    return output


TWO_NOBITS = """#include <zephyr/llext/symbol.h>
static int first[4];
static int pool[8] __attribute__((section(".bss.my_pool")));
int *get(int n) { return n ? first : pool; }
EXPORT_SYMBOL(get);
"""


def test_several_nobits_sections_load_with_a_note(tmp_path, board):
    ext = board.load(raw_object(tmp_path, TWO_NOBITS))
    notes = [str(note) for note in ext.portability]
    assert any("refuses it: -ENOTSUP, two NOBITS sections: .bss" in note for note in notes), notes
    one, two = ext.fn("get", "uint32_t (int)")(0), ext.fn("get", "uint32_t (int)")(1)
    assert abs(one - two) >= 16


def test_in_strict_mode_they_are_zephyrs_error(tmp_path, board):
    path = raw_object(tmp_path, TWO_NOBITS)
    with pytest.raises(LoadError, match="two NOBITS sections") as caught:
        board.load(path, strict=True)
    assert caught.value.errno.name == "ENOTSUP"
    assert board.extensions == ()


COMMON = """#include <zephyr/llext/symbol.h>
int shared[3];
char other;
int *get(void) { shared[0] = 5; other = 1; return shared; }
EXPORT_SYMBOL(get);
"""


def test_common_symbols_load_with_a_note_and_are_zero(tmp_path, board):
    path = raw_object(tmp_path, COMMON, "-fcommon", "-fno-data-sections")
    ext = board.load(path)
    assert any("COMMON symbols" in str(note) and "-fno-common" in str(note) for note in ext.portability)
    address = ext.fn("get", "uint32_t ()")()
    assert board.memory.word(address) == 5
    assert board.memory.word(address + 4) == 0


def test_in_strict_mode_a_common_symbol_is_zephyrs_error(tmp_path, board):
    path = raw_object(tmp_path, COMMON, "-fcommon", "-fno-data-sections")
    with pytest.raises(LoadError, match="Zephyr 4.4") as caught:
        board.load(path, strict=True)
    assert caught.value.errno.name == "ENOEXEC"


def test_versions_that_die_of_a_common_symbol_are_said_to_crash(tmp_path):
    elf = ElfFile.parse(raw_object(tmp_path, COMMON, "-fcommon").read_bytes())
    notes = [note for note in plan(elf, stock_rules("4.0")).notes if "COMMON" in note.reason]
    assert notes[0].crash
    assert str(notes[0]).startswith("Zephyr 4.0 may crash")


def test_unwind_tables_are_skipped_with_a_note(tmp_path, board):
    path = raw_object(tmp_path, "#include <zephyr/llext/symbol.h>\nint f(void) { return 6; }\nEXPORT_SYMBOL(f);")
    ext = board.load(path)
    assert any(".ARM.exidx" in str(note) for note in ext.portability)
    assert ext.fn("f")() == 6


def test_debug_sections_are_noted_for_versions_that_stumble_over_them(tmp_path):
    elf = ElfFile.parse(raw_object(tmp_path, TWO_NOBITS, "-g").read_bytes())
    old = [str(note) for note in plan(elf, stock_rules("4.0")).notes]
    new = [str(note) for note in plan(elf, stock_rules("4.2")).notes]
    assert any(".debug_info" in note for note in old)
    assert not any(".debug_info" in note for note in new)


def test_alignment_beyond_32_is_kept_and_noted_for_4_0(tmp_path, build):
    path = build("static int big[4] __attribute__((aligned(128))) = {1};\nint *get(void) { return big; }\nEXPORT_SYMBOL(get);")
    for version, noted in (("4.0", True), ("4.4", False)):
        with Board(zephyr=version) as board:
            ext = board.load(path, strict=True)
            assert any("128-byte alignment" in str(note) for note in ext.portability) is noted
            assert ext.fn("get", "uint32_t ()")() % 128 == 0


def test_a_zeroed_section_is_aligned_whatever_its_file_offset_says(board):
    from llext.elf import ElfWriter
    from llext.elf import constants as c

    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("70470000"), flags=6)
    bss = writer.section(".bss", type_=c.SHT_NOBITS, flags=3, size=16, alignment=8)
    writer.symbol("f", text, 1, type_=c.STT_FUNC)
    data = bytearray(writer.build())
    elf = ElfFile.parse(bytes(data))
    at = elf.header.section_offset + 40 * bss + 16
    data[at : at + 4] = (0x44).to_bytes(4, "little")
    ext = board.load(bytes(data), "odd")
    assert ext.regions["bss"].sections[".bss"] % 8 == 0
    assert "lands 4 bytes off its alignment" in str(ext.portability[0])


def test_interleaved_sections_of_a_split_object_load_and_run(tmp_path, board):
    text = "#include <zephyr/llext/symbol.h>\n" + "".join(
        f"static const int t{n}[3] = {{{n}, {n + 1}, {n + 2}}};\nint f{n}(int i) {{ return t{n}[i]; }}\nEXPORT_SYMBOL(f{n});\n"
        for n in range(5)
    )
    ext = board.load(raw_object(tmp_path, text, "-O0"))
    assert [ext.fn(f"f{n}")(2) for n in range(5)] == [2, 3, 4, 5, 6]


@pytest.mark.tools
def test_a_plain_gcc_object_loads_too(tmp_path, board):
    need("arm-none-eabi-gcc", "arm-none-eabi-ld")
    ext = board.load(raw_object(tmp_path, TWO_NOBITS, "-g", toolchain="gcc"))
    assert ext.fn("get", "uint32_t (int)")(0)


def test_strict_mode_refuses_an_undefined_weak_symbol_where_stock_does(build):
    path = build(
        "extern int maybe(void) __attribute__((weak));\nint go(void) { return maybe ? maybe() : -1; }\nEXPORT_SYMBOL(go);"
    )
    with Board(zephyr="4.0") as board, pytest.raises(LoadError, match="weak symbol maybe is undefined") as caught:
        board.load(path, strict=True)
    assert caught.value.errno.name == "ENODATA"


def test_relocations_that_stock_does_not_know_are_noted(board):
    from llext.elf import ElfWriter
    from llext.elf import constants as c

    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("00f0008070470000"), flags=6)  # beq.w; bx lr
    symbol = writer.symbol("f", text, 1, type_=c.STT_FUNC)
    writer.relocate(text, [(0, 51, symbol)])
    assert "R_ARM_THM_JUMP19" in str(board.load(writer.build(), "jump").portability[0])


def riscv(tmp_path, text, suffix=".S"):
    target = load_target("qemu_riscv32")
    tools = find_toolchain("zig", target.arch, target.cpu)
    (tmp_path / f"r{suffix}").write_text(text)
    command = [*tools.compiler, *tools.flags, "-c", tmp_path / f"r{suffix}", "-o", tmp_path / "r.o"]
    subprocess.run([str(word) for word in command], check=True)
    return tmp_path / "r.o"


HEAD = ".global f\n.type f, @function\nf:\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("\tjal x0, far\n", "R_RISCV_JAL: its loader does not see a target out of reach"),
        (
            "\tret\n.data\n.reloc ., R_RISCV_SET6, far\n.byte 0\n.reloc ., R_RISCV_SUB6, far\n.byte 0\n",
            "R_RISCV_SUB6: its loader keeps 5 of the 6 bits; we follow the ABI",
        ),
        (
            'high: auipc a0, %pcrel_hi(far)\n\tret\n.section .text.other, "ax"\n\tlw a0, %pcrel_lo(high)(a0)\n\tret\n',
            "-ENOEXEC, the other half of a R_RISCV_PCREL_LO12_I (high) is in another section",
        ),
        ("\tlla a0, far\n\tret\n", ""),
    ],
)
def test_where_stock_has_a_defect_on_risc_v_a_note_says_so(tmp_path, body, said):
    found = notes(riscv(tmp_path, HEAD + body), "4.4")
    assert any(said in note for note in found) if said else found == []
    assert all("Zephyr 4.4 (from source)" in note for note in found)


def test_versions_before_risc_v_came_in_refuse_it(tmp_path):
    found = notes(riscv(tmp_path, HEAD + "\tcall far\n\tret\n"), "3.7")
    assert any(
        "Zephyr 3.7 (from source) refuses it: -ENOTSUP, its loader relocates RISC-V since version 4.0" in n for n in found
    )


def test_six_bits_are_six_bits(tmp_path):
    """What stock truncates to 5 bits is written as the ABI says: 0x3f - 0x20, kept beside the two high bits."""
    path = riscv(
        tmp_path,
        HEAD + "\tret\n.data\n.global d\nd:\n.reloc ., R_RISCV_SET6, high\n.reloc ., R_RISCV_SUB6, low\n.byte 0xc0\n"
        ".set high, 0x3f\n.set low, 0x10\n.global high, low\n",
    )
    with Board("qemu_riscv32") as board:
        ext = board.load(path)
        assert board.memory.read(ext.regions["data"].address, 1) == bytes([0xC0 | 0x2F])
