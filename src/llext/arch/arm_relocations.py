"""Arm's relocations as data: Thumb for M-profile, and the A32 forms for boards to come.

A 32-bit Thumb instruction is two halfwords, most significant first, while each is stored little endian. Read as one
little-endian word, the first halfword is therefore the low one, and that is how the fields below count. Recipes get S
without its Thumb bit and T with it, as in "ELF for the Arm Architecture" (AAELF32, IHI 0044), section 5.6.

Sources: AAELF32 tables 5-5 to 5-10 (numbers, operations, group relocations); Armv7-M Architecture Reference Manual A7.7
and Armv7-A A8.8 (encodings).
"""

from __future__ import annotations

from collections.abc import Callable

from llext.arch.model import Field, Operand, Reloc

Residue = Callable[[int], int]
MIB = 1 << 20

# Values (AAELF32 table 5-6) ---------------------------------------------------------------------------------------------


def _absolute(s: int, a: int, _p: int, t: int) -> int:
    return (s + a) | t


def _absolute_data(s: int, a: int, _p: int, _t: int) -> int:
    return s + a


def _relative(s: int, a: int, p: int, t: int) -> int:
    return ((s + a) | t) - p


def _relative_data(s: int, a: int, p: int, _t: int) -> int:
    return s + a - p


def _relative_aligned(s: int, a: int, p: int, _t: int) -> int:
    """From Pa, the place rounded down to a word, as LDR and ADR count."""
    return s + a - (p & ~3)


def _relative_aligned_code(s: int, a: int, p: int, t: int) -> int:
    return ((s + a) | t) - (p & ~3)


# Thumb fields -----------------------------------------------------------------------------------------------------------


def _signed(value: int, bits: int) -> int:
    """Reads the low bits of a value as a two's complement number."""
    sign = 1 << (bits - 1)
    return ((value & (2 * sign - 1)) ^ sign) - sign


def _branch25_addend(word: int) -> int:
    """imm25 of BL and B.W: S:I1:I2:imm10:imm11:0 with In = NOT(Jn XOR S) (Armv7-M A7.7.18, encoding T1)."""
    sign = word >> 10 & 1
    i1 = ~(word >> 29 ^ sign) & 1
    i2 = ~(word >> 27 ^ sign) & 1
    return _signed(sign << 24 | i1 << 23 | i2 << 22 | (word & 0x3FF) << 12 | (word >> 16 & 0x7FF) << 1, 25)


def _branch25_insert(word: int, value: int) -> int:
    sign = value >> 24 & 1
    j1 = ~(value >> 23 ^ sign) & 1
    j2 = ~(value >> 22 ^ sign) & 1
    kept = word & ~(0x7FF | 0x2FFF << 16)
    return kept | sign << 10 | value >> 12 & 0x3FF | (j1 << 13 | j2 << 11 | value >> 1 & 0x7FF) << 16


def _branch21_addend(word: int) -> int:
    """imm21 of a conditional B.W: S:J2:J1:imm6:imm11:0 (Armv7-M A7.7.12, encoding T3)."""
    top = (word >> 10 & 1) << 20 | (word >> 27 & 1) << 19 | (word >> 29 & 1) << 18
    return _signed(top | (word & 0x3F) << 12 | (word >> 16 & 0x7FF) << 1, 21)


def _branch21_insert(word: int, value: int) -> int:
    kept = word & ~(0x43F | 0x2FFF << 16)
    low = (value >> 20 & 1) << 10 | value >> 12 & 0x3F
    return kept | low | ((value >> 18 & 1) << 13 | (value >> 19 & 1) << 11 | value >> 1 & 0x7FF) << 16


def _imm16_addend(word: int) -> int:
    """imm16 of MOVW and MOVT: imm4:i:imm3:imm8 (Armv7-M A7.7.76, encoding T3)."""
    return _signed((word & 0xF) << 12 | (word >> 10 & 1) << 11 | (word >> 28 & 7) << 8 | word >> 16 & 0xFF, 16)


def _imm16_insert(word: int, value: int) -> int:
    kept = word & ~(0x40F | 0x70FF << 16)
    return kept | value >> 12 & 0xF | (value >> 11 & 1) << 10 | (value >> 8 & 7) << 28 | (value & 0xFF) << 16


def _imm16_insert_top(word: int, value: int) -> int:
    return _imm16_insert(word, value >> 16)


def _short_branch(bits: int) -> Field:
    """A 16-bit B: an immediate in halfwords at bit 0 (Armv7-M A7.7.12, encodings T1 and T2)."""
    mask = (1 << bits) - 1

    def addend(word: int) -> int:
        return _signed(word & mask, bits) * 2

    def insert(word: int, value: int) -> int:
        return word & ~mask | value >> 1 & mask

    return Field(2, addend, insert)


def _compare_branch_addend(word: int) -> int:
    """i:imm5:0 of CBZ and CBNZ, forward only (Armv7-M A7.7.21); the field of a branch to itself is -4."""
    return (((word >> 9 & 1) << 6 | (word >> 3 & 0x1F) << 1) + 4 & 0x7F) - 4


def _compare_branch_insert(word: int, value: int) -> int:
    return word & ~0x2F8 | (value >> 6 & 1) << 9 | (value >> 1 & 0x1F) << 3


def _literal_insert(word: int, value: int) -> int:
    """imm8 words of LDR (literal) and ADR, forward only (Armv7-M A7.7.44, encoding T1)."""
    return word & ~0xFF | value >> 2 & 0xFF


def _adr_addend(word: int) -> int:
    """i:imm3:imm8 of ADR.W, which adds or subtracts (Armv7-M A7.7.7, encodings T2 and T3)."""
    size = (word >> 10 & 1) << 11 | (word >> 28 & 7) << 8 | word >> 16 & 0xFF
    return size - 2 * size * ((word & 0xF0) != 0)


def _adr_insert(word: int, value: int) -> int:
    size, negative = abs(value), value < 0
    kept = word & ~(0x4F0 | 0x70FF << 16)
    return kept | 0xA0 * negative | (size >> 11 & 1) << 10 | (size >> 8 & 7) << 28 | (size & 0xFF) << 16


def _load12_addend(word: int) -> int:
    """imm12 of LDR.W (literal) with its U bit (Armv7-M A7.7.44, encoding T2)."""
    size = word >> 16 & 0xFFF
    return size - 2 * size * ((word & 0x80) == 0)


def _load12_insert(word: int, value: int) -> int:
    size, positive = abs(value), value >= 0
    return word & ~(0x80 | 0xFFF << 16) | 0x80 * positive | (size & 0xFFF) << 16


def _byte_of(number: int) -> Field:
    """imm8 of MOVS and ADDS in v6-M's four-step addresses: one byte of the value (AAELF32 5.6.1.5)."""
    return Field(2, lambda word: word & 0xFF, lambda word, value: word & ~0xFF | value >> 8 * number & 0xFF)


# A32 fields -------------------------------------------------------------------------------------------------------------


def _branch26_insert(word: int, value: int) -> int:
    """imm24 words of B and BL (Armv7-A A8.8.18)."""
    return word & 0xFF000000 | value >> 2 & 0xFFFFFF


def _imm16_a32_addend(word: int) -> int:
    """imm4:imm12 of MOVW and MOVT (Armv7-A A8.8.102, encoding A2)."""
    return _signed((word >> 4 & 0xF000) | word & 0xFFF, 16)


def _imm16_a32_insert(word: int, value: int) -> int:
    return word & 0xFFF0F000 | (value & 0xF000) << 4 | value & 0xFFF


def _imm16_a32_insert_top(word: int, value: int) -> int:
    return _imm16_a32_insert(word, value >> 16)


def _shift(size: int) -> int:
    """Where the first group of a number lies: the even bit from which 8 bits take in its highest one (AAELF32 5.6.1.4)."""
    return 2 * sum(size >= 0x100 << 2 * step for step in range(12))


def _behind_groups(size: int, number: int) -> int:
    """What is left of a number behind its first groups."""
    for _ in range(number):
        size = size & (1 << _shift(size)) - 1
    return size


def _alu_addend(word: int) -> int:
    """imm8 rotated right by twice imm4, of ADD or SUB (Armv7-A A5.2.4)."""
    value, turn = word & 0xFF, word >> 7 & 0x1E
    size = (value >> turn | value << 32 - turn) & 0xFFFFFFFF
    return size - 2 * size * ((word & 0x00400000) != 0)


def _alu(number: int) -> Field:
    """ADD or SUB of a value's group of this number."""

    def insert(word: int, value: int) -> int:
        rest, negative = _behind_groups(abs(value), number), value < 0
        shift = _shift(rest)
        opcode = 0x00800000 - 0x00400000 * negative
        return word & 0xFF3FF000 | opcode | (32 - shift & 31) << 7 | rest >> shift & 0xFF

    return Field(4, _alu_addend, insert)


def _load_addend(word: int) -> int:
    """imm12 of LDR with its U bit (Armv7-A A8.8.64)."""
    size = word & 0xFFF
    return size - 2 * size * ((word & 0x00800000) == 0)


def _load(number: int) -> Field:
    """LDR or STR with what groups before it have left over."""

    def insert(word: int, value: int) -> int:
        rest, positive = _behind_groups(abs(value), number), value >= 0
        return word & 0xFF7FF000 | 0x00800000 * positive | rest & 0xFFF

    return Field(4, _load_addend, insert)


def _load_split_addend(word: int) -> int:
    """imm4H:imm4L of LDRD, LDRH and their like, with the U bit (Armv7-A A8.8.73)."""
    size = word >> 4 & 0xF0 | word & 0xF
    return size - 2 * size * ((word & 0x00800000) == 0)


def _load_split(number: int) -> Field:
    def insert(word: int, value: int) -> int:
        rest, positive = _behind_groups(abs(value), number), value >= 0
        return word & 0xFF7FF0F0 | 0x00800000 * positive | (rest & 0xF0) << 4 | rest & 0xF

    return Field(4, _load_split_addend, insert)


def _residue(number: int, bits: int) -> Residue:
    """What does not fit behind ``number`` groups into so many low bits."""
    return lambda value: _behind_groups(abs(value), number) >> bits


# The table --------------------------------------------------------------------------------------------------------------

WORD = Field(4, lambda word: _signed(word, 32), lambda _word, value: value)
HALF = Field(2, lambda word: _signed(word, 16), lambda _word, value: value)
BYTE = Field(1, lambda word: _signed(word, 8), lambda _word, value: value)
PREL31 = Field(4, lambda word: _signed(word, 31), lambda word, value: word & 0x80000000 | value & 0x7FFFFFFF)
BRANCH25 = Field(4, _branch25_addend, _branch25_insert)
BRANCH21 = Field(4, _branch21_addend, _branch21_insert)
COMPARE_BRANCH = Field(2, _compare_branch_addend, _compare_branch_insert)
LITERAL = Field(2, lambda word: (((word & 0xFF) << 2) + 4 & 0x3FF) - 4, _literal_insert)
ADR = Field(4, _adr_addend, _adr_insert)
LOAD12 = Field(4, _load12_addend, _load12_insert)
MOVW = Field(4, _imm16_addend, _imm16_insert)
MOVT = Field(4, _imm16_addend, _imm16_insert_top)
A32_BRANCH = Field(4, lambda word: _signed(word, 24) * 4, _branch26_insert)
A32_MOVW = Field(4, _imm16_a32_addend, _imm16_a32_insert)
A32_MOVT = Field(4, _imm16_a32_addend, _imm16_a32_insert_top)
NOTHING = Field(0, lambda _word: 0, lambda word, _value: word)

NOPS = 0xBF00BF00
"""Two NOPs, what a branch to an undefined weak symbol becomes (AAELF32 5.6.1.2); v6-M has no NOP.W."""
NOP = 0xBF00
NOP_A32 = 0xE1A00000
"""MOV r0, r0."""
LONG_CALLS = "compile with -mlong-calls, which llext build does: a call then reaches all of memory"
LOCAL_EXEC = "compile with -ftls-model=local-exec, or reach errno by <errno.h>"
SPLIT = "veneers stand between sections: split the code into sections of less than 1 MiB, as --type object keeps them, or branch by bl"
NEARER = "the target must lie in the same section; a call or a load of its address reaches farther"


def _thumb_branch(number: int, name: str, field: Field, reach: int, hint: str) -> Reloc:
    """A 32-bit Thumb branch; its plain addend takes back that the pc is 4 bytes ahead."""
    return Reloc(number, name, _relative, field, -reach, reach - 1, nop=NOPS, hint=hint, veneer=-4, state=1)


def _a32_branch(number: int, name: str) -> Reloc:
    return Reloc(number, name, _relative, A32_BRANCH, -32 * MIB, 32 * MIB - 4, 4, nop=NOP_A32, hint=LONG_CALLS, state=0)


def _group_relocations() -> tuple[Reloc, ...]:
    """AAELF32 table 5-10: a PC-relative address in up to three instructions."""
    wide = (-(1 << 31), (1 << 31) - 1)
    alu = tuple(
        Reloc(number, f"R_ARM_ALU_PC_{name}", _relative, _alu(group), *wide, hint=NEARER,
              residue=_residue(group + 1, 0) if checked else None)
        for number, name, group, checked in (
            (57, "G0_NC", 0, False), (58, "G0", 0, True), (59, "G1_NC", 1, False), (60, "G1", 1, True), (61, "G2", 2, True))
    )  # fmt: skip
    loads = tuple(
        Reloc(number, f"R_ARM_LDR_PC_G{group}", _relative_data, _load(group), *wide, hint=NEARER, residue=_residue(group, 12))
        for group, number in enumerate((4, 62, 63))
    )
    splits = tuple(
        Reloc(number, f"R_ARM_LDRS_PC_G{group}", _relative_data, _load_split(group), *wide, hint=NEARER,
              residue=_residue(group, 8))
        for group, number in enumerate((64, 65, 66))
    )  # fmt: skip
    return alu + loads + splits


TABLE = (
    Reloc(0, "R_ARM_NONE", _absolute, NOTHING),
    _a32_branch(1, "R_ARM_PC24"),
    Reloc(2, "R_ARM_ABS32", _absolute, WORD),
    Reloc(3, "R_ARM_REL32", _relative, WORD),
    Reloc(5, "R_ARM_ABS16", _absolute_data, HALF, -0x8000, 0xFFFF, hint="a 16-bit field cannot hold a 32-bit address"),
    Reloc(8, "R_ARM_ABS8", _absolute_data, BYTE, -0x80, 0xFF, hint="an 8-bit field cannot hold a 32-bit address"),
    _thumb_branch(10, "R_ARM_THM_CALL", BRANCH25, 16 * MIB, LONG_CALLS),
    Reloc(11, "R_ARM_THM_PC8", _relative_aligned, LITERAL, 0, 1020, 4, hint=NEARER),
    Reloc(24, "R_ARM_GOTOFF32", _relative, WORD, from_got=True),
    Reloc(25, "R_ARM_BASE_PREL", _relative_data, WORD, operand=Operand.GOT_ORIGIN),
    Reloc(26, "R_ARM_GOT_BREL", _relative_data, WORD, operand=Operand.GOT, from_got=True),
    _a32_branch(27, "R_ARM_PLT32"),
    _a32_branch(28, "R_ARM_CALL"),
    _a32_branch(29, "R_ARM_JUMP24"),
    _thumb_branch(30, "R_ARM_THM_JUMP24", BRANCH25, 16 * MIB, LONG_CALLS),
    Reloc(38, "R_ARM_TARGET1", _absolute, WORD),
    Reloc(40, "R_ARM_V4BX", _absolute, NOTHING),
    Reloc(41, "R_ARM_TARGET2", _relative, WORD),
    Reloc(42, "R_ARM_PREL31", _relative, PREL31, -(1 << 30), (1 << 30) - 1),
    Reloc(43, "R_ARM_MOVW_ABS_NC", _absolute, A32_MOVW),
    Reloc(44, "R_ARM_MOVT_ABS", _absolute_data, A32_MOVT),
    Reloc(45, "R_ARM_MOVW_PREL_NC", _relative, A32_MOVW),
    Reloc(46, "R_ARM_MOVT_PREL", _relative_data, A32_MOVT),
    Reloc(47, "R_ARM_THM_MOVW_ABS_NC", _absolute, MOVW),
    Reloc(48, "R_ARM_THM_MOVT_ABS", _absolute_data, MOVT),
    Reloc(49, "R_ARM_THM_MOVW_PREL_NC", _relative, MOVW),
    Reloc(50, "R_ARM_THM_MOVT_PREL", _relative_data, MOVT),
    _thumb_branch(51, "R_ARM_THM_JUMP19", BRANCH21, MIB, SPLIT),
    Reloc(52, "R_ARM_THM_JUMP6", _relative_data, COMPARE_BRANCH, 0, 126, 2, hint=NEARER),
    Reloc(53, "R_ARM_THM_ALU_PREL_11_0", _relative_aligned_code, ADR, -4095, 4095, hint=NEARER),
    Reloc(54, "R_ARM_THM_PC12", _relative_aligned, LOAD12, -4095, 4095, hint=NEARER),
    Reloc(96, "R_ARM_GOT_PREL", _relative_data, WORD, operand=Operand.GOT),
    Reloc(102, "R_ARM_THM_JUMP11", _relative_data, _short_branch(11), -2048, 2046, 2, nop=NOP, hint=NEARER, state=1),
    Reloc(103, "R_ARM_THM_JUMP8", _relative_data, _short_branch(8), -256, 254, 2, nop=NOP, hint=NEARER, state=1),
    Reloc(107, "R_ARM_TLS_IE32", _relative_data, WORD, operand=Operand.THREAD_GOT),
    Reloc(108, "R_ARM_TLS_LE32", _absolute_data, WORD, operand=Operand.THREAD),
    Reloc(104, "R_ARM_TLS_GD32", _absolute_data, NOTHING, refused="there is no __tls_get_addr", hint=LOCAL_EXEC),
    *(Reloc(132 + step, f"R_ARM_THM_ALU_ABS_G{step}_NC", _absolute, _byte_of(step)) for step in range(4)),
    *_group_relocations(),
)

_OTHER_NAMES = {
    6: "ABS12", 7: "THM_ABS5", 9: "SBREL32", 14: "THM_SWI8", 15: "XPC25", 16: "THM_XPC22", 31: "BASE_ABS", 55: "ABS32_NOI",
    56: "REL32_NOI", 70: "ALU_SB_G0_NC", 71: "ALU_SB_G0", 72: "ALU_SB_G1_NC", 73: "ALU_SB_G1", 74: "ALU_SB_G2",
    75: "LDR_SB_G0", 76: "LDR_SB_G1", 77: "LDR_SB_G2", 78: "LDRS_SB_G0", 79: "LDRS_SB_G1", 80: "LDRS_SB_G2",
    81: "LDC_SB_G0", 82: "LDC_SB_G1", 83: "LDC_SB_G2", 84: "MOVW_BREL_NC", 85: "MOVT_BREL", 86: "MOVW_BREL",
    87: "THM_MOVW_BREL_NC", 88: "THM_MOVT_BREL", 89: "THM_MOVW_BREL", 90: "TLS_GOTDESC", 91: "TLS_CALL", 92: "TLS_DESCSEQ",
    93: "THM_TLS_CALL", 94: "PLT32_ABS", 99: "GOTRELAX", 129: "THM_TLS_DESCSEQ16", 130: "THM_TLS_DESCSEQ32",
    136: "THM_BF16", 137: "THM_BF12", 138: "THM_BF18", 160: "IRELATIVE", 12: "BREL_ADJ", 13: "TLS_DESC", 17: "TLS_DTPMOD32", 18: "TLS_DTPOFF32",
    19: "TLS_TPOFF32", 20: "COPY", 21: "GLOB_DAT", 22: "JUMP_SLOT", 23: "RELATIVE", 67: "LDC_PC_G0", 68: "LDC_PC_G1",
    69: "LDC_PC_G2", 95: "GOT_ABS", 97: "GOT_BREL12", 98: "GOTOFF12", 105: "TLS_LDM32",
    106: "TLS_LDO32", 109: "TLS_LDO12", 110: "TLS_LE12", 111: "TLS_IE12GP",
}  # fmt: skip

NAMES = {number: f"R_ARM_{name}" for number, name in _OTHER_NAMES.items()} | {reloc.number: reloc.name for reloc in TABLE}
"""Every type that AAELF32 names and a compiler may write."""

STOCK = frozenset({0, 1, 2, 3, 10, 21, 22, 23, 28, 29, 30, 38, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50})
"""The types that Zephyr 3.7 to 4.4 applies."""
