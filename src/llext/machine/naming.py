"""What a fault is called: which instruction stopped the emulator, what it touched, and whether that was the end of a stack."""

from __future__ import annotations

from typing import NamedTuple

from llext.arch import EmulatorFacts
from llext.machine.memory import GuestMemory
from llext.machine.registers import MachineFault

STACK_GUARD_BYTES = 64 * 1024
"""Below the stack this much is nobody's, so that what runs over it is stopped there, and is said to have."""

_DEEPEST_PUSH = 128
"""Bytes that one instruction stores below the stack pointer at most: 32 single-precision registers (VPUSH)."""

_LARGEST_FRAME = 16 << 20
"""No frame that anybody meant has more bytes, and no board has memory so near below its stack."""


class Stack(NamedTuple):
    """The stack of the code that runs: its lowest address, the first one above it, and the bytes below that are nobody's."""

    bottom: int
    top: int
    guard: int = STACK_GUARD_BYTES


class Naming:
    """Names the faults of one CPU.

    Args:
        facts: How the emulator tells them.
        memory: Where the code lies.
        guarded: Whether memory has rights.
    """

    def __init__(self, facts: EmulatorFacts, memory: GuestMemory, *, guarded: bool) -> None:
        self._facts = facts
        self._memory = memory
        self._guarded = guarded

    def looked_back(self, denied: tuple[str, int], pc: int) -> bool:
        """Whether what was denied is the emulator's look at the page before an instruction that it cannot execute.

        Args:
            denied: Kind of access, and its page.
            pc: Of the instruction.
        """
        reason, page = denied
        return reason == "execute" and page + self._facts.page_bytes <= pc

    def of_exception(self, number: int, registers: dict[str, int]) -> MachineFault:
        """A fault that the emulator announces as an interrupt; its pc may be behind the instruction."""
        reason, behind = self._facts.exceptions.get(number, (f"exception {number}", 0))
        registers["pc"] = pc = registers["pc"] - behind
        address = None
        if reason == "execute":
            address = pc
        elif reason == "unaligned access":
            address = self._facts.accessed(int.from_bytes(self.code(pc), "little"), registers)
        return MachineFault(reason, address, registers)

    def of_stop(self, status: int, registers: dict[str, int]) -> MachineFault:
        """An instruction that ends a run and says no more; which one it was, its bytes tell.

        The pc behind a WFE is that of a branch to an undefined instruction which follows one: the two look alike.
        """
        state, pc = self._facts.status, registers["pc"]
        if status and state and not registers[state[0].lower()] & state[1]:
            return MachineFault("invalid state", pc, registers)
        for code, (reason, behind) in self._facts.stops.items():
            if self.code(pc - behind).startswith(code):
                registers["pc"] = pc - behind
                return MachineFault(reason, None, registers)
        return MachineFault("undefined instruction" if status else "halted", None, registers)

    def code(self, address: int) -> bytes:
        """The bytes of the instruction at an address, and maybe of the next one; empty where no memory is."""
        size = 4 if self._memory.block_of(address, 4) else 2
        return self._memory.read(address, size) if self._memory.block_of(address, size) else b""

    def name_stack(self, fault: MachineFault, stack: Stack) -> None:
        """Gives an access that missed the stack, at either end, that name.

        With a large frame the stack pointer may have jumped over all of the guard; then whatever is touched between it
        and the stack is in that frame. A store of several registers reaches below the stack pointer. A pointer that is
        further away than any frame was not moved there by one.
        """
        address = fault.address
        if address is None or fault.reason not in ("read", "write"):
            return
        lowest = stack.bottom - stack.guard
        pointer = fault.registers[self._facts.stack_pointer.lower()]
        if stack.bottom - _LARGEST_FRAME <= pointer:
            lowest = min(lowest, pointer - _DEEPEST_PUSH)
        if lowest <= address < stack.bottom:
            fault.reason = "stack overflow"
        elif stack.top <= address < stack.top + self._facts.page_bytes and self._guarded:
            fault.reason = "stack underflow"
