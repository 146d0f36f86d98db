"""One signature on one machine: calls in both directions, what arrived and what was expected."""

from __future__ import annotations

from collections.abc import Iterator

import abi_oracle as oracle
from abi_signatures import Signature, sample, variable_types

from llext.abi import CType, Float, Integer, Prototype, VaList, Value, VarArgs, layout


class Case:
    """A signature on a machine, with values and their bytes.

    Args:
        guest: The machine; in it are the signature's functions.
        signature: What its C text says.
        prototype: Its prototype, where that is not to be read from the text.
    """

    def __init__(self, guest: oracle.Guest, signature: Signature, prototype: Prototype | None = None) -> None:
        self.guest, self.signature = guest, signature
        number, abi = signature.number, guest.abi
        prototype = prototype or signature.prototype(abi.model)
        self.plan = layout(prototype, abi.convention)
        self.types = [parameter.type for parameter in prototype.parameters] + variable_types(signature, abi.model)
        pairs = [sample(ctype, 3 * number + index) for index, ctype in enumerate(self.types)]
        self.values, self.bytes = [value for value, _ in pairs], [data for _, data in pairs]
        self.result, self.result_bytes = sample(prototype.result, number + 1)
        self.names = [f"argument_{number}_{index}" for index in range(len(pairs))]

    def take(self) -> tuple[list[bytes], Value]:
        """Python calls C. What C stored of its arguments, and the result that Python got."""
        guest, number = self.guest, self.signature.number
        if self.result_bytes:
            guest.write(f"result_{number}", self.result_bytes)
        for name in self.names:
            guest.write(name, b"\xa5")
        guest.uc.mem_write(oracle.SCRATCH, b"\xa5" * 64)
        frame = self.plan.encode(self._passed(), oracle.SCRATCH, lambda: oracle.STACK)
        core, floats = guest.call(f"take_{number}", frame)
        memory = guest.memory(oracle.SCRATCH, self.plan.memory_result)
        return [guest.read(name) for name in self.names], self.plan.decode_result(core, floats, memory)

    def _passed(self) -> list[Value]:
        """What stands for ``...`` is passed as bytes where its value does not tell its type."""
        named = len(self.signature.named)
        plain = ("int", "unsigned int", "double")
        variable = zip(self.types[named:], self.values[named:], self.bytes[named:], strict=True)
        return self.values[:named] + [
            value if str(ctype) in plain or "*" in str(ctype) else data for ctype, value, data in variable
        ]

    def give(self) -> tuple[list[Value], bytes]:
        """C calls Python. What Python got, and what C stored of its result."""
        guest, number = self.guest, self.signature.number
        self._store_arguments()
        if self.result_bytes:
            guest.write(f"result_{number}", b"")
        got: list[Value] = []

        def answer(call: oracle.Call) -> oracle.Answer:
            got.extend(self.plan.decode_arguments(call.core, lambda: call.floats, guest.memory, call.sp))
            if self.signature.readable:
                rest = self.plan.variable_arguments(call.core, guest.memory, call.sp, guest.abi.model)
                got.extend(self.read_variable(rest))
            return self.plan.encode_result(self.result, lambda data: guest.uc.mem_write(call.core[0], data))

        guest.answer = answer
        guest.call(f"give_{number}")
        return got, guest.read(f"result_{number}") if self.result_bytes else b""

    def give_list(self) -> list[Value]:
        """C gives Python a va_list; what Python read from it."""
        got: list[Value] = []

        def answer(call: oracle.Call) -> oracle.Answer:
            abi = self.guest.abi
            got.extend(self.read_variable(VaList(self.guest.memory, call.core[0], abi.convention, abi.model)))
            return 0, 0, ()

        self._store_arguments()
        self.guest.answer = answer
        self.guest.call(f"list_{self.signature.number}")
        return got

    def read_variable(self, arguments: VarArgs) -> Iterator[Value]:
        return (read(arguments, ctype) for ctype in self.types[len(self.signature.named) :])

    def _store_arguments(self) -> None:
        for name, data in zip(self.names, self.bytes, strict=True):
            self.guest.write(name, data)


def read(arguments: VarArgs, ctype: CType) -> Value:
    """The next variable argument, with the sign of its type."""
    match ctype:
        case Float(name):
            return arguments.long_double() if name == "long double" else arguments.double()
        case Integer(_, size, signed):
            bits = arguments.dword() if size == 8 else arguments.word()
            return bits - (signed and bits >> 8 * size - 1) * (1 << 8 * size)
        case _:
            return arguments.word()
