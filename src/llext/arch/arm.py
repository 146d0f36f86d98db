"""Arm, M-profile: Thumb code on Cortex-M0, M3, M4 and M33.

What is special here. Instructions are halfwords; a 32-bit one is two of them. Relocatable files are SHT_REL: the addend
stands in the field. A Thumb function's symbol has bit 0 set, and there is nothing else on these CPUs: a branch to a
function without it is an error, never turned into BLX. BL reaches 16 MiB, and flash and RAM of the boards here are
further apart, so extensions are compiled with long calls; calls of files that were not go through veneers.

Sources: AAELF32 (IHI 0044) section 5.6 (relocations, veneers), AAPCS32 (IHI 0042) section 6 (calls), Armv6-M and Armv7-M
Architecture Reference Manuals (encodings).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace

from llext.arch.arm_attributes import built_for, incompatibility, is_baseline, misfits
from llext.arch.arm_fatal import EXCEPTION_FRAME, fatal_words
from llext.arch.arm_fault_registers import VOCABULARY
from llext.arch.arm_powered_off import POWERED_OFF
from llext.arch.arm_relocations import NAMES, STOCK, TABLE
from llext.arch.convention import CallingConvention, DataModel
from llext.arch.model import Arch, CompilerFacts, Cpu, EmulatorFacts, ServiceStub, ThreadPointer, Veneer
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import TargetError

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
    load = (0xF8DC, 4 * number)
    halves = (0xF8DF, 0xC018, 0xE90C, 0xF, 0xF84C, 0xEC14, 0xF84C, 0xDC18, *load, 0xF85C, 0x1C1C, 0x4770, 0xBF00)
    return struct.pack("<14HI", *halves, window)


def _baseline_stub(window: int, number: int) -> bytes:
    """The same for v6-M, 40 bytes: stores want low registers and reach upward only, so it works from below the window.

    push {r4} ; ldr r4, =window-28      b410 4c07
    str  r0..r3, [r4, #12..24]          60e0 6121 6162 61a3
    mov  r0, lr ; str r0, [r4, #8]      4670 60a0
    add  r0, sp, #4 ; str r0, [r4, #4]  a801 6060
    ldr  r0, =window+4*n ; ldr r0, [r0] 4803 6800    this load calls the host
    ldr  r1, [r4] ; pop {r4} ; bx lr    6821 bc10 4770 bf00
    """
    halves = (0xB410, 0x4C07, 0x60E0, 0x6121, 0x6162, 0x61A3, 0x4670, 0x60A0, 0xA801, 0x6060, 0x4803, 0x6800)
    return struct.pack("<16H2I", *halves, 0x6821, 0xBC10, 0x4770, 0xBF00, window - 28, window + 4 * number)


def _stub_of(cpu: Cpu) -> ServiceStub:
    return ServiceStub(40, 4, 22, 2, _baseline_stub) if cpu.architecture in _BASELINE else ServiceStub(32, 4, 16, 4, _stub)


# Veneers and threads ----------------------------------------------------------------------------------------------------


def _veneer(target: int) -> bytes:
    """ldr.w pc, [pc]: clobbers nothing."""
    return struct.pack("<2HI", 0xF8DF, 0xF000, target)


def _baseline_veneer(target: int) -> bytes:
    """v6-M loads addresses into low registers only; ip is the one that a veneer may clobber (AAPCS32 6.1.1).

    push {r0} ; ldr r0, =target ; mov ip, r0 ; pop {r0} ; bx ip ; nop
    """
    return struct.pack("<6HI", 0xB401, 0x4802, 0x4684, 0xBC01, 0x4760, 0xBF00, target)


def _veneer_of(elf: ElfFile) -> Veneer:
    return Veneer(16, _baseline_veneer) if is_baseline(elf) else Veneer(8, _veneer)


def _read_thread_pointer(cell: int) -> bytes:
    """__aeabi_read_tp (RTABI32 5.3.5): the thread pointer in r0, everything else kept.

    ldr r0, =cell ; ldr r0, [r0] ; bx lr ; nop
    """
    return struct.pack("<4HI", 0x4801, 0x6800, 0x4770, 0xBF00, cell)


# Accesses ---------------------------------------------------------------------------------------------------------------


def _accessed(instruction: int, registers: Mapping[str, int]) -> int:
    """Of all that v6-M loads and stores with, and of the exclusives and acquire-release pairs of the others.

    Armv6-M manual A5.2.4 and A5.2.6, Armv7-M manual A5.3.6 and Armv8-M manual C2.3.5: encodings.
    """
    group, low = instruction >> 12 & 0xF, [registers[f"r{instruction >> shift & 7}"] for shift in (3, 6, 8)]
    if group == 0xE:  # 32 bits long; LDREX and STREX have an offset
        base = registers[_NAMES[instruction & 0xF]]
        address = base + (instruction >> 14 & 0x3FC if instruction >> 5 & 0x7F == 0x42 else 0)
    elif group == 0x5:  # a register as offset
        address = low[0] + low[1]
    elif group in (0x6, 0x8):  # words and halfwords, an immediate as offset
        address = low[0] + (instruction >> 6 & 31) * (4 if group == 0x6 else 2)
    elif group == 0x9:  # from the stack pointer
        address = registers["sp"] + 4 * (instruction & 0xFF)
    elif group == 0xC:  # LDM, STM
        address = low[2]
    else:  # PUSH, whose list counts LR as bit 8, and POP
        address = registers["sp"] - (0 if instruction & 0x800 else 4 * (instruction & 0x1FF).bit_count())
    return address & 0xFFFFFFFF


_NAMES = (*(f"r{number}" for number in range(13)), "sp", "lr", "pc")


def _mask(cpu: Cpu) -> str:
    """What irq_lock sets: BASEPRI, or PRIMASK where that is all there is (v6-M)."""
    return "PRIMASK" if cpu.architecture in _BASELINE else "BASEPRI"


def _kept(cpu: Cpu) -> tuple[str, ...]:
    return (_mask(cpu), *(f"S{number}" for number in range(32)), "FPSCR") if cpu.fpu else (_mask(cpu),)


# CPUs and compilers -----------------------------------------------------------------------------------------------------

_BASELINE = {"v6-M", "v8-M.base"}
_WITHOUT_FPU = {"cortex-m0", "cortex-m0plus", "cortex-m1", "cortex-m3", "cortex-m23", "sc000", "sc300"}
_PREFIXES = ("cortex-", "arm", "sc000", "sc300", "star-mc1", "neoverse-", "xscale", "mpcore")


def _named_cpu(name: str, float_abi: str) -> Cpu | None:
    if not name.startswith(_PREFIXES):
        return None
    if float_abi not in ("", "soft", "softfp", "hard"):
        raise TargetError(f"Arm has no float ABI {float_abi!r}", hint="there are soft, softfp and hard.")
    if float_abi == "hard" and name in _WITHOUT_FPU:
        raise TargetError(
            f"{name} has no floating-point unit: floats cannot be passed in its registers", hint="--float-abi soft."
        )
    return Cpu(name, "", 0, float_abi or "soft")


def _cpu_flags(cpu: Cpu) -> tuple[str, ...]:
    flags = (f"-mcpu={cpu.name}", "-mthumb", f"-mfloat-abi={cpu.float_abi}")
    return (*flags, f"-mfpu={cpu.fpu}") if cpu.fpu else flags


def _rt_target(cpu: Cpu) -> tuple[str, str]:
    """Zig's own names: the ABI is part of the target, the FPU a feature of the CPU (plain cortex_m4 has none)."""
    hard = cpu.float_abi == "hard"
    model = cpu.name.replace("-", "_")
    return f"thumb-freestanding-eabi{'hf' if hard else ''}", model + ("+vfp4d16sp" if hard else "")


DATA_MODEL = DataModel()
"""AAPCS32 8.1: plain char and wchar_t are unsigned, long double is double."""

_BASE = CallingConvention(
    "aapcs", core_registers=4, align_pairs=True, align_variadic_pairs=True, float_registers=0, stack_alignment=8
)
_VFP = replace(_BASE, name="aapcs-vfp", float_registers=16)


def _call_size(before: bytes) -> int:
    """BL (T1, 4 bytes) or BLX register (T1, 2 bytes), Armv7-M manual A7.7.18 and A7.7.19."""
    if len(before) == 4:
        first, second = struct.unpack("<2H", before)
        if first & 0xF800 == 0xF000 and second & 0xD000 == 0xD000:
            return 4
    return 2 if before[-1:] == b"\x47" and before[-2] & 0x87 == 0x80 else 0


ARCH = Arch(
    name="Arm",
    machine=c.EM_ARM,
    bits=32,
    cpus={
        "cortex-m0": Cpu("cortex-m0", "v6-M", 12),
        "cortex-m3": Cpu("cortex-m3", "v7-M", 10),
        "cortex-m4": Cpu("cortex-m4", "v7E-M", 13),
        "cortex-m4f": Cpu("cortex-m4", "v7E-M", 13, "hard", "fpv4-sp-d16"),
        "cortex-m33": Cpu("cortex-m33", "v8-M.main", 17),
    },
    relocations={reloc.number: reloc for reloc in TABLE},
    relocation_names=NAMES,
    conventions={"soft": _BASE, "hard": _VFP},
    data_model=DATA_MODEL,
    incompatibility=incompatibility,
    built_for=built_for,
    misfits=misfits,
    compiler=CompilerFacts(
        clang_target="arm-none-eabi",
        gcc_prefix="arm-none-eabi-",
        flags=(),
        models={"far": ("-fno-pic", "-mlong-calls"), "near": ("-fno-pic",), "pic": ("-fPIC",)},
        cpu_flags=_cpu_flags,
        rt_target=_rt_target,
        debian="gcc-arm-none-eabi",
        musl="arm",
    ),
    emulator=EmulatorFacts(
        family="ARM",
        mode="THUMB",
        models={
            "cortex-m0": "ARM_CORTEX_M0", "cortex-m3": "ARM_CORTEX_M3", "cortex-m4": "ARM_CORTEX_M4",
            "cortex-m33": "ARM_CORTEX_M33",
        },
        arguments=("R0", "R1", "R2", "R3"),
        float_arguments=tuple(f"S{number}" for number in range(16)),
        results=("R0", "R1"),
        stack_pointer="SP",
        link="LR",
        pc="PC",
        status=("XPSR", 1 << 24),
        block_bits=0x0600FC00,  # ITSTATE (Armv7-M B1.4.2)
        report=(*(f"R{number}" for number in range(13)), "SP", "LR", "PC", "XPSR"),
        kept=_kept,
        interrupt_mask=_mask,
        masked=lambda value: value != 0,
        unmasked=0,
        code_bit=1,
        supervisor_call=2,
        exceptions={3: ("execute", 0), 4: ("unaligned access", 0), 7: ("breakpoint", 0), 8: ("execute", 0),
                    17: ("no floating-point unit", 0)},
        stops={b"\x20\xbf": ("halted", 2), b"\x30\xbf": ("halted", 2),
               b"\xaf\xf3\x02\x80": ("halted", 4), b"\xaf\xf3\x03\x80": ("halted", 4)},
        accessed=_accessed,
        page_bytes=512,
        page_is_fixed=False,
        trap_bytes=2,
        except_trap=2,
    ),
    stub=_stub_of,
    veneer=_veneer_of,
    thread_pointer=ThreadPointer(bias=8, reader="__aeabi_read_tp", reader_code=_read_thread_pointer),
    pointer_relocation=2,
    dwarf_registers=_NAMES,
    call_size=_call_size,
    fatal_words=fatal_words,
    fault_registers=VOCABULARY,
    exception_frame=lambda _cpu: EXCEPTION_FRAME,
    named_cpu=_named_cpu,
    object_flags=lambda _cpu: 0x05000000,  # EF_ARM_EABI_VER5
    powered_off=POWERED_OFF,
    cpu_options={"CPU_CORTEX_M": "cortex-m"},
    code_symbol_bit=1,
    stock_measured=True,
    stock_relocations=STOCK,
    stock_out_of_range=lambda name: (f"sym '{name}': relocation out of range",),
    stock_defects={40: "its loader turns BX into MOV PC, which cannot switch to Thumb; we leave BX as it is"},
)  # fmt: skip
