"""Bad input: one clear error with Zephyr's errno, and nothing changed on the board."""

import struct

import pytest

from llext import Board, ElfError, LinkError, LlextError, LoadError
from llext.abi.structs import struct_llext
from llext.elf import ElfFile, ElfWriter
from llext.elf import constants as c

TEXT = c.SHF_ALLOC | c.SHF_EXECINSTR
CODE = bytes.fromhex("704700bf")  # bx lr; nop


def small(machine=c.EM_ARM, **identity):
    writer = ElfWriter(machine, **identity)
    text = writer.section(".text", CODE, flags=TEXT)
    writer.symbol("f", text, 1, type_=c.STT_FUNC)
    return writer.build()


def state(board):
    return board.heap.free_chunks(), [bytes(table) for _, _, table in board.machine.rights._tables], list(board.scope.names())


def refused(board, data, error, text, errno="ENOEXEC"):
    before = state(board)
    with pytest.raises(error, match=text) as caught:
        board.load(data, "bad")
    assert caught.value.errno.name == errno
    assert state(board) == before
    assert board.extensions == ()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "empty file"),
        (b"\x7fELF", "truncated: the ELF header needs 52 bytes, the file has 4"),
        (b"\x7fELF\1\1\1" + bytes(20), "truncated: the ELF header needs 52 bytes"),
        (b"int main(void) {}\n", "this looks like text"),
        (b":020000040800F2\r\n", "this looks like Intel HEX"),
        (bytes.fromhex("00800020c1000008"), "begins with 00 80 00 20"),
        (b"\x7fELF\7\1\1" + bytes(60), "unknown ELF class 7"),
    ],
)
def test_what_is_no_elf_file_is_named(board, data, text):
    refused(board, data, ElfError, text)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (small(c.EM_RISCV), "built for RISC-V, and the board's cortex-m3 is Arm"),
        (small(c.EM_X86_64, bits=64), "built for x86-64, and the board's cortex-m3 is Arm"),
        (small(bits=64), "it is an ELF64 file, and the board's cortex-m3 wants ELF32"),
        (small(little_endian=False), "it is big endian, and the board's cortex-m3 is little endian"),
    ],
)
def test_a_file_for_another_machine_is_refused_naming_both_sides(board, data, text):
    refused(board, data, LoadError, text)


def test_a_file_for_the_other_float_abi_is_refused_before_anything_is_allocated(build, board):
    data = build("float f(float x) { return x; }\nEXPORT_SYMBOL(f);", board="mps2/an386").read_bytes()
    refused(board, data, LoadError, "it is built for Arm v7E-M, and the board's cortex-m3 executes v7-M")
    with Board("mps2/an386") as hard:
        soft = build("float f(float x) { return x; }\nEXPORT_SYMBOL(f);", "soft").read_bytes()
        refused(hard, soft, LoadError, "passes floats by the soft-float ABI, and the board's cortex-m4 by the hard-float ABI")


def test_a_linked_program_is_not_an_extension(board):
    writer = ElfWriter(c.EM_ARM, c.ET_EXEC)
    writer.section(".text", CODE, flags=TEXT)
    refused(board, writer.build(), LoadError, "ET_EXEC: a linked program; running applications is not there yet")


def test_a_program_of_this_pc_is_refused(board):
    with open("/proc/self/exe", "rb") as file:  # noqa: PTH123 - the running Python
        refused(board, file.read(), LoadError, "is built for (x86-64|AArch64), and the board's cortex-m3 is Arm")


def test_every_truncation_of_a_file_is_refused_or_loads_and_nothing_is_lost(build, board):
    data = build("int x = 1;\nint f(void) { return x; }\nEXPORT_SYMBOL(f);").read_bytes()
    before = state(board)
    for length in range(0, len(data), 7):
        try:
            board.unload(board.load(data[:length], f"cut{length}"))
        except LlextError as error:
            assert error.message
        assert state(board) == before


def test_thousands_of_damaged_files_load_or_are_refused_and_lose_nothing(build, board):
    import random

    chance = random.Random(7)
    data = build('int x = 1;\nstatic int y[4];\nint f(int i) { return x + y[i]; }\nvoid g(void) { printk("%d", f(1)); }\n'
                 "EXPORT_SYMBOL(f);\nEXPORT_SYMBOL(g);").read_bytes()  # fmt: skip
    total = sum(size for _, size in board.heap.free_chunks())
    loaded = 0
    for _ in range(2000):
        damaged = bytearray(data)
        for _ in range(chance.choice([1, 1, 2, 5])):
            at = chance.choice([chance.randrange(52), chance.randrange(len(data)), len(data) - 1 - chance.randrange(480)])
            damaged[at] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        try:
            board.unload(board.load(damaged, "damaged"))
            loaded += 1
        except LlextError as error:
            assert error.message
        assert sum(size for _, size in board.heap.free_chunks()) == total
        assert board.extensions == ()
    assert 200 < loaded < 1900


def test_an_undefined_section_of_a_symbol_is_refused(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", CODE, flags=TEXT)
    writer.symbol("f", 77, 1, type_=c.STT_FUNC)
    writer.relocate(text, [(0, 2, 1)])
    refused(board, writer.build(), ElfError, "symbol 1 is in section 77; there are")


@pytest.mark.parametrize(("number", "name"), [(2, "R_ARM_ABS32"), (10, "R_ARM_THM_CALL")])
def test_a_relocation_behind_its_section_is_refused(board, number, name):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", CODE, flags=TEXT)
    symbol = writer.symbol("f", text, 1, type_=c.STT_FUNC)
    writer.relocate(text, [(2, number, symbol)])
    refused(board, writer.build(), LinkError, rf"{name} at .text\+0x2 lies behind the end of the section")


def test_a_branch_to_a_symbol_that_claims_to_be_far_outside_its_own_section_is_out_of_reach(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("fff7feff 7047 00bf"), flags=TEXT)  # bl; bx lr
    symbol = writer.symbol("f", text, 0x2000_0001, type_=c.STT_FUNC)
    writer.relocate(text, [(0, 10, symbol)])
    refused(board, writer.build(), LinkError, r"'f' is \+0x1ffffff[0-9a-f] bytes away")


@pytest.mark.parametrize(("number", "name"), [(9, "R_ARM_SBREL32"), (20, "R_ARM_COPY"), (200, "relocation type 200")])
def test_an_unsupported_relocation_is_named(board, number, name):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", CODE, flags=TEXT)
    symbol = writer.symbol("f", text, 1, type_=c.STT_FUNC)
    writer.relocate(text, [(0, number, symbol)])
    refused(board, writer.build(), LinkError, rf"{name} \({number}\) at .text\+0x0 for 'f' is not supported")


def test_a_load_out_of_reach_names_symbol_distance_and_way_out(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("dff80000"), flags=TEXT)  # ldr.w r0, [pc]
    symbol = writer.symbol("far", c.SHN_ABS, 0x30000000, type_=c.STT_OBJECT)
    writer.relocate(text, [(0, 54, symbol)])
    writer.symbol("f", text, 1, type_=c.STT_FUNC)
    refused(board, writer.build(), LinkError, r"'far' is \+0x[0-9a-f]+ bytes away, and the field holds -0xfff to 0xfff")


def test_a_branch_to_a_misaligned_target_is_an_error(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("fee7 7047"), flags=TEXT)  # b .; bx lr
    symbol = writer.symbol("odd", text, 3, type_=c.STT_NOTYPE)
    writer.relocate(text, [(0, 102, symbol)])
    refused(board, writer.build(), LinkError, "'odd' is -0x1 bytes away, which is no multiple of 2")


def test_a_call_of_arm_state_code_is_an_error(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("fff7feff 7047 00bf"), flags=TEXT)
    symbol = writer.symbol("arm_code", text, 4, type_=c.STT_FUNC)
    writer.relocate(text, [(0, 10, symbol)])
    refused(board, writer.build(), LinkError, "'arm_code' is Arm-state code, and this Thumb-state branch cannot switch")


def test_a_missing_file_and_a_folder_are_named(board, tmp_path):
    with pytest.raises(LoadError, match="no such file") as caught:
        board.load(tmp_path / "absent.llext")
    assert caught.value.errno.name == "ENOENT"
    with pytest.raises(LoadError, match="is a folder"):
        board.load(tmp_path)


def test_a_stripped_file_says_what_it_misses(board):
    writer = ElfWriter(c.EM_ARM)
    writer.section(".text", CODE, flags=TEXT)
    data = bytearray(writer.build())
    elf_type = {c.SHT_SYMTAB: c.SHT_PROGBITS}
    elf = ElfFile.parse(bytes(data))
    for section in elf.sections:
        if section.type in elf_type:
            at = elf.header.section_offset + 40 * section.index + 4
            data[at : at + 4] = elf_type[section.type].to_bytes(4, "little")
    refused(board, bytes(data), LoadError, "no symbol table")


def test_relocations_of_a_table_are_no_business_of_a_load(board):
    """As stock ignores relocations of what has no SHF_ALLOC."""
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", CODE, flags=TEXT)
    symbol = writer.symbol("f", text, 1, type_=c.STT_FUNC)
    writer.relocate(text, [(0, 2, symbol)])
    data = bytearray(writer.build())
    elf = ElfFile.parse(bytes(data))
    (table,) = elf.relocation_sections
    at = elf.header.section_offset + 40 * table.index + 28  # sh_info
    data[at : at + 4] = elf.symbol_section.index.to_bytes(4, "little")
    assert board.load(bytes(data), "tables").relocations == 0


def test_an_export_table_that_takes_no_memory_exports_nothing(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", CODE, flags=TEXT)
    exports = writer.section(".exported_sym", bytes(8), flags=0)
    symbol = writer.symbol("f", text, 1, type_=c.STT_FUNC)
    writer.relocate(exports, [(4, 2, symbol)])
    assert board.load(writer.build(), "exports").exports == {}


def test_an_export_table_smaller_than_one_entry_exports_nothing(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", CODE, flags=TEXT)
    writer.section(".exported_sym", bytes(4))
    writer.symbol("f", text, 1, type_=c.STT_FUNC)
    ext = board.load(writer.build(), "exports")
    assert ext.exports == {}
    layout = struct_llext("4.4")
    assert struct.unpack_from("<II", board.memory.read(ext.address, layout.size), layout.offsets["exp_tab"]) == (0, 0)


def test_more_sections_than_a_header_counts_are_named(board):
    data = bytearray(small())
    data[48:50] = bytes(2)  # e_shnum 0, as gABI has it for 65,280 sections and more
    refused(board, bytes(data), LoadError, "more sections than an ELF header counts")


def test_a_file_without_section_headers_is_refused(board):
    data = bytearray(small())
    data[48:50] = data[46:48] = bytes(2)  # e_shnum, e_shentsize
    data[32:36] = bytes(4)  # e_shoff
    refused(board, bytes(data), LoadError, "no section headers")


def test_names_of_sections_in_a_section_that_is_not_there_are_refused(board):
    data = bytearray(small())
    data[50:52] = (99).to_bytes(2, "little")  # e_shstrndx
    refused(board, bytes(data), ElfError, "section name table 99 of 5 sections")


def test_build_attributes_in_a_section_of_another_type_are_refused():
    """psABI: .riscv.attributes has a type of its own; what else is not loaded is not read of a source."""
    writer = ElfWriter(c.EM_RISCV)
    text = writer.section(".text", bytes.fromhex("67800000"), flags=TEXT)
    writer.section(".riscv.attributes", bytes(8), flags=0)
    writer.symbol("f", text, type_=c.STT_FUNC)
    with Board("qemu_riscv32") as board:
        refused(board, writer.build(), ElfError, "8 bytes at offset 0x38 are used as a table and belong to none")


def test_an_empty_section_has_no_address(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", CODE + bytes([8, 0, 0, 0]), flags=TEXT)
    empty = writer.section(".data", b"", flags=c.SHF_ALLOC | c.SHF_WRITE)
    nothing = writer.symbol("", empty, binding=c.STB_LOCAL, type_=c.STT_SECTION)
    writer.symbol("f", text, 1, type_=c.STT_FUNC)
    writer.relocate(text, [(4, 2, nothing)])
    ext = board.load(writer.build(), "empty")
    assert (board.memory.word(ext.regions["text"].address + 4), ext.portability) == (8, ())
