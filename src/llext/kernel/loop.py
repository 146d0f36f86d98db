"""The bottom of every call from Python: the one place where threads switch and interrupts are taken.

A service never waits. It notes what its thread waits for and returns; the machine then stops behind it and asks here what
runs next. Whoever ends the waiting has stored its result by then.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from llext.kernel import console_input
from llext.kernel.deadlock import deadlock, why_nothing_happens
from llext.kernel.state import BLOCKED, Interrupt, Thread
from llext.machine import Event, MachineFault, Stack

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

EXPIRIES: dict[str, Callable[[Kernel, int], None]] = {}
"""What the clock does when something is due, by what it is for."""
Retry = Callable[["Kernel", Thread, int], int | None]
RETRIES: dict[str, Retry] = {}
"""What completes a service when its thread's turn comes, by the thread's ``retry``."""
_WORD = struct.Struct("<I")


def expiry(kind: str) -> Callable[[Callable[[Kernel, int], None]], Callable[[Kernel, int], None]]:
    """Registers what the clock interrupt does with the timeouts of one kind."""

    def register(function: Callable[[Kernel, int], None]) -> Callable[[Kernel, int], None]:
        EXPIRIES[kind] = function
        return function

    return register


def retry(name: str) -> Callable[[Retry], Retry]:
    """Registers what completes a service whose waiting has ended, in the turn of the thread that left it.

    For services that nobody completes for a waiter: Zephyr wakes it, and it looks for itself. The function takes the
    thread and the word that woke it, and returns the service's result; None if the thread waits again.
    """

    def register(function: Retry) -> Retry:
        RETRIES[name] = function
        return function

    return register


class Loop:
    """Decides what runs next. ``direct`` is the machine's director."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.machine = kernel.machine
        self.state = kernel.state
        self.scheduler = kernel.scheduler

    def direct(self, event: Event | MachineFault) -> int:
        """Puts away what stopped, and returns the address at which code goes on."""
        state = self.state
        if isinstance(event, MachineFault):
            return self._fatal(event)
        if event is Event.RETURNED:
            if not state.in_isr:
                return self._fatal(self._astray())
            state.in_isr, state.edge = False, -1
            if self.kernel.dying is not None:
                self.kernel.recover()
        else:
            self._put_away(event)
            if state.in_isr:
                return self._resume_isr()
        return self._next()

    def _astray(self) -> MachineFault:
        """The fault of a thread that goes on in the code of another one, and came to the end of the call from Python."""
        words = "a thread returned from the call from Python, which is not its own: it left its stack, by longjmp maybe"
        return MachineFault(words, None, self.machine.read_registers())

    def _fatal(self, fault: MachineFault) -> int:
        """Begins the guest's own handler of fatal errors, if there is one."""
        handler, reason, frame = self.kernel.on_fault(fault)
        self.state.serves = None
        return self._handle(handler, (reason, frame), frame or self.kernel.isr_stack.top)

    def _put_away(self, event: Event) -> None:
        machine, state = self.machine, self.state
        registers = machine.contexts.save()
        if event is Event.ENTERED:
            _WORD.pack_into(registers, machine.contexts.at.pc, machine.entry)
        elif event is Event.LEFT:  # the stopped load of the stub is done: its result comes from elsewhere
            pc = _WORD.unpack_from(registers, machine.contexts.at.pc)[0]
            _WORD.pack_into(registers, machine.contexts.at.pc, pc + machine.stub.load)
        else:
            self.kernel.advance(self.kernel.slice_nanoseconds)
        if state.in_isr:
            self._isr = registers
        elif state.current in state.threads:
            thread = state.threads[state.current]
            thread.context = registers
            thread.ran += state.nanoseconds - state.resumed

    def _next(self) -> int:
        state = self.state
        while True:
            thread = self._chosen()
            if thread is None or thread.address != state.current:
                state.yields = True  # who ran has left the CPU: woken now, it is one of those that are ready
            handler = self._interrupt(thread)
            if handler is not None:
                return self._take(handler)
            thread = self._chosen()
            # Interrupts that are locked out wait for the first service behind the unlocking.
            state.swap = self.kernel.interrupts_wait()
            if thread is None:
                self._idle()
                continue
            state.yields = False
            try:
                done = not thread.retry or self._completed(thread)
            except MachineFault as fault:
                return self._fatal(fault)
            if done:
                return self._resume(thread)

    def _completed(self, thread: Thread) -> bool:
        """Completes the service that a thread left; False if somebody else runs first, or the thread waits again."""
        state, name = self.state, thread.retry
        self._now_runs(thread)
        word = thread.result[0] if thread.result else 0
        thread.retry, thread.result = "", None
        try:
            result = RETRIES[name](self.kernel, thread, word)
        except MachineFault as fault:
            fault.registers = self.machine.contexts.named(thread.context)
            raise
        if result is not None:
            thread.result = (result & 0xFFFFFFFF, 0)
        return not state.swap

    def _now_runs(self, thread: Thread) -> None:
        state = self.state
        if state.current != thread.address:
            state.current, state.switched = thread.address, state.nanoseconds

    def _chosen(self) -> Thread | None:
        """Who runs next. A thread that has locked interrupts out goes on until it waits or yields."""
        state = self.state
        running = state.threads.get(state.current)
        if (
            running is not None
            and running.context
            and not running.states & BLOCKED
            and not state.yields
            and self.masked(running)
        ):
            return running
        return self.scheduler.choose()

    def _interrupt(self, thread: Thread | None) -> Interrupt | None:
        """The handler that is run now, if one gets through to the thread that would run; what the clock has due is done."""
        interrupts = self.state.interrupts
        if not self.kernel.interrupts_wait():
            return None
        if not self.kernel.zero_latency_waits():
            if thread is not None and self.masked(thread):
                return None
            due = self._clock()
            if due is not None:
                return due
        return interrupts.pop(0) if interrupts else None

    def _clock(self) -> Interrupt | None:
        """Does what the clock has due, up to the first of it that is a handler's work: one after another, as they were armed."""
        state = self.state
        asked = len(state.interrupts)
        while (due := self.scheduler.due()) is not None:
            state.edge, _, kind, address = due
            EXPIRIES[kind](self.kernel, address)
            if len(state.interrupts) > asked:
                handler = max(state.interrupts, key=lambda each: each.ticket)
                state.interrupts.remove(handler)
                return handler
            state.edge = -1
        self.kernel.end_turn()
        return None

    def masked(self, thread: Thread) -> bool:
        """Whether a thread that does not run has locked interrupts out."""
        mask = _WORD.unpack_from(thread.context, self.machine.contexts.at.mask)[0]
        return self.machine.target.arch.emulator.masked(mask)

    def _take(self, interrupt: Interrupt) -> int:
        """Begins an interrupt handler."""
        self.state.serves = interrupt
        if interrupt.handler:
            return self._handle(interrupt.handler, interrupt.arguments, self.kernel.isr_stack.top)
        self.state.in_isr = True
        return self._fatal(self.kernel.spurious(interrupt.irq))

    def _handle(self, function: int, arguments: tuple[int, ...], top: int) -> int:
        """Begins a function on the stack of interrupts, as an interrupt handler."""
        machine, stack = self.machine, self.kernel.isr_stack
        self.state.in_isr = machine.away = True
        machine.stack = stack
        link = machine.trap | machine.target.arch.emulator.code_bit
        registers = machine.contexts.fresh(function, arguments, top, link)
        machine.contexts.load(registers)
        return function | machine.target.arch.emulator.code_bit

    def _resume(self, thread: Thread) -> int:
        machine, state = self.machine, self.state
        registers = thread.context
        if thread.result is not None:
            low, high = thread.result
            _WORD.pack_into(registers, machine.contexts.at.result, low)
            machine.set_high_result(high)
            thread.result = None
        self._now_runs(thread)
        state.resumed = state.nanoseconds
        machine.away = thread.address != state.main
        machine.stack = Stack(thread.stack, thread.stack + thread.stack_size, thread.guard)
        self.kernel.set_thread_pointer(thread)
        machine.contexts.load(registers)
        return machine.contexts.entry(registers)

    def _resume_isr(self) -> int:
        self.machine.contexts.load(self._isr)
        return self.machine.contexts.entry(self._isr)

    def _idle(self) -> None:
        """All wait: the clock goes on to what it will do next, once the host has given the input that somebody waits for."""
        state = self.state
        if console_input.comes(self.kernel):
            return
        if not state.timeouts:
            ended = state.application not in state.threads
            if state.until_idle and (ended or console_input.only_input_is_missing(self.kernel)):
                self.scheduler.wake(state.threads[state.main])
                return
            raise deadlock(self.kernel)
        try:
            self.machine.check_time()
        except MachineFault as fault:
            if fault.reason == "timeout":
                fault.notes = why_nothing_happens(self.kernel, masked=False)
            raise
        if state.application and state.lets_run:
            self.machine.renew()
        state.nanoseconds = max(state.nanoseconds, self.scheduler.at(state.timeouts[0][0]))
        state.switched = state.nanoseconds  # nobody ran: the turn of who ran last is not what passed
