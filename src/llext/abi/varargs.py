"""Variable arguments as a callee reads them: ``...`` and ``va_list``."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from llext.abi import binary128
from llext.abi.codecs import WORD
from llext.arch.convention import CallingConvention, DataModel

MemoryReader = Callable[[int, int], bytes]
"""Reads (address, size) of guest memory."""

_DOUBLE = struct.Struct("<d")


class VarArgs:
    """Reads the ``...`` of a call, in order, as va_arg does.

    Core registers and stack are one row of words, as if the registers had been pushed: where a pair goes to an even
    register, it goes to a multiple of 8 on the stack.

    Args:
        core: The argument registers at the call.
        next_core: First of them after the named arguments.
        read: Reads guest memory.
        stack_pointer: At the call.
        stack_offset: Where the stack goes on after the named arguments, in bytes above it.
        convention: What the call follows; of it the base variant, since the function is variadic.
        model: Of the guest.
    """

    def __init__(
        self,
        core: Sequence[int],
        next_core: int,
        read: MemoryReader,
        stack_pointer: int,
        stack_offset: int,
        convention: CallingConvention,
        model: DataModel,
    ) -> None:
        registers = convention.core_registers
        self._core = core
        self._read = read
        self._registers = registers
        self._stack = stack_pointer - WORD * registers
        self._pairs = convention.align_variadic_pairs
        self._convention, self._model = convention, model
        self._next = next_core if next_core < registers else registers + stack_offset // WORD

    def word(self) -> int:
        """The next int, long, pointer or promoted smaller integer, unsigned."""
        number = self._next
        self._next = number + 1
        if number < self._registers:
            return self._core[number]
        return int.from_bytes(self._read(self._stack + WORD * number, WORD), "little")

    def dword(self) -> int:
        """The next long long, unsigned."""
        if self._pairs:
            self._next += self._next & 1
        number = self._next
        if number < self._registers:
            return self.word() | self.word() << 32
        self._next = number + 2
        return int.from_bytes(self._read(self._stack + WORD * number, 2 * WORD), "little")

    def double(self) -> float:
        """The next double, or promoted float."""
        number: float = _DOUBLE.unpack(self.dword().to_bytes(8, "little"))[0]
        return number

    def long_double(self) -> float:
        """The next long double, rounded to a double: a double itself, or the address of a binary128 number."""
        if self._convention.by_reference(self._model.long_double_bytes):
            return binary128.unpack(self._read(self.word(), binary128.SIZE))
        return self.double()


class VaList(VarArgs):
    """Reads a va_list in guest memory: one pointer to the next argument (AAPCS32 8.1.4; psABI: a ``void *``).

    It is a row of words without registers, counted from address 0.

    Args:
        read: Reads guest memory.
        address: That pointer, which is what a va_list parameter holds.
        convention: Of the function whose ``...`` it lists.
        model: Of the guest.
    """

    def __init__(self, read: MemoryReader, address: int, convention: CallingConvention, model: DataModel) -> None:
        super().__init__((), 0, read, 0, 0, convention, model)
        self._registers = self._stack = 0
        self._next = address // WORD
