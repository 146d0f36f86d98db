"""Relocations that need each other, a slot, or a symbol that is not there; and what is refused."""

import subprocess

import pytest
from conftest import need
from oracle import Case, Linked, differences, linked_by, linked_by_us, linker_gnu, linker_lld
from relocation_snippets import ARM, CLANG, ENCODINGS, RISCV

from llext.build.toolchain import zig_program
from llext.elf import ElfFile, ElfWriter
from llext.elf import constants as c
from llext.link import Symbol


def assembled(tmp_path, isa, text):
    _, _, head, *flags = CLANG[isa]
    (tmp_path / "x.s").write_text(head + ".text\n" + text + "\n")
    done = subprocess.run(
        [str(zig_program()), "clang", *flags, "-c", "x.s", "-o", "x.o"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return (tmp_path / "x.o").read_bytes()


def given(**addresses):
    return {name: Symbol(name, address, "test", code=False) for name, address in addresses.items()}


def both(tmp_path, case, linker=None):
    return linked_by_us(case), linked_by(case, linker or linker_lld(case.arch), tmp_path)


def test_every_supported_type_is_compared(tmp_path):
    here = {"R_ARM_" + name for name in ("GOTOFF32", "BASE_PREL", "GOT_BREL", "GOT_PREL", "TLS_IE32")}
    here |= {"R_RISCV_" + name for name in ("GOT_HI20", "TLS_GOT_HI20", "GOT32_PCREL", "SET_ULEB128", "SUB_ULEB128")}
    here |= {"R_RISCV_" + name for name in ("PCREL_LO12_I", "PCREL_LO12_S", "TPREL_LO12_I", "TPREL_LO12_S", "TPREL_ADD")}
    supported = {reloc.name for arch in (ARM, RISCV) for reloc in arch.relocations.values() if not reloc.refused}
    assert supported - {each.reloc.name for each in ENCODINGS} == here


# Global offset tables ---------------------------------------------------------------------------------------------------

ARM_GOT = """
.word a(GOT_PREL)
.word b(GOT_PREL)
.word b(GOT)
.word c(GOTOFF)
.word a(GOTOFF)
.word a(GOT)
.reloc ., R_ARM_BASE_PREL, _GLOBAL_OFFSET_TABLE_
.word 8
.word v(gottpoff)
.word u(gottpoff)
"""
RISCV_GOT = """
1: auipc a0, %got_pcrel_hi(b)
lw a0, %pcrel_lo(1b)(a0)
1: auipc a0, %got_pcrel_hi(a)
lw a1, %pcrel_lo(1b)(a0)
1: auipc a2, %pcrel_hi(a)
sw a1, %pcrel_lo(1b)(a2)
1: auipc a0, %tls_ie_pcrel_hi(u)
lw a0, %pcrel_lo(1b)(a0)
"""


@pytest.mark.parametrize(("isa", "text"), [("thumb", ARM_GOT), ("riscv", RISCV_GOT), ("riscv", ".word %gotpcrel(a)\n" * 3)])
def test_a_slot_is_reached_and_filled_as_ld_lld_does(tmp_path, isa, text):
    case = Case(assembled(tmp_path, isa, text))
    ours, theirs = both(tmp_path, case)
    assert list(differences(case, ours, theirs)) == []
    assert case.plan.got.size


@pytest.mark.tools
@pytest.mark.parametrize(("isa", "text"), [("thumb", ARM_GOT), ("riscv", RISCV_GOT)])
def test_a_slot_is_reached_and_filled_as_gnu_ld_does(tmp_path, isa, text):
    case = Case(assembled(tmp_path, isa, text))
    need(f"{case.arch.compiler.gcc_prefix}ld")
    ours, theirs = both(tmp_path, case, linker_gnu(case.arch))
    assert list(differences(case, ours, theirs)) == []


# Halves -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [0x2468_0000, 0x2468_0800, 0x2467_F7FF, 0, 0xFFFF_FFFC, 0xA468_07FC])
def test_the_low_half_of_an_address_may_stand_in_another_section(tmp_path, address):
    """No other linker does this, so that the two instructions are added up here."""
    text = '.section .text.hi,"ax"\nnop\n1: auipc a0, %pcrel_hi(t)\n.text\naddi a0, a0, %pcrel_lo(1b)'
    case = Case(assembled(tmp_path, "riscv", text), given=given(t=address))
    linked = linked_by_us(case)
    high_section = case.elf.section(".text.hi")
    high = int.from_bytes(linked.sections[f".s{high_section.index}"][4:8], "little") & 0xFFFFF000
    low = int.from_bytes(linked.sections[f".s{case.elf.section('.text').index}"][:4], "little") >> 20
    assert (case.sections[f".s{high_section.index}"] + 4 + high + (low ^ 0x800) - 0x800) % (1 << 32) == address


def test_a_low_half_without_a_high_half_is_refused(tmp_path):
    case = Case(assembled(tmp_path, "riscv", "1: nop\n.reloc ., R_RISCV_PCREL_LO12_I, 1b\naddi a0, a0, 0"))
    assert "R_RISCV_PCREL_LO12_I at .text+" in linked_by_us(case)
    assert "no relocation that it completes" in linked_by_us(case)


def test_the_name_of_the_table_is_its_address(board):
    """AAELF32: _GLOBAL_OFFSET_TABLE_ is what R_ARM_GOT_PREL counts from; here its only slot holds the address of ``f``."""
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("704700bf 00000000 00000000"), flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
    function = writer.symbol("f", text, 1, type_=c.STT_FUNC)
    table = writer.symbol("_GLOBAL_OFFSET_TABLE_")
    writer.relocate(text, [(4, 96, function), (8, 2, table)])  # R_ARM_GOT_PREL, R_ARM_ABS32
    base = board.load(writer.build(), "table").regions["text"].address
    address = board.memory.word(base + 8)
    assert address == base + 4 + board.memory.word(base + 4)
    assert board.memory.word(address) == base + 1


# Numbers that know their length -----------------------------------------------------------------------------------------

PAIR = ".reloc ., R_RISCV_SET_ULEB128, a{plus}\n.reloc ., R_RISCV_SUB_ULEB128, b\n.byte {bytes}\n.byte 0x55"


@pytest.mark.parametrize("length", [1, 2, 3, 5])
@pytest.mark.parametrize("plus", ["", "+5"])
def test_a_difference_of_any_length_is_written_as_ld_lld_writes_it(tmp_path, length, plus):
    data = assembled(tmp_path, "riscv", PAIR.format(plus=plus, bytes=",".join(["0x80"] * (length - 1) + ["0"])))
    largest = min((1 << 7 * length) - 1, 0x7FFFFFFF)
    for value in sorted({5, 0x55, largest, largest & 0x2AAAAAAA, largest // 3}):
        case = Case(data, given=given(a=0x24680000 + value - len(plus) // 2 * 5, b=0x24680000))
        ours, theirs = both(tmp_path, case)
        assert isinstance(ours, Linked), ours
        assert ours.sections == theirs.sections


@pytest.mark.parametrize(("length", "value"), [(1, 0x80), (1, -1), (2, 0x4000), (3, 1 << 21)])
def test_a_difference_that_needs_more_bytes_than_there_are_is_refused(tmp_path, length, value):
    data = assembled(tmp_path, "riscv", PAIR.format(plus="", bytes=",".join(["0x80"] * (length - 1) + ["0"])))
    ours, theirs = both(tmp_path, Case(data, given=given(a=0x24680000 + value, b=0x24680000)))
    assert "R_RISCV_SUB_ULEB128" in ours
    assert "has no room for that" in ours
    assert "exceeds available space" in theirs


def test_a_number_that_does_not_end_in_its_section_is_refused(tmp_path):
    data = assembled(tmp_path, "riscv", PAIR.format(plus="", bytes="0x80").removesuffix("\n.byte 0x55"))
    assert "has no room for that" in linked_by_us(Case(data, given=given(a=1, b=0)))


def test_a_subtraction_from_nothing_is_refused(tmp_path):
    case = Case(assembled(tmp_path, "riscv", ".reloc ., R_RISCV_SUB_ULEB128, b\n.byte 0"))
    ours, theirs = both(tmp_path, case)
    assert "at the same place there is no relocation that it completes" in ours
    assert isinstance(theirs, str)


# Refusals ---------------------------------------------------------------------------------------------------------------


def test_alignment_by_deleting_bytes_is_refused_by_name(tmp_path):
    case = Case(assembled(tmp_path, "riscv", ".reloc ., R_RISCV_ALIGN, t\nnop\nnop"))
    assert "R_RISCV_ALIGN (43) at .text+0x0" in linked_by_us(case)
    assert "-mno-relax" in linked_by_us(case)


@pytest.mark.parametrize(("isa", "text"), [
    ("riscv", "beq a0, a1, t"), ("riscv", "jal t"), ("riscv", "c.j t"), ("riscv", "c.beqz a0, t"),
    ("thumb", ".reloc ., R_ARM_THM_PC8, t\nldr.n r0, [pc, #0]"),
])  # fmt: skip
def test_a_target_between_two_instructions_is_refused_as_by_ld_lld(tmp_path, isa, text):
    ours, theirs = both(tmp_path, Case(assembled(tmp_path, isa, text), given=given(t=0x24680011)))
    assert "which is no multiple of" in ours
    assert "is not aligned to" in theirs


@pytest.mark.parametrize("name", ["b", "bl"])
def test_an_arm_branch_to_half_a_word_is_refused_although_linkers_round_it(tmp_path, name):
    case = Case(assembled(tmp_path, "a32", f"{name} t"), given=given(t=0x24680012))
    assert "which is no multiple of 4" in linked_by_us(case)
    assert isinstance(linked_by(case, linker_lld(case.arch), tmp_path), Linked)


# Undefined weak symbols -------------------------------------------------------------------------------------------------

NOTHING_THERE = {
    ("thumb", "bl t"): "00bf00bf", ("thumb", "b.w t"): "00bf00bf", ("thumb", "beq.w t"): "00bf00bf", ("v6m", "b t"): "00bf",
    ("v6m", "beq t"): "00bf", ("a32", "bl t"): "0000a0e1", ("a32", "b t"): "0000a0e1", ("thumb", ".word t + 8"): "08000000",
}  # fmt: skip


@pytest.mark.parametrize(("isa", "text"), NOTHING_THERE)
def test_a_branch_to_an_undefined_weak_function_does_nothing(tmp_path, isa, text):
    """AAELF32 5.6.1.2 asks for NOP. ld.lld branches to the next instruction, GNU ld writes NOP.W, which v6-M lacks."""
    case = Case(assembled(tmp_path, isa, f".weak t\n{text}"), missing=frozenset({"t"}))
    assert linked_by_us(case).sections[".s2"].hex() == NOTHING_THERE[isa, text]


@pytest.mark.tools
@pytest.mark.parametrize("text", [".word t - .", "movw r0, #:lower16:(t-.)\nmovt r0, #:upper16:(t-.)", ".word t(prel31)"])
def test_the_distance_to_an_undefined_weak_symbol_leads_to_0_as_with_gnu_ld(tmp_path, text):
    """AAELF32 4.5.2 and ld.lld let it lead to the place itself, so that ``if (&symbol)`` in PIC would be true."""
    need("arm-none-eabi-ld")
    case = Case(assembled(tmp_path, "thumb", f".weak t\n{text}"), missing=frozenset({"t"}))
    ours, theirs = both(tmp_path, case, linker_gnu(case.arch))
    assert ours.sections == theirs.sections


# Against an assembler ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("distance", range(0, 127, 6))
def test_a_compare_and_branch_is_what_the_assembler_makes_of_a_label(tmp_path, distance):
    """No linker at hand takes the upper half of the range."""
    space = "nop\n" * (distance // 2)
    direct = ElfFile.parse(assembled(tmp_path, "thumb", f"cbz r0, 1f\nnop\n{space}1: nop"))
    linked = linked_by_us(
        Case(assembled(tmp_path, "thumb", f".reloc ., R_ARM_THM_JUMP6, 1f\n.short 0xb3f0\nnop\n{space}1: nop"))
    )
    assert linked.sections[".s2"] == bytes(direct.contents(direct.section(".text")))


@pytest.mark.parametrize("half", ["SET", "SUB"])
def test_half_of_a_difference_is_refused(tmp_path, half):
    data = assembled(tmp_path, "riscv", f".reloc ., R_RISCV_{half}_ULEB128, a\n.byte 0x80, 0")
    assert "complete" in linked_by_us(Case(data, given=given(a=0x24680000)))


def test_the_halves_of_a_difference_may_stand_in_any_order(tmp_path):
    halves = PAIR.format(plus="", bytes="0x80, 0").split("\n")
    linked = []
    for lines in (halves, [halves[1], halves[0], *halves[2:]]):
        case = Case(assembled(tmp_path, "riscv", "\n".join(lines)), given=given(a=0x24680123, b=0x24680000))
        linked.append(linked_by_us(case).sections)
    assert linked[0] == linked[1]
    assert bytes([0xA3, 0x02]) in b"".join(linked[1].values())  # 0x123, as ld.lld writes the first order


def test_the_label_of_a_low_half_is_not_the_half_of_a_difference(tmp_path):
    text = "1:\n" + PAIR.format(plus="", bytes="0x80, 0") + "\n.balign 4\n.reloc ., R_RISCV_PCREL_LO12_I, 1b\naddi a0, a0, 0"
    assert "no relocation that it completes" in linked_by_us(Case(assembled(tmp_path, "riscv", text), given=given(a=9, b=5)))


def test_halves_are_looked_for_only_in_what_is_loaded_and_known(tmp_path):
    """Debug information has relocations of its own at the same offsets; a type that nobody knows is told as such."""
    text = "1: auipc a0, %pcrel_hi(t)\nlw a0, %pcrel_lo(1b)(a0)\n"
    debug = '.section .debug_info, "", @progbits\n.reloc ., R_RISCV_32, t\n.word 0\n'
    case = Case(assembled(tmp_path, "riscv", text + debug), given=given(t=0x24681234))
    ours, theirs = both(tmp_path, case)
    assert isinstance(ours, Linked), ours
    assert ours.sections == theirs.sections
    unknown = Case(assembled(tmp_path, "riscv", text + ".reloc ., R_RISCV_64, t\nnop"), given=given(t=0x24681234))
    assert "R_RISCV_64 (2) at .text+0x8" in linked_by_us(unknown)
