"""The ABIs that layouts are compared in, as data: what the emulator and the compilers call things."""

from __future__ import annotations

from dataclasses import dataclass

from unicorn import arm_const, riscv_const, unicorn_const

from llext.arch import ARCHES, CallingConvention, DataModel
from llext.arch.riscv import DATA_MODEL, ILP32, ILP32E
from llext.build.toolchain import zig_program


@dataclass(frozen=True)
class Abi:
    """One ABI.

    Attributes:
        convention: What is tested.
        model: Likewise.
        emulator: Arguments of ``Uc``.
        core: Argument registers.
        floats: Floating-point argument registers.
        stack_pointer, link, pc: Registers.
        code_bit: Set in addresses of functions.
        returns: The instruction that returns from a function.
        target: ``--target`` of clang.
        gcc: The program.
        flags: Flags that both compilers take.
    """

    convention: CallingConvention
    model: DataModel
    emulator: tuple[int, ...]
    core: tuple[int, ...]
    floats: tuple[int, ...]
    stack_pointer: int
    link: int
    pc: int
    code_bit: int
    returns: bytes
    target: str
    gcc: str
    flags: tuple[str, ...]


def _arm(float_abi: str, *flags: str) -> Abi:
    return Abi(
        convention=ARCHES[0].conventions[float_abi],
        model=ARCHES[0].data_model,
        emulator=(unicorn_const.UC_ARCH_ARM, unicorn_const.UC_MODE_THUMB, arm_const.UC_CPU_ARM_CORTEX_M4),
        core=tuple(arm_const.UC_ARM_REG_R0 + number for number in range(4)),
        floats=tuple(arm_const.UC_ARM_REG_S0 + number for number in range(16)),
        stack_pointer=arm_const.UC_ARM_REG_SP,
        link=arm_const.UC_ARM_REG_LR,
        pc=arm_const.UC_ARM_REG_PC,
        code_bit=1,
        returns=b"\x70\x47",  # bx lr
        target="arm-none-eabi",
        gcc="arm-none-eabi-gcc",
        flags=("-mcpu=cortex-m4", "-mthumb", "-mlong-calls", f"-mfloat-abi={float_abi}", *flags),
    )


def _riscv(convention: CallingConvention, march: str) -> Abi:
    return Abi(
        convention=convention,
        model=DATA_MODEL,
        emulator=(unicorn_const.UC_ARCH_RISCV, unicorn_const.UC_MODE_RISCV32),
        core=tuple(riscv_const.UC_RISCV_REG_A0 + number for number in range(convention.core_registers)),
        floats=(),
        stack_pointer=riscv_const.UC_RISCV_REG_SP,
        link=riscv_const.UC_RISCV_REG_RA,
        pc=riscv_const.UC_RISCV_REG_PC,
        code_bit=0,
        returns=b"\x82\x80",  # c.jr ra
        target="riscv32-unknown-elf",
        gcc="riscv64-unknown-elf-gcc",
        flags=(f"-march={march}", f"-mabi={convention.name}", "-mno-relax"),
    )


ABIS = {
    "aapcs": _arm("soft"),
    "aapcs-vfp": _arm("hard", "-mfpu=fpv4-sp-d16"),
    "ilp32": _riscv(ILP32, "rv32imac"),
    "ilp32e": _riscv(ILP32E, "rv32emac"),
}
ZIG = zig_program()
assert ZIG
COMPILERS = ("zig", "gcc")


def compiler(name: str, abi: Abi) -> list[str]:
    """The command that compiles for an ABI."""
    if name == "gcc":
        return [abi.gcc, *abi.flags]
    return [str(ZIG), "clang", f"--target={abi.target}", "-nostdlibinc", "-resource-dir", f"{ZIG.parent}/lib", *abi.flags]
