"""What Zephyr's fault handler on Cortex-M says of a fault, and the reason that it reports.

The reasons are K_ERR_ARM_* of Zephyr's fatal.h: the cause that the fault status registers name. Armv6-M has no such
registers, so that there every fault is a hard fault without a cause.
"""

from __future__ import annotations

from llext.arch.model import FatalFacts, FatalWords

_DATA_MPU, _CODE_MPU, _DATA_BUS, _CODE_BUS = 19, 20, 25, 27
_UNALIGNED, _COPROCESSOR, _EPSR, _UNDEFINED = 31, 33, 35, 36
_SPURIOUS, _STACK_OVERFLOW = 1, 2

EXCEPTION_FRAME = ("r0", "r1", "r2", "r3", "r12", "lr", "pc", "xpsr")
"""What the CPU stacks on exception entry (Armv7-M B1.5.6)."""

_USAGE = {
    "unaligned access": (_UNALIGNED, "Unaligned memory access"),
    "no floating-point unit": (_COPROCESSOR, "No coprocessor instructions"),
    "invalid state": (_EPSR, "Illegal use of the EPSR"),
    "undefined instruction": (_UNDEFINED, "Attempt to execute undefined instruction"),
}


def fatal_words(facts: FatalFacts) -> FatalWords | None:
    """The dump of one fault; None for what is no fault of the CPU."""
    if facts.reason == "unhandled interrupt":
        number = facts.address or 0
        last = (f"Faulting instruction address (r15/pc): {facts.registers.get('pc', 0):#010x}", f"Unhandled IRQn: {number}")
        return FatalWords(_SPURIOUS, (f"***** Spurious interrupt (IRQ  {number}) *****", *_registers(facts.registers), *last))
    found = _cause(facts)
    if found is None:
        return None
    reason, header, causes = found
    if facts.cpu.architecture.startswith("v6"):
        reason, header, causes = 0, "HARD", []
    lines = [f"***** {header} FAULT *****", *(f"  {cause}" for cause in causes), *_registers(facts.registers)]
    return FatalWords(reason, (*lines, f"Faulting instruction address (r15/pc): {facts.registers.get('pc', 0):#010x}"))


def _cause(facts: FatalFacts) -> tuple[int, str, list[str]] | None:
    """Reason, kind of fault and what its status register says."""
    address = facts.address or 0
    if facts.reason in _USAGE:
        reason, cause = _USAGE[facts.reason]
        return reason, "USAGE", [cause]
    if facts.reason == "stack overflow":
        return _STACK_OVERFLOW, "MPU", ["Data Access Violation", f"MMFAR Address: {address:#x}"]
    if facts.reason in {"read", "write", "stack underflow"}:
        if facts.memory:
            return _DATA_MPU, "MPU", ["Data Access Violation", f"MMFAR Address: {address:#x}"]
        return _DATA_BUS, "BUS", ["Precise data bus error", f"BFAR Address: {address:#x}"]
    if facts.reason == "execute":
        if facts.memory:
            return _CODE_MPU, "MPU", ["Instruction Access Violation"]
        return _CODE_BUS, "BUS", ["Instruction bus error"]
    return (0, "HARD", ["Debug event"]) if facts.reason == "breakpoint" else None


def _registers(registers: dict[str, int]) -> list[str]:
    r0, r1, r2, r3, r12, lr, xpsr = (
        f"0x{registers.get(name, 0):08x}" for name in ("r0", "r1", "r2", "r3", "r12", "lr", "xpsr")
    )
    return [
        f"r0/a1:  {r0}  r1/a2:  {r1}  r2/a3:  {r2}",
        f"r3/a4:  {r3} r12/ip:  {r12} r14/lr:  {lr}",
        f" xpsr:  {xpsr}",
    ]
