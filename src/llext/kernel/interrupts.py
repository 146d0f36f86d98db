"""Interrupts: handlers that are asked for, lines of the interrupt controller, and what code can ask about them.

Handlers do not interrupt each other. Who waits longest among the most urgent is next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel import console_input
from llext.kernel.registry import service
from llext.kernel.state import ZERO_LATENCY, Irq
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

IRQS = 1024
"""Lines that an interrupt controller has, at most."""


@service("k_is_in_isr")
def k_is_in_isr(kernel: Kernel) -> int:
    """Whether an interrupt handler asks."""
    return int(kernel.state.in_isr)


@service("irq_offload")
def irq_offload(kernel: Kernel, routine: int, parameter: int) -> None:
    """Runs a function as an interrupt handler; it is done when this returns."""
    if not routine:
        raise MachineFault("irq_offload called without a function", None)
    if kernel.machine.interrupts_masked:
        raise MachineFault("irq_offload called with interrupts locked", None)
    if kernel.state.in_isr:
        raise MachineFault("irq_offload called in an interrupt handler", None)
    kernel.interrupt(routine, parameter)


@service("arch_irq_connect_dynamic")
def irq_connect_dynamic(kernel: Kernel, irq: int, priority: int, routine: int, parameter: int, flags: int) -> int:
    """Gives a line its handler, and returns the line's number. The lowest flag is IRQ_ZERO_LATENCY."""
    line = _line(kernel, "irq_connect_dynamic", irq)
    line.handler, line.argument, line.priority = routine, parameter, ZERO_LATENCY if flags & 1 else priority
    return irq


@service("arch_irq_enable")
def irq_enable(kernel: Kernel, irq: int) -> None:
    """Lets a line through; one that was raised meanwhile is taken."""
    line = _line(kernel, "irq_enable", irq)
    line.enabled = True
    if line.pending:
        line.pending = False
        _ask(kernel, irq, line)


@service("arch_irq_disable")
def irq_disable(kernel: Kernel, irq: int) -> None:
    """Lets a line wait."""
    line, state = _line(kernel, "irq_disable", irq), kernel.state
    line.enabled = False
    waiting = [each for each in state.interrupts if each.irq == irq]
    if waiting:
        line.pending = True
        state.interrupts.remove(waiting[0])


@service("arch_irq_is_enabled")
def irq_is_enabled(kernel: Kernel, irq: int) -> int:
    """Whether a line gets through."""
    return int(_line(kernel, "irq_is_enabled", irq).enabled)


@service("z_wait_for_interrupt")
def wait_for_interrupt(kernel: Kernel) -> None:
    """The CPU stands still until an interrupt is there: the clock goes on to what it does next."""
    state = kernel.state
    if not kernel.interrupts_wait() and not console_input.comes(kernel):
        if state.timeouts:
            kernel.machine.check_time()
            state.nanoseconds = kernel.scheduler.at(state.timeouts[0][0])
        elif not console_input.halt(kernel):
            raise MachineFault("halted", None)
    state.swap = True


def raise_irq(kernel: Kernel, irq: int) -> None:
    """A device raises a line. Raised twice before it is taken, it is taken once."""
    line = _line(kernel, "raise_irq", irq)
    if not line.enabled:
        line.pending = True
    elif not any(each.irq == irq for each in kernel.state.interrupts):
        _ask(kernel, irq, line)


def _ask(kernel: Kernel, irq: int, line: Irq) -> None:
    kernel.interrupt(line.handler, line.argument, irq=irq, priority=line.priority)


def _line(kernel: Kernel, what: str, irq: int) -> Irq:
    if not 0 <= irq < IRQS:
        raise MachineFault(f"{what}: there is no interrupt {irq}, only 0 to {IRQS - 1}", None)
    return kernel.state.irqs.setdefault(irq, Irq())
