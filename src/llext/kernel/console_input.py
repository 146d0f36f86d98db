"""What the console receives: a queue of bytes, who waits for one, and the port's interrupt.

Bytes come from Python (``board.console.send``), or from a source of the host, which is asked only when nothing can run before
it has answered: all threads wait and somebody wants a byte, or code polls an empty queue once more. Virtual time stands still
meanwhile, so that the same input gives the same run, however fast it is typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel.deadlock import waits_in_vain
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

POLL_COST_NS = 10_000
"""What a poll that finds nothing takes, so that loops of polls come to an end; a byte takes 87 us at 115200 baud."""
POLLS_AT_THE_END = 1000
"""After so many polls in a row, all in vain, a loop has no other end than input's, which is over."""
RECEIVES, SENDS = 1, 2
"""Causes of the port's interrupt: there is a byte; there is room for one, as always."""
_READERS, _HALTED = 1, 3
"""Wait queues of who waits for a byte, and of who waits for any interrupt. They are no addresses of objects."""
_LINE = -2
"""Marks the port's interrupt, which has no number."""


def arrive(kernel: Kernel, data: bytes) -> None:
    """Bytes come in by the serial line."""
    kernel.state.input.received += data
    _attend(kernel)


def wanted(kernel: Kernel) -> bool:
    """Whether somebody waits for a byte that is not there."""
    port = kernel.state.input
    return not port.received and bool((port.handler and port.enabled & RECEIVES) or _READERS in kernel.state.queues)


def comes(kernel: Kernel) -> bool:
    """Whether the host's source gives what somebody waits for."""
    return wanted(kernel) and ask_source(kernel)


def ask_source(kernel: Kernel) -> bool:
    """Waits for the host's source; False if there is none, or it has come to its end."""
    if kernel.input_source is None or kernel.state.input.ended:
        return False
    with kernel.machine.unhurried():
        data = kernel.input_source()
        while data is None:
            kernel.machine.check_time()
            data = kernel.input_source()
    kernel.state.input.ended = not data
    arrive(kernel, data)
    return bool(data)


def halt(kernel: Kernel) -> bool:
    """Lets a thread that stands still until an interrupt comes wait for input; False if nothing but the clock could come."""
    if wanted(kernel):
        kernel.wait("k_cpu_idle", 0, _HALTED, FOREVER)
        return True
    return False


def only_input_is_missing(kernel: Kernel) -> bool:
    """Whether an application that cannot go on waits for input, and is not locked up."""
    state = kernel.state
    return wanted(kernel) and not waits_in_vain(kernel, state.threads[state.application])


def _pending(kernel: Kernel) -> int:
    """Causes for which the port interrupts now: it goes on until they are gone."""
    port = kernel.state.input
    return port.enabled & ((RECEIVES if port.received else 0) | SENDS)


def _attend(kernel: Kernel) -> None:
    """Gives bytes to who waits, and raises the interrupt if there is a cause."""
    state, port = kernel.state, kernel.state.input
    while port.received and kernel.wake_first(_READERS, port.received[0]):
        del port.received[0]
    if port.handler and _pending(kernel) and not any(each.irq == _LINE for each in state.interrupts):
        kernel.interrupt(port.handler, port.argument, irq=_LINE)
        while kernel.wake_first(_HALTED):
            pass


@service("z_console_take")
def console_take(kernel: Kernel) -> int:
    """The next byte, or -1: for handlers of the port's interrupt."""
    port = kernel.state.input
    if not port.received:
        return -1
    port.vain_polls = 0
    return port.received.pop(0)


@service("z_console_ready")
def console_ready(kernel: Kernel) -> int:
    """Whether there is a byte."""
    return int(bool(kernel.state.input.received))


@service("z_console_poll")
def console_poll(kernel: Kernel) -> int:
    """The next byte, or -1.

    The first poll in vain returns: code may only have thrown away what was there. The next one waits for the host. Where that
    has said its last, a run that is to end by itself would not: the thread that goes on polling then waits for ever.
    """
    state, port = kernel.state, kernel.state.input
    if not port.received:
        kernel.advance(POLL_COST_NS)
        port.vain_polls += 1
        if port.vain_polls > 1:
            ask_source(kernel)
    if not port.received and port.ended and port.vain_polls > POLLS_AT_THE_END and state.until_idle and kernel.may_wait:
        return kernel.wait("uart_poll_in", 0, _READERS, FOREVER)
    return console_take(kernel)


@service("z_console_wait")
def console_wait(kernel: Kernel) -> int:
    """The next byte; waits for it."""
    byte = console_take(kernel)
    return byte if byte >= 0 else kernel.wait("console input", 0, _READERS, FOREVER)


@service("z_console_connect")
def console_connect(kernel: Kernel, handler: int, argument: int) -> None:
    """Gives the port's interrupt its handler, which is called as long as there is a cause."""
    port = kernel.state.input
    port.handler, port.argument = handler, argument
    _attend(kernel)


@service("z_console_enable")
def console_enable(kernel: Kernel, cause: int, on: int) -> None:
    """Lets a cause interrupt, or not."""
    port = kernel.state.input
    port.enabled = port.enabled | cause if on else port.enabled & ~cause
    _attend(kernel)


@service("z_console_pending")
def console_pending(kernel: Kernel) -> int:
    """Causes for which the port interrupts now."""
    return _pending(kernel)


@service("z_console_echo")
def console_echo(kernel: Kernel, byte: int) -> None:
    """Writes what was typed, unless a terminal has shown it already."""
    if not kernel.input_is_shown:
        kernel.write_console(bytes([byte & 0xFF]))
