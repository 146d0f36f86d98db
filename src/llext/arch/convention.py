"""How a C call crosses registers and stack, as data.

One frozen description per ABI variant; ``abi/`` turns it and a prototype into the place of every argument.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CallingConvention:
    """The parameters of a 32-bit C calling convention.

    Attributes:
        name: The ABI's own name, for messages: ``"aapcs"``, ``"aapcs-vfp"``.
        core_registers: Number of integer argument registers (AAPCS32 6.4: r0 to r3).
        align_pairs: A 64-bit argument starts at an even register and at a stack offset that is a multiple of 8
            (AAPCS32 6.5, rules C.3 and C.6).
        float_registers: Number of single-precision argument registers; 0 passes floats in core registers.
            A double takes an aligned pair of them (AAPCS32 7.1: s0 to s15, back-filled).
        stack_alignment: Alignment of the stack pointer at a public call, in bytes.
        enum_bytes: Size of an enum whose values fit in it; clang and the boards here use 4.
    """

    name: str
    core_registers: int
    align_pairs: bool
    float_registers: int
    stack_alignment: int
    enum_bytes: int = 4
