"""Nothing can ever run again: who waits for what, since when, and who holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    name, since = kernel.thread_name(thread), thread.since / kernel.scheduler.ticks_per_second
    service, what = thread.waits_for
    suspended = "suspended, until k_thread_resume" if thread.states & States.SUSPENDED else ""
    if not service and thread.states & States.SLEEPING:
        return f"{name} was never started: k_thread_start does that" + (f"; it is {suspended}" if suspended else "")
    if not service:
        return f"{name} is {suspended}, since {since:.4f} s"
    words = f"{name} waits in {service}"
    if what:
        words += f" for {what:#010x} ({kernel.describe(what)})"
    words += f" since {since:.4f} s"
    holder = HOLDERS[service](kernel, what) if service in HOLDERS else 0
    if holder:
        held = kernel.state.threads.get(holder)
        words += f"; {kernel.thread_name(held)} holds it" if held else f"; thread {holder:#010x} held it when it ended"
    return words + (f"; it is {suspended}" if suspended else "")


def waits_in_vain(kernel: Kernel, thread: Thread | None) -> bool:
    """Whether a thread waits for what is held by one that has ended, or that itself waits for the thread."""
    asked: list[Thread] = []
    while thread is not None and thread not in asked:
        asked.append(thread)
        service, what = thread.waits_for
        holder = HOLDERS[service](kernel, what) if service in HOLDERS else 0
        if not holder:
            return False
        thread = kernel.state.threads.get(holder)
    return True


def would_wait(kernel: Kernel, service: str) -> MachineFault:
    """The fault of code that may not wait, where it would have to."""
    where = "while a Python function waits for this call"
    if kernel.state.in_isr:
        where = "in an interrupt handler"
    elif kernel.state.booting:
        where = "at a level before POST_KERNEL, when no other thread can run"
    return MachineFault(f"{service} would wait {where}", None)


def why_nothing_happens(kernel: Kernel, *, masked: bool) -> tuple[str, ...]:
    """What a loop without an end keeps from happening; and the way out, if it is the clock.

    Args:
        kernel: The kernel.
        masked: Whether the loop has locked interrupts out.
    """
    due, threads = list(_due(kernel)), list(_could_run(kernel))
    notes = [*_all_wait(kernel), *due, *(words for words, _ in threads)]
    if due and kernel.state.in_isr:
        notes.append("no interrupt comes while a handler runs")
    elif due and masked:
        notes.append("interrupts are locked: nothing comes before irq_unlock")
    elif kernel.state.ready and (due or any(turns for _, turns in threads)) and not kernel.counted:
        notes.append('computing takes no time on this board; with clock="counted" (--clock counted) it does')
    return tuple(notes)


def _all_wait(kernel: Kernel) -> Iterator[str]:
    """Who waits for what, if only the clock goes on, and interrupts."""
    state = kernel.state
    if not state.ready:
        yield f"it is {kernel.scheduler.now / kernel.scheduler.ticks_per_second:.4f} s, and all threads wait"
        yield from (_waits(kernel, thread) for thread in list(state.threads.values())[:_SHOWN])


def _due(kernel: Kernel) -> Iterator[str]:
    state, rate = kernel.state, kernel.scheduler.ticks_per_second
    yield from (f"interrupt {each.irq} waits for it" for each in state.interrupts if each.irq >= 0)
    for tick, _, kind, address in state.timeouts[:_SHOWN]:
        thread = state.threads.get(address) if kind == "thread" else None
        what = kernel.thread_name(thread) if thread else f"a {kind} at {address:#010x} ({kernel.describe(address)})"
        yield f"{what} is due at {tick / rate:.4f} s, and it is {kernel.scheduler.now / rate:.4f} s"


def _could_run(kernel: Kernel) -> Iterator[tuple[str, bool]]:
    """Threads that are ready, and whether their turn comes when a slice of the running one is over."""
    state = kernel.state
    running = state.threads.get(state.current)
    for thread in [state.threads[address] for *_, address in state.ready if address != state.current][:_SHOWN]:
        words = f"{kernel.thread_name(thread)} could run, with priority {thread.priority}"
        if running is not None and (running.priority < 0 or running.locked or thread.priority > running.priority):
            locked = " and has locked the scheduler" if running.locked else ""
            words += f", when {kernel.thread_name(running)} waits, which has priority {running.priority}{locked}"
            yield words, False
        else:
            yield words, True


_SHOWN = 8
"""Lines of one kind, at most."""
