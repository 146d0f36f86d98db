"""Whether an extension can go: who runs its code, and which objects in its memory the kernel works with."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from llext.kernel.state import Thread

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

Within = Callable[[int], bool]
"""Whether an address lies in what shall go."""

USES: list[Callable[[Kernel, Within], Iterator[str]]] = []
"""Further questions, by subjects that keep objects of guest code in lists of their own (a work item in its queue)."""

_LEFT = struct.Struct("<4xII")
"""Stack pointer and return address among the words that a stub leaves."""


def in_use(kernel: Kernel, within: Within, code: Within) -> str:
    """Why memory cannot go, in words; empty if it can.

    Args:
        kernel: Asked.
        within: What shall go.
        code: What of that is code.
    """
    further = chain.from_iterable(ask(kernel, within) for ask in USES)
    return next(
        chain(_of_threads(kernel, within, code), _of_objects(kernel, within), _of_interrupts(kernel, code), further), ""
    )


def _of_threads(kernel: Kernel, within: Within, code: Within) -> Iterator[str]:
    begins = _begins(kernel)
    for thread in kernel.state.threads.values():
        name = kernel.thread_name(thread)
        if within(thread.address):
            yield f"{name} is alive, and its struct k_thread is here"
        if within(thread.stack):
            yield f"{name} is alive, and its stack is here"
        if code(thread.entry) or any(code(word) and word & -2 not in begins for word in _returns(kernel, thread)):
            yield f"{name} is in its code"


def _begins(kernel: Kernel) -> frozenset[int]:
    """Where functions of extensions begin: what llext_find_sym gave, and what lies on a stack. Nothing returns to there."""
    loaded = kernel.extensions.loader.extensions if kernel.extensions else ()
    return frozenset(row[0] for extension in loaded for row in extension.symbols)


def _of_objects(kernel: Kernel, within: Within) -> Iterator[str]:
    state = kernel.state
    for queue, waiting in state.queues.items():
        if within(queue):
            waiter = state.threads[waiting[0][-1]]
            yield f"{kernel.thread_name(waiter)} waits in {waiter.waits_for[0]} for {queue:#010x} ({kernel.describe(queue)})"
    for thread in state.threads.values():
        if thread.waits_for[0] and any(map(within, thread.data)):
            yield f"{kernel.thread_name(thread)} waits in {thread.waits_for[0]}, and what it gave for that is here"
    for _, _, kind, address in state.timeouts:
        if within(address):
            yield f"the clock has something to do for the {kind} at {address:#010x} ({kernel.describe(address)})"


def _of_interrupts(kernel: Kernel, code: Within) -> Iterator[str]:
    state = kernel.state
    if any(code(interrupt.handler) for interrupt in state.interrupts):
        yield "an interrupt handler of it is about to run"
    for number, line in state.irqs.items():
        if line.enabled and code(line.handler):
            yield f"interrupt {number} is enabled, and its handler is here"


def handler_within(kernel: Kernel, within: Within, kind: str, address: int, *offsets: int) -> Iterator[str]:
    """Whether an object, wherever it lies, will call a function that goes; for further questions.

    Args:
        kernel: Asked.
        within: What shall go.
        kind: The object in words.
        address: Of the object.
        offsets: Of its pointers to functions.
    """
    read = kernel.machine.memory.read
    if any(within(int.from_bytes(read(address + offset, 4), "little")) for offset in offsets):
        yield f"the {kind} at {address:#010x} ({kernel.describe(address)}) is to call a function of it"


def _returns(kernel: Kernel, thread: Thread) -> Iterator[int]:
    """Where a thread goes on, and every word of its stack that may say where else it returns to.

    A word that only looks like an address of code keeps the extension longer than it must stay; the other mistake would
    let a thread return to nothing.
    """
    machine, state = kernel.machine, kernel.state
    if thread.address == state.main and not machine.nesting:
        return
    if thread.address == state.current and machine.nesting and not state.in_isr:
        stack_pointer, link = _LEFT.unpack_from(machine.arguments)
        yield link
    elif thread.context:
        context = machine.contexts.at
        words = struct.Struct("<I")
        stack_pointer = words.unpack_from(thread.context, context.stack_pointer)[0]
        for at in (context.pc, context.link):
            yield words.unpack_from(thread.context, at)[0]
    else:
        return
    top = thread.stack + thread.stack_size
    if thread.stack <= stack_pointer <= top:
        start = stack_pointer & -4
        yield from struct.unpack(f"<{(top - start) // 4}I", machine.memory.read(start, (top - start) // 4 * 4))


def power_off(kernel: Kernel) -> None:
    """Nothing goes on: no thread but that of calls from Python, no clock, no interrupts."""
    state = kernel.state
    if kernel.extensions:
        kernel.extensions.give_up()
    for thread in list(state.threads.values()):
        if thread.address != state.main:
            kernel.scheduler.forget(thread)
    state.timeouts.clear()
    state.armed.clear()
    state.interrupts.clear()
    state.work_queues.clear()
    state.polled_works.clear()
    state.irqs.clear()
    kernel.machine.away = False
