"""Nothing can ever run again: who waits for what, since when, and who holds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from llext.kernel.state import States, Thread
from llext.machine import MachineFault, Stack

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

HOLDERS: dict[str, Callable[[Kernel, int], int]] = {}
"""By the service that waits: address of the object -> address of the thread that holds it, 0 for none."""


def deadlock(kernel: Kernel) -> MachineFault:
    """The fault of the call from Python, which would wait for ever."""
    state = kernel.state
    main = state.threads[state.main]
    registers = kernel.machine.contexts.named(main.context)
    kernel.machine.stack = Stack(main.stack, main.stack + main.stack_size)
    waits = tuple(_waits(kernel, thread) for thread in state.threads.values())
    return MachineFault("deadlock", None, registers, notes=waits)


def _waits(kernel: Kernel, thread: Thread) -> str:
    name = kernel.thread_name(thread)
    if thread.states & States.SUSPENDED:
        return f"{name} is suspended"
    service, what = thread.waits_for
    since = thread.since / kernel.scheduler.ticks_per_second
    words = f"{name} waits in {service or 'k_sleep'}"
    if what:
        words += f" for {what:#010x} ({kernel.describe(what)})"
    holder = HOLDERS[service](kernel, what) if service in HOLDERS else 0
    held = kernel.state.threads.get(holder)
    return f"{words} since {since:.4f} s" + (f"; {kernel.thread_name(held)} holds it" if held else "")


def would_wait(kernel: Kernel, service: str) -> MachineFault:
    """The fault of code that may not wait, where it would have to."""
    where = "in an interrupt handler" if kernel.state.in_isr else "while a Python function waits for this call"
    return MachineFault(f"{service} would wait {where}", None)


def why_nothing_happens(kernel: Kernel) -> tuple[str, ...]:
    """What a loop without an end keeps from happening; and the way out, if it is the clock."""
    state, rate = kernel.state, kernel.scheduler.ticks_per_second
    notes = [f"interrupt {each.irq} waits for it" for each in state.interrupts if each.irq >= 0]
    for tick, _, kind, address in state.timeouts[:_SHOWN]:
        thread = state.threads.get(address) if kind == "thread" else None
        what = kernel.thread_name(thread) if thread else f"a {kind} at {address:#010x} ({kernel.describe(address)})"
        notes.append(f"{what} is due at {tick / rate:.4f} s, and it is {kernel.scheduler.now / rate:.4f} s")
    waiting = [state.threads[address] for *_, address in state.ready if address != state.current]
    notes += [f"{kernel.thread_name(thread)} could run, with priority {thread.priority}" for thread in waiting[:_SHOWN]]
    if notes and not kernel.counted:
        notes.append('computing takes no time on this board; with clock="counted" (--clock counted) it does')
    return tuple(notes)


_SHOWN = 8
"""Lines of one kind, at most."""
