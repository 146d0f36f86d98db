"""Calls: which register or stack slot every argument and the result live in, and values to words and back.

Follows AAPCS32 6.5 (stage C of parameter passing, rules C.1 to C.8) and 6.4 (results), for the VFP variant 7.1 (the
first free floating-point registers that fit are taken, so that gaps are filled later; variadic functions always use the
base variant), and the RISC-V psABI's integer and ILP32E calling conventions; which, the `CallingConvention` says. One
`CallLayout` serves both sides: Python that calls guest code, and guest code that calls Python.

Everything is counted in 32-bit words. `layout` does its work once for a prototype; `encode` and `decode_result` are on
the path of every call, and take about a microsecond where all arguments are words.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NoReturn

from llext.abi import misfits
from llext.abi.codecs import WORD, Codec, Value, codec_of, integer_range
from llext.abi.frames import Frame, FrameLayout, frame_layout
from llext.abi.places import Allocator, Place, vfp_unit
from llext.abi.prototypes import Parameter, Prototype
from llext.abi.types import CType, Float, Integer, Pointer, Struct
from llext.abi.varargs import MemoryReader, VarArgs
from llext.arch.convention import CallingConvention, DataModel


@lru_cache(maxsize=1024)
def layout(prototype: Prototype, convention: CallingConvention, named: int | None = None) -> CallLayout:
    """Where the arguments and the result of a function live.

    Args:
        prototype: The function's type.
        convention: What it follows.
        named: How many of the parameters are named, where the others stand for ``...``.

    Raises:
        UsageError: a type that cannot be passed by value.
    """
    vfp = bool(convention.float_registers) and not prototype.variadic
    result = prototype.result
    result_words = codec_of(result).words
    in_float_registers = vfp and vfp_unit(result) > 0
    in_memory = not in_float_registers and _in_memory(result, convention)
    allocator = Allocator(convention, vfp=vfp, next_core=int(in_memory))
    last = len(prototype.parameters) if named is None else named
    places = [allocator.place(parameter.type, variadic=index >= last) for index, parameter in enumerate(prototype.parameters)]
    return CallLayout(
        prototype=prototype,
        convention=convention,
        places=tuple(places),
        float_result=result_words if in_float_registers else 0,
        memory_result=result.size if in_memory else 0,
        next_core=allocator.next_core,
        next_stack=allocator.next_stack,
    )


def _in_memory(result: CType, convention: CallingConvention) -> bool:
    """Whether a result is stored where the caller says, for it is too large for registers."""
    largest = convention.struct_result_bytes if isinstance(result, Struct) else 2 * WORD
    return result.size > largest


@dataclass(frozen=True)
class CallLayout:
    """Where a call's values live, and the way in and out of there.

    Attributes:
        prototype: The function's type.
        convention: What it follows.
        places: Of the parameters, in order.
        float_result: Words of a result that comes back in floating-point registers, else 0.
        memory_result: Bytes of a result that comes back in memory, whose address the first register has, else 0.
        next_core: First core register after the arguments: variable arguments begin there (AAPCS32's NCRN).
        next_stack: Stack offset after them, in bytes (NSAA).
    """

    prototype: Prototype
    convention: CallingConvention
    places: tuple[Place, ...]
    float_result: int
    memory_result: int
    next_core: int
    next_stack: int

    # Python calls guest code ------------------------------------------------------------------------------------------

    def encode(self, values: Sequence[Value], result_address: int = 0, stack_top: Callable[[], int] | None = None) -> Frame:
        """Arguments to words.

        Args:
            values: As many as the prototype has. If it is variadic there may be more: an int that fits a word, a float
                (passed as double), None, or bytes, passed as a struct of as many that is aligned as its size allows.
            result_address: Where the result goes, if it comes back in memory.
            stack_top: Asked for the address that ends the frame's stack bytes, a multiple of 16, if there is an argument
                that is passed by reference.

        Raises:
            UsageError: a wrong number of values, one that its parameter cannot hold, or no address that is needed.
        """
        words = self._words
        if words is None or len(words) != len(values):
            return self._encode(values, result_address, stack_top)
        try:
            return Frame(tuple([word(value) for word, value in zip(words, values)]), (), b"")  # noqa: B905 - counted above
        except (TypeError, ValueError):
            self._explain(values)

    def decode_result(self, core: Sequence[int], fp: Sequence[int] = (), memory: bytes = b"") -> Value:
        """The result as a value.

        Args:
            core: The first two core registers after the call.
            fp: The floating-point registers as words, if ``float_result``.
            memory: The bytes at the result's address, if ``memory_result``.
        """
        if self.memory_result:
            return self._result.decode(_unpacked(memory[: self.memory_result]))
        return self._result.decode(fp if self.float_result else core)

    # Guest code calls Python ------------------------------------------------------------------------------------------

    def decode_arguments(
        self, core: Sequence[int], fp: Callable[[], Sequence[int]], read: MemoryReader, stack_pointer: int
    ) -> list[int | float | bytes | None]:
        """The named arguments as values, as a function finds them at its first instruction.

        Args:
            core: The argument registers.
            fp: Reads the floating-point registers; called only if an argument is in one.
            read: Reads memory; called only for arguments that are there.
            stack_pointer: Its value.
        """
        floats = fp() if self._uses_fp else ()
        values = []
        for place, codec, copied in self._arrivals:
            if place.fp:
                words = floats[place.fp[0] :]
            elif not place.stack_words:
                words = core[place.core[0] :]
            else:
                on_stack = read(stack_pointer + place.stack_offset, WORD * place.stack_words)
                words = (*(core[number] for number in place.core), *_unpacked(on_stack))
            if copied:
                words = _unpacked(read(words[0], copied))
            values.append(codec.decode(words))
        return values

    def variable_arguments(self, core: Sequence[int], read: MemoryReader, stack_pointer: int, model: DataModel) -> VarArgs:
        """A reader of the arguments that stand for ``...``; parameters as in ``decode_arguments``."""
        return VarArgs(core, self.next_core, read, stack_pointer, self.next_stack, self.convention, model)

    def encode_result(self, value: Value, store: Callable[[bytes], object] | None = None) -> tuple[int, int, tuple[int, ...]]:
        """A result as (first core register, second, floating-point words).

        Args:
            value: The result.
            store: Writes a result in memory to the address that came in the first register, if ``memory_result``.

        Raises:
            UsageError: a value that the result type cannot hold, or nothing to store it with.
        """
        try:
            words = tuple(self._result.encode(value))
        except (TypeError, ValueError):
            raise misfits.misfit(self.prototype, "its result", self.prototype.result, value) from None
        if self.float_result:
            return 0, 0, words
        if self.memory_result:
            if store is None:
                raise misfits.no_room_for_result(self.prototype)
            store(struct.pack(f"<{len(words)}I", *words)[: self.memory_result])
            return 0, 0, ()
        low, high, *_ = (*words, 0, 0)
        return low, high, ()

    # How --------------------------------------------------------------------------------------------------------------

    @cached_property
    def _codecs(self) -> tuple[Codec, ...]:
        return tuple(codec_of(parameter.type) for parameter in self.prototype.parameters)

    @cached_property
    def _arrivals(self) -> tuple[tuple[Place, Codec, int], ...]:
        """Place and codec of each argument, and its size if what arrives is the address of a copy, else 0."""
        types = [parameter.type for parameter in self.prototype.parameters]
        copied = [ctype.size if place.by_reference else 0 for ctype, place in zip(types, self.places, strict=True)]
        return tuple(zip(self.places, self._codecs, copied, strict=True))

    @cached_property
    def _result(self) -> Codec:
        return codec_of(self.prototype.result)

    @cached_property
    def _uses_fp(self) -> bool:
        return any(place.fp for place in self.places)

    @cached_property
    def _words(self) -> tuple[Callable[[Value], int], ...] | None:
        """One encoder a register, where each argument is one word in a core register and nothing else is passed."""
        words = tuple(codec.word for codec in self._codecs if codec.word)
        plain = len(words) == len(self.places) == self.next_core and not self.next_stack
        return words if plain and not self.memory_result else None

    @cached_property
    def _frames(self) -> FrameLayout:
        types = [parameter.type for parameter in self.prototype.parameters]
        return frame_layout(self.convention, self.places, types, self.next_stack, int(bool(self.memory_result)))

    def _encode(self, values: Sequence[Value], result_address: int, stack_top: Callable[[], int] | None) -> Frame:
        if len(values) != len(self.places):
            return self._extended(values).encode(values, result_address, stack_top)
        if self.memory_result and not result_address:
            raise misfits.no_room_for_result(self.prototype)
        try:
            return self._frames.fill(values, result_address if self.memory_result else 0, stack_top or self._no_stack)
        except (TypeError, ValueError):
            self._explain(values)

    def _extended(self, values: Sequence[Value]) -> CallLayout:
        """The layout of a variadic call: the types of its variable arguments are those of the values."""
        named, name = self.prototype.parameters, self.prototype.name
        if not self.prototype.variadic or len(values) < len(named):
            raise misfits.wrong_count(self.prototype, len(values))
        extra = (
            Parameter("", _promoted(value, name, number)) for number, value in enumerate(values[len(named) :], len(named) + 1)
        )
        typed = Prototype(name, self.prototype.result, (*named, *extra), variadic=True)
        return layout(typed, self.convention, len(named))

    def _explain(self, values: Sequence[Value]) -> NoReturn:
        """Raises the error of the first value that does not fit."""
        for number, (parameter, codec, value) in enumerate(
            zip(self.prototype.parameters, self._codecs, values, strict=True), 1
        ):
            try:
                codec.encode(value)
            except (TypeError, ValueError):
                what = f"argument {number} ({parameter})"
                raise misfits.misfit(self.prototype, what, parameter.type, value) from None
        raise AssertionError(values)

    def _no_stack(self) -> NoReturn:
        raise misfits.no_room_for_copies(self.prototype)


def _unpacked(data: bytes) -> tuple[int, ...]:
    """Bytes in memory as words; what is missing of the last one is 0."""
    count = -(-len(data) // WORD)
    return struct.unpack(f"<{count}I", data.ljust(WORD * count, b"\0"))


def _promoted(value: Value, name: str, number: int) -> CType:
    """The type that a variable argument is passed as (C11 6.5.2.2: default argument promotions)."""
    match value:
        case float():
            return Float("double", 8)
        case None:
            return Pointer()
        case bytes() | bytearray() | memoryview() if len(value):
            size = len(value)
            return Struct("bytes", (), size, max(WORD, min(16, size & -size)))
    low, high = integer_range(WORD)
    if isinstance(value, int) and low <= value <= high:
        return Integer("int", WORD)
    raise misfits.no_type(name, value, number)
