"""RISC-V, 32 bit: RV32IMAC with ilp32 and RV32EMAC with ilp32e.

What is special here. Relocatable files are SHT_RELA: addends stand in the tables, though the ADD and SUB types also work
on what the place holds. A far address takes two instructions, whose immediates are 20 high bits and 12 low ones; the low
half is sign extended, so the high half is rounded up when bit 11 is set. A PC-relative pair is two relocations: the low
one names the label of the high one, wherever that stands, and takes its value. On 32 bits AUIPC reaches everything,
modulo the size of the address space. Relaxation is an offer that is not taken; R_RISCV_ALIGN is none, it needs bytes
deleted, and is refused.

Sources: "RISC-V ELF psABI" (relocations, code models, calling convention, e_flags), "RISC-V ISA manual, volume I"
chapters 2.2, 2.3 and 16 (immediates).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping

from llext.arch.convention import CallingConvention, DataModel
from llext.arch.model import Arch, CompilerFacts, Cpu, EmulatorFacts, Field, Operand, Reloc, ServiceStub, ThreadPointer, Veneer
from llext.arch.riscv_fatal import fatal_words
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import TargetError

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


def _upper(word: int, value: int) -> int:
    """U-type: bits 31:12, rounded for the low half's sign."""
    return word & 0xFFF | value + 0x800 & 0xFFFFF000


def _lower_load(word: int, value: int) -> int:
    """I-type: imm[11:0] at 31:20."""
    return word & 0xFFFFF | (value & 0xFFF) << 20


def _lower_store(word: int, value: int) -> int:
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
_RA, _SP, _T0, _T1, _A0 = 1, 2, 5, 6, 10
WORD = _field(4, lambda _word, value: value)
UPPER, LOAD, STORE = _field(4, _upper), _field(4, _lower_load), _field(4, _lower_store)
NOTHING = _field(0, lambda word, _value: word)
LOCAL_EXEC = "compile with -ftls-model=local-exec, or reach errno by <errno.h>"
SPLIT = "call it by 'call' instead; or split the code into sections of less than 1 MiB, between which veneers can stand"
NEARER = "call it by 'call' instead, or bring the two nearer: same source, same section"
LABEL = "a %pcrel_lo takes the label of the instruction with the %pcrel_hi"
NO_RELAX = "compile with -mno-relax, which llext build does: bytes would have to be deleted to align what follows"


def _numbers(name: str, first: int, insert: object) -> tuple[Reloc, ...]:
    """One operation on 8, 16 and 32 bits."""
    return tuple(Reloc(first + step, f"R_RISCV_{name}{8 << step}", _absolute, _field(1 << step, insert)) for step in range(3))


_TABLE = (
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

_OTHER_NAMES = {
    2: "64", 3: "RELATIVE", 4: "COPY", 5: "JUMP_SLOT", 6: "TLS_DTPMOD32", 8: "TLS_DTPREL32", 10: "TLS_TPREL32", 12: "TLSDESC",
    36: "ADD64", 40: "SUB64", 58: "IRELATIVE", 62: "TLSDESC_HI20", 63: "TLSDESC_LOAD_LO12",
    64: "TLSDESC_ADD_LO12", 65: "TLSDESC_CALL",
}  # fmt: skip
_STOCK = frozenset({
    0, 1, 2, 3, 5, 16, 17, 18, 19, 23, 24, 25, 26, 27, 28, 33, 34, 35, 36, 37, 38, 39, 40, 44, 45, 51, 52, 53, 54, 55, 56, 57,
    59,
})  # fmt: skip
_SIX_BITS = "its loader keeps 5 of the 6 bits; we follow the ABI"
_DEFECTS = {
    17: "its loader does not see a target out of reach (1 MiB) and patches a wrong one; we check",
    52: _SIX_BITS,
    53: _SIX_BITS,
}

# Where a file runs --------------------------------------------------------------------------------------------------------

_FLOAT_ABI, _RVE = 0x6, 0x8
"""e_flags (psABI, "File Header")."""
_IMPLIED = {"m": {"zmmul"}, "a": {"zaamo", "zalrsc"}, "c": {"zca"}}
_ALWAYS = {"i", "e", "zicsr", "zifencei", "zicntr"}
_EXTENSION = re.compile(r"([a-z][a-z0-9]{0,40}?)\d{1,4}p\d{1,4}")


def _extensions(letters: str) -> set[str]:
    """What ``rv32imac`` stands for."""
    found = set(letters.removeprefix("rv32"))
    return found.union(*(_IMPLIED.get(letter, set()) for letter in found))


def _arch_string(elf: ElfFile) -> str:
    """Tag_RISCV_arch of .riscv.attributes, for example rv32i2p1_m2p0_c2p0; empty if the file does not say."""
    section = elf.section(".riscv.attributes")
    data = bytes(elf.contents(section)) if section else b""
    found = re.search(rb"\x05(rv(?:32|64)[a-z0-9_]*)\0", data)
    return found[1].decode() if found else ""


def _incompatibility(elf: ElfFile, cpu: Cpu) -> str | None:
    flags = elf.header.flags
    if flags & _FLOAT_ABI:
        return f"it passes floats in registers, and the board's {cpu.name} by the soft-float ABI"
    if bool(flags & _RVE) != (cpu.float_abi == "ilp32e"):
        built = "RV32E (16 registers)" if flags & _RVE else "RV32I (32 registers)"
        return f"it is built for {built}, and the board's {cpu.name} has the ABI {cpu.float_abi}"
    text = _arch_string(elf).removeprefix("rv32")
    missing = {match[1] for match in _EXTENSION.finditer(text)} - _extensions(cpu.architecture) - _ALWAYS
    if missing:
        return f"it uses the extensions {', '.join(sorted(missing))}, and the board's {cpu.name} executes {cpu.architecture}"
    return None


# Services, veneers --------------------------------------------------------------------------------------------------------


def _lui(register: int, value: int) -> int:
    return _upper(0x37 | register << 7, value)


def _lw(register: int, base: int, offset: int) -> int:
    return _lower_load(0x2003 | register << 7 | base << 15, offset)


def _sw(register: int, base: int, offset: int) -> int:
    return _lower_store(0x2023 | register << 20 | base << 15, offset)


def _jr(base: int, offset: int = 0) -> int:
    return _lower_load(0x67 | base << 15, offset)


def _stub(registers: int, window: int, number: int) -> bytes:
    """Lui t0, window; the arguments, ra and sp to below it; the word of the service; the high result word to a1; ret."""
    below = -4 * (3 + registers)
    word = window + 4 * number
    code = [
        _lui(_T0, window),
        *(_sw(_A0 + index, _T0, below + 12 + 4 * index) for index in range(registers)),
        _sw(_RA, _T0, below + 8),
        _sw(_SP, _T0, below + 4),
        _lui(_T1, word),
        _lw(_A0, _T1, word),
        _lw(_A0 + 1, _T0, below),
        _jr(_RA),
    ]
    return struct.pack(f"<{len(code)}I", *code)


def _stub_of(cpu: Cpu) -> ServiceStub:
    registers = _CONVENTIONS[cpu.float_abi].core_registers
    return ServiceStub(4 * (7 + registers), registers, lambda window, number: _stub(registers, window, number))


def _veneer(target: int) -> bytes:
    """Lui t1; jr: t1 is what no caller expects to survive, as in the psABI's own far jumps (tail)."""
    return struct.pack("<2I", _lui(_T1, target), _jr(_T1, target))


# Calls ------------------------------------------------------------------------------------------------------------------

_NAMES = ("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", *(f"a{n}" for n in range(8)),
          *(f"s{n}" for n in range(2, 12)), "t3", "t4", "t5", "t6")  # fmt: skip
"""x0 to x31 by the psABI's names, as the emulator has them."""


def _accessed(instruction: int, registers: Mapping[str, int]) -> int:
    """Of LR, SC and the AMOs, which alone ask for alignment here: their address is rs1."""
    return registers[_NAMES[instruction >> 15 & 31]]


DATA_MODEL = DataModel(char_signed=False, wchar_signed=True, long_double_bytes=16)
"""psABI, "C/C++ type sizes and alignments" and "C/C++ type representations"."""

ILP32 = CallingConvention(
    name="ilp32",
    core_registers=8,
    align_pairs=False,
    align_variadic_pairs=True,
    float_registers=0,
    stack_alignment=16,
    attributes_align=True,
    by_value_bytes=8,
    struct_result_bytes=8,
)
"""psABI "Integer Calling Convention", for XLEN = 32."""

ILP32E = CallingConvention(
    name="ilp32e",
    core_registers=6,
    align_pairs=False,
    # The psABI's letter asks for even pairs here too. Neither gcc 12 nor clang 22 makes them: to both, nothing is aligned
    # to more than the stack is.
    align_variadic_pairs=False,
    float_registers=0,
    stack_alignment=4,
    attributes_align=True,
    by_value_bytes=8,
    struct_result_bytes=8,
)
"""psABI "ILP32E Calling Convention": a0 to a5, a stack aligned to words."""

# CPUs and compilers -------------------------------------------------------------------------------------------------------

_PREFIXES = ("rv32", "sifive-e2", "sifive-e3", "generic-rv32", "syntacore-scr1", "syntacore-scr3-rv32", "andes-n45")


_HARD = {"ilp32f": "f", "ilp32d": "d"}
"""ABIs that pass floats in floating-point registers, and the extension that has those."""


def _letters(name: str) -> str:
    """The one-letter extensions of a CPU that is named by them; what clang's own names stand for is not known here."""
    letters = name.removeprefix("rv32").split("_", maxsplit=1)[0] if name.startswith("rv32") else ""
    return letters.replace("g", "imafd")


def _named_cpu(name: str, float_abi: str) -> Cpu | None:
    if not name.startswith(_PREFIXES):
        return None
    letters = _letters(name)
    base = "ilp32e" if letters.startswith("e") else "ilp32"
    abi = {"": base, "soft": base, "hard": next((hard for hard in ("ilp32d", "ilp32f") if _HARD[hard] in letters), "")}.get(
        float_abi, float_abi
    )
    if abi not in (base, *_HARD) or (letters and _HARD.get(abi, "") not in letters) or (base == "ilp32e" and abi != base):
        has = [hard for hard, letter in _HARD.items() if letter in letters or not letters]
        raise TargetError(
            f"{name} has no float ABI {float_abi!r} here",
            hint=f"floats go in integer registers ({base})" + (f", or in their own: {' or '.join(has)}." if has else "."),
        )
    return Cpu(name, name if name.startswith("rv32") else "", 0, abi)


def _cpu_flags(cpu: Cpu) -> tuple[str, ...]:
    kind = "-march" if cpu.name.startswith("rv32") else "-mcpu"
    return f"{kind}={cpu.name}", f"-mabi={cpu.float_abi}"


def _rt_target(cpu: Cpu) -> tuple[str, str]:
    """Zig takes the ABI from the extensions; soft-float helpers are those of a CPU without floats."""
    letters = _letters(cpu.name) or "imac"
    kept = "emac" + {"ilp32f": "f", "ilp32d": "fd"}.get(cpu.float_abi, "")
    base = "generic_rv32" + ("-i" if letters[0] == "e" else "")
    named = dict.fromkeys(letter for letter in letters + _HARD.get(cpu.float_abi, "") if letter in kept)
    return "riscv32-freestanding-none", base + "".join(f"+{letter}" for letter in named)


_CONVENTIONS = {"ilp32": ILP32, "ilp32e": ILP32E}


def _call_size(before: bytes) -> int:
    """JAL or JALR to ra (4 bytes), C.JAL or C.JALR (2 bytes); ISA manual, "RV32I" and "C" instruction listings."""
    word = int.from_bytes(before, "little")
    if len(before) == 4 and (word & 0xFFF == 0x0EF or word & 0x7FFF == 0x00E7):
        return 4
    half = word >> 8 * max(0, len(before) - 2) & 0xFFFF
    is_jalr = half & 0xF07F == 0x9002 and half & 0xF80
    return 2 if len(before) >= 2 and (half & 0xE003 == 0x2001 or is_jalr) else 0


ARCH = Arch(
    name="RISC-V",
    machine=c.EM_RISCV,
    bits=32,
    cpus={
        "rv32imac": Cpu("rv32imac", "rv32imac", 0, "ilp32"),
        "rv32emac": Cpu("rv32emac", "rv32emac", 0, "ilp32e"),
    },
    relocations={reloc.number: reloc for reloc in _TABLE},
    relocation_names={number: f"R_RISCV_{name}" for number, name in _OTHER_NAMES.items()}
    | {reloc.number: reloc.name for reloc in _TABLE},
    conventions=_CONVENTIONS,
    data_model=DATA_MODEL,
    incompatibility=_incompatibility,
    compiler=CompilerFacts(
        clang_target="riscv32-unknown-elf",
        gcc_prefix="riscv64-unknown-elf-",
        flags=("-mno-relax", "-msmall-data-limit=0"),
        models={"far": ("-fno-pic", "-mcmodel=medlow"), "near": ("-fno-pic", "-mcmodel=medany"), "pic": ("-fPIC",)},
        cpu_flags=_cpu_flags,
        rt_target=_rt_target,
        debian="gcc-riscv64-unknown-elf",
        gnu_linker=("-m", "elf32lriscv"),
    ),
    emulator=EmulatorFacts(
        family="RISCV",
        mode="RISCV32",
        models={"rv32imac": "RISCV32_SIFIVE_E31", "rv32emac": "RISCV32_SIFIVE_E31"},
        arguments=tuple(f"A{number}" for number in range(8)),
        float_arguments=(),
        results=("A0", "A1"),
        stack_pointer="SP",
        link="RA",
        pc="PC",
        status=None,
        report=("RA", "SP", "GP", "TP", *(f"T{n}" for n in range(7)), *(f"S{n}" for n in range(12)),
                *(f"A{n}" for n in range(8)), "PC", "MSTATUS"),
        code_bit=0,
        supervisor_call=8,
        exceptions={2: ("undefined instruction", 4), 4: ("unaligned access", 4), 6: ("unaligned access", 4)},
        stops={b"\x02\x90": ("breakpoint", 0), b"\x73\x00\x10\x00": ("breakpoint", 0),
               b"\x73\x00\x50\x10": ("halted", 4)},
        accessed=_accessed,
        page_bytes=4096,
        page_is_fixed=True,
        trap_bytes=4,
        except_trap=0,
        trap_register="T0",
    ),
    stub=_stub_of,
    veneer=lambda _elf: Veneer(8, _veneer),
    thread_pointer=ThreadPointer(bias=0, register="TP"),
    pointer_relocation=1,
    dwarf_registers=_NAMES,
    call_size=_call_size,
    fatal_words=fatal_words,
    named_cpu=_named_cpu,
    uses_rela=True,
    stock_since="4.0",
    stock_relocations=_STOCK,
    stock_defects=_DEFECTS,
)  # fmt: skip
