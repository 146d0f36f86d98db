"""Fatal errors as Zephyr's fault handlers tell them on the console: of the CPU, and by k_panic, k_oops and asserts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.arch import FatalFacts
from llext.kernel.registry import service
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

REASONS = {
    0: "CPU exception, raised by the code itself",
    1: "unhandled interrupt",
    2: "stack overflow",
    3: "kernel oops (k_oops)",
    4: "kernel panic (k_panic)",
}
"""K_ERR_* of Zephyr's fatal.h."""


@service("z_fatal_error")
def fatal_error(kernel: Kernel, reason: int, _frame: int) -> None:
    """The same by a call."""
    except_reason(kernel, reason)


@service("z_except_reason")
def except_reason(kernel: Kernel, reason: int) -> None:
    """Ends the call with a fault that names the reason."""
    _last_lines(kernel, reason)
    raise MachineFault(REASONS.get(reason, f"fatal error {reason}"), None)


def announce(kernel: Kernel, fault: MachineFault) -> None:
    """Writes to the console what Zephyr's handler on this CPU says of a fault; nothing for what the host ended."""
    machine, address = kernel.machine, fault.address
    memory = address is not None and machine.memory.block_of(address) is not None
    facts = FatalFacts(machine.target.cpu, fault.reason, address, memory, fault.registers)
    words = machine.target.arch.fatal_words(facts)
    if words is not None:
        kernel.write_console("".join(f"{line}\n" for line in words.lines).encode())
        _last_lines(kernel, words.reason)


def _last_lines(kernel: Kernel, reason: int) -> None:
    """The lines that every fatal error ends with; the bare board's only thread has no name."""
    kernel.write_console(
        f">>> ZEPHYR FATAL ERROR {reason}: {_ZEPHYR.get(reason, 'Unknown error')} on CPU 0\n"
        f"Current thread: {kernel.thread_block:#x} (unknown)\n".encode()
    )


_ZEPHYR = {0: "CPU exception", 1: "Unhandled interrupt", 2: "Stack overflow", 3: "Kernel oops", 4: "Kernel panic"}
