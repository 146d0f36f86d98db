"""Where arguments and results live: a prototype and a calling convention to places, values to words and back.

Follows AAPCS32 6.4.2 stage C, and 6.1.2.1/7.1 for the VFP variant (floats in s0 to s15 with back-filling; variadic
functions use the base variant).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from llext.abi.prototypes import Prototype
from llext.abi.types import CType, Float, Integer, Pointer, Struct, Void
from llext.arch.convention import CallingConvention
from llext.errors import UsageError

ArgumentValue = int | float | bytes | None
"""int for integers and pointers (None is NULL), float, bytes for a structure by value."""


@dataclass(frozen=True)
class Frame:
    """What a call starts with: words for core and floating-point registers, bytes on the stack."""

    core: tuple[int, ...]
    fp: tuple[int, ...]
    stack: bytes


@dataclass(frozen=True)
class Slot:
    """Where one argument lives: words in core registers from ``core``, in fp registers from ``fp``, on the stack."""

    type: CType
    core: int = 0
    core_words: int = 0
    fp: int = -1
    stack: int = -1
    stack_bytes: int = 0


@dataclass(frozen=True)
class CallLayout:
    """The places of a function's arguments and result.

    Attributes:
        prototype: The function.
        slots: Place of each argument.
        stack_bytes: Bytes of arguments on the stack.
        float_words: Words of fp registers in use.
        float_result: Whether the result comes in fp registers.
        indirect_result: Whether the caller passes the address of the result in the first register.
        next_core: First core register that variable arguments may use.
        next_stack: First stack offset that they may use.
    """

    prototype: Prototype
    slots: tuple[Slot, ...]
    stack_bytes: int
    float_words: int
    float_result: bool
    indirect_result: bool
    next_core: int
    next_stack: int
    convention: CallingConvention

    # Python calls guest -----------------------------------------------------------------------------------------------

    def encode(self, values: Sequence[ArgumentValue]) -> Frame:
        """Arguments to registers and stack.

        Raises:
            UsageError: wrong count, or a value that does not fit its parameter.
        """
        extra = values[len(self.slots) :] if self.prototype.variadic else ()
        if len(values) - len(extra) != len(self.slots):
            raise self._wrong_count(len(values))
        core = [0] * self.convention.core_registers
        fp = [0] * self.float_words
        stack = bytearray(self.stack_bytes)
        for index, slot in enumerate(self.slots):
            data = to_bytes(slot.type, values[index], lambda index=index: self._name(index))  # type: ignore[misc]
            self._place(slot, data, core, fp, stack)
        if extra:
            self._encode_extra(extra, core, stack)
        stack += bytes(-len(stack) % self.convention.stack_alignment)
        return Frame(tuple(core), tuple(fp), bytes(stack))

    @staticmethod
    def _place(slot: Slot, data: bytes, core: list[int], fp: list[int], stack: bytearray) -> None:
        data += bytes(-len(data) % 4)
        words = struct.unpack(f"<{len(data) // 4}I", data)
        if slot.fp >= 0:
            fp[slot.fp : slot.fp + len(words)] = words
            return
        core[slot.core : slot.core + slot.core_words] = words[: slot.core_words]
        rest = data[4 * slot.core_words :]
        if rest:
            stack[slot.stack : slot.stack + len(rest)] = rest

    def _encode_extra(self, extra: Sequence[ArgumentValue], core: list[int], stack: bytearray) -> None:
        """Variable arguments after C's promotions: int or double."""
        register = self.next_core
        for value in extra:
            kind: CType = Float("double", 8) if isinstance(value, float) else Integer("int", 4)
            data = to_bytes(kind, value, lambda: "a variable argument")
            words = len(data) // 4
            if words == 2 and self.convention.align_pairs:
                register += register % 2
            if register + words <= len(core) and not stack:
                core[register : register + words] = struct.unpack(f"<{words}I", data)
                register += words
                continue
            register = len(core)
            stack += bytes(-len(stack) % len(data)) + data

    def _wrong_count(self, given: int) -> UsageError:
        wanted = len(self.slots)
        plural = "argument" if wanted == 1 else "arguments"
        shown = ", ".join(str(parameter) for parameter in self.prototype.parameters)
        takes = f"{wanted} {plural} ({shown})" if wanted else "no arguments"
        return UsageError(f"{self.prototype.name} takes {takes}, {given} given", hint=f"its type: {self.prototype}")

    def _name(self, index: int) -> str:
        return f"{self.prototype.name}: argument {index + 1} ({self.prototype.parameters[index]})"

    def decode_result(self, core: Sequence[int], fp: Sequence[int]) -> int | float | bytes | None:
        """The result from the result registers."""
        kind = self.prototype.result
        if isinstance(kind, Void):
            return None
        words = fp if self.float_result else core
        data = struct.pack(f"<{(kind.size + 3) // 4}I", *words[: (kind.size + 3) // 4])
        return from_bytes(kind, data)

    # Guest calls Python -----------------------------------------------------------------------------------------------

    def decode_arguments(
        self, core: Sequence[int], fp: Callable[[], Sequence[int]], stack: Callable[[int, int], bytes]
    ) -> list[int | float | bytes]:
        """Arguments of a call that a guest makes.

        Args:
            core: The core argument registers.
            fp: Reads the fp argument registers.
            stack: (offset, size) -> bytes from the caller's stack pointer on.
        """
        floats = fp() if self.float_words else ()
        values = []
        for slot in self.slots:
            if slot.fp >= 0:
                words: Sequence[int] = floats[slot.fp : slot.fp + (slot.type.size + 3) // 4]
            else:
                words = core[slot.core : slot.core + slot.core_words]
            data = struct.pack(f"<{len(words)}I", *words)
            if slot.stack_bytes:
                data += stack(slot.stack, slot.stack_bytes)
            values.append(from_bytes(slot.type, data))
        return values

    def encode_result(self, value: ArgumentValue) -> tuple[int, int, tuple[int, ...]]:
        """A service's result as (first word, second word, fp words)."""
        kind = self.prototype.result
        if isinstance(kind, Void):
            return 0, 0, ()
        data = to_bytes(kind, value, lambda: f"the result of {self.prototype.name}")
        words = struct.unpack(f"<{(len(data) + 3) // 4}I", data + bytes(-len(data) % 4))
        if self.float_result:
            return 0, 0, words
        return words[0], words[1] if len(words) > 1 else 0, ()


def to_bytes(kind: CType, value: ArgumentValue, what: Callable[[], str]) -> bytes:
    """A value as the bytes that a register or stack slot holds; integers narrower than a word are extended."""
    if isinstance(kind, Struct):
        return _struct_bytes(kind, value, what)
    if isinstance(kind, Float):
        if not isinstance(value, (int, float)):
            raise UsageError(f"{what()}: {value!r} is no number")
        try:
            return struct.pack("<f" if kind.size == 4 else "<d", value)
        except OverflowError:
            raise UsageError(f"{what()}: {value!r} does not fit a {kind}") from None
    if value is None and isinstance(kind, Pointer):
        value = 0
    if not isinstance(value, int):
        shown = f"{value!r}" if not isinstance(value, bytes) else "bytes"
        raise UsageError(f"{what()}: {shown} is no integer")
    bits = 8 * kind.size
    if not -(1 << bits - 1) <= value < 1 << bits:
        raise UsageError(f"{what()}: {value} does not fit {kind.size} byte{'s' if kind.size > 1 else ''}")
    if isinstance(kind, Integer) and kind.signed and value >> bits - 1 & 1 and value > 0:
        value -= 1 << bits
    if isinstance(kind, Integer) and not kind.signed:
        value &= (1 << bits) - 1
    size = max(4, kind.size)
    return (value & (1 << 8 * size) - 1).to_bytes(size, "little")


def _struct_bytes(kind: Struct, value: ArgumentValue, what: Callable[[], str]) -> bytes:
    if isinstance(value, int) and len(kind.members) == 1:
        value = (value & (1 << 8 * kind.size) - 1).to_bytes(kind.size, "little")
    if not isinstance(value, (bytes, bytearray)) or len(value) != kind.size:
        raise UsageError(f"{what()}: a {kind} by value is given as {kind.size} bytes")
    return bytes(value)


def from_bytes(kind: CType, data: bytes) -> int | float | bytes:
    """A value from the bytes of its slot."""
    if isinstance(kind, Float):
        value: float = struct.unpack_from("<f" if kind.size == 4 else "<d", data)[0]
        return value
    if isinstance(kind, Struct):
        return data[: kind.size]
    return int.from_bytes(data[: kind.size], "little", signed=isinstance(kind, Integer) and kind.signed)


# Layout -----------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def layout(prototype: Prototype, convention: CallingConvention) -> CallLayout:
    """The places of a function's arguments (AAPCS32 6.4.2).

    Raises:
        UsageError: a result that needs memory: structures of more than four bytes are not returned yet.
    """
    vfp = bool(convention.float_registers) and not prototype.variadic
    allocator = _Allocator(convention, vfp=vfp)
    result = prototype.result
    float_result = vfp and _float_words(result) is not None
    indirect = isinstance(result, Struct) and result.size > 4 and not float_result
    if indirect:
        raise UsageError(f"{prototype}: results larger than a word are returned through memory, which is not there yet")
    slots = tuple(allocator.place(parameter.type) for parameter in prototype.parameters)
    return CallLayout(
        prototype, slots, allocator.stack, allocator.float_words, float_result, indirect, allocator.core, allocator.stack,
        convention,
    )  # fmt: skip


def _float_words(kind: CType) -> tuple[int, int] | None:
    """(words of one element, elements) if the value goes to fp registers: a float or a homogeneous aggregate of 1 to 4."""
    if isinstance(kind, Float):
        return kind.size // 4, 1
    if isinstance(kind, Struct) and kind.members:
        first = kind.members[0][1]
        if isinstance(first, Float) and len(kind.members) <= 4 and all(m[1] == first for m in kind.members):
            return first.size // 4, len(kind.members)
    return None


class _Allocator:
    """Stage C of AAPCS32 6.4.2: hands out registers (NCRN) and stack (NSAA)."""

    def __init__(self, convention: CallingConvention, *, vfp: bool) -> None:
        self.convention = convention
        self.vfp = vfp
        self.core = 0
        self.stack = 0
        self.free = [True] * (convention.float_registers if vfp else 0)
        self.float_words = 0

    def place(self, kind: CType) -> Slot:
        """The place of the next argument."""
        element = _float_words(kind) if self.vfp else None
        if element is not None:
            return self._place_float(kind, *element)
        size = max(4, -(-kind.size // 4) * 4)
        doubled = kind.align > 4
        limit = self.convention.core_registers
        if doubled and self.convention.align_pairs:
            self.core += self.core % 2
        words = size // 4
        if self.core + words <= limit:
            slot = Slot(kind, core=self.core, core_words=words)
            self.core += words
            return slot
        if isinstance(kind, Struct) and self.core < limit and self.stack == 0:
            return self._split(kind, size, limit)
        self.core = limit
        return self._on_stack(kind, size, 8 if doubled else 4)

    def _split(self, kind: CType, size: int, limit: int) -> Slot:
        words = limit - self.core
        slot = Slot(kind, core=self.core, core_words=words, stack=0, stack_bytes=size - 4 * words)
        self.core, self.stack = limit, size - 4 * words
        return slot

    def _on_stack(self, kind: CType, size: int, alignment: int) -> Slot:
        self.stack = -(-self.stack // alignment) * alignment
        slot = Slot(kind, stack=self.stack, stack_bytes=size)
        self.stack += size
        return slot

    def _place_float(self, kind: CType, words: int, count: int) -> Slot:
        total = words * count
        for start in range(0, len(self.free) - total + 1, words):
            if all(self.free[start : start + total]):
                self.free[start : start + total] = [False] * total
                self.float_words = max(self.float_words, start + total)
                return Slot(kind, fp=start)
        self.free = [False] * len(self.free)  # C.2: once one went to the stack, none is back-filled
        return self._on_stack(kind, 4 * total, 8 if words > 1 else 4)


# Variable arguments -------------------------------------------------------------------------------------------------------


class Reader(Protocol):
    """A va_list: the next argument as a word, a double word or a double."""

    def word(self) -> int: ...
    def dword(self) -> int: ...
    def double(self) -> float: ...


class VarArgs:
    """The ``...`` of a call, read from core registers and then from the caller's stack."""

    def __init__(
        self,
        core: Sequence[int],
        next_core: int,
        stack: Callable[[int, int], bytes],
        next_stack: int,
        convention: CallingConvention,
    ) -> None:
        self._core = core
        self._next = next_core
        self._stack = stack
        self._offset = next_stack
        self._pairs = convention.align_pairs

    def word(self) -> int:
        """The next 32-bit argument, unsigned."""
        if self._next < len(self._core):
            self._next += 1
            return self._core[self._next - 1]
        data = self._stack(self._offset, 4)
        self._offset += 4
        return int.from_bytes(data, "little")

    def dword(self) -> int:
        """The next 64-bit argument, unsigned; in an even pair of registers or at a multiple of 8."""
        if self._pairs:
            self._next += self._next % 2 if self._next < len(self._core) else 0
        if self._next + 2 <= len(self._core):
            low, high = self._core[self._next], self._core[self._next + 1]
            self._next += 2
            return low | high << 32
        self._next = len(self._core)
        self._offset += self._offset % 8 if self._pairs else 0
        data = self._stack(self._offset, 8)
        self._offset += 8
        return int.from_bytes(data, "little")

    def double(self) -> float:
        """The next double."""
        value: float = struct.unpack("<d", self.dword().to_bytes(8, "little"))[0]
        return value


class VaList:
    """A va_list in guest memory: one pointer to consecutive slots, 64-bit ones at a multiple of 8 (AAPCS32 8.1.4)."""

    def __init__(self, read: Callable[[int, int], bytes], address: int) -> None:
        self._read = read
        self._address = address

    def word(self) -> int:
        """The next 32-bit argument, unsigned."""
        self._address += 4
        return int.from_bytes(self._read(self._address - 4, 4), "little")

    def dword(self) -> int:
        """The next 64-bit argument, unsigned."""
        self._address = (self._address + 7 & -8) + 8
        return int.from_bytes(self._read(self._address - 8, 8), "little")

    def double(self) -> float:
        """The next double."""
        value: float = struct.unpack("<d", self.dword().to_bytes(8, "little"))[0]
        return value
