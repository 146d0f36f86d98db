"""Calls a guest function with Python values: arguments to registers and stack, buffers to guest memory and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from llext.abi import CallLayout, Pointer, Prototype, layout
from llext.errors import Errno, FaultState, GuestFault, HeapError, UsageError
from llext.heap import SysHeap
from llext.machine import Machine, MachineFault

Value = int | float | str | bytes | bytearray | memoryview | None
Result = int | float | bytes | None


FIRMWARE = "the firmware"
"""How the place of code begins that belongs to no extension."""


@dataclass(frozen=True)
class Caller:
    """What calls need: the machine, memory for buffers, and words for addresses.

    Attributes:
        machine: The CPU.
        buffers: Heap for the copies of strings and bytes that are passed.
        locate: Address -> where that is, in words.
        calling: Return address -> where in an extension's code the call stands, in words; empty if it is not there.
        describe: Touched address -> what lies there, in words.
        keep: Fault -> what is kept of it for its report.
        announce: Told of each fault of the CPU, as firmware's fatal error handler is.
    """

    machine: Machine
    buffers: SysHeap
    locate: Callable[[int], str]
    calling: Callable[[int], str]
    describe: Callable[[int], str]
    keep: Callable[[MachineFault], FaultState | None] = lambda _fault: None
    announce: Callable[[MachineFault], object] = lambda _fault: None

    def call(self, address: int, prototype: Prototype, values: Sequence[Value]) -> Result:
        """Calls a function.

        Args:
            address: Of the function.
            prototype: Its type.
            values: Arguments; str and bytes are copied in, a bytearray is copied in and back.

        Raises:
            UsageError: arguments that do not fit the prototype.
            GuestFault: the function ended in a fault.
        """
        if any(isinstance(value, (str, bytes, bytearray, memoryview)) for value in values):
            return self._call_with_buffers(address, prototype, values)
        return self._call(address, prototype, values)  # type: ignore[arg-type]  # no buffers among them

    def _call(self, address: int, prototype: Prototype, values: Sequence[int | float | bytes | None]) -> Result:
        target = self.machine.target
        plan = layout(prototype, target.arch.conventions[target.cpu.float_abi])
        if plan.memory_result:
            return self._call_for_memory(address, plan, values)
        frame = plan.encode(values, stack_top=self.machine.call_stack)
        results = self.run(address, frame.core, frame.fp, frame.stack)
        return plan.decode_result(results, self.machine.float_registers() if plan.float_result else ())

    def _call_for_memory(self, address: int, plan: CallLayout, values: Sequence[int | float | bytes | None]) -> Result:
        """A call whose result, a structure, comes back in memory that the caller provides."""
        with self._borrowing() as taken:
            place = self._room(plan.memory_result, taken)
            frame = plan.encode(values, place, self.machine.call_stack)
            results = self.run(address, frame.core, frame.fp, frame.stack)
            return plan.decode_result(results, (), self.machine.memory.read(place, plan.memory_result))

    def run(self, address: int, core: tuple[int, ...] = (), fp: tuple[int, ...] = (), stack: bytes = b"") -> tuple[int, int]:
        """Calls with words that are already in place."""
        try:
            return self.machine.call(address, core, fp, stack)
        except MachineFault as fault:
            raise self.guest_fault(fault) from None

    def _call_with_buffers(self, address: int, prototype: Prototype, values: Sequence[Value]) -> Result:
        back: list[tuple[int, bytearray | memoryview]] = []
        words: list[int | float | bytes | None] = []
        parameters = prototype.parameters
        with self._borrowing() as taken:
            for index, value in enumerate(values):
                by_value = index < len(parameters) and not isinstance(parameters[index].type, Pointer)
                if by_value or not isinstance(value, (str, bytes, bytearray, memoryview)):
                    words.append(value)  # type: ignore[arg-type]  # bytes for a structure, or an error that names it
                    continue
                pointer = self._copy_in(value, taken)
                words.append(pointer)
                if isinstance(value, bytearray) or (isinstance(value, memoryview) and not value.readonly):
                    back.append((pointer, value))
            result = self._call(address, prototype, words)
            for pointer, target in back:
                target[:] = self.machine.memory.read(pointer, len(target))
            return result

    def _copy_in(self, value: str | bytes | bytearray | memoryview, taken: list[int]) -> int:
        data = _utf8(value) if isinstance(value, str) else bytes(value)
        # One NUL more than was given, so that bytes serve as C strings too.
        pointer = self._room(len(data) + 1, taken)
        self.machine.memory.write(pointer, data + b"\0")
        return pointer

    @contextmanager
    def _borrowing(self) -> Iterator[list[int]]:
        """Blocks of the buffer heap for one call; they are given back, and that hides no other error."""
        taken: list[int] = []
        try:
            yield taken
        except BaseException:
            with suppress(HeapError):
                self._give_back(taken)
            raise
        self._give_back(taken)

    def _give_back(self, taken: list[int]) -> None:
        for pointer in taken:
            try:
                self.buffers.free(pointer)
            except HeapError as error:
                raise HeapError(
                    f"guest code wrote beyond an argument or result: {error.message}",
                    hint="the board's memory for arguments is damaged: use a new board.",
                    errno=Errno.EFAULT,
                ) from None

    def _room(self, size: int, taken: list[int]) -> int:
        pointer = self.buffers.aligned_alloc(8, size)
        if pointer is None:
            raise HeapError(
                f"no room for an argument or result of {size} bytes; the largest free piece has "
                f"{self.buffers.largest_free} bytes",
                hint="pass large data in pieces, or write it to memory of the extension: board.memory[a:b] = data.",
            )
        taken.append(pointer)
        return pointer

    def guest_fault(self, fault: MachineFault) -> GuestFault:
        """A machine's fault in words."""
        registers = fault.registers
        pc, address = registers.get("pc", 0), fault.address
        where = self.locate(pc)
        if not where or where.startswith((FIRMWARE, "nowhere")):
            caller = self.calling(registers.get(self.machine.link_name, 0) & ~1)
            known = where or "nowhere"
            where = f"{known}, called from {caller}" if caller else known
        what = _WORDS.get(fault.reason, fault.reason)
        if fault.reason == "timeout":
            what = f"still running after {self.machine.timeout:g} s"
        lies = self.describe(address) if address is not None else ""
        if (
            address is not None and fault.reason == "stack overflow" and "stack" not in lies
        ):  # the frame is larger than the guard
            lies = f"{self.machine.stack.bottom - address} bytes below the {'stack' if fault.thread else 'call stack'}"
        if address is not None:
            what += f" {address:#010x}" + (f" ({lies})" if lies else "")
        with suppress(OSError):  # an output that takes no more must not hide the fault
            self.announce(fault)
        thread = f", in {fault.thread}" if fault.thread else ""
        return GuestFault(
            f"guest fault: {what}, at pc {pc:#010x} in {where}{thread}", reason=fault.reason, address=address, where=where,
            registers=registers, lies=lies, hint=_hint(fault.reason, fault.thread), state=self.keep(fault), thread=fault.thread,
            notes=fault.notes,
        )  # fmt: skip


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise UsageError(f"the text {text!r} has no form in UTF-8", hint="pass the bytes that guest code shall see.") from None


_WORDS = {
    "read": "load from",
    "write": "store to",
    "execute": "jump to",
    "stack overflow": "stack overflow at",
    "stack underflow": "stack underflow at",
    "unaligned access": "unaligned access to",
    "invalid state": "code without the Thumb bit at",
    "undefined instruction": "undefined instruction",
    "nesting": "Python and guest code call each other without end",
    "halted": "wait for an interrupt that never comes",
    "deadlock": "deadlock: no thread can ever run again",
}
_GAVE_UP = "the code gave up by itself, at the line above: an assertion, or a case that must not happen."
_NO_CODE = "data that was executed, a damaged function pointer, or code that is built for another CPU? See the line above."
_HINTS = {
    "interrupted": "",
    "no floating-point unit": "build it for this board: llext build --board NAME; a file for a CPU with an FPU does not run here.",
    "read": "a pointer that was never set, or an index out of bounds? 'llext run -v' shows the regions.",
    "write": "text and constants are read only, and what nobody owns is not mapped; 'llext run -v' shows the regions.",
    "execute": "a function pointer that was never set? Only text is executable.",
    "stack overflow": "too deep a recursion, or an array that is too large for the stack?",
    "stack underflow": "arguments that the caller did not pass, or code that pops more than it pushed?",
    "unaligned access": "a pointer to bytes that was cast to one to words? memcpy reads any address.",
    "invalid state": "a function's address has bit 0 set; take it from the function, not from a symbol's section.",
    "timeout": "a loop that does not end? --timeout S (Python: board.timeout) allows more time.",
    "deadlock": "give what one of them waits for, or let it wait for a limited time.",
    "kernel panic (k_panic)": _GAVE_UP,
    "kernel oops (k_oops)": _GAVE_UP,
    "undefined instruction": f"{_NO_CODE} Compilers also put one where code must not come to (__builtin_trap).",
    "breakpoint": "a BKPT or EBREAK in the code: __builtin_trap, an assertion, or a debugger's; take it out.",
    "halted": "no interrupt is connected that would end it: return from the call instead of waiting.",
    "nesting": "a Python export calls the extension that called it; at most 32 such calls may be open.",
}


def _hint(reason: str, thread: str) -> str:
    """What to do next; for words of a service, by what they begin with."""
    if (reason, thread) == ("stack overflow", "main"):  # the thread that boots an application
        return f"{_HINTS[reason]} CONFIG_MAIN_STACK_SIZE=... in prj.conf gives main a larger one."
    if reason in _HINTS:
        return _HINTS[reason]
    return next((hint for words, hint in _SERVICE_HINTS.items() if words in reason), _MISUSE)


_MISUSE = (
    "look at the call: what it is given, and from where it is made; docs/kernel.md and Zephyr's documentation have the rules."
)


_FOR_THREADS = "let a thread or a work item do it: the handler gives a semaphore or submits the work."
_SERVICE_HINTS = {
    "(sys_reboot)": "a virtual board does not begin anew by itself: run it again, or power on another one.",
    "supervisor call": "no firmware serves that number here; Zephyr's own are for fatal errors (2) and system calls (3).",
    "CPU exception": _GAVE_UP,
    "fatal error": _GAVE_UP,
    "free of": "free a block once, with the pointer that was given for it, and write nowhere beside it.",
    "would wait": "let a thread do it that may wait; where a service takes a timeout, K_NO_WAIT is allowed there.",
    "would stop": "return from the Python function first, and let the code that called it do that.",
    "interrupt handler": _FOR_THREADS,
    "ISRs": _FOR_THREADS,
    "no block of the heap": "code wrote beyond a block of this heap, or into one that was freed: look at what it did before.",
    "damaged": "code wrote beyond a block of this heap, or into one that was freed; the heap is of no use any more: use a new board.",
}
