"""The fault registers of Cortex-M in words.

Sources: Armv7-M Architecture Reference Manual B3.2.15 (CFSR), B3.2.16 (HFSR), B1.4.2 (xPSR), B1.5.8 (EXC_RETURN); Armv8-M
Architecture Reference Manual D1.2 (UFSR.STKOF, SFSR, EXC_RETURN's additional bits). What Zephyr prints: its fault handler.
"""

from __future__ import annotations

from llext.arch.fault_registers import Bit, FaultVocabulary, Seen, bits

_MMFAR_VALID, _BFAR_VALID = 1 << 7, 1 << 15
_THUMB = 1 << 24
_OVERFLOW = "a stack that is too small: the guard below it was reached"

_CFSR = (
    Bit(1 << 0, "IACCVIOL", "an instruction was fetched from where nothing may be executed",
        "a call through a NULL or data pointer, or a return address that was overwritten", "Instruction Access Violation"),
    Bit(1 << 1, "DACCVIOL", "a load or store where the MPU does not allow it",
        "a NULL or stray pointer, a write to constants, or the guard of a stack", "Data Access Violation"),
    Bit(1 << 3, "MUNSTKERR", "the MPU refused a return from an exception its registers", "a stack pointer that was overwritten"),
    Bit(1 << 4, "MSTKERR", "the MPU refused an exception the room for its registers", _OVERFLOW,
        "Stacking error (context area might be not valid)"),
    Bit(1 << 5, "MLSPERR", "the MPU refused to save the floating-point registers", _OVERFLOW),
    Bit(_MMFAR_VALID, "MMARVALID", "MMFAR has the address that was touched"),
    Bit(1 << 8, "IBUSERR", "an instruction was fetched where no memory answers",
        "a call through a wild pointer, or an extension that is no longer loaded", "Instruction bus error"),
    Bit(1 << 9, "PRECISERR", "a load or store where no memory answers, by the instruction at pc",
        "a stray pointer, or a peripheral whose clock is off", "Precise data bus error"),
    Bit(1 << 10, "IMPRECISERR", "a store some instructions before pc where no memory answers",
        "a stray pointer; the address is not known, unless DISDEFWBUF in ACTLR makes stores wait", "Imprecise data bus error"),
    Bit(1 << 11, "UNSTKERR", "no memory answered a return from an exception", "a stack pointer that was overwritten"),
    Bit(1 << 12, "STKERR", "no memory answered an exception that saved its registers", "a stack pointer outside RAM", "Stacking error"),
    Bit(1 << 13, "LSPERR", "no memory answered the saving of floating-point registers", "a stack pointer outside RAM"),
    Bit(_BFAR_VALID, "BFARVALID", "BFAR has the address that was touched"),
    Bit(1 << 16, "UNDEFINSTR", "an instruction that this CPU does not have",
        "a jump into data, memory that was overwritten, or code built for another CPU", "Attempt to execute undefined instruction"),
    Bit(1 << 17, "INVSTATE", "a jump to an address without the Thumb bit",
        "a function pointer with bit 0 clear, or data taken for a function pointer", "Illegal use of the EPSR"),
    Bit(1 << 18, "INVPC", "a return from an exception with a wrong EXC_RETURN or to a wrong state",
        "a stack that was overwritten", "Illegal load of EXC_RETURN into PC"),
    Bit(1 << 19, "NOCP", "an instruction of a coprocessor that is off or not there",
        "floating point without CONFIG_FPU, or code built for a CPU with an FPU", "No coprocessor instructions"),
    Bit(1 << 20, "STKOF", "the stack pointer went below its limit", "a stack that is too small",
        "Stack overflow (context area not valid)"),
    Bit(1 << 24, "UNALIGNED", "an access to an address that is not a multiple of its size",
        "a cast of a byte pointer, or LDM, LDRD or LDREX through one", "Unaligned memory access"),
    Bit(1 << 25, "DIVBYZERO", "an integer division by zero", "a divisor that was not checked", "Division by zero"),
)  # fmt: skip
_HFSR = (
    Bit(1 << 1, "VECTTBL", "the vector table could not be read", "a wrong VTOR", "Bus fault on vector table read"),
    Bit(1 << 30, "FORCED", "another fault was made a hard fault, its own handler being off or of no higher priority",
        "what CFSR says", "Fault escalation (see below)"),
    Bit(1 << 31, "DEBUGEVT", "a breakpoint without a debugger", "a BKPT instruction", "Debug event"),
)  # fmt: skip
_SFSR = (
    Bit(1 << 0, "INVEP", "non-secure code entered secure code where no SG instruction is"),
    Bit(1 << 1, "INVIS", "the signature of a secure exception frame is wrong"),
    Bit(1 << 2, "INVER", "a return from an exception to the wrong security state"),
    Bit(1 << 3, "AUVIOL", "non-secure code touched secure memory"),
    Bit(1 << 4, "INVTRAN", "a branch from secure to non-secure code that is not marked as one"),
    Bit(1 << 5, "LSPERR", "saving floating-point registers broke a rule of security"),
    Bit(1 << 6, "SFARVALID", "SFAR has the address that was touched"),
    Bit(1 << 7, "LSERR", "an error with floating-point registers that were to be saved"),
)
_OF_BOTH = {
    "Unstacking error": "MUNSTKERR or UNSTKERR: a return from an exception could not read its registers; usually a stack pointer "
    "that was overwritten",
    "Floating-point lazy state preservation error": f"MLSPERR or LSPERR: floating-point registers could not be saved; usually {_OVERFLOW}",
}
"""Lines that Zephyr prints of MPU and bus faults alike."""
_EXCEPTIONS = {
    0: "", 1: "Reset", 2: "NMI", 3: "HardFault", 4: "MemManage", 5: "BusFault", 6: "UsageFault", 7: "SecureFault", 11: "SVCall",
    12: "DebugMonitor", 14: "PendSV", 15: "SysTick",
}  # fmt: skip


def _xpsr(value: int) -> tuple[str, ...]:
    number = value & 0x1FF
    handler = _EXCEPTIONS.get(number, f"IRQ {number - 16}" if number >= 16 else "a reserved exception")
    where = f"in the handler of {handler} (exception {number})" if handler else "in a thread, not in an exception"
    cleared = (
        "T is 0: a jump to an address without the Thumb bit; usually a function pointer with bit 0 clear, or data taken for one"
    )
    return (where,) if value & _THUMB else (where, cleared)


def _exc_return(value: int) -> tuple[str, ...]:
    if value >> 24 != 0xFF:
        return ("not collected: the error was reported by software",) if value == 0 else ("not a value of EXC_RETURN",)
    mode = "a thread" if value & 1 << 3 else "a handler"
    stack = "process" if value & 1 << 2 else "main"
    frame = "no floating-point registers" if value & 1 << 4 else "floating-point registers too"
    return (f"from {mode}, on the {stack} stack (the registers are at {stack[0]}sp), {frame}",)


_RESET = 0xFFFFFFFF


def _link(value: int) -> tuple[str, ...]:
    """Of lr EXC_RETURN has words, bits 31 to 7 of it are 1 (Armv8-M adds two below), and what it is after a reset (B1.5.5)."""
    if value == _RESET:
        return ("0xffffffff, its value at a reset: nothing has called anything since",)
    return tuple(f"an EXC_RETURN, {words}" for words in _exc_return(value)) if value >> 7 == 0x1FFFFFF else ()


def _counter(value: int) -> tuple[str, ...]:
    return ("a jump to address 0; usually a call through a NULL function pointer",) if value < 2 else ()


def _mmfar(_value: int, seen: Seen) -> str:
    return _leftover(seen, ("cfsr", _MMFAR_VALID), ("mmfsr", 1 << 7), "MMARVALID")


def _bfar(_value: int, seen: Seen) -> str:
    return _leftover(seen, ("cfsr", _BFAR_VALID), ("bfsr", 1 << 7), "BFARVALID")


def _sfar(_value: int, seen: Seen) -> str:
    return _leftover(seen, ("sfsr", 1 << 6), ("sfsr", 1 << 6), "SFARVALID")


def _leftover(seen: Seen, whole: tuple[str, int], part: tuple[str, int], name: str) -> str:
    """Why the address is that of an earlier fault; empty if the status says that it is valid, or was not printed."""
    told = [seen[register] & mask for register, mask in (whole, part) if register in seen]
    return f"left from before, {name} is 0" if told and not any(told) else ""


VOCABULARY = FaultVocabulary(
    registers={
        "cfsr": bits(_CFSR), "mmfsr": bits(_CFSR[:6]), "bfsr": bits(_CFSR[6:13], 8), "ufsr": bits(_CFSR[13:], 16),
        "hfsr": bits(_HFSR), "sfsr": bits(_SFSR), "xpsr": _xpsr, "psr": _xpsr, "exc_return": _exc_return,
        "lr": _link, "r14": _link, "pc": _counter, "r15": _counter,
    },
    touched={"mmfar": _mmfar, "mmar": _mmfar, "bfar": _bfar, "sfar": _sfar},
    counters=frozenset({"pc", "r15"}),
    links=frozenset({"lr", "r14"}),
    numbers=frozenset({"fpscr", "icsr", "shcsr", "dfsr", "afsr"}),
    phrases={bit.printed: str(bit) for bit in (*_CFSR, *_HFSR) if bit.printed} | _OF_BOTH,
    reasons={
        16: "an MPU fault", 17: "an MPU fault while an exception saved its registers", 18: "an MPU fault at the return from an exception",
        19: "a data access that the MPU refused", 20: "an instruction fetch that the MPU refused",
        21: "an MPU fault while floating-point registers were saved", 22: "a bus fault",
        23: "a bus fault while an exception saved its registers", 24: "a bus fault at the return from an exception",
        25: "a load or store where no memory answers", 26: "an earlier store where no memory answers",
        27: "an instruction fetch where no memory answers", 28: "a bus fault while floating-point registers were saved",
        29: "a usage fault", 30: "a division by zero", 31: "an unaligned access", 32: "a stack overflow",
        33: "a coprocessor that is off or not there", 34: "a wrong EXC_RETURN", 35: "a jump to an address without the Thumb bit",
        36: "an instruction that this CPU does not have",
    },
)  # fmt: skip
"""Reasons: K_ERR_ARM_ of Zephyr's arch/arm error numbers."""
