"""k_panic and k_oops: the supervisor call with which Zephyr's ARCH_EXCEPT ends a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel.registry import service
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

REASONS = {
    0: "CPU exception",
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
    words = REASONS.get(reason, f"fatal error {reason}")
    kernel.write_console(f">>> ZEPHYR FATAL ERROR {reason}: {_ZEPHYR.get(reason, 'Unknown error')} on CPU 0\n".encode())
    raise MachineFault(words, None)


_ZEPHYR = {0: "CPU exception", 1: "Unhandled interrupt", 2: "Stack overflow", 3: "Kernel oops", 4: "Kernel panic"}
