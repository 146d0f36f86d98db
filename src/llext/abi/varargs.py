"""Variable arguments as a callee reads them: ``...`` and ``va_list``."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from llext.abi.codecs import WORD
from llext.abi.types import round_up
from llext.arch.convention import CallingConvention

StackReader = Callable[[int, int], bytes]
"""Reads (offset above the stack pointer at the call, size), in bytes."""


_DOUBLE = struct.Struct("<d")


class VarArgs:
    """Reads the ``...`` of a call, in order, as va_arg does.

    Core registers and stack are one row of words, as if the registers had been pushed: what goes to an even register
    goes to a multiple of 8 on the stack.

    Args:
        core: r0 to r3 at the call.
        next_core: First register after the named arguments.
        stack: Reads the stack.
        stack_offset: Where the stack goes on after the named arguments, in bytes.
        convention: What the call follows; of it the base variant, since the function is variadic.
    """

    def __init__(
        self,
        core: Sequence[int],
        next_core: int,
        stack: StackReader,
        stack_offset: int,
        convention: CallingConvention,
    ) -> None:
        self._core = core
        self._stack = stack
        self._registers = convention.core_registers
        self._pairs = convention.align_pairs
        self._next = next_core if next_core < self._registers else self._registers + stack_offset // WORD

    def word(self) -> int:
        """The next int, long, pointer or promoted smaller integer, unsigned."""
        number = self._next
        self._next = number + 1
        if number < self._registers:
            return self._core[number]
        return int.from_bytes(self._stack(WORD * (number - self._registers), WORD), "little")

    def dword(self) -> int:
        """The next long long, unsigned."""
        if self._pairs:
            self._next += self._next & 1
        return self.word() | self.word() << 32

    def double(self) -> float:
        """The next double, or promoted float."""
        return _as_double(self.dword())


class VaList:
    """Reads a va_list in guest memory: on Arm one pointer to the next argument (AAPCS32 8.1.4).

    Args:
        read: Reads (address, size).
        address: That pointer, which is what a va_list parameter holds.
    """

    def __init__(self, read: Callable[[int, int], bytes], address: int) -> None:
        self._read = read
        self.address = address

    def word(self) -> int:
        """The next int, long, pointer or promoted smaller integer, unsigned."""
        return self._next(WORD)

    def dword(self) -> int:
        """The next long long, unsigned; aligned to 8 bytes."""
        return self._next(2 * WORD)

    def double(self) -> float:
        """The next double, or promoted float; aligned to 8 bytes."""
        return _as_double(self._next(2 * WORD))

    def _next(self, size: int) -> int:
        at = round_up(self.address, size)
        self.address = at + size
        return int.from_bytes(self._read(at, size), "little")


def _as_double(bits: int) -> float:
    number: float = _DOUBLE.unpack(bits.to_bytes(8, "little"))[0]
    return number
