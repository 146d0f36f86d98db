"""Calls: which register or stack slot every argument and the result live in, and values to words and back.

Follows AAPCS32 6.5 (stage C of parameter passing, rules C.1 to C.8) and 6.4 (results), and for the VFP variant 7.1:
the first free floating-point registers that fit are taken, so that gaps are filled later; variadic functions always
use the base variant. One `CallLayout` serves both sides: Python that calls guest code, and guest code that calls
Python.

Everything is counted in 32-bit words. `layout` does its work once for a prototype; `encode` and `decode_result` are on
the path of every call, and take about a microsecond where all arguments are words.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, NoReturn

from llext.abi.codecs import WORD, Codec, Value, codec_of, integer_range
from llext.abi.places import Allocator, Place, vfp_unit
from llext.abi.prototypes import Parameter, Prototype
from llext.abi.types import CType, Float, Integer, Pointer, Struct, Void, round_up
from llext.abi.varargs import StackReader
from llext.arch.convention import CallingConvention
from llext.errors import UsageError

_MASK = 0xFFFFFFFF


class Frame(NamedTuple):
    """What has to be in place for a call. A named tuple, because every call makes one.

    Attributes:
        core: Words for r0, r1, ...; only as many as are used.
        fp: Words for s0, s1, ...; only as many as are used, gaps are 0.
        stack: Bytes from the stack pointer upward; a multiple of the convention's stack alignment.
    """

    core: tuple[int, ...]
    fp: tuple[int, ...]
    stack: bytes


@lru_cache(maxsize=1024)
def layout(prototype: Prototype, convention: CallingConvention) -> CallLayout:
    """Where the arguments and the result of a function live.

    Raises:
        UsageError: a type that cannot be passed by value.
    """
    vfp = bool(convention.float_registers) and not prototype.variadic
    result = prototype.result
    result_words = codec_of(result).words
    in_float_registers = vfp and vfp_unit(result) > 0
    in_memory = isinstance(result, Struct) and result.size > WORD and not in_float_registers
    allocator = Allocator(convention, vfp=vfp, next_core=int(in_memory))
    places = tuple(allocator.place(parameter.type) for parameter in prototype.parameters)
    return CallLayout(
        prototype=prototype,
        convention=convention,
        places=places,
        float_result=result_words if in_float_registers else 0,
        memory_result=result.size if in_memory else 0,
        next_core=allocator.next_core,
        next_stack=allocator.next_stack,
    )


@dataclass(frozen=True)
class CallLayout:
    """Where a call's values live, and the way in and out of there.

    Attributes:
        prototype: The function's type.
        convention: What it follows.
        places: Of the parameters, in order.
        float_result: Words of a result that comes back in floating-point registers, else 0.
        memory_result: Bytes of a result that comes back in memory, whose address is passed in r0, else 0.
        next_core: First core register after the named arguments: variable arguments begin there (NCRN).
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

    def encode(self, values: Sequence[Value], result_address: int = 0) -> Frame:
        """Arguments to words.

        Args:
            values: As many as the prototype has. If it is variadic there may be more: an int that fits a word, a float
                (passed as double), None, or bytes, passed as they are, at a multiple of 8 if so is their length.
            result_address: Where the result goes, if it comes back in memory.

        Raises:
            UsageError: a wrong number of values, one that its parameter cannot hold, or no address for such a result.
        """
        words = self._words
        if words is None or len(words) != len(values):
            return self._encode(values, result_address)
        try:
            return Frame(tuple([word(value) for word, value in zip(words, values)]), (), b"")  # noqa: B905 - counted above
        except (TypeError, ValueError):
            self._explain(values)

    def decode_result(self, core: Sequence[int], fp: Sequence[int] = (), memory: bytes = b"") -> Value:
        """The result as a value.

        Args:
            core: r0 and r1 after the call.
            fp: The floating-point registers as words, if ``float_result``.
            memory: The bytes at the result's address, if ``memory_result``.
        """
        if self.memory_result:
            return memory[: self.memory_result]
        return self._result.decode(fp if self.float_result else core)

    # Guest code calls Python ------------------------------------------------------------------------------------------

    def decode_arguments(
        self, core: Sequence[int], fp: Callable[[], Sequence[int]], stack: StackReader
    ) -> list[int | float | bytes | None]:
        """The named arguments as values, as a function finds them at its first instruction.

        Args:
            core: r0 to r3.
            fp: Reads the floating-point registers; called only if an argument is in one.
            stack: Reads the stack; called only for arguments that are there.
        """
        floats = fp() if self._uses_fp else ()
        values = []
        for place, codec in zip(self.places, self._codecs, strict=True):
            if place.fp:
                words = floats[place.fp[0] :]
            elif not place.stack_words:
                words = core[place.core[0] :]
            else:
                words = _words_at(place, core, stack)
            values.append(codec.decode(words))
        return values

    def encode_result(self, value: Value, store: Callable[[bytes], object] | None = None) -> tuple[int, int, tuple[int, ...]]:
        """A result as (r0, r1, floating-point words).

        Args:
            value: The result.
            store: Writes a result in memory to the address that came in r0, if ``memory_result``.

        Raises:
            UsageError: a value that the result type cannot hold, or nothing to store it with.
        """
        try:
            words = tuple(self._result.encode(value))
        except (TypeError, ValueError):
            raise self._misfit("its result", self.prototype.result, value) from None
        if self.float_result:
            return 0, 0, words
        if self.memory_result:
            (store or self._no_room())(struct.pack(f"<{len(words)}I", *words)[: self.memory_result])
            return 0, 0, ()
        low, high, *_ = (*words, 0, 0)
        return low, high, ()

    # How --------------------------------------------------------------------------------------------------------------

    @cached_property
    def _codecs(self) -> tuple[Codec, ...]:
        return tuple(codec_of(parameter.type) for parameter in self.prototype.parameters)

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
    def _shape(self) -> tuple[int, int, int]:
        """How many words of a frame are core registers, end of the stack, end of the floating-point registers.

        A frame is built as one list: all core registers, then the stack, then the floating-point registers. In it every
        argument is one run, for one that is split goes on from the last register to the first word of the stack.
        """
        registers = self.convention.core_registers
        used = max([bool(self.memory_result), *(place.core[-1] + 1 for place in self.places if place.core)])
        stack = registers + round_up(self.next_stack, self.convention.stack_alignment) // WORD
        return used, stack, stack + max([0, *(place.fp[-1] + 1 for place in self.places if place.fp)])

    @cached_property
    def _runs(self) -> tuple[tuple[int, int], ...]:
        """Where each argument's words begin and end in the list of ``_shape``."""
        _, floats, _ = self._shape
        runs = []
        for place, codec in zip(self.places, self._codecs, strict=True):
            in_stack = self.convention.core_registers + place.stack_offset // WORD
            first = floats + place.fp[0] if place.fp else place.core[0] if place.core else in_stack
            runs.append((first, first + codec.words))
        return tuple(runs)

    def _encode(self, values: Sequence[Value], result_address: int) -> Frame:
        if len(values) != len(self.places):
            return self._extended(values).encode(values, result_address)
        used, stack_end, end = self._shape
        words = [0] * end
        if self.memory_result:
            words[0] = result_address or self._no_room()
        try:
            for (first, last), codec, value in zip(self._runs, self._codecs, values, strict=True):
                words[first:last] = codec.encode(value)
        except (TypeError, ValueError):
            self._explain(values)
        stack = words[self.convention.core_registers : stack_end]
        return Frame(tuple(words[:used]), tuple(words[stack_end:]), struct.pack(f"<{len(stack)}I", *stack))

    def _extended(self, values: Sequence[Value]) -> CallLayout:
        """The layout of a variadic call: the types of its variable arguments are those of the values."""
        named, name = self.prototype.parameters, self.prototype.name
        if not self.prototype.variadic or len(values) < len(named):
            raise self._wrong_count(len(values))
        extra = (
            Parameter("", _promoted(value, name, number)) for number, value in enumerate(values[len(named) :], len(named) + 1)
        )
        return layout(Prototype(name, self.prototype.result, (*named, *extra), variadic=True), self.convention)

    def _explain(self, values: Sequence[Value]) -> NoReturn:
        """Raises the error of the first value that does not fit."""
        for number, (parameter, codec, value) in enumerate(self._with_parameters(values), 1):
            try:
                codec.encode(value)
            except (TypeError, ValueError):
                what = f"argument {number} ({parameter})"
                raise self._misfit(what, parameter.type, value) from None
        raise AssertionError(values)

    def _with_parameters(self, values: Sequence[Value]) -> Iterator[tuple[Parameter, Codec, Value]]:
        return zip(self.prototype.parameters, self._codecs, values, strict=True)

    def _no_room(self) -> NoReturn:
        result, size = self.prototype.result, self.memory_result
        raise UsageError(
            f"{self.prototype.name} returns {result}, {size} bytes in memory, and nobody said where",
            hint=f"return it through a pointer: void {self.prototype.name}({result} *result, ...).",
        )

    def _wrong_count(self, given: int) -> UsageError:
        count = len(self.places)
        least = "at least " if self.prototype.variadic else ""
        plural = "argument" if count == 1 else "arguments"
        takes = f"{least}{count} {plural} ({self.prototype.parameter_text})" if count else "no arguments"
        return UsageError(f"{self.prototype.name} takes {takes}, {given} given", hint=f"its type: {self.prototype}")

    def _misfit(self, what: str, ctype: CType, value: Value) -> UsageError:
        return UsageError(f"{self.prototype.name}: {_shown(value)} does not fit {what}: {_wanted(ctype)}")


def _words_at(place: Place, core: Sequence[int], stack: StackReader) -> tuple[int, ...]:
    """The words of an argument on the stack, or in core registers and on the stack."""
    count = place.stack_words
    on_stack = struct.unpack(f"<{count}I", stack(place.stack_offset, WORD * count))
    return (*(core[number] for number in place.core), *on_stack)


def _promoted(value: Value, name: str, number: int) -> CType:
    """The type that a variable argument is passed as (C11 6.5.2.2: default argument promotions)."""
    match value:
        case float():
            return Float("double", 8)
        case None:
            return Pointer()
        case bytes() | bytearray() | memoryview() if len(value):
            return Struct("bytes", (), len(value), WORD if len(value) % 8 else 8)
    low, high = integer_range(WORD)
    if isinstance(value, int) and low <= value <= high:
        return Integer("int", WORD)
    raise UsageError(
        f"{name}: {_shown(value)}, argument {number}, does not fit a word, and its type is not known",
        hint="give a prototype that has its type, or the bytes of a long long: struct.pack('<q', value).",
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"a value of type {type(value).__name__}"


def _wanted(ctype: CType) -> str:
    match ctype:
        case Integer(boolean=True):
            return "False or True is wanted"
        case Integer(size=size):
            low, high = integer_range(size)
            return f"an integer from {low} to {high} is wanted"
        case Pointer():
            return "an address from 0 to 0xffffffff or None is wanted"
        case Struct(size=size):
            return f"{size} bytes are wanted"
        case Void():
            return "None is wanted"
        case _:
            return f"a number that fits {ctype} is wanted"
