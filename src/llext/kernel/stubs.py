"""What guest code calls services through: stubs that are written here, or that a built firmware brought along.

A service is bound when it is called for the first time: its prototype is parsed and turned into a decoder then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from llext.abi import parse_prototype
from llext.abi.catalogue import SERVICES, ServiceSpec
from llext.kernel.binding import bind
from llext.kernel.registry import IMPLEMENTATIONS
from llext.link import Symbol
from llext.machine import Handler, Machine, MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel


class Stubs:
    """The stubs of one board.

    Args:
        kernel: Whose services they call.
        address: Where in ROM those go that are written.
    """

    def __init__(self, kernel: Kernel, address: int) -> None:
        self._kernel = kernel
        self._machine = kernel.machine
        self._next = address
        self._entries: dict[str, int] = {}
        for spec in SERVICES:
            if spec.trap:
                self._machine.on_trap(self._machine.target.arch.emulator.except_trap, self._trap(spec))

    def write_all(self) -> list[Symbol]:
        """Writes a stub for each service of the catalogue and returns their symbols."""
        stubs = [(spec, self.add(partial(self._bound, spec))) for spec in SERVICES if not spec.trap]
        return [Symbol(name, stub, "kernel") for spec, stub in stubs for name in spec.names]

    def serve_built(self, names: Sequence[str]) -> None:
        """Serves stubs that are in a built firmware. One whose service is not there any more is a fault that says so.

        Args:
            names: Symbols of the services, by the stubs' numbers.
        """
        known = {spec.symbol: spec for spec in SERVICES}
        for name in names:
            self._serve(partial(self._bound, known[name]) if name in known else partial(_missing, name))

    def entry(self, symbol: str) -> int:
        """Address of a stub by which Python calls a service, also where the firmware has none for it."""
        if symbol not in self._entries:
            spec = next(spec for spec in SERVICES if spec.symbol == symbol)
            self._entries[symbol] = self.add(partial(self._bound, spec))
        return self._entries[symbol]

    def add(self, make: Callable[[], Handler]) -> int:
        """Writes a stub and returns the address to call.

        Args:
            make: Makes the handler, when the stub is called for the first time.
        """
        number = self._serve(make)
        return self.add_code(self._machine.stub.code(self._machine.window, number))

    def add_code(self, code: bytes) -> int:
        """Writes a piece of code behind the stubs and returns the address to call."""
        address = self._next
        self._machine.memory.write(address, code)
        self._next += -(-len(code) // 4) * 4
        return address | self._machine.target.arch.code_symbol_bit

    def _serve(self, make: Callable[[], Handler]) -> int:
        machine = self._machine

        def first_call() -> int:
            handler = make()
            machine.replace_service(number, handler)
            return handler()

        number = machine.add_service(first_call)
        return number

    def _bound(self, spec: ServiceSpec) -> Handler:
        prototype = parse_prototype(spec.prototype, model=self._machine.target.arch.data_model)
        return bind(self._kernel, prototype, partial(IMPLEMENTATIONS[spec.symbol], self._kernel))

    def _trap(self, spec: ServiceSpec) -> Callable[[Machine], None]:
        implementation = IMPLEMENTATIONS[spec.symbol]

        def handler(machine: Machine) -> None:
            implementation(self._kernel, machine.argument_registers()[0])

        return handler


def _missing(name: str) -> Handler:
    raise MachineFault(f"the firmware calls {name}, which this version of llext does not have", None)
