"""The kernel: what guest code may call, bound to stubs by the catalogue; state as plain data; the console.

A service is one line of ``abi.catalogue`` and one function registered beside this file. Services are bound on first
use: a prototype is parsed and turned into a decoder when the stub is called for the first time.
"""

from __future__ import annotations

import struct
from bisect import insort
from collections.abc import Callable
from contextlib import suppress

from llext.abi import VaList
from llext.abi.catalogue.threads import K_THREAD
from llext.arch import CallingConvention
from llext.errors import Errno
from llext.heap import InspectedHeap
from llext.kernel import (  # noqa: F401 - they register
    asserts,
    blocks,
    boot,
    clock,
    condvars,
    console,
    console_input,
    delayed_work,
    devices,
    errno_,
    events,
    extension_heap,
    extension_restore,
    extension_tables,
    extensions,
    fatal,
    heaps,
    interrupts,
    log,
    messages,
    mutexes,
    pipes,
    poll,
    polled_work,
    queues,
    reasons,
    semaphores,
    slabs,
    stacks,
    sys_heaps,
    system,
    thread_facts,
    threads,
    timers,
    work,
)
from llext.kernel.deadlock import why_nothing_happens, would_wait
from llext.kernel.guest import GuestAccess
from llext.kernel.loop import Loop
from llext.kernel.scheduler import Scheduler
from llext.kernel.settings import Settings
from llext.kernel.state import BLOCKED, ZERO_LATENCY, Interrupt, KernelState, States, Thread
from llext.kernel.stubs import Stubs
from llext.kernel.trace import Trace, TracedLoop
from llext.machine import Machine, MachineFault, Stack

_BASE, _WORD = struct.Struct("<BbB"), struct.Struct("<I")
CONSOLE_LIMIT = 1 << 20
"""Bytes of console output that are kept, the newest. Guest code that prints without end costs the host no more."""


_CONTINUATIONS = 3
"""Bytes behind the first that a character of UTF-8 has at most; they are 0x80 to 0xBF."""


class Kernel:
    """The services of one board.

    Args:
        machine: The CPU.
        stubs: Where in ROM the stubs of the services go.
        system_heap: The heap behind k_malloc.
        output: Told of every piece of console output, or None.
        counted: Whether instructions take time (``clock="counted"``).
        trace: Whether to note who runs when.
        settings: What an application's Kconfig decides; Zephyr's defaults unless given.

    Attributes:
        console: The newest CONSOLE_LIMIT bytes of console output at most; what is left begins with a whole character.
        console_dropped: Bytes that came before them.
        input_source: Gives what the console receives next: b"" at its end, None if nothing has come for a moment.
        input_is_shown: Whether who types sees that already.
        stubs: What guest code calls services through.
    """

    def __init__(
        self,
        machine: Machine,
        stubs: int,
        system_heap: InspectedHeap,
        output: Callable[[bytes], None] | None = None,
        *,
        counted: bool = False,
        trace: bool = False,
        settings: Settings | None = None,
    ) -> None:
        self.machine = machine
        self.settings = settings or Settings()
        self.guest = GuestAccess(machine)
        self.state = KernelState()
        self.scheduler = Scheduler(self.state, self.mirror, self.settings.ticks_per_second)
        thread_facts.k_sched_time_slice_set(self, self.settings.slice_milliseconds, self.settings.slice_priority)
        self.trace = Trace(self.state) if trace else None
        self.loop = Loop(self) if self.trace is None else TracedLoop(self, self.trace)
        machine.director, machine.abandoned = self.loop.direct, self._abandon
        machine.settled = self._settle
        self.isr_stack = Stack(0, 0)
        self.describe: Callable[[int], str] = hex
        self.runtime: Callable[[str], int] = lambda name: 0  # noqa: ARG005 - set with the guest runtime
        self.find: Callable[[str], int] = lambda name: 0  # noqa: ARG005 - set by the board
        self.thread_cell = 0
        self.system_heap = system_heap
        self.console = bytearray()
        self.console_dropped = 0
        self._output = output
        self.input_source: Callable[[], bytes | None] | None = None
        self.input_is_shown = False
        self.stubs = Stubs(self, stubs)
        self._bases: dict[int, memoryview] = {}
        self.dying: MachineFault | None = None
        self.doomed = 0
        self.banner = b""
        self.extensions: extensions.Extensions | None = None
        self.slice_nanoseconds = 0
        self.counted = counted
        if counted:  # a slice is a tick, an instruction is a cycle
            machine.slice = machine.target.clock_hz // self.scheduler.ticks_per_second
            self.slice_nanoseconds = 1_000_000_000 // self.scheduler.ticks_per_second

    @property
    def convention(self) -> CallingConvention:
        """How calls are made on this machine."""
        return self.machine.target.arch.conventions[self.machine.target.cpu.float_abi]

    def va_list(self, address: int) -> VaList:
        """A reader of a va_list, by what its parameter holds."""
        return VaList(self.guest.read, address, self.convention, self.machine.target.arch.data_model)

    # Threads ----------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Thread:
        """The thread that runs, or that an interrupt handler interrupted."""
        return self.state.threads[self.state.current]

    @property
    def may_wait(self) -> bool:
        """Whether the code that runs is a thread's, with nobody in the way of others."""
        state = self.state
        boots = state.booting and state.current == state.application
        return not (state.in_isr or self.machine.nesting > 1 or boots)

    def wait(
        self, service: str, what: int, queue: int, timeout: int, *, expired: int = -Errno.EAGAIN, data: tuple[int, ...] = ()
    ) -> int:
        """Lets the running thread wait; the service that calls this returns what this returns.

        Args:
            service: Its name, for words.
            what: Address of what is waited for.
            queue: Address of the wait queue.
            timeout: Ticks, as a k_timeout_t holds them.
            expired: What the service returns when that time is over.
            data: What whoever wakes the thread needs to complete the operation.

        Raises:
            MachineFault: nobody can wait here: in an interrupt handler, or while Python code waits for this one.
        """
        if not self.may_wait:
            raise would_wait(self, service)
        thread = self.current
        thread.waits_for, thread.data = (service, what), data
        self.scheduler.pend(thread, queue, timeout, expired)
        return 0

    def wake_first(self, queue: int, result: int = 0) -> Thread | None:
        """Wakes who is next in a wait queue, and says who that was."""
        thread = self.scheduler.first(queue)
        if thread is not None:
            self.scheduler.wake(thread, result)
        return thread

    def leave(self, low: int) -> int:
        """Stops the running code behind the service that is done now, if another thread or an interrupt comes first."""
        state = self.state
        if state.in_isr or self.machine.nesting > 1:
            return low
        current = state.threads.get(state.current)
        if current is not None and self.scheduler.choose() is current and not self._interrupted():
            state.yields, state.swap = False, self.interrupts_wait()
            return low
        if current is not None and self._keeps_the_cpu(current):
            return low
        if current is not None and not current.states & BLOCKED:
            current.result = (low & 0xFFFFFFFF, self.machine.high_result)
        self.machine.away = True
        self.machine.leave()
        return low

    def _keeps_the_cpu(self, thread: Thread) -> bool:
        """Whether a thread has locked interrupts out and goes on: who it woke waits for the first service behind the unlocking."""
        goes_on = not thread.states & BLOCKED and not self.state.yields and not self.zero_latency_waits()
        return goes_on and self.machine.interrupts_masked

    def _interrupted(self) -> bool:
        return self.interrupts_wait() and (self.zero_latency_waits() or not self.machine.interrupts_masked)

    def interrupts_wait(self) -> bool:
        """Whether a handler is to be run, or the clock has something due; they may be locked out."""
        return bool(self.state.interrupts) or self._clock_waits()

    def _clock_waits(self) -> bool:
        state = self.state
        return bool(state.timeouts and state.timeouts[0][0] <= self.scheduler.now) or self._turn_is_over()

    def zero_latency_waits(self) -> bool:
        """Whether there is a handler that cannot be locked out."""
        waiting = self.state.interrupts
        return bool(waiting) and waiting[0].priority == ZERO_LATENCY

    def advance(self, nanoseconds: int) -> None:
        """Moves the clock; what becomes due is done when the service that runs now is done."""
        self.state.nanoseconds += nanoseconds
        if self._clock_waits():
            self.state.swap = True

    def turn_ends(self) -> int | None:
        """When the running thread has to let its equals run, in nanoseconds; None if it has not."""
        state = self.state
        thread = state.threads.get(state.current)
        if thread is None or thread.locked or thread.states & BLOCKED or thread.priority < max(0, state.slice_priority):
            return None
        ticks = thread.sliced if thread.sliced >= 0 else state.slice_ticks
        return state.switched + self.scheduler.at(ticks) if ticks else None

    def _turn_is_over(self) -> bool:
        """Almost never: the clock rarely moves while a thread runs."""
        if self.state.nanoseconds <= self.state.switched:
            return False
        ends = self.turn_ends()
        return ends is not None and ends <= self.state.nanoseconds

    def end_turn(self) -> None:
        """The clock's interrupt looks at the running thread's slice, behind all that is due."""
        thread = self.state.threads.get(self.state.current)
        if thread is None or not self._turn_is_over() or self.loop.masked(thread):  # the clock's interrupt is locked out, too
            return
        self.scheduler.yield_()
        self.state.switched = self.state.nanoseconds
        if thread.slice_ended[0]:
            self.interrupt(thread.slice_ended[0], thread.address, thread.slice_ended[1])

    def interrupt(self, handler: int, *arguments: int, irq: int = -1, priority: int = -1) -> None:
        """Lets an interrupt handler run: a guest function. What is no line of the controller comes before what is one."""
        insort(self.state.interrupts, Interrupt(priority, self.scheduler.ticket(), handler, arguments, irq))
        self.state.swap = True

    def thread_name(self, thread: Thread) -> str:
        """A thread in words."""
        return thread.name or f"thread {thread.address:#010x}"

    def mirror(self, thread: Thread) -> None:
        """Keeps struct k_thread as C code reads it."""
        view = self._bases.get(thread.address)
        if view is None:
            start = K_THREAD.offsets["base.thread_state"]
            view = self._bases[thread.address] = self.machine.memory.view(thread.address + start, 3)
        queued = 0 if thread.states & BLOCKED else States.QUEUED
        _BASE.pack_into(view, 0, thread.states & 0xFF | queued, thread.priority, thread.locked & 0xFF)

    def set_thread_pointer(self, thread: Thread) -> None:
        """Lets thread-local variables be those of a thread that is about to run."""
        facts = self.machine.target.arch.thread_pointer
        if facts.register:
            _WORD.pack_into(thread.context, self.machine.contexts.at.thread, thread.block - facts.bias)
        elif facts.reader:
            self.machine.memory.write_word(self.thread_cell, thread.block - facts.bias)

    # What ends a thread, or a call from Python --------------------------------------------------------------------------

    def on_fault(self, fault: MachineFault) -> tuple[int, int, int]:
        """A fault of guest code. It takes the thread along, and ends the call from Python.

        Returns:
            The guest's own k_sys_fatal_error_handler, and the reason and the frame of registers that it is told; what comes
            then, ``recover`` says.

        Raises:
            MachineFault: there is none, or the fault is none that firmware handles.
        """
        state = self.state
        thread = state.threads.get(state.current)
        if fault.told:
            pass  # k_fatal_halt
        elif state.in_isr:
            fault.thread = "an interrupt handler"
            fault.notes += self._handler()
        elif state.current != state.main:
            fault.thread = self.thread_name(thread) if thread else f"thread {state.current:#010x}"
        if fault.reason == "timeout":
            fault.notes += why_nothing_happens(self, masked=fault.masked)
        reason = -1
        with suppress(OSError):  # an output that takes no more must not hide the fault
            reason = fatal.announce(self, fault)
        handler = self.find("k_sys_fatal_error_handler") if reason >= 0 and self.dying is None else 0
        self.dying = fault if handler else None
        with suppress(OSError):
            if reason >= 0 and not handler:
                fatal.default_handler(self)
        if handler:
            self.doomed = 0 if state.in_isr else state.current
            return handler, reason, fatal.exception_frame(self, fault.registers, self.isr_stack.top)
        self._bury(thread)
        raise fault

    def _handler(self) -> tuple[str, ...]:
        """Whose interrupt handler runs, in words."""
        serves = self.state.serves
        if serves is None or not serves.handler:
            return ()
        if serves.handler == self.runtime("z_timer_expired"):
            return (f"the timer at {serves.arguments[0]:#010x} ({self.describe(serves.arguments[0])}) has expired",)
        line = f", of interrupt {serves.irq}" if serves.irq >= 0 else ""
        handler = serves.handler & ~self.machine.target.arch.code_symbol_bit
        return (f"the handler: {handler:#010x} ({self.describe(handler)}){line}",)

    def recover(self) -> None:
        """The guest's handler of fatal errors has returned: the thread that was in it ends, and the rest goes on.

        Raises:
            MachineFault: of which there is no rest.
        """
        state, fault, self.dying, self.doomed = self.state, self.dying, None, 0
        assert fault is not None
        thread = state.threads.get(state.current)
        if fault.fatal == reasons.PANIC:
            self._bury(thread)
            fault.reason += "; Attempted to recover from a kernel panic condition"
            raise fault
        if thread is None or thread.address == state.main:
            raise fault
        threads.end_thread(self, thread)
        threads.panic_if_essential(thread, fault.registers)

    def spurious(self, irq: int) -> MachineFault:
        """The fault of an interrupt that nobody has connected."""
        return MachineFault(
            f"interrupt {irq} has no handler", None, self.machine.read_registers(), fatal=reasons.SPURIOUS, irq=irq
        )

    def _bury(self, thread: Thread | None) -> None:
        """Ends a thread that a fault stopped in the midst; not if the fault is of the handler that interrupted it."""
        if thread is not None and thread.address != self.state.main and not self.state.in_isr:
            threads.end_thread(self, thread)

    def _settle(self) -> None:
        """A call from Python is over. Who was held back until its end, by locked interrupts, comes first in the next one."""
        log.flush(self)
        if self.state.swap:
            self.machine.away = True

    def _abandon(self) -> None:
        """The call from Python ended by an exception: its thread waits for nothing any more."""
        state = self.state
        main, running = state.threads[state.main], state.threads.get(state.current)
        state.in_isr = state.in_isr and not self.doomed
        if running is not None and not running.states & BLOCKED:
            self._bury(running)  # an exception of Python code that it called: its registers are lost
        if main.states:
            self.scheduler.wake(main)
            self.scheduler.set_states(main, off=States.SUSPENDED)
        main.result, main.retry, main.locked, self.dying, self.doomed = None, "", 0, None, 0
        main.polls.clear()
        state.in_isr = state.yields = False
        state.edge = -1
        state.current = state.main
        state.swap = self.interrupts_wait()
        self.machine.away = state.swap or self.scheduler.choose() is not main
        if self.trace is not None:
            self.trace.thread(main)

    # Console ----------------------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Bytes for the console; code takes them when it runs."""
        with self.machine.turn:
            console_input.arrive(self, data)
            if not self.machine.nesting:
                self.machine.away = True

    def write_console(self, data: bytes, *, raw: bool = False) -> None:
        """Appends to the console and tells whoever listens; LF becomes CR LF where the board's lines end so, unless raw."""
        if self.state.log.crlf and not raw:
            data = data.replace(b"\n", b"\r\n")
        self.console += data
        excess = len(self.console) - CONSOLE_LIMIT
        if excess > 0:
            start = self.console[excess : excess + _CONTINUATIONS]
            excess += len(start) - len(start.lstrip(bytes(range(0x80, 0xC0))))
            del self.console[:excess]
            self.console_dropped += excess
        if self._output is not None:
            self._output(data)
