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
from operator import index
from typing import NamedTuple, NoReturn

from llext.abi.prototypes import Parameter, Prototype
from llext.abi.types import Array, CType, Float, Integer, Pointer, Struct, Void, round_up
from llext.arch.convention import CallingConvention
from llext.errors import UsageError

Value = int | float | bytes | None
"""What crosses: integers and pointers as int (None is NULL), floats as float, structs as their bytes."""

StackReader = Callable[[int, int], bytes]
"""Reads (offset above the stack pointer at the call, size), in bytes."""

WORD = 4
_MASK = 0xFFFFFFFF
_HFA_MEMBERS = 4


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


@dataclass(frozen=True)
class Place:
    """Where one argument lives: its words in order, first those in registers, then those on the stack.

    Attributes:
        core: Numbers of core registers, consecutive.
        fp: Numbers of single-precision registers, consecutive.
        stack_offset: Bytes above the stack pointer at the call.
        stack_words: Words there; 0 if none.
    """

    core: tuple[int, ...] = ()
    fp: tuple[int, ...] = ()
    stack_offset: int = 0
    stack_words: int = 0


# Values <-> words -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Codec:
    """How values of one type become words and words become values.

    Attributes:
        words: Words of a value.
        encode: A value to its words. Raises TypeError or ValueError: the caller knows the parameter, and names it.
        decode: Takes the first ``words`` words of what it is given.
        word: A value to its only word, where it has just one; the quickest way.
    """

    words: int
    encode: Callable[[Value], Sequence[int]]
    decode: Callable[[Sequence[int]], Value]
    word: Callable[[Value], int] | None = None


@lru_cache(maxsize=1024)
def _codec(ctype: CType) -> _Codec:
    match ctype:
        case Integer(_, size, signed, True):
            return _word_codec(0, 1, size, lambda words: bool(words[0] & 0xFF), signed=signed)
        case Integer(_, 8, signed):
            return _dword_codec(signed=signed)
        case Integer(_, size, signed):
            return _integer_codec(size, signed=signed)
        case Pointer():
            return _pointer_codec()
        case Float(_, 4 | 8 as size):
            return _float_codec(_FLOATS[size])
        case Struct(size=size) if size:
            return _struct_codec(ctype)
        case Void():
            return _Codec(0, _no_words, lambda _: None)
        case _:
            raise UsageError(f"a value of type {ctype} cannot be passed", hint="pass a pointer to it.")


_FLOATS = {4: struct.Struct("<f"), 8: struct.Struct("<d")}


def _range(size: int) -> tuple[int, int]:
    """What an integer of so many bytes takes, read as signed or as unsigned."""
    return -(1 << 8 * size - 1), (1 << 8 * size) - 1


def _integer_codec(size: int, *, signed: bool) -> _Codec:
    low, high = _range(size)
    sign = 1 << 8 * size - 1

    def as_signed(words: Sequence[int]) -> Value:
        return (words[0] & high ^ sign) - sign

    def as_unsigned(words: Sequence[int]) -> Value:
        return words[0] & high

    return _word_codec(low, high, size, as_signed if signed else as_unsigned, signed=signed)


def _word_codec(low: int, high: int, size: int, decode: Callable[[Sequence[int]], Value], *, signed: bool) -> _Codec:
    mask = (1 << 8 * size) - 1
    sign = 1 << 8 * size - 1 if signed else 0

    def word(value: Value) -> int:
        number = index(value)  # type: ignore[arg-type]  # TypeError is its answer
        if low <= number <= high:
            # Of a small integer the caller extends the sign or zeros (AAPCS32 6.5, B.2).
            return (number & mask ^ sign) - sign & _MASK
        raise ValueError(value)

    return _Codec(1, lambda value: (word(value),), decode, word)


def _dword_codec(*, signed: bool) -> _Codec:
    low, high = _range(8)
    sign = 1 << 63 if signed else 0

    def encode(value: Value) -> Sequence[int]:
        number = index(value)  # type: ignore[arg-type]  # TypeError is its answer
        if not low <= number <= high:
            raise ValueError(value)
        return number & _MASK, number >> 32 & _MASK

    return _Codec(2, encode, lambda words: ((words[0] | words[1] << 32) ^ sign) - sign)


def _pointer_codec() -> _Codec:
    low, high = _range(WORD)

    def word(value: Value) -> int:
        number = 0 if value is None else index(value)  # type: ignore[arg-type]  # TypeError is its answer
        if low <= number <= high:
            return number & _MASK
        raise ValueError(value)

    return _Codec(1, lambda value: (word(value),), lambda words: words[0], word)


def _float_codec(number: struct.Struct) -> _Codec:
    count = number.size // WORD
    words_of = struct.Struct(f"<{count}I")

    def encode(value: Value) -> Sequence[int]:
        try:
            return words_of.unpack(number.pack(value))
        except (OverflowError, struct.error) as problem:
            raise ValueError(value) from problem

    def decode(words: Sequence[int]) -> Value:
        value: float = number.unpack(words_of.pack(*words[:count]))[0]
        return value

    return _Codec(count, encode, decode)


def _struct_codec(ctype: Struct) -> _Codec:
    size, count = ctype.size, round_up(ctype.size, WORD) // WORD
    words_of = struct.Struct(f"<{count}I")
    only = ctype.members[0].type if len(ctype.members) == 1 else None
    inner = _codec(only) if isinstance(only, Integer) and only.size == size else None

    def encode(value: Value) -> Sequence[int]:
        if inner and isinstance(value, int):
            return inner.encode(value)
        data = memoryview(value).tobytes()  # type: ignore[arg-type]  # TypeError is its answer
        if len(data) != size:
            raise ValueError(value)
        return words_of.unpack(data.ljust(WORD * count, b"\0"))

    return _Codec(count, encode, lambda words: words_of.pack(*words[:count])[:size])


def _no_words(value: Value) -> Sequence[int]:
    if value is not None:
        raise ValueError(value)
    return ()


# Where they live ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def layout(prototype: Prototype, convention: CallingConvention) -> CallLayout:
    """Where the arguments and the result of a function live.

    Raises:
        UsageError: a type that cannot be passed by value.
    """
    vfp = bool(convention.float_registers) and not prototype.variadic
    result = prototype.result
    result_words = _codec(result).words
    in_float_registers = vfp and _vfp_unit(result) > 0
    in_memory = isinstance(result, Struct) and result.size > WORD and not in_float_registers
    allocator = _Allocator(convention, vfp=vfp, next_core=int(in_memory))
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


class _Allocator:
    """Hands out registers and stack in the order of the parameters.

    ``next_core`` is the ABI's NCRN; ``next_stack`` its NSAA, in bytes above the stack pointer.
    """

    def __init__(self, convention: CallingConvention, *, vfp: bool, next_core: int) -> None:
        self.convention = convention
        self.vfp = vfp
        self.next_core = next_core
        self.next_stack = 0
        self._free = set(range(convention.float_registers))

    def place(self, ctype: CType) -> Place:
        """The next argument's place."""
        words, align = _codec(ctype).words, _argument_align(ctype)
        if self.vfp and (unit := _vfp_unit(ctype)):
            return self._in_float_registers(words, unit) or self._on_stack(words, align)
        return self._in_core_registers(words, align)

    def _in_float_registers(self, words: int, unit: int) -> Place | None:
        """Rules C.1 and C.2: the lowest free run of registers, aligned to its element; if there is none, none ever after."""
        for first in range(0, self.convention.float_registers - words + 1, unit):
            run = tuple(range(first, first + words))
            if self._free.issuperset(run):
                self._free.difference_update(run)
                return Place(fp=run)
        self._free.clear()
        return None

    def _in_core_registers(self, words: int, align: int) -> Place:
        """Rules C.3 to C.6: only what begins in a register while nothing is on the stack yet is split."""
        registers = self.convention.core_registers
        if self.convention.align_pairs:
            self.next_core = round_up(self.next_core, align // WORD)
        left = max(0, registers - self.next_core)
        if words > left and (not left or self.next_stack):
            self.next_core = registers
            return self._on_stack(words, align)
        taken = min(words, left)
        core = tuple(range(self.next_core, self.next_core + taken))
        self.next_core += taken
        return self._on_stack(words - taken, WORD, core)

    def _on_stack(self, words: int, align: int, core: tuple[int, ...] = ()) -> Place:
        """Rules C.7 and C.8."""
        if not words:
            return Place(core)
        offset = round_up(self.next_stack, align)
        self.next_stack = offset + WORD * words
        return Place(core, stack_offset=offset, stack_words=words)


def _argument_align(ctype: CType) -> int:
    """Rule B.5: 4 or 8 bytes, whatever attributes say."""
    natural = ctype.natural_align if isinstance(ctype, Struct) else ctype.align
    return 2 * WORD if natural > WORD else WORD


def _vfp_unit(ctype: CType) -> int:
    """Words of its element if a type travels in floating-point registers (7.1.1: a CPRC), else 0."""
    found = _float_elements(ctype)
    if found is None or not 1 <= found[1] <= _HFA_MEMBERS or ctype.size != found[0] * found[1]:
        return 0
    return found[0] // WORD


def _float_elements(ctype: CType) -> tuple[int, int] | None:
    """(size of the element, number of elements) of a homogeneous aggregate; None if it has anything else in it."""
    match ctype:
        case Float(_, size):
            return size, 1
        case Array(element, count):
            inner = _float_elements(element)
            return (inner[0], inner[1] * count) if inner else None
        case Struct(members=members, keyword=keyword) if members:
            parts = [_float_elements(member.type) for member in members]
            known = [part for part in parts if part]
            if len(known) != len(parts) or len({size for size, _ in known}) != 1:
                return None
            counts = [count for _, count in known]
            overlaid = keyword == "union" or not any(member.offset for member in members)
            return known[0][0], max(counts) if overlaid else sum(counts)
        case _:
            return None


# Crossing -------------------------------------------------------------------------------------------------------------


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
    def _codecs(self) -> tuple[_Codec, ...]:
        return tuple(_codec(parameter.type) for parameter in self.prototype.parameters)

    @cached_property
    def _result(self) -> _Codec:
        return _codec(self.prototype.result)

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

    def _with_parameters(self, values: Sequence[Value]) -> Iterator[tuple[Parameter, _Codec, Value]]:
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
    low, high = _range(WORD)
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
            low, high = _range(size)
            return f"an integer from {low} to {high} is wanted"
        case Pointer():
            return "an address from 0 to 0xffffffff or None is wanted"
        case Struct(size=size):
            return f"{size} bytes are wanted"
        case Void():
            return "None is wanted"
        case _:
            return f"a number that fits {ctype} is wanted"


# Variable arguments ---------------------------------------------------------------------------------------------------


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
    number: float = _FLOATS[8].unpack(bits.to_bytes(8, "little"))[0]
    return number
