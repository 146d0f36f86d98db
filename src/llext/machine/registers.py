"""What the CPU's registers hold, and the fault that stopped it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field


@dataclass
class MachineFault(Exception):
    """Guest code stopped where it should not. Addresses are guest addresses.

    Attributes:
        reason: ``read``, ``write``, ``execute``, ``stack overflow``, ``stack underflow``, ``unaligned access``,
            ``invalid state`` (code of another instruction set), ``undefined instruction``, ``breakpoint``, ``halted``,
            ``timeout``, ``interrupted``, ``nesting``, or words of a service or the emulator.
        address: The address that was touched, the first byte of it that was denied; or None.
        registers: Register names (lower case) and values when it stopped, ``pc`` among them.
        outer: Guest code that waited for the host meanwhile, as ``Machine.outer_calls`` tells.
        thread: In which thread, in words; empty for that of calls from Python.
        notes: Further lines about it.
        fatal: The reason that guest code or the kernel gave (K_ERR_* of Zephyr's fatal.h); -1 for a fault of the CPU.
        irq: The interrupt that it is about, or -1.
        told: Whether the console was told.
        masked: Whether the code had locked interrupts out.
    """

    reason: str
    address: int | None
    registers: dict[str, int] = field(default_factory=dict)
    outer: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    thread: str = ""
    notes: tuple[str, ...] = ()
    fatal: int = -1
    irq: int = -1
    told: bool = False
    masked: bool = False


@dataclass(frozen=True)
class Registers:
    """Prebuilt arrays with which one emulator call reads or writes several 32-bit registers."""

    identifiers: ctypes.Array[ctypes.c_int]
    values: ctypes.Array[ctypes.c_uint32]
    pointers: ctypes.Array[ctypes.c_void_p]
    count: int

    @classmethod
    def of(cls, numbers: list[int]) -> Registers:
        """Arrays for these register numbers."""
        count = len(numbers)
        values = (ctypes.c_uint32 * count)()
        base = ctypes.addressof(values)
        pointers = (ctypes.c_void_p * count)(*(base + 4 * index for index in range(count)))
        return cls((ctypes.c_int * count)(*numbers), values, pointers, count)
