"""RISC-V's relocations as data: values, fields, and the table.

ADD, SUB and SET types work on what the place holds. A far address takes two instructions, whose immediates are 20 high bits
and 12 low ones; the low half is sign extended, so the high half is rounded up when bit 11 is set. A PC-relative pair is two
relocations: the low one names the label of the high one, wherever that stands, and takes its value. Relaxation is an offer
that is not taken; R_RISCV_ALIGN is none, it needs bytes deleted, and is refused.

Sources: "RISC-V ELF psABI" (relocations, code models), "RISC-V ISA manual, volume I" chapters 2.2, 2.3 and 16 (immediates).
"""

from __future__ import annotations

from llext.arch.model import Field, Operand, Reloc

# Values -----------------------------------------------------------------------------------------------------------------


def _absolute(s: int, a: int, _p: int, _t: int) -> int:
    return s + a


def _relative(s: int, a: int, p: int, _t: int) -> int:
    return s + a - p


def _paired(s: int, _a: int, _p: int, _t: int) -> int:
    """The value of the other half; an addend here has no meaning."""
    return s


def _difference(s: int, a: int, _p: int, _t: int) -> int:
    """What is subtracted is the symbol with its addend."""
    return s - a


# Fields (ISA manual 2.3: immediate encoding variants; 16.8 for compressed ones) -------------------------------------------


def _no_addend(_word: int) -> int:
    return 0


def _field(size: int, insert: object) -> Field:
    return Field(size, _no_addend, insert)  # type: ignore[arg-type]


def upper(word: int, value: int) -> int:
    """U-type: bits 31:12, rounded for the low half's sign."""
    return word & 0xFFF | value + 0x800 & 0xFFFFF000


def lower_load(word: int, value: int) -> int:
    """I-type: imm[11:0] at 31:20."""
    return word & 0xFFFFF | (value & 0xFFF) << 20


def lower_store(word: int, value: int) -> int:
    """S-type: imm[11:5] at 31:25, imm[4:0] at 11:7."""
    return word & 0x1FFF07F | (value & 0xFE0) << 20 | (value & 0x1F) << 7


def _branch(word: int, value: int) -> int:
    """B-type: imm[12|10:5] at 31:25, imm[4:1|11] at 11:7."""
    high = (value >> 12 & 1) << 31 | (value >> 5 & 0x3F) << 25
    return word & 0x1FFF07F | high | (value >> 1 & 0xF) << 8 | (value >> 11 & 1) << 7


def _jump(word: int, value: int) -> int:
    """J-type: imm[20|10:1|11|19:12] at 31:12."""
    high = (value >> 20 & 1) << 31 | (value >> 1 & 0x3FF) << 21
    return word & 0xFFF | high | (value >> 11 & 1) << 20 | value & 0xFF000


def _compressed_branch(word: int, value: int) -> int:
    """CB-type: offset[8|4:3] at 12:10, offset[7:6|2:1|5] at 6:2."""
    high = (value >> 8 & 1) << 12 | (value >> 3 & 3) << 10
    return word & 0xE383 | high | (value >> 6 & 3) << 5 | (value >> 1 & 3) << 3 | (value >> 5 & 1) << 2


def _compressed_jump(word: int, value: int) -> int:
    """CJ-type: offset[11|4|9:8|10|6|7|3:1|5] at 12:2."""
    high = (value >> 11 & 1) << 12 | (value >> 4 & 1) << 11 | (value >> 8 & 3) << 9 | (value >> 10 & 1) << 8
    return word & 0xE003 | high | (value >> 6 & 1) << 7 | (value >> 7 & 1) << 6 | (value >> 1 & 7) << 3 | (value >> 5 & 1) << 2


def _compressed_upper(word: int, value: int) -> int:
    """C.LUI: nzimm[17] at 12, nzimm[16:12] at 6:2. 0 is not encodable there, and C.LI rd, 0 means the same."""
    high = value + 0x800 >> 12
    opcode = 0x4000 + 0x2000 * (high & 0x3F != 0)
    return word & 0x0F83 | opcode | (high >> 5 & 1) << 12 | (high & 0x1F) << 2


def _store_uleb(data: memoryview, offset: int, value: int) -> int | None:
    """A number into as many bytes as are there; what of it is left over, None if the bytes do not end.

    Ten bytes hold 64 bits, twice an address. Without an end, each of many relocations could walk through its whole section.
    """
    for at in range(offset, min(offset + 10, len(data))):
        more = data[at] & 0x80
        data[at] = more | value & 0x7F
        value >>= 7
        if not more:
            return value
    return None


def _leave_minuend(_data: memoryview, _offset: int, _value: int) -> bool:
    """SET_ULEB128: an address, which need not fit; the SUB_ULEB128 at the same place stores the difference."""
    return True


def _store_difference(data: memoryview, offset: int, value: int) -> bool:
    return _store_uleb(data, offset, value) == 0


# The table (psABI, "Relocations") -----------------------------------------------------------------------------------------

KIB, MIB = 1 << 10, 1 << 20
_T1 = 6
WORD = _field(4, lambda _word, value: value)
UPPER, LOAD, STORE = _field(4, upper), _field(4, lower_load), _field(4, lower_store)
NOTHING = _field(0, lambda word, _value: word)
LOCAL_EXEC = "compile with -ftls-model=local-exec, or reach errno by <errno.h>"
SPLIT = "call it by 'call' instead; or split the code into sections of less than 1 MiB, between which veneers can stand"
NEARER = "call it by 'call' instead, or bring the two nearer: same source, same section"
LABEL = "a %pcrel_lo takes the label of the instruction with the %pcrel_hi"
NO_RELAX = "compile with -mno-relax, which llext build does: bytes would have to be deleted to align what follows"


def _numbers(name: str, first: int, insert: object) -> tuple[Reloc, ...]:
    """One operation on 8, 16 and 32 bits."""
    return tuple(Reloc(first + step, f"R_RISCV_{name}{8 << step}", _absolute, _field(1 << step, insert)) for step in range(3))


TABLE = (
    Reloc(0, "R_RISCV_NONE", _absolute, NOTHING),
    Reloc(1, "R_RISCV_32", _absolute, WORD),
    Reloc(16, "R_RISCV_BRANCH", _relative, _field(4, _branch), -4 * KIB, 4 * KIB - 2, 2, hint=NEARER),
    Reloc(17, "R_RISCV_JAL", _relative, _field(4, _jump), -MIB, MIB - 2, 2, hint=SPLIT, veneer=0,
          may_detour=lambda word: word >> 7 & 31 != _T1),
    Reloc(18, "R_RISCV_CALL", _relative, UPPER, second=LOAD),
    Reloc(19, "R_RISCV_CALL_PLT", _relative, UPPER, second=LOAD),
    Reloc(20, "R_RISCV_GOT_HI20", _relative, UPPER, operand=Operand.GOT, completed_by=Operand.PAIRED),
    Reloc(21, "R_RISCV_TLS_GOT_HI20", _relative, UPPER, operand=Operand.THREAD_GOT, completed_by=Operand.PAIRED),
    Reloc(22, "R_RISCV_TLS_GD_HI20", _absolute, NOTHING, refused="there is no __tls_get_addr", hint=LOCAL_EXEC),
    Reloc(23, "R_RISCV_PCREL_HI20", _relative, UPPER, completed_by=Operand.PAIRED),
    Reloc(24, "R_RISCV_PCREL_LO12_I", _paired, LOAD, operand=Operand.PAIRED, hint=LABEL),
    Reloc(25, "R_RISCV_PCREL_LO12_S", _paired, STORE, operand=Operand.PAIRED, hint=LABEL),
    Reloc(26, "R_RISCV_HI20", _absolute, UPPER),
    Reloc(27, "R_RISCV_LO12_I", _absolute, LOAD),
    Reloc(28, "R_RISCV_LO12_S", _absolute, STORE),
    Reloc(29, "R_RISCV_TPREL_HI20", _absolute, UPPER, operand=Operand.THREAD),
    Reloc(30, "R_RISCV_TPREL_LO12_I", _absolute, LOAD, operand=Operand.THREAD),
    Reloc(31, "R_RISCV_TPREL_LO12_S", _absolute, STORE, operand=Operand.THREAD),
    Reloc(32, "R_RISCV_TPREL_ADD", _absolute, NOTHING),
    *_numbers("ADD", 33, lambda word, value: word + value),
    *_numbers("SUB", 37, lambda word, value: word - value),
    Reloc(43, "R_RISCV_ALIGN", _absolute, NOTHING, refused="it aligns by deleting bytes", hint=NO_RELAX),
    Reloc(44, "R_RISCV_RVC_BRANCH", _relative, _field(2, _compressed_branch), -256, 254, 2, hint=NEARER),
    Reloc(45, "R_RISCV_RVC_JUMP", _relative, _field(2, _compressed_jump), -2 * KIB, 2 * KIB - 2, 2, hint=NEARER),
    Reloc(46, "R_RISCV_RVC_LUI", _absolute, _field(2, _compressed_upper), -0x20800, 0x1F7FF,
          hint="C.LUI takes 18 bits: use lui"),
    Reloc(51, "R_RISCV_RELAX", _absolute, NOTHING),
    Reloc(52, "R_RISCV_SUB6", _absolute, _field(1, lambda word, value: word & 0xC0 | word - value & 0x3F)),
    Reloc(53, "R_RISCV_SET6", _absolute, _field(1, lambda word, value: word & 0xC0 | value & 0x3F)),
    *_numbers("SET", 54, lambda _word, value: value),
    Reloc(57, "R_RISCV_32_PCREL", _relative, WORD),
    Reloc(59, "R_RISCV_PLT32", _relative, WORD),
    Reloc(41, "R_RISCV_GOT32_PCREL", _relative, WORD, operand=Operand.GOT),
    Reloc(60, "R_RISCV_SET_ULEB128", _absolute, Field(0, _no_addend, lambda word, _value: word, _leave_minuend),
          completed_by=Operand.DIFFERENCE, hint="a SUB_ULEB128 must be at the same place"),
    Reloc(61, "R_RISCV_SUB_ULEB128", _difference, Field(0, _no_addend, lambda word, _value: word, _store_difference),
          operand=Operand.DIFFERENCE, hint="it must follow a SET_ULEB128, and the number keep its length"),
)  # fmt: skip

OTHER_NAMES = {
    2: "64", 3: "RELATIVE", 4: "COPY", 5: "JUMP_SLOT", 6: "TLS_DTPMOD32", 8: "TLS_DTPREL32", 10: "TLS_TPREL32", 12: "TLSDESC",
    36: "ADD64", 40: "SUB64", 58: "IRELATIVE", 62: "TLSDESC_HI20", 63: "TLSDESC_LOAD_LO12",
    64: "TLSDESC_ADD_LO12", 65: "TLSDESC_CALL",
}  # fmt: skip
STOCK = frozenset({
    0, 1, 2, 3, 5, 16, 17, 18, 19, 23, 24, 25, 26, 27, 28, 33, 34, 35, 36, 37, 38, 39, 40, 44, 45, 51, 52, 53, 54, 55, 56, 57,
    59,
})  # fmt: skip
_SIX_BITS = "its loader keeps 5 of the 6 bits; we follow the ABI"
DEFECTS = {
    17: "its loader does not see a target out of reach (1 MiB) and patches a wrong one; we check",
    52: _SIX_BITS,
    53: _SIX_BITS,
}
