"""Fatal errors as Zephyr's fault handlers tell them on the console: of the CPU, and by k_panic, k_oops and asserts."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from llext.arch import FatalFacts
from llext.kernel.log import flush, say_error
from llext.kernel.reasons import REASONS, WORDS
from llext.kernel.registry import service
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_MODULE = "os"
_FRAME_ALIGNMENT = 16
"""As RISC-V's struct arch_esf has it; Arm's exception frame needs 8 (Armv7-M B1.5.7)."""


@service("z_fatal_error")
def fatal_error(kernel: Kernel, reason: int, _frame: int) -> None:
    """The same by a call."""
    except_reason(kernel, reason)


@service("z_except_reason")
def except_reason(_kernel: Kernel, reason: int) -> None:
    """A fault that names the reason."""
    raise MachineFault(REASONS.get(reason, f"fatal error {reason}"), None, fatal=reason)


@service("k_fatal_halt")
def k_fatal_halt(kernel: Kernel, reason: int) -> None:
    """Stops for good: the call from Python ends by the fault that is being handled."""
    fault, kernel.dying = kernel.dying, None
    raise fault or MachineFault(REASONS.get(reason, f"fatal error {reason}"), None, fatal=reason)


def announce(kernel: Kernel, fault: MachineFault) -> int:
    """Logs what Zephyr's handler on this CPU says of a fault, in module ``os``; nothing for what the host ended.

    Returns:
        The reason that Zephyr's handler reports, -1 for none.
    """
    if fault.told:
        return -1
    fault.told = True
    reason, lines = fault.fatal, tuple[str, ...]()
    if reason < 0 or fault.irq >= 0:
        machine, address = kernel.machine, fault.address
        memory = address is not None and machine.memory.block_of(address) is not None
        kind = "unhandled interrupt" if fault.irq >= 0 else fault.reason
        facts = FatalFacts(machine.target.cpu, kind, address if fault.irq < 0 else fault.irq, memory, fault.registers)
        words = machine.target.arch.fatal_words(facts)
        if words is None:
            return -1
        reason, lines = words.reason, words.lines
    for text in (*lines, *_last_lines(kernel, reason)):
        say_error(kernel, _MODULE, text)
    return reason


def default_handler(kernel: Kernel) -> None:
    """What k_sys_fatal_error_handler does where nobody defines it: nothing of the log waits any longer."""
    flush(kernel)


def exception_frame(kernel: Kernel, registers: dict[str, int], top: int) -> int:
    """Writes struct arch_esf below an address of the stack of interrupts, and returns its own; 0 if nothing was saved."""
    if not registers:
        return 0
    arch = kernel.machine.target.arch
    names, saved = arch.exception_frame(kernel.machine.target.cpu), arch.trapped(registers)
    address = (top - 4 * len(names)) & -_FRAME_ALIGNMENT
    kernel.machine.memory.write(address, struct.pack(f"<{len(names)}I", *(saved.get(name, 0) for name in names)))
    return address


def _last_lines(kernel: Kernel, reason: int) -> tuple[str, ...]:
    """The lines that every fatal error ends with."""
    state = kernel.state
    thread = state.threads.get(state.current)
    return (
        f">>> ZEPHYR FATAL ERROR {reason}: {WORDS.get(reason, 'Unknown error')} on CPU 0",
        *(("Fault during interrupt handling\n",) if state.in_isr else ()),
        f"Current thread: {state.current:#x} ({thread.name if thread and thread.name else 'unknown'})",
    )
