"""What C means on a machine, as data: the sizes of its types, and how a call crosses registers and stack.

One frozen description per ABI variant; ``abi/`` turns it and a prototype into the place of every argument. The sources
are AAPCS32 (IHI 0042) and the RISC-V ELF psABI: its chapters "Integer Calling Convention" and "ILP32E Calling
Convention" (here psABI integer and psABI ILP32E), and "C/C++ type details".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DataModel:
    """What a compiler is free to choose; the defaults are those of AAPCS32 8.1.

    Attributes:
        char_signed: Whether plain char is signed.
        wchar_signed: Whether wchar_t is signed.
        long_bytes: Size of long.
        long_double_bytes: Size of long double: 8 is a double, 16 IEEE binary128.
        enum_bytes: Size of an enum; the boards are built without short enums.
    """

    char_signed: bool = False
    wchar_signed: bool = False
    long_bytes: int = 4
    long_double_bytes: int = 8
    enum_bytes: int = 4


@dataclass(frozen=True)
class CallingConvention:
    """The parameters of a 32-bit C calling convention.

    Common to all: what begins in the last registers may go on in the stack's first words (AAPCS32 6.5 C.5, psABI
    integer), results of up to 8 bytes come back in the first two registers, and a larger one, or a struct too large for
    ``struct_result_bytes``, goes to memory whose address takes the first register.

    Attributes:
        name: The ABI's own name, for messages: ``"aapcs"``, ``"ilp32e"``.
        core_registers: Number of integer argument registers (AAPCS32 6.4: r0 to r3; psABI integer: a0 to a7).
        align_pairs: A named argument that is aligned to 8 bytes starts at an even register (AAPCS32 6.5 C.3).
        align_variadic_pairs: So does one that stands for ``...`` (psABI integer: only those).
        float_registers: Number of single-precision argument registers; 0 passes floats in core registers.
            A double takes an aligned pair of them (AAPCS32 7.1: s0 to s15, back-filled).
        stack_alignment: Alignment of the stack pointer at a public call, in bytes; arguments on the stack are aligned
            as their types are, but never more than this (AAPCS32 6.5 C.6, psABI integer).
        attributes_align: Whether an alignment that an attribute gives a struct counts in calls (psABI integer); else
            the alignment of its members does (AAPCS32 6.5 B.5).
        by_value_bytes: Of a larger argument the caller makes a copy, and its address is passed (psABI integer: twice
            the size of a register); None passes all by value.
        struct_result_bytes: Size of the largest struct that comes back in registers (AAPCS32 6.4: a word; psABI: what
            is passed by value).
    """

    name: str
    core_registers: int
    align_pairs: bool
    align_variadic_pairs: bool
    float_registers: int
    stack_alignment: int
    attributes_align: bool = False
    by_value_bytes: int | None = None
    struct_result_bytes: int = 4

    def by_reference(self, size: int) -> bool:
        """Whether an argument of so many bytes is passed as the address of a copy."""
        return self.by_value_bytes is not None and size > self.by_value_bytes
