"""A CPU with memory on the Unicorn emulator: call guest code, serve its calls, keep its rights, name its faults.

Guest code enters the host by reading a word of the service window (``arch`` ServiceStub): the cheapest crossing there
is, because the emulator calls back for that load and nothing else. Rights are answered granule by granule by the
virtual TLB's fill callback, which is exact each time; ``UC_TLB_VIRTUAL`` caches only what was allowed.

The emulator's binding is bypassed where it is slow (registers, start, callbacks): the same library functions are
called through prebuilt ctypes arrays.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import unicorn
import unicorn.arm_const
import unicorn.unicorn_const as uc_const
from unicorn.unicorn_py3 import unicorn as binding

from llext.errors import Errno, LlextError
from llext.machine.memory import GuestMemory, Permission, Rights
from llext.machine.registers import MachineFault, Registers
from llext.machine.turn import Turn
from llext.machine.watchdog import Watchdog
from llext.target import NULL_PAGE_BYTES, Target

MAX_NESTING = 32
"""Guest -> Python -> guest calls that may be open at once; the emulator itself dies at 63."""

Handler = Callable[[], int]
"""Serves one service: reads ``Machine.arguments`` and returns the low result word."""

_RETURN = struct.Struct("<8xI")
"""The return address among the words that a stub leaves (``ServiceStub``)."""

_ACCESS = {
    16: "read",
    17: "write",
    18: "execute",
    19: "read",
    20: "write",
    21: "execute",
    22: "write",
    23: "read",
    24: "execute",
}


class Machine:
    """One powered-on CPU.

    Args:
        target: The board's facts.
        guarded: Keep rights (rule ``guarded``); False leaves all memory to everybody (rule ``no-mpu``).

    Attributes:
        stub: How guest code calls services.
        arguments: What the stub of the service that runs now left: words as ``ServiceStub`` tells.
        timeout: Wall seconds that an outermost call may take.
        turn: Which thread uses the machine now.
        stack_top: Where the stack of an outermost call begins; whoever powers the board on sets it.
        trap: Where calls return to: inside an executable granule of its own, not at its start (the emulator looks at
            the byte before it).
    """

    def __init__(self, target: Target, *, guarded: bool = True) -> None:
        self.target = target
        self.guarded = guarded
        self.timeout = 10.0
        self.stack_top = 0
        self.trap = 0
        facts = target.arch.emulator
        self.window = target.window.address
        self.memory = GuestMemory((*target.memories, target.scratch, target.buffers), floor=NULL_PAGE_BYTES)
        self.rights = Rights(self.memory, facts.page_bytes)
        self.nesting = 0
        self.turn = Turn()
        self._take, self._give_back = self.turn.take, self.turn.give_back
        self._facts = facts
        self._pending: BaseException | None = None
        self._denied: tuple[str, int] | None = None
        self._interrupt: int | None = None
        self._spare: int | None = None
        self._expired = self._interrupted = False
        self._stale = self._forgetting = False
        self._outermost = 0
        self._open: list[tuple[int, bytes]] = []
        room = target.window.size // 4
        self._handlers: list[Handler] = [partial(self._unserved, number) for number in range(room)]
        self._served = 0
        self._traps: dict[int, Callable[[Machine], None]] = {}
        self.stub = target.arch.stub(target.cpu)
        self._start_emulator()
        self._watchdog = Watchdog(self._expire)

    # Powering on ----------------------------------------------------------------------------------------------------

    def _start_emulator(self) -> None:
        facts = self._facts
        uc = unicorn.Uc(
            getattr(uc_const, f"UC_ARCH_{facts.family}"),
            getattr(uc_const, f"UC_MODE_{facts.mode}"),
            self._number(f"UC_CPU_{facts.models[self.target.cpu.name]}"),
        )
        self._uc = uc
        self._lib = binding.uclib
        self._handle = uc._uch  # noqa: SLF001 - the binding offers no other way to its own handle
        uc.ctl_set_tcg_buffer_size(8 << 20)
        if not facts.page_is_fixed:
            uc.ctl_set_page_size(facts.page_bytes)
        for block in self.memory.blocks:
            rights = Permission.RWX if block.name != self.target.flash.name else Permission.RX
            pointer = ctypes.addressof(ctypes.c_char.from_buffer(block.host))
            uc.mem_map_ptr(block.start, block.end - block.start, uc_const.UC_PROT_ALL if self.guarded else rights, pointer)
        self._install_callbacks()
        self._entry = Registers.of([self._register(name) for name in self._entry_names()])
        self._duties = len(facts.arguments)
        if facts.status:
            self._entry.values[self._duties + 2] = facts.status[1]
        self._exit = Registers.of([self._register(name) for name in (*facts.results, facts.pc)])
        self._report = Registers.of([self._register(name) for name in facts.report])
        self._floats = Registers.of([self._register(name) for name in facts.float_arguments])
        self._stack = Registers.of([self._register(facts.stack_pointer)])
        self.arguments = self.memory.view(self.window - self.stub.below_window, self.stub.below_window)
        self._pristine = uc.context_save()

    def _entry_names(self) -> list[str]:
        """The registers that a call sets: arguments, stack pointer, link, and those that hold the same for every call."""
        facts = self._facts
        status = [facts.status[0]] if facts.status else []
        thread = self.target.arch.thread_pointer.register
        return [*facts.arguments, facts.stack_pointer, facts.link, *status, *([thread] if thread else [])]

    def _number(self, name: str) -> int:
        value: int = getattr(getattr(unicorn, f"{self._facts.family.lower()}_const"), name)
        return value

    def _register(self, name: str) -> int:
        return self._number(f"UC_{self._facts.family}_REG_{name}")

    def _install_callbacks(self) -> None:
        uc = self._uc
        self._on_service = binding.MMIO_READ_CFUNC(self._server())
        window = self.target.window
        status = self._lib.uc_mmio_map(self._handle, window.address, window.size, self._on_service, None, None, None)
        if status:
            raise unicorn.UcError(status)
        uc.hook_add(uc_const.UC_HOOK_INTR, self._carried(self._on_interrupt))
        uc.hook_add(uc_const.UC_HOOK_MEM_INVALID, self._carried(self._on_invalid))
        if not self.guarded:
            return
        for area in (self.target.scratch, self.target.buffers):
            self.rights.set(area.address, area.size, Permission.RW)
        uc.ctl_set_tlb_mode(uc_const.UC_TLB_VIRTUAL)
        uc.hook_add(uc_const.UC_HOOK_TLB_FILL, self._carried(self._fill))

    # Callbacks from the emulator --------------------------------------------------------------------------------------

    def _server(self) -> Callable[[int, int, int, object], int]:
        """What the emulator calls for a load from the service window; a closure, because every lookup counts here."""
        handlers, stop, handle = self._handlers, self._lib.uc_emu_stop, self._handle

        def serve(_uc: int, offset: int, _size: int, _user: object) -> int:
            try:
                return handlers[offset >> 2]() & 0xFFFFFFFF
            except BaseException as error:  # noqa: BLE001 - carried over the emulator's C frames and raised behind them
                self._pending = error
                stop(handle)
                return 0

        return serve

    def _unserved(self, number: int) -> int:
        raise MachineFault("read", self.window + 4 * number)

    def _fill(self, _uc: object, address: int, access: int, entry: Any, _user: object) -> bool:
        rights = Permission.RX if self._forgetting else self.rights.raw(address)
        if rights < 0:
            in_window = self.window <= address < self.target.window.end
            rights = Permission.READ if in_window and access == uc_const.UC_MEM_READ else Permission.NONE
        needed = 1 if access == uc_const.UC_MEM_READ else 2 if access == uc_const.UC_MEM_WRITE else 4
        if address & -self._facts.page_bytes == self._spare:
            entry.paddr, entry.perms = self.target.scratch.address, Permission.RW
            return True
        if not rights & needed:
            self._denied = (_ACCESS[access], address)
            return False
        entry.paddr = address & -self._facts.page_bytes
        entry.perms = rights
        return True

    def _on_invalid(self, _uc: object, access: int, address: int, _size: int, _value: int, _user: object) -> bool:
        # The emulator cannot tell an address in the last page of the address space from "none".
        self._denied = (_ACCESS[access], min(address, (1 << 32) - self._facts.page_bytes))
        return False

    def _carried(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """A callback whose exceptions, Ctrl-C among them, are carried over the emulator's C frames as _server does."""
        stop, handle = self._lib.uc_emu_stop, self._handle

        def carried(*words: Any) -> Any:
            try:
                return callback(*words)
            except BaseException as error:  # noqa: BLE001 - raised behind the emulator, see _run
                self._pending = error
                stop(handle)
                return False

        return carried

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

    def _expire(self) -> None:
        self._expired = True
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

    def on_trap(self, number: int, handler: Callable[[Machine], None]) -> None:
        """Serves a supervisor call of this number; the handler reads registers and may raise."""
        self._traps[number] = handler

    @property
    def link_name(self) -> str:
        """The name of the register with the return address, in ``read_registers``."""
        return self._facts.link.lower()

    def read_registers(self) -> dict[str, int]:
        """The registers of a fault report, by lower-case name."""
        report = self._report
        self._lib.uc_reg_read_batch(self._handle, report.identifiers, report.pointers, report.count)
        return {name.lower(): report.values[index] for index, name in enumerate(self._facts.report)}

    def argument_registers(self) -> list[int]:
        """The argument registers as they are now: what a supervisor call passes."""
        return [self._uc.reg_read(self._register(name)) for name in self._facts.arguments]

    def float_registers(self) -> list[int]:
        """The single-precision argument registers as 32-bit words: arguments of a service, or the result of a call."""
        floats = self._floats
        self._lib.uc_reg_read_batch(self._handle, floats.identifiers, floats.pointers, floats.count)
        return list(floats.values)

    def set_float_registers(self, words: tuple[int, ...]) -> None:
        """Sets the first single-precision registers."""
        floats = self._floats
        for index, word in enumerate(words):
            floats.values[index] = word
        self._lib.uc_reg_write_batch(self._handle, floats.identifiers, floats.pointers, len(words))

    def protect(self, address: int, size: int, permission: Permission) -> None:
        """Sets the rights of all granules in a range; without rights (rule ``no-mpu``) this does nothing."""
        if not self.guarded:
            return
        self.rights.set(address, size, permission)
        self.forget_code(address, size)

    def forget_code(self, address: int, size: int) -> None:
        """Makes the CPU read code in a range anew after the host changed it.

        The emulator looks the range up as a fetch. Where that is denied it forgets nothing, and the denial stays behind
        and ends the call that is running. So all is executable for that moment, and the entries that this leaves go.
        """
        if not size:
            return
        self._forgetting = True
        try:
            self._uc.ctl_remove_cache(address, address + size)
        finally:
            self._forgetting = False
        if self.guarded:
            self._stale = True
            if self.nesting:
                self._refresh()

    def _refresh(self) -> None:
        self._stale = False
        self._uc._Uc__ctl_w(uc_const.UC_CTL_TLB_FLUSH)  # noqa: SLF001 - the binding has the function and no public name

    def set_thread_pointer(self, address: int) -> None:
        """Sets what the thread pointer register holds in calls from now on, if the ISA has one."""
        if self.target.arch.thread_pointer.register:
            self._entry.values[self._entry.count - 1] = address

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
            self._expired = self._interrupted = False
            self._outermost = address
            self._watchdog.arm(self.timeout)
            self.nesting = 1
            try:
                results = self._run(address, core, fp, stack, self.stack_top)
            finally:
                self.nesting = 0
                self._watchdog.disarm()
            if self._interrupted:  # while the last instructions ran: whoever interrupts is always told
                raise MachineFault("interrupted", None, self.read_registers())
            return results
        finally:
            self._give_back()

    def _call_nested(self, address: int, core: tuple[int, ...], fp: tuple[int, ...], stack: bytes) -> tuple[int, int]:
        with self._nested(address) as pointer:
            return self._run(address, core, fp, stack, pointer)

    @contextmanager
    def _nested(self, address: int) -> Iterator[int]:
        if self.nesting >= MAX_NESTING:
            raise MachineFault("nesting", None, self.read_registers())
        saved = self._uc.context_save()
        arguments = bytes(self.arguments)
        self._lib.uc_reg_read_batch(self._handle, self._stack.identifiers, self._stack.pointers, 1)
        self.nesting += 1
        self._open.append((address, arguments))
        try:
            yield self._stack.values[0] & -8
        finally:
            self._open.pop()
            self.nesting -= 1
            self._uc.context_restore(saved)
            self.arguments[:] = arguments

    def open_code(self) -> list[int]:
        """Guest code that is not done yet: where open calls entered it, and where open services return to."""
        if not self.nesting:
            return []
        returns = [_RETURN.unpack_from(left)[0] for left in (*(left for _, left in self._open), bytes(self.arguments))]
        return [self._outermost, *(address for address, _ in self._open), *returns]

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
        self._denied = self._interrupt = None
        status = self._lib.uc_emu_start(self._handle, address, trap, 0, 0)
        if self._pending is not None:
            self._raise_pending()
        results = self._exit
        self._lib.uc_reg_read_batch(self._handle, results.identifiers, results.pointers, results.count)
        if status or results.values[2] != trap:
            self._raise_fault(status)
        return results.values[0], results.values[1]

    def _raise_pending(self) -> None:
        error, self._pending = self._pending, None
        if isinstance(error, MachineFault) and not error.registers:
            error.registers = self.read_registers()
        self._recover()
        assert error is not None
        raise error

    def _raise_fault(self, status: int) -> None:
        registers = self.read_registers()
        if self._interrupted:
            fault = MachineFault("interrupted", None, registers)
        elif self._expired:
            fault = MachineFault("timeout", None, registers)
        elif self._denied is not None:
            fault = self._denial(registers)
        elif status == uc_const.UC_ERR_INSN_INVALID:
            fault = MachineFault("undefined instruction", None, registers)
        elif self._interrupt is not None:
            fault = self._exception(self._interrupt, registers)
        else:
            fault = MachineFault(str(unicorn.UcError(status)) if status else "halted", None, registers)
        self._recover()
        raise fault

    def _exception(self, number: int, registers: dict[str, int]) -> MachineFault:
        """A fault that the emulator announces as an interrupt; its pc may be behind the instruction."""
        reason, behind = self._facts.exceptions.get(number, (f"exception {number}", 0))
        registers["pc"] -= behind
        return MachineFault(reason, registers["pc"] if reason == "execute" else None, registers)

    def _denial(self, registers: dict[str, int]) -> MachineFault:
        """The exact address: the emulator names only the page, so the instruction runs once more under a memory hook.

        The page that was denied is a spare one this time; stores that were allowed are repeated, which changes nothing.
        The hook sees where the spare page lies. An access that only ends in the denied page is answered with its start.
        """
        assert self._denied is not None
        reason, page = self._denied
        pc = registers["pc"]
        if reason == "execute" or not self.guarded:
            return MachineFault(reason, pc if self.guarded else page, registers)
        touched: list[int] = []

        def note(_uc: object, _access: int, address: int, _size: int, _value: int, _user: object) -> None:
            touched.append(address)

        hook = self._uc.hook_add(uc_const.UC_HOOK_MEM_READ | uc_const.UC_HOOK_MEM_WRITE, self._carried(note))
        self._uc.ctl_flush_tb()
        self._spare = page
        self._lib.uc_emu_start(self._handle, pc | self._facts.code_bit, 0, 0, 1)
        self._spare = None
        self._uc.hook_del(hook)
        # Counting goes on in the call around this one until a run without a count, if only of nothing, ends it.
        self._lib.uc_emu_start(self._handle, self.trap | self._facts.code_bit, self.trap, 0, 0)
        self._uc.ctl_flush_tb()
        self._refresh()
        spare = self.target.scratch.address
        offset = next((address - spare for address in touched if spare <= address < spare + self._facts.page_bytes), 0)
        return MachineFault(reason, page + offset, registers)

    def _recover(self) -> None:
        """Leaves no half-executed instruction behind: flags and IT state are as at power-on."""
        if self.nesting <= 1:
            self._uc.context_restore(self._pristine)
