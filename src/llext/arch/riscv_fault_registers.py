"""The trap registers of RISC-V in words.

Sources: RISC-V privileged architecture 3.1.6 (mstatus), 3.1.15 (mcause, with the causes of version 1.13), 3.1.16 (mtval).
"""

from __future__ import annotations

from llext.arch.fault_registers import Bit, FaultVocabulary, Seen, bits

_INTERRUPT = 1 << 31
_WILD = "a NULL or stray pointer"
_CAUSES = {
    0: ("a jump to an address that is no multiple of an instruction's size", "a function pointer that was overwritten"),
    1: ("an instruction was fetched where none may be", "a call through a NULL or data pointer, or an extension that is no longer loaded"),
    2: ("an instruction that this CPU does not have",
        "a jump into data, memory that was overwritten, or code built for extensions that it lacks"),
    3: ("a breakpoint", "an EBREAK instruction: __builtin_trap, or a breakpoint without a debugger"),
    4: ("a load from an address that is no multiple of its size", "a cast of a byte pointer"),
    5: ("a load where the PMP or the bus does not allow it", _WILD),
    6: ("a store to an address that is no multiple of its size", "a cast of a byte pointer"),
    7: ("a store where the PMP or the bus does not allow it", f"{_WILD}, a write to constants, or the guard of a stack"),
    8: ("an ECALL in user mode", "a system call that nobody handles"),
    9: ("an ECALL in supervisor mode", ""),
    11: ("an ECALL in machine mode", "k_oops or k_panic"),
    12: ("no page for an instruction", "a call through a NULL or data pointer"),
    13: ("no page for a load", _WILD),
    15: ("no page for a store", _WILD),
    16: ("a trap while another was being entered (double trap)", "a handler of traps that faults: its stack or its code is overwritten"),
    18: ("a software check: the code did not return or jump where it was meant to", "a return address or function pointer that was overwritten"),
    19: ("a hardware error: what was read from memory is damaged", "memory that was never written since power-on, or is broken"),
}  # fmt: skip
_OF_THE_CHIP = (range(24, 32), range(48, 64))
"""Designated for custom use; all other numbers that have no meaning are reserved."""
_INTERRUPTS = {1: "supervisor software", 3: "machine software", 5: "supervisor timer", 7: "machine timer",
               9: "supervisor external", 11: "machine external"}  # fmt: skip
_STATUS = (
    Bit(1 << 3, "MIE", "interrupts are let through"),
    Bit(1 << 7, "MPIE", "interrupts were let through before the trap"),
    Bit(1 << 17, "MPRV", "loads and stores go by the rights of the mode in MPP"),
)
_MODES = ("user", "supervisor", "a reserved", "machine")
_HOLDS_INSTRUCTION = 2
"""Of an illegal instruction mtval may have the bits."""


def _cause(value: int) -> tuple[str, ...]:
    code = value & ~_INTERRUPT
    if value & _INTERRUPT:
        return (f"no exception but an interrupt: {_INTERRUPTS.get(code, f'number {code} of this chip')}",)
    is_chips = any(code in numbers for numbers in _OF_THE_CHIP)
    other = "leaves to the chip" if is_chips else "reserves: perhaps the number was damaged"
    means, usually = _CAUSES.get(code, (f"a cause that the privileged specification {other}", ""))
    return (means + (f"; usually {usually}" if usually else ""),)


def _status(value: int) -> tuple[str, ...]:
    return (f"MPP: the trap came from {_MODES[value >> 11 & 3]} mode", *bits(_STATUS)(value))


def _counter(value: int) -> tuple[str, ...]:
    return ("a jump to address 0; usually a call through a NULL function pointer",) if value == 0 else ()


def _trap_value(_value: int, seen: Seen) -> str:
    return "of an illegal instruction its bits, or 0" if seen.get("mcause", seen.get("cause")) == _HOLDS_INSTRUCTION else ""


VOCABULARY = FaultVocabulary(
    registers={
        "mcause": _cause, "scause": _cause, "mstatus": _status, "xstatus": _status,
        "mepc": _counter, "xepc": _counter, "sepc": _counter,
    },
    touched={"mtval": _trap_value, "stval": _trap_value, "mbadaddr": _trap_value},
    counters=frozenset({"mepc", "xepc", "sepc"}),
    links=frozenset({"ra"}),
    decimal=frozenset({"mcause", "scause"}),
)  # fmt: skip
