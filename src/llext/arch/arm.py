"""Arm, M-profile: Thumb code on Cortex-M3, M4 and M33.

What is special here. Instructions are halfwords; a 32-bit instruction is two of them, most significant first, while
each is stored little endian. Read as one little-endian word, the first halfword is therefore the low one, and that is
how the fields below count. Relocatable files are SHT_REL: the addend stands in the field. A Thumb function's symbol
has bit 0 set; recipes get S without it and T with it, as in "ELF for the Arm Architecture" (AAELF32, IHI 0044).
BL reaches 16 MiB, and flash and RAM of the boards here are further apart, so extensions are compiled with long calls.

Sources: AAELF32 section 5.6 (relocations), ADDENDA32 section 3.3 (build attributes), AAPCS32 section 6 (calls),
Armv7-M Architecture Reference Manual A6/A7 (encodings).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from llext.arch.convention import CallingConvention, DataModel
from llext.arch.model import Arch, CompilerFacts, Cpu, EmulatorFacts, Field, Reloc, ServiceStub
from llext.elf import ElfFile
from llext.elf import constants as c

# Values (AAELF32 table 5-6) ---------------------------------------------------------------------------------------------


def _absolute(s: int, a: int, _p: int, t: int) -> int:
    return (s + a) | t


def _relative(s: int, a: int, p: int, t: int) -> int:
    return ((s + a) | t) - p


def _relative_data(s: int, a: int, p: int, _t: int) -> int:
    return s + a - p


# Fields -----------------------------------------------------------------------------------------------------------------


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


WORD = Field(4, lambda word: _signed(word, 32), lambda _word, value: value)
HALF = Field(2, lambda word: _signed(word, 16), lambda _word, value: value)
BYTE = Field(1, lambda word: _signed(word, 8), lambda _word, value: value)
PREL31 = Field(4, lambda word: _signed(word, 31), lambda word, value: word & 0x80000000 | value & 0x7FFFFFFF)
BRANCH25 = Field(4, _branch25_addend, _branch25_insert)
BRANCH21 = Field(4, _branch21_addend, _branch21_insert)
MOVW = Field(4, _imm16_addend, _imm16_insert)
MOVT = Field(4, _imm16_addend, _imm16_insert_top)
NOTHING = Field(0, lambda _word: 0, lambda word, _value: word)

MIB = 1 << 20
NOP_W = 0x8000F3AF
"""NOP.W, first halfword low (Armv7-M A7.7.88): what a branch to an undefined weak symbol becomes (AAELF32 5.6.1.2)."""
LONG_CALLS = "compile with -mlong-calls, which llext build does: a call then reaches all of memory"

_TABLE = (
    Reloc(0, "R_ARM_NONE", _absolute, NOTHING),
    Reloc(2, "R_ARM_ABS32", _absolute, WORD),
    Reloc(3, "R_ARM_REL32", _relative, WORD),
    Reloc(5, "R_ARM_ABS16", _absolute, HALF, -0x8000, 0xFFFF, hint="a 16-bit field cannot hold a 32-bit address"),
    Reloc(8, "R_ARM_ABS8", _absolute, BYTE, -0x80, 0xFF, hint="an 8-bit field cannot hold a 32-bit address"),
    Reloc(10, "R_ARM_THM_CALL", _relative, BRANCH25, -16 * MIB, 16 * MIB - 1, nop=NOP_W, hint=LONG_CALLS),
    Reloc(30, "R_ARM_THM_JUMP24", _relative, BRANCH25, -16 * MIB, 16 * MIB - 1, nop=NOP_W, hint=LONG_CALLS),
    Reloc(38, "R_ARM_TARGET1", _absolute, WORD),
    Reloc(42, "R_ARM_PREL31", _relative, PREL31, -(1 << 30), (1 << 30) - 1),
    Reloc(47, "R_ARM_THM_MOVW_ABS_NC", _absolute, MOVW),
    Reloc(48, "R_ARM_THM_MOVT_ABS", _absolute, MOVT),
    Reloc(49, "R_ARM_THM_MOVW_PREL_NC", _relative, MOVW),
    Reloc(50, "R_ARM_THM_MOVT_PREL", _relative_data, MOVT),
    Reloc(51, "R_ARM_THM_JUMP19", _relative, BRANCH21, -MIB, MIB - 1, hint=LONG_CALLS),
    Reloc(102, "R_ARM_THM_JUMP11", _relative_data, _short_branch(11), -2048, 2046, 2, hint=LONG_CALLS),
    Reloc(103, "R_ARM_THM_JUMP8", _relative_data, _short_branch(8), -256, 254, 2, hint=LONG_CALLS),
)

_OTHER_NAMES = {
    1: "PC24", 4: "LDR_PC_G0", 6: "ABS12", 7: "THM_ABS5", 9: "SBREL32", 11: "THM_PC8", 12: "BREL_ADJ",
    13: "TLS_DESC", 17: "TLS_DTPMOD32", 18: "TLS_DTPOFF32", 19: "TLS_TPOFF32", 20: "COPY", 21: "GLOB_DAT",
    22: "JUMP_SLOT", 23: "RELATIVE", 24: "GOTOFF32", 25: "BASE_PREL", 26: "GOT_BREL", 27: "PLT32", 28: "CALL",
    29: "JUMP24", 40: "V4BX", 41: "TARGET2", 43: "MOVW_ABS_NC", 44: "MOVT_ABS", 45: "MOVW_PREL_NC", 46: "MOVT_PREL",
    52: "THM_JUMP6", 53: "THM_ALU_PREL_11_0", 54: "THM_PC12", 95: "GOT_ABS", 96: "GOT_PREL", 97: "GOT_BREL12",
    98: "GOTOFF12", 104: "TLS_GD32", 105: "TLS_LDM32", 106: "TLS_LDO32", 107: "TLS_IE32", 108: "TLS_LE32",
    132: "THM_ALU_ABS_G0_NC", 133: "THM_ALU_ABS_G1_NC", 134: "THM_ALU_ABS_G2_NC", 135: "THM_ALU_ABS_G3_NC",
}  # fmt: skip

STOCK = frozenset({0, 1, 2, 3, 10, 21, 22, 23, 28, 29, 30, 38, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50})
"""The types that Zephyr 3.7 to 4.4 applies."""

# Build attributes (ADDENDA32 section 3.3) -------------------------------------------------------------------------------

TAG_CPU_ARCH, TAG_CPU_ARCH_PROFILE, TAG_ABI_VFP_ARGS = 6, 7, 28
_TEXT_TAGS = {4, 5, 65, 67}
_ARCHITECTURES = {
    0: "pre-v4", 1: "v4", 2: "v4T", 3: "v5T", 4: "v5TE", 5: "v5TEJ", 6: "v6", 7: "v6KZ", 8: "v6T2", 9: "v6K",
    10: "v7", 11: "v6-M", 12: "v6S-M", 13: "v7E-M", 14: "v8-A", 15: "v8-R", 16: "v8-M.base", 17: "v8-M.main",
    21: "v8.1-M.main",
}  # fmt: skip
_RUNS = {
    "v7-M": {10, 11, 12},
    "v7E-M": {10, 11, 12, 13},
    "v8-M.main": {10, 11, 12, 16, 17},
}
"""Which Tag_CPU_arch values a CPU of an architecture executes; v7-M files say v7 (10) with the M profile."""


def _uleb(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    return value, at


def _pairs(data: bytes) -> Iterator[tuple[int, int]]:
    """Numeric (tag, value) pairs of a file-scope attribute list; strings are stepped over."""
    at = 0
    while at < len(data):
        tag, at = _uleb(data, at)
        if tag in _TEXT_TAGS or (tag > 32 and tag % 2):
            end = data.find(b"\0", at)
            at = end + 1 if end >= 0 else len(data)
            continue
        value, at = _uleb(data, at)
        if tag == 32:  # Tag_compatibility: a number, then a string
            end = data.find(b"\0", at)
            at = end + 1 if end >= 0 else len(data)
        yield tag, value


def attributes(elf: ElfFile) -> dict[int, int] | None:
    """The file-scope build attributes of the "aeabi" vendor; None if the file has no such section."""
    section = next((section for section in elf.sections if section.type == c.SHT_ARM_ATTRIBUTES), None)
    if section is None:
        return None
    data = bytes(elf.contents(section))
    end_of_vendor = data.find(b"\0", 5)
    if data[:1] != b"A" or data[5:end_of_vendor] != b"aeabi" or len(data) < end_of_vendor + 6:
        return None
    scope, at = data[end_of_vendor + 1], end_of_vendor + 2
    if scope != 1:  # only Tag_File is of interest; compilers write nothing else
        return None
    size = struct.unpack_from("<I", data, at)[0]
    return dict(_pairs(data[at + 4 : end_of_vendor + 1 + size]))


def _incompatibility(elf: ElfFile, cpu: Cpu) -> str | None:
    found = attributes(elf)
    if found is None:
        return None
    level, profile = found.get(TAG_CPU_ARCH, 0), chr(found.get(TAG_CPU_ARCH_PROFILE, 0))
    if level and (level not in _RUNS[cpu.architecture] or profile in "AR"):
        built = _ARCHITECTURES.get(level, f"architecture {level}") + (f"-{profile}" if profile in "AR" else "")
        return f"it is built for Arm {built}, and the board's {cpu.name} executes {cpu.architecture}"
    arguments = found.get(TAG_ABI_VFP_ARGS, 0)
    if arguments in (0, 1) and (arguments == 1) != (cpu.float_abi == "hard"):
        built = "hard" if arguments == 1 else "soft"
        return f"it passes floats by the {built}-float ABI, and the board's {cpu.name} by the {cpu.float_abi}-float ABI"
    return None


# Services ---------------------------------------------------------------------------------------------------------------


def _stub(window: int, number: int) -> bytes:
    """Thumb-2, 32 bytes. r1 carries the high word of a 64-bit result; a call may clobber it otherwise.

    ldr.w  ip, =window        f8df c018
    stmdb  ip, {r0-r3}        e90c 000f
    str.w  lr, [ip, #-20]     f84c ec14
    str.w  sp, [ip, #-24]     f84c dc18
    ldr.w  r0, [ip, #4*n]     f8dc 0nnn     this load calls the host
    ldr.w  r1, [ip, #-28]     f85c 1c1c
    bx     lr ; nop           4770 bf00
    """
    halves = (
        0xF8DF,
        0xC018,
        0xE90C,
        0x000F,
        0xF84C,
        0xEC14,
        0xF84C,
        0xDC18,
        0xF8DC,
        4 * number,
        0xF85C,
        0x1C1C,
        0x4770,
        0xBF00,
    )
    return struct.pack("<14HI", *halves, window)


def _cpu_flags(cpu: Cpu) -> tuple[str, ...]:
    flags = (f"-mcpu={cpu.name}", "-mthumb", f"-mfloat-abi={cpu.float_abi}")
    return (*flags, f"-mfpu={cpu.fpu}") if cpu.fpu else flags


def _rt_target(cpu: Cpu) -> tuple[str, str]:
    """Zig's own names: the ABI is part of the target, the FPU a feature of the CPU (plain cortex_m4 has none)."""
    abi = "eabihf" if cpu.float_abi == "hard" else "eabi"
    feature = {"fpv4-sp-d16": "+vfp4d16sp"}.get(cpu.fpu, "")
    return f"thumb-freestanding-{abi}", cpu.name.replace("-", "_") + feature


DATA_MODEL = DataModel()
"""AAPCS32 8.1: plain char and wchar_t are unsigned, long double is double."""

_BASE = CallingConvention(
    "aapcs", core_registers=4, align_pairs=True, align_variadic_pairs=True, float_registers=0, stack_alignment=8
)
_VFP = replace(_BASE, name="aapcs-vfp", float_registers=16)

ARM = Arch(
    name="Arm",
    machine=c.EM_ARM,
    bits=32,
    cpus={
        "cortex-m3": Cpu("cortex-m3", "v7-M", 10),
        "cortex-m4": Cpu("cortex-m4", "v7E-M", 13),
        "cortex-m4f": Cpu("cortex-m4", "v7E-M", 13, "hard", "fpv4-sp-d16"),
        "cortex-m33": Cpu("cortex-m33", "v8-M.main", 17),
    },
    relocations={reloc.number: reloc for reloc in _TABLE},
    relocation_names={number: f"R_ARM_{name}" for number, name in _OTHER_NAMES.items()}
    | {reloc.number: reloc.name for reloc in _TABLE},
    conventions={"soft": _BASE, "hard": _VFP},
    data_model=DATA_MODEL,
    incompatibility=_incompatibility,
    compiler=CompilerFacts(
        clang_target="arm-none-eabi",
        gcc_prefix="arm-none-eabi-",
        flags=("-mlong-calls",),
        cpu_flags=_cpu_flags,
        rt_target=_rt_target,
    ),
    emulator=EmulatorFacts(
        family="ARM",
        mode="THUMB",
        models={"cortex-m3": "ARM_CORTEX_M3", "cortex-m4": "ARM_CORTEX_M4", "cortex-m33": "ARM_CORTEX_M33"},
        arguments=("R0", "R1", "R2", "R3"),
        float_arguments=tuple(f"S{number}" for number in range(16)),
        results=("R0", "R1"),
        stack_pointer="SP",
        link="LR",
        pc="PC",
        status=("XPSR", 1 << 24),
        report=(*(f"R{number}" for number in range(13)), "SP", "LR", "PC", "XPSR"),
        code_bit=1,
        supervisor_call=2,
        fetch_abort=3,
        page_bytes=512,
        trap_bytes=2,
        trap_number=lambda code: code[0],
    ),
    stub=ServiceStub(size=32, code=_stub, below_window=28, arguments="<III4I"),
    code_symbol_bit=1,
    stock_relocations=STOCK,
)
