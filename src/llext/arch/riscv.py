"""RISC-V, 32 bit, floats in integer registers: RV32IMAC's and RV32E's C data model and calls (RISC-V ELF psABI)."""

from __future__ import annotations

from llext.arch.convention import CallingConvention, DataModel

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

__all__ = ["DATA_MODEL", "ILP32", "ILP32E"]
