"""RISC-V, 32 bit: RV32IMAC with ilp32 and RV32EMAC with ilp32e.

Relocatable files are SHT_RELA; what is special about addresses stands in riscv_relocations.py. On 32 bits AUIPC reaches
everything, modulo the size of the address space, so that only JAL needs veneers.

Sources: "RISC-V ELF psABI" (calling convention, attributes, e_flags), "RISC-V ISA manual, volume I" chapter 2.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from llext.arch.convention import CallingConvention, DataModel
from llext.arch.model import Arch, CompilerFacts, Cpu, EmulatorFacts, ServiceStub, ThreadPointer, Veneer
from llext.arch.powered_off import PoweredOff
from llext.arch.riscv_attributes import RVE, abi_of, built_for, incompatibility, misfits
from llext.arch.riscv_fatal import exception_frame, fatal_words, trapped
from llext.arch.riscv_fault_registers import VOCABULARY
from llext.arch.riscv_relocations import DEFECTS, OTHER_NAMES, STOCK, TABLE, lower_load, lower_store, upper
from llext.elf import constants as c
from llext.errors import TargetError

_RA, _SP, _T0, _T1, _A0 = 1, 2, 5, 6, 10
_MIE = 1 << 3
"""Of mstatus (privileged ISA, 3.1.6.1): interrupts are let through."""

# Services, veneers --------------------------------------------------------------------------------------------------------


def _lui(register: int, value: int) -> int:
    return upper(0x37 | register << 7, value)


def _lw(register: int, base: int, offset: int) -> int:
    return lower_load(0x2003 | register << 7 | base << 15, offset)


def _sw(register: int, base: int, offset: int) -> int:
    return lower_store(0x2023 | register << 20 | base << 15, offset)


def _jr(base: int, offset: int = 0) -> int:
    return lower_load(0x67 | base << 15, offset)


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
    return ServiceStub(
        4 * (7 + registers), registers, 4 * (4 + registers), 4, lambda window, number: _stub(registers, window, number)
    )


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


def _object_flags(cpu: Cpu) -> int:
    """EF_RISCV_RVC, and the float ABI or RVE (ELF psABI, "File Header")."""
    return 0x1 | (RVE if cpu.float_abi == "ilp32e" else 0)


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
    relocations={reloc.number: reloc for reloc in TABLE},
    relocation_names={number: f"R_RISCV_{name}" for number, name in OTHER_NAMES.items()}
    | {reloc.number: reloc.name for reloc in TABLE},
    conventions=_CONVENTIONS,
    data_model=DATA_MODEL,
    incompatibility=incompatibility,
    built_for=built_for,
    misfits=misfits,
    compiler=CompilerFacts(
        clang_target="riscv32-unknown-elf",
        gcc_prefix="riscv64-unknown-elf-",
        flags=("-mno-relax", "-msmall-data-limit=0"),
        models={"far": ("-fno-pic", "-mcmodel=medlow"), "near": ("-fno-pic", "-mcmodel=medany"), "pic": ("-fPIC",)},
        cpu_flags=_cpu_flags,
        rt_target=_rt_target,
        debian="gcc-riscv64-unknown-elf",
        musl="riscv32",
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
        kept=lambda _cpu: (),
        interrupt_mask=lambda _cpu: "MSTATUS",
        masked=lambda value: not value & _MIE,
        unmasked=_MIE,
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
    fault_registers=VOCABULARY,
    exception_frame=exception_frame,
    trapped=trapped,
    named_cpu=_named_cpu,
    object_flags=_object_flags,
    powered_off=PoweredOff(
        models={},
        model="RISCV32_SIFIVE_U34",
        float_abi=abi_of,
        quiet=((0x02000000, 0x10000),),  # where most chips have the CLINT: software interrupts and the timer
        spare=((0x80000000, 0xF0000000), (0x10000000, 0x80000000)),
        global_pointer=("GP", "__global_pointer$"),
    ),
    uses_rela=True,
    stock_since="4.0",
    stock_relocations=STOCK,
    stock_defects=DEFECTS,
)  # fmt: skip
