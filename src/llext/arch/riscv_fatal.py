"""What Zephyr's fault handler on RISC-V says of a fault.

The causes are those of mcause (privileged specification, "Machine Cause Register"); the reason that Zephyr reports is
K_ERR_CPU_EXCEPTION for all of them but a stack overflow.
"""

from __future__ import annotations

from collections.abc import Mapping

from llext.arch.model import Cpu, FatalFacts, FatalWords

_SPURIOUS, _STACK_OVERFLOW = 1, 2
_CAUSES = {
    "misaligned jump": (0, "Instruction address misaligned"),
    "execute": (1, "Instruction Access fault"),
    "undefined instruction": (2, "Illegal instruction"),
    "breakpoint": (3, "Breakpoint"),
    "unaligned access": (4, "Load address misaligned"),
    "read": (5, "Load access fault"),
    "write": (7, "Store/AMO access fault"),
    "stack overflow": (7, "Store/AMO access fault"),
    "stack underflow": (5, "Load access fault"),
}
_PAIRS = (("a0", "t0"), ("a1", "t1"), ("a2", "t2"), ("a3", "t3"), ("a4", "t4"), ("a5", "t5"), ("a6", "t6"))


def exception_frame(cpu: Cpu) -> tuple[str, ...]:
    """What the trap entry saves; the last is the first register that functions preserve. RV32E has no t3 to t6, a6 and a7."""
    embedded = cpu.float_abi == "ilp32e"
    temporaries, arguments = (3, 6) if embedded else (7, 8)
    return (
        "ra",
        *(f"t{number}" for number in range(temporaries)),
        *(f"a{number}" for number in range(arguments)),
        *("pc", "mstatus", "s0"),
    )


_MIE, _MPIE, _MPP = 1 << 3, 1 << 7, 3 << 11


def trapped(registers: Mapping[str, int]) -> dict[str, int]:
    """Registers as a trap out of machine mode leaves them: mstatus has MIE in MPIE, and the mode in MPP (privileged ISA, 3.1.6.1)."""
    status = registers.get("mstatus", 0)
    kept = status & ~(_MIE | _MPIE | _MPP)
    return {**registers, "mstatus": kept | _MPP | (_MPIE if status & _MIE else 0)}


def fatal_words(facts: FatalFacts) -> FatalWords | None:
    """The dump of one fault; None for what is no fault of the CPU."""
    if facts.reason == "unhandled interrupt":
        return FatalWords(_SPURIOUS, (f"Spurious interrupt detected! IRQ: {facts.address}",))
    found = _CAUSES.get(facts.reason)
    if found is None:
        return None
    number, words = found
    registers = trapped(facts.registers)

    def one(name: str, register: str = "") -> str:
        return f"{name:>7}: {registers.get(register or name, 0):08x}"

    lines = ["", f" mcause: {number}, {words}", f"  mtval: {facts.address or 0:x}"]
    lines += [f"{one(left)}    {right}: {registers.get(right, 0):08x}" for left, right in _PAIRS]
    lines += [one("a7"), one("sp"), one("ra"), one("mepc", "pc"), one("mstatus"), ""]
    return FatalWords(_STACK_OVERFLOW if facts.reason == "stack overflow" else 0, tuple(lines))
