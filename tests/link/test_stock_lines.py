"""What the log has of a file that is refused: the line that Zephyr logs (reference sections 2 and 3), where it logs one."""

import re

import pytest
from stock_rows import LOADS, ROWS

from llext import Board, LlextError
from llext.elf import ElfWriter
from llext.elf import constants as c

MISSING = "Some sections are missing or present multiple times!"
NOT_LOADED = r"Section \d+ not loaded in any memory region"
UNEXPECTED = "target symbol has unexpected section index"
LINES = {
    "a linked program (ET_EXEC)": ["Unsupported ELF file type"],
    "a core dump (ET_CORE)": ["Unsupported ELF file type"],
    "no symbol table": [MISSING],
    "no names of symbols": [MISSING],
    "e_shstrndx names no string table": [MISSING],
    "a symbol table that names another section as its names": [MISSING],
    "two symbol tables": [MISSING],
    "a dynamic symbol table only": [MISSING],
    "symbols without entry size": ["Invalid symbol table"],
    "half a symbol at the end": ["Invalid symbol table"],
    "a section name outside its table": ["Invalid section name index"],
    "two init arrays": ["Region 9 redefined"],
    "sections of one region that differ in their flags": ["Unsupported section flags"],
    "two NOBITS sections": ["Multiple SHT_NOBITS sections are not supported"],
    "interleaved sections": [r"Region 0 ELF file range \(0x34-0x\w+\) overlaps with 2 \(0x\w+-0x\w+\)"],
    "a global object in a section that is not loaded": ["No data for section"],
    "COMMON symbols": [UNEXPECTED],
    "relocations of a section that is not there": ["Sanity checks failed"],
    "relocations of another size": ["Sanity checks failed"],
    "half a relocation at the end": ["Sanity checks failed"],
    "relocations of another size for what is not loaded": ["Sanity checks failed"],
    "relocations of unwind tables": [NOT_LOADED],
    "a relocation by a symbol with a reserved index": [UNEXPECTED, "Could not find symbol odd!"],
    "a relocation type that only we know": ["unknown relocation: 51"],
    "a relocation type that nobody knows": ["unknown relocation: 200"],
    "RISC-V: the halves of an address in two sections": ["Could not find R_RISCV_PCREL_HI20"],
    "RISC-V: R_RISCV_ALIGN": ["unknown relocation: 43"],
}
OLD = {
    "a string table more": [MISSING],
    "one table for the names of symbols and sections": [MISSING],
    "relocations of debug sections": [NOT_LOADED],
    "a weak symbol that nobody defines": [
        r"Undefined symbol with no entry in symbol table maybe, offset \d+, link section \d+",
        "Could not find symbol maybe!",
    ],
}


def errors(row, version):
    """What the log has at level ERR when a file is refused; None if it is loaded."""
    said = []
    with Board(row.board, zephyr=version, log=lambda level, text: said.append((level, text))) as board:
        for number, data in enumerate(row.before):
            board.load(data, f"lib{number}")
        try:
            board.load(bytes(row.make()), row.under, strict=row.here == LOADS)
        except LlextError:
            assert said[-1][0] == "err" or all(level != "err" for level, _ in said)
            return [text for level, text in said if level == "err"]
    return None


def check(row, version, expected):
    found = errors(row, version)
    assert found is None or len(found) == len(expected), found
    assert found is not None or not expected
    for text, pattern in zip(found or (), expected, strict=True):
        assert re.fullmatch(pattern, text), text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_zephyrs_line_is_logged_of_what_is_refused(row):
    check(row, "4.4", LINES.get(row.name, []))


@pytest.mark.parametrize("name", OLD)
def test_it_is_logged_of_what_older_versions_refuse(name):
    row = next(row for row in ROWS if row.name == name)
    check(row, "4.0", OLD[name])


def refused(data, board="mps2/an385"):
    said = []
    with Board(board, log=lambda level, text: said.append((level, text))) as powered, pytest.raises(LlextError):
        powered.load(data, "bad")
    return [text for level, text in said if level == "err"]


def far(board, text, type_):
    """A relocation that does not reach its symbol."""
    writer = ElfWriter(c.EM_ARM if board == "mps2/an385" else c.EM_RISCV)
    section = writer.section(".text", bytes.fromhex(text), flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
    symbol = writer.symbol("f", section, 0x2000_0001, type_=c.STT_FUNC)
    writer.relocate(section, [(0, type_, symbol)], addends=[0] if board == "qemu_riscv32" else None)
    return refused(writer.build(), board)


@pytest.mark.parametrize(
    ("board", "text", "type_", "lines"),
    [
        ("mps2/an385", "fff7feff 7047 00bf", 10, ["sym 'f': relocation out of range"]),
        ("mps2/an385", "fee7 7047", 102, ["unknown relocation: 102"]),
        ("qemu_riscv32", "63000000", 16, []),
    ],
)
def test_a_field_without_room_is_told_as_the_architectures_loader_tells_it(board, text, type_, lines):
    assert far(board, text, type_) == lines


def test_an_undefined_symbol_is_told_with_its_place(build):
    path = build("extern int nobody(int);\nint f(int a) { return nobody(a); }\nEXPORT_SYMBOL(f);")
    first, second = refused(path.read_bytes())
    assert re.fullmatch(r"Undefined symbol with no entry in symbol table nobody, offset \d+, link section \d+", first)
    assert second == "Could not find symbol nobody!"


def test_a_region_without_room_is_told_with_its_number(build):
    path = build("int f(int a) { return a; }\nEXPORT_SYMBOL(f);\nchar much[100000];\nEXPORT_SYMBOL(much);")
    (line,) = refused(path.read_bytes())
    assert re.fullmatch(r"Failed allocating \d+ bytes \d+-aligned for region 3", line)


def test_a_piece_that_is_no_region_is_told_by_its_own_sentence_only(build):
    path, said = build("int f(int a) { return a; }\nEXPORT_SYMBOL(f);"), []
    with Board(heap_size=64, log=lambda level, text: said.append(level)) as board, pytest.raises(LlextError):
        board.load(path)
    assert "err" not in said
