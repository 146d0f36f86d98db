"""A CPU that calls guest code, serves its calls and names its faults.

Guest code enters the host by reading a word of the service window (``arch`` ServiceStub): the cheapest crossing there
is, because the emulator calls back for that load and nothing else.
"""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import unicorn
import unicorn.unicorn_const as uc_const
from unicorn.unicorn_py3 import unicorn as binding

from llext.errors import Errno, LlextError
from llext.machine.contexts import Contexts
from llext.machine.cpu import Cpu
from llext.machine.events import Director, Event
from llext.machine.naming import Naming, Stack
from llext.machine.registers import MachineFault
from llext.machine.signals import CALLED, install
from llext.machine.turn import Turn
from llext.machine.watchdog import Watchdog
from llext.target import Target

MAX_NESTING = 32
"""Guest -> Python -> guest calls that may be open at once; the emulator itself dies at 63."""

Handler = Callable[[], int]
"""Serves one service: reads ``Machine.arguments`` and returns the low result word."""


def _nobody_else(event: Event | MachineFault) -> int:
    """Where there are no threads, nothing goes on in the place of a call."""
    assert isinstance(event, MachineFault)
    raise event


_WORD = struct.Struct("<I")
_RETURN = struct.Struct("<8xI")
"""The return address among the words that a stub leaves (``ServiceStub``)."""


class Machine(Cpu):
    """One powered-on CPU.

    Args:
        target: The board's facts.
        guarded: Keep rights (rule ``guarded``); False leaves all memory to everybody (rule ``no-mpu``).

    Attributes:
        stub: How guest code calls services.
        arguments: What the stub of the service that runs now left: words as ``ServiceStub`` tells.
        timeout: Wall seconds that an outermost call may take.
        turn: Which thread uses the machine now.
        stack_top: Where the stack of an outermost call begins; whoever powers the board on sets it. With rights, the
            granule above it is nobody's.
        stack_bottom: Its lowest address; set too.
        stack: The stack of the code that runs now.
        contexts: Saves and loads all registers.
        director: Decides what runs when the code below an outermost call stopped; set by whoever has threads.
        away: Whether what runs, or shall run, is not the outermost call itself.
        abandoned: Told when an outermost call ends by an exception.
        settled: Told when an outermost call is over, however it ended.
        slice: How many instructions code runs at a time; 0 for any number.
    """

    def __init__(self, target: Target, *, guarded: bool = True) -> None:
        super().__init__(target, guarded=guarded)
        install()
        self.timeout = 10.0
        self.stack_top = self.stack_bottom = 0
        self.stack = self._own_stack = Stack(0, 0)
        self.turn = Turn()
        self._take, self._give_back = self.turn.take, self.turn.give_back
        self._interrupt: int | None = None
        self._expired = self._interrupted = False
        self._breathing = False
        self._breath = threading.Lock()
        self._served_last = [0, 0]
        self._naming = Naming(self._facts, self.memory, guarded=guarded)
        self._outermost = 0
        self._left = False
        self.away = False
        self.director: Director = _nobody_else
        self.abandoned: Callable[[], None] = lambda: None
        self.settled: Callable[[], None] = lambda: None
        self.slice = 0
        self.contexts = Contexts(self)
        self._open: list[tuple[int, bytes, Any]] = []
        room = target.window.size // 4
        self._handlers: list[Handler] = [self._unserved] * room
        self._served = 0
        self._traps: dict[int, Callable[[Machine], None]] = {}
        self.stub = target.arch.stub(target.cpu)
        self.arguments = self.memory.view(self.window - self.stub.below_window, self.stub.below_window)
        self._install_services()
        self._watchdog = Watchdog(self._expire, self._breathe)

    def _install_services(self) -> None:
        self._on_service = binding.MMIO_READ_CFUNC(self._server())
        window = self.target.window
        status = self._lib.uc_mmio_map(self._handle, window.address, window.size, self._on_service, None, None, None)
        if status:
            raise unicorn.UcError(status)
        self._uc.hook_add(uc_const.UC_HOOK_INTR, self._carried(self._on_interrupt))

    # Callbacks from the emulator --------------------------------------------------------------------------------------

    def _server(self) -> Callable[[int, int, int, object], int]:
        """What the emulator calls for a load from the service window; a closure, because every lookup counts here."""
        handlers, stop, handle, served = self._handlers, self._lib.uc_emu_stop, self._handle, self._served_last

        def serve(_uc: int, offset: int, _size: int, _user: object) -> int:
            try:
                served[0] = offset
                served[1] = result = handlers[offset >> 2]() & 0xFFFFFFFF
                return result
            except BaseException as error:  # noqa: BLE001 - carried over the emulator's C frames and raised behind them
                self._pending = error
                stop(handle)
                return 0

        return serve

    def _unserved(self) -> int:
        raise MachineFault("read", self.window + self._served_last[0])

    def _on_interrupt(self, uc: unicorn.Uc, number: int, _user: object) -> None:
        if number != self._facts.supervisor_call:
            self._interrupt = number
            uc.emu_stop()
            return
        call = self._trap_number(uc)
        try:
            handler = self._traps.get(call)
            if handler is None:
                raise MachineFault(f"supervisor call {call}, which nobody serves", None)
            handler(self)
        except MachineFault as fault:
            raise self._at_the_trap(fault) from None

    def _at_the_trap(self, fault: MachineFault) -> MachineFault:
        """A fault that a supervisor call raises happens at that instruction; the emulator's pc is behind it."""
        fault.registers = self.read_registers()
        fault.registers["pc"] -= self._facts.trap_bytes
        return fault

    def _trap_number(self, uc: unicorn.Uc) -> int:
        """Which supervisor call this is."""
        facts = self._facts
        if facts.trap_register:
            number: int = uc.reg_read(self._register(facts.trap_register))
            return number
        return self.memory.read(uc.reg_read(self._register(facts.pc)) - facts.trap_bytes, 1)[0]

    def interrupt(self) -> None:
        """Stops guest code, from any thread or signal handler; its call ends with a fault."""
        self._interrupted = True
        self._watchdog.hurry()  # the emulator forgets a stop that comes just before it starts
        self._lib.uc_emu_stop(self._handle)

    def check_time(self) -> None:
        """Ends the call if its time is over or somebody interrupted it; for work of the host that takes long.

        Raises:
            MachineFault: that.
        """
        if self._expired or self._interrupted:
            raise MachineFault("interrupted" if self._interrupted else "timeout", None, self.read_registers())

    def renew(self) -> None:
        """Lets the running call take its time anew, from now on."""
        if not self._interrupted:
            self._watchdog.arm(self.timeout)

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Lets the running call take as long as the host needs meanwhile, and its time anew from then on."""
        self._watchdog.arm(math.inf)
        try:
            yield
        finally:
            self.renew()

    @property
    def interrupts_masked(self) -> bool:
        """Whether the code that runs has locked interrupts out."""
        facts = self._facts
        mask: int = self._uc.reg_read(self._register(facts.interrupt_mask(self.target.cpu)))
        return facts.masked(mask)

    def carry(self, error: BaseException) -> None:
        """Ends the running code; the call ends by this exception."""
        self._pending = error
        self._lib.uc_emu_stop(self._handle)

    def _expire(self) -> None:
        self._expired = True
        self._lib.uc_emu_stop(self._handle)

    def _breathe(self) -> None:
        """Lets guest code stop for a moment, so that Python handles the signals that came: Ctrl-C above all."""
        if self.slice:
            return  # slices have ends enough
        with self._breath:  # whoever sees the one sees the other
            self._breathing = True
            self._lib.uc_emu_stop(self._handle)

    # What the floors above use ----------------------------------------------------------------------------------------

    def add_service(self, handler: Handler) -> int:
        """Registers a handler and returns the service number by which a stub calls it."""
        if self._served == len(self._handlers):
            raise LlextError(f"the service window has room for {self._served} services", errno=Errno.ENOSPC)
        self._handlers[self._served] = handler
        self._served += 1
        return self._served - 1

    def replace_service(self, number: int, handler: Handler) -> None:
        """Lets another handler serve a number."""
        self._handlers[number] = handler

    def set_high_result(self, value: int) -> None:
        """Sets the second result word of the service that runs now (64-bit results)."""
        struct.pack_into("<I", self.arguments, 0, value & 0xFFFFFFFF)

    @property
    def high_result(self) -> int:
        """The second result word as it stands."""
        word: int = _WORD.unpack_from(self.arguments)[0]
        return word

    def on_trap(self, number: int, handler: Callable[[Machine], None]) -> None:
        """Serves a supervisor call of this number; the handler reads registers and may raise."""
        self._traps[number] = handler

    # Calling guest code -----------------------------------------------------------------------------------------------

    def call(self, address: int, core: tuple[int, ...] = (), fp: tuple[int, ...] = (), stack: bytes = b"") -> tuple[int, int]:
        """Calls guest code and returns the two result words.

        Args:
            address: Of the function, with the bit of its instruction set.
            core: Words for the argument registers.
            fp: Words for the floating-point argument registers.
            stack: What lies on the stack at the call. An outermost call begins at ``stack_top``, a nested one goes on
                where its caller is. The function returns to ``trap``.

        Raises:
            MachineFault: guest code did not come back.
        """
        if not self._take(False):
            raise self.turn.taken()
        try:
            if self.nesting:
                return self._call_nested(address, core, fp, stack)
            return self._call_outermost(address, core, fp, stack)
        finally:
            self._give_back()

    def _call_outermost(self, address: int, core: tuple[int, ...], fp: tuple[int, ...], stack: bytes) -> tuple[int, int]:
        self._expired = self._interrupted = False
        with self._breath:
            self._breathing = False
        self._outermost = address
        if self._own_stack.bottom != self.stack_bottom or self._own_stack.top != self.stack_top:
            self._own_stack = Stack(self.stack_bottom, self.stack_top)
        self.stack = self._own_stack
        self._watchdog.arm(self.timeout)
        try:
            self.nesting = 1
            CALLED.append((threading.get_ident(), self))
            results = self._run(address, core, fp, stack, self.stack_top)
        except BaseException as error:
            if not isinstance(error, MachineFault):
                self._recover()
            self.abandoned()
            raise
        finally:
            if CALLED and CALLED[-1][1] is self:
                CALLED.pop()
            else:  # another machine was called meanwhile, by another thread
                CALLED[:] = [called for called in CALLED if called[1] is not self]
            self.nesting = 0
            self._watchdog.disarm()
            self.settled()
        if self._interrupted:  # while the last instructions ran: whoever interrupts is always told
            raise MachineFault("interrupted", None, self.read_registers())
        return results

    def _call_nested(self, address: int, core: tuple[int, ...], fp: tuple[int, ...], stack: bytes) -> tuple[int, int]:
        with self._nested(address) as pointer:
            return self._run(address, core, fp, stack, pointer)

    def call_stack(self) -> int:
        """Where the stack bytes of the next call will end: a multiple of 16, which is the most that ABIs ask for."""
        if not self.nesting:
            return self.stack_top
        self._lib.uc_reg_read_batch(self._handle, self._stack.identifiers, self._stack.pointers, 1)
        return self._stack.values[0] & -16

    @contextmanager
    def _nested(self, address: int) -> Iterator[int]:
        if self.nesting >= MAX_NESTING:
            raise MachineFault("nesting", None, self.read_registers(), self.outer_calls())
        saved = self._uc.context_save()
        arguments = bytes(self.arguments)
        pointer = self.call_stack()
        self.nesting += 1
        self._open.append((address, arguments, saved))
        try:
            yield pointer
        except MachineFault as fault:
            fault.outer = fault.outer or self.outer_calls()
            raise
        finally:
            self._open.pop()
            self.nesting -= 1
            self._uc.context_restore(saved)
            self.arguments[:] = arguments

    def open_code(self) -> list[int]:
        """Guest code that is not done yet: where open calls entered it, and where open services return to."""
        if not self.nesting:
            return []
        returns = [_RETURN.unpack_from(left)[0] for left in (*(left for _, left, _ in self._open), bytes(self.arguments))]
        return [self._outermost, *(address for address, _, _ in self._open), *returns]

    def outer_calls(self) -> list[tuple[int, dict[str, int]]]:
        """Guest code that waits for a call from Python, the innermost first: where it goes on, and its registers."""
        return [
            (_RETURN.unpack_from(left)[0], {name.lower(): saved.reg_read(self._register(name)) for name in self._facts.report})
            for _, left, saved in reversed(self._open)
        ]

    def _run(
        self, address: int, core: tuple[int, ...], fp: tuple[int, ...], stack: bytes, stack_pointer: int
    ) -> tuple[int, int]:
        trap = self.trap
        if self._stale:
            self._refresh()
        if stack:
            stack_pointer -= len(stack)
            self.memory.write(stack_pointer, stack)
        entry = self._entry
        values = entry.values
        for index, word in enumerate(core):
            values[index] = word
        values[self._duties] = stack_pointer
        values[self._duties + 1] = trap | self._facts.code_bit
        self._lib.uc_reg_write_batch(self._handle, entry.identifiers, entry.pointers, entry.count)
        if fp:
            self.set_float_registers(fp)
        if self.nesting > 1:
            self._finish(self._start(address))
        else:
            self._direct(address)
        results = self._exit.values
        return results[0], results[1]

    def _direct(self, address: int) -> None:
        """An outermost call to its end, and all other code that runs below it."""
        if self.away:
            self.entry = address
            event = self._start(self.director(Event.ENTERED))
        else:
            event = self._start(address)
        while event is not Event.RETURNED or self.away:
            event = self._start(self.director(event))

    def _finish(self, event: Event | MachineFault) -> None:
        """A nested call to its end: nobody else runs meanwhile."""
        while event is Event.SLICE:
            event = self._start(self._exit.values[2] | self._facts.code_bit)
        if event is not Event.RETURNED:
            assert isinstance(event, MachineFault)
            raise event

    def _start(self, address: int) -> Event | MachineFault:
        """Runs guest code until something happens."""
        event = self._start_once(address)
        while event is Event.BREATH:
            event = self._start_once(self._behind_breath(self._exit.values[2]))
        return event

    def _start_once(self, address: int) -> Event | MachineFault:
        self._denied = self._interrupt = None
        status = self._lib.uc_emu_start(self._handle, address, self.trap, 0, self.slice)
        if self._pending is not None:
            return self._raised()
        if self._left:
            self._left = False
            return Event.LEFT
        results = self._exit
        self._lib.uc_reg_read_batch(self._handle, results.identifiers, results.pointers, results.count)
        if not status and results.values[2] == self.trap:
            return Event.RETURNED
        if not status and not self._stopped_early():
            if self.slice:
                return Event.SLICE
            if self._took_breath(results.values[2]):
                return Event.BREATH
        fault = self._fault(status, self.read_registers())
        fault.masked = self.interrupts_masked
        self._naming.name_stack(fault, self.stack)
        self._recover()
        return fault

    def _stopped_early(self) -> bool:
        return self._expired or self._interrupted or self._denied is not None or self._interrupt is not None

    def _took_breath(self, pc: int) -> bool:
        """Whether code stopped for a moment only; an instruction that ends a run does so whatever else comes."""
        with self._breath:
            breathing, self._breathing = self._breathing, False
        return breathing and not any(
            self._naming.code(pc - behind).startswith(code) for code, (_, behind) in self._facts.stops.items()
        )

    def _behind_breath(self, pc: int) -> int:
        """Where code goes on after a moment's stop, in which Python may have handled a signal.

        The emulator looks behind each callback whether it shall stop, and then puts the code back in front of the access that
        called. If that was the load of a stub, the service has run, and must not be called again.
        """
        offset, result = self._served_last
        if self.stub.is_load(self.window, offset >> 2, self._naming.code(pc)):
            self._uc.reg_write(self._register(self._facts.results[0]), result)
            pc += self.stub.load
        return pc | self._facts.code_bit

    # Other code below the same call -----------------------------------------------------------------------------------

    def leave(self) -> None:
        """Lets the code that called the service that runs now stop behind it; ``detour`` says what runs instead."""
        self._left = True
        self._lib.uc_emu_stop(self._handle)

    def _raised(self) -> MachineFault:
        """A fault that a service or callback raised; another exception goes on its way from here."""
        error, self._pending = self._pending, None
        self._left = False
        if isinstance(error, MachineFault):
            error.registers = error.registers or self.read_registers()
            self._naming.name_stack(error, self.stack)
        self._recover()
        if isinstance(error, MachineFault):
            return error
        assert error is not None
        raise error

    def _fault(self, status: int, registers: dict[str, int]) -> MachineFault:
        """Why the emulator stopped."""
        if self._interrupted:
            return MachineFault("interrupted", None, registers)
        if self._expired:
            return MachineFault("timeout", None, registers)
        if self._denied is not None:
            if self._naming.looked_back(self._denied, registers["pc"]):
                return MachineFault("undefined instruction", None, registers)
            with self._breath:  # which would stop the instruction that runs once more for its address
                return self._denial(registers)
        if self._interrupt is not None:
            return self._naming.of_exception(self._interrupt, registers)
        if status and status != uc_const.UC_ERR_INSN_INVALID:
            return MachineFault(str(unicorn.UcError(status)), None, registers)
        return self._naming.of_stop(status, registers)

    def _recover(self) -> None:
        """Leaves no half-executed instruction behind, flags and IT state as at power-on, and no word of the fault.

        A call around this one goes on if Python catches the fault, and may end in one of its own.
        """
        self._denied = self._interrupt = None
        if self.nesting <= 1:
            self._uc.context_restore(self._pristine)
