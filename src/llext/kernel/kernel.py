"""The kernel: what guest code may call, bound to stubs by the catalogue; state as plain data; the console.

A service is one line of ``abi.catalogue`` and one function registered beside this file. Services are bound on first
use: a prototype is parsed and turned into a decoder when the stub is called for the first time.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from llext.abi import Integer, Pointer, Prototype, VaList, Void, layout, parse_prototype
from llext.abi.catalogue import SERVICES, ServiceSpec
from llext.arch import CallingConvention
from llext.errors import UsageError
from llext.heap import SysHeap
from llext.kernel import clock, console, fatal, heaps, thread  # noqa: F401 - they register their services
from llext.kernel.guest import GuestAccess
from llext.kernel.registry import IMPLEMENTATIONS
from llext.link import Symbol
from llext.machine import Handler, Machine

CONSOLE_LIMIT = 1 << 20
"""Bytes of console output that are kept, the newest. Guest code that prints without end costs the host no more."""


_CONTINUATIONS = 3
"""Bytes behind the first that a character of UTF-8 has at most; they are 0x80 to 0xBF."""


@dataclass
class KernelState:
    """Plain data: all that changes while guest code runs, guest memory aside."""

    nanoseconds: int = 0


class Kernel:
    """The services of one board.

    Args:
        machine: The CPU.
        stubs: Where in ROM the stubs of the services go.
        system_heap: The heap behind k_malloc.
        output: Told of every piece of console output, or None.

    Attributes:
        console: The newest CONSOLE_LIMIT bytes of console output at most; what is left begins with a whole character.
        console_dropped: Bytes that came before them.
    """

    def __init__(
        self, machine: Machine, stubs: int, system_heap: SysHeap, output: Callable[[bytes], None] | None = None
    ) -> None:
        self.machine = machine
        self.guest = GuestAccess(machine)
        self.state = KernelState()
        self.system_heap = system_heap
        self.console = bytearray()
        self.console_dropped = 0
        self.thread_block = 0
        self._output = output
        self._next_stub = stubs

    def services(self) -> list[Symbol]:
        """Writes the stubs of the whole catalogue and returns their symbols."""
        symbols = []
        for spec in SERVICES:
            if spec.trap:
                self.machine.on_trap(self.machine.target.arch.emulator.except_trap, self._trap(spec))
            else:
                symbols.append(Symbol(spec.symbol, self.add_stub(lambda spec=spec: self._bind_service(spec)), "kernel"))  # type: ignore[misc]
        return symbols

    def add_stub(self, make: Callable[[], Handler]) -> int:
        """Writes a stub and returns the address to call.

        Args:
            make: Makes the handler, when the stub is called for the first time.
        """
        machine = self.machine

        def first_call() -> int:
            handler = make()
            machine.replace_service(number, handler)
            return handler()

        number = machine.add_service(first_call)
        return self.add_code(machine.stub.code(machine.window, number))

    def add_code(self, code: bytes) -> int:
        """Writes a piece of code behind the stubs and returns the address to call."""
        address = self._next_stub
        self.machine.memory.write(address, code)
        self._next_stub += -(-len(code) // 4) * 4
        return address | self.machine.target.arch.code_symbol_bit

    def _bind_service(self, spec: ServiceSpec) -> Handler:
        prototype = parse_prototype(spec.prototype, model=self.machine.target.arch.data_model)
        return self.bind(prototype, partial(IMPLEMENTATIONS[spec.symbol], self))

    def _trap(self, spec: ServiceSpec) -> Callable[[Machine], None]:
        implementation = IMPLEMENTATIONS[spec.symbol]

        def handler(machine: Machine) -> None:
            implementation(self, machine.argument_registers()[0])

        return handler

    def bind(self, prototype: Prototype, function: Callable[..., Any]) -> Handler:
        """A handler that decodes arguments by a prototype, calls a Python function and encodes its result.

        Args:
            prototype: C type of the service.
            function: Called with the arguments, then a reader of variable arguments if there are any.
        """
        machine = self.machine
        arch = machine.target.arch
        convention = self.convention
        if _all_words(prototype, convention.core_registers):
            return _word_handler(prototype, function, machine)
        plan = layout(prototype, convention)
        unpack, guest = struct.Struct(f"<3I{machine.stub.registers}I").unpack_from, self.guest

        def handler() -> int:
            _, stack, _, *core = unpack(machine.arguments)
            values: list[object] = list(plan.decode_arguments(core, machine.float_registers, guest.read, stack))
            if prototype.variadic:
                values.append(plan.variable_arguments(core, guest.read, stack, arch.data_model))
            low, high, floats = plan.encode_result(function(*values), partial(guest.write, core[0]))
            machine.set_high_result(high)
            if floats:
                machine.set_float_registers(floats)
            return low

        return handler

    @property
    def convention(self) -> CallingConvention:
        """How calls are made on this machine."""
        return self.machine.target.arch.conventions[self.machine.target.cpu.float_abi]

    def va_list(self, address: int) -> VaList:
        """A reader of a va_list, by what its parameter holds."""
        return VaList(self.guest.read, address, self.convention, self.machine.target.arch.data_model)

    # Console ----------------------------------------------------------------------------------------------------------

    def write_console(self, data: bytes) -> None:
        """Appends to the console and tells whoever listens."""
        self.console += data
        excess = len(self.console) - CONSOLE_LIMIT
        if excess > 0:
            start = self.console[excess : excess + _CONTINUATIONS]
            excess += len(start) - len(start.lstrip(bytes(range(0x80, 0xC0))))
            del self.console[:excess]
            self.console_dropped += excess
        if self._output is not None:
            self._output(data)


def _all_words(prototype: Prototype, registers: int) -> bool:
    """Whether every argument is a word in a register and the result at most one word."""
    types = [parameter.type for parameter in prototype.parameters]
    words = all(isinstance(kind, (Integer, Pointer)) and kind.size <= 4 for kind in types)
    result = isinstance(prototype.result, (Void, Pointer)) or (
        isinstance(prototype.result, Integer) and prototype.result.size <= 4
    )
    return words and result and not prototype.variadic and len(types) <= registers


def _word_handler(prototype: Prototype, function: Callable[..., Any], machine: Machine) -> Handler:
    """The fast path: words are taken as they lie in registers, where the caller extended them to their type's sign."""
    kinds = (parameter.type for parameter in prototype.parameters)
    words = "".join("i" if isinstance(kind, Integer) and kind.signed else "I" for kind in kinds)
    unpack, arguments = struct.Struct(f"<12x{words}").unpack_from, machine.arguments

    def handler() -> int:
        result = function(*unpack(arguments))
        if result.__class__ is int and -0x80000000 <= result <= 0xFFFFFFFF:
            return result
        return _checked_result(prototype, result)

    return handler


def _checked_result(prototype: Prototype, result: object) -> int:
    """A result that is no plain word: None for void, an integer of another class, or an error."""
    if isinstance(prototype.result, Void):
        return 0
    number = 0 if result is None and isinstance(prototype.result, Pointer) else result
    if isinstance(number, int) and -0x80000000 <= number <= 0xFFFFFFFF:
        return int(number)
    raise UsageError(f"{prototype.name} returned {result!r} to guest code, which expects: {prototype}")
