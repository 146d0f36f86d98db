"""Values to 32-bit words and back, by C type."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import index

from llext.abi import binary128
from llext.abi.types import CType, Float, Integer, Pointer, Struct, Void, round_up
from llext.errors import UsageError

Value = int | float | bytes | None
"""What crosses: integers and pointers as int (None is NULL), floats as float, structs as their bytes."""

WORD = 4
_MASK = 0xFFFFFFFF


@dataclass(frozen=True)
class Codec:
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
def codec_of(ctype: CType) -> Codec:
    """The codec of a type.

    Raises:
        UsageError: values of the type cannot be passed.
    """
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
        case Float(_, binary128.SIZE):
            return _long_double_codec()
        case Struct(size=size) if size:
            return _struct_codec(ctype)
        case Void():
            return Codec(0, _no_words, lambda _: None)
        case _:
            raise UsageError(f"a value of type {ctype} cannot be passed", hint="pass a pointer to it.")


_FLOATS = {4: struct.Struct("<f"), 8: struct.Struct("<d")}


def integer_range(size: int) -> tuple[int, int]:
    """What an integer of so many bytes takes, read as signed or as unsigned."""
    return -(1 << 8 * size - 1), (1 << 8 * size) - 1


def _integer_codec(size: int, *, signed: bool) -> Codec:
    low, high = integer_range(size)
    sign = 1 << 8 * size - 1

    def as_signed(words: Sequence[int]) -> Value:
        return (words[0] & high ^ sign) - sign

    def as_unsigned(words: Sequence[int]) -> Value:
        return words[0] & high

    return _word_codec(low, high, size, as_signed if signed else as_unsigned, signed=signed)


def _word_codec(low: int, high: int, size: int, decode: Callable[[Sequence[int]], Value], *, signed: bool) -> Codec:
    mask = (1 << 8 * size) - 1
    sign = 1 << 8 * size - 1 if signed else 0

    def word(value: Value) -> int:
        number = index(value)  # type: ignore[arg-type]  # TypeError is its answer
        if low <= number <= high:
            # Of a small integer the caller extends the sign or zeros (AAPCS32 6.5 B.2, psABI integer).
            return (number & mask ^ sign) - sign & _MASK
        raise ValueError(value)

    return Codec(1, lambda value: (word(value),), decode, word)


def _dword_codec(*, signed: bool) -> Codec:
    low, high = integer_range(8)
    sign = 1 << 63 if signed else 0

    def encode(value: Value) -> Sequence[int]:
        number = index(value)  # type: ignore[arg-type]  # TypeError is its answer
        if not low <= number <= high:
            raise ValueError(value)
        return number & _MASK, number >> 32 & _MASK

    return Codec(2, encode, lambda words: ((words[0] | words[1] << 32) ^ sign) - sign)


def _pointer_codec() -> Codec:
    low, high = integer_range(WORD)

    def word(value: Value) -> int:
        number = 0 if value is None else index(value)  # type: ignore[arg-type]  # TypeError is its answer
        if low <= number <= high:
            return number & _MASK
        raise ValueError(value)

    return Codec(1, lambda value: (word(value),), lambda words: words[0], word)


def _float_codec(number: struct.Struct) -> Codec:
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

    return Codec(count, encode, decode)


def _long_double_codec() -> Codec:
    count = binary128.SIZE // WORD
    words_of = struct.Struct(f"<{count}I")

    def encode(value: Value) -> Sequence[int]:
        try:
            return words_of.unpack(binary128.pack(value))  # type: ignore[arg-type]  # struct.error is its answer
        except (OverflowError, struct.error) as problem:
            raise ValueError(value) from problem

    return Codec(count, encode, lambda words: binary128.unpack(words_of.pack(*words[:count])))


def _struct_codec(ctype: Struct) -> Codec:
    size, count = ctype.size, round_up(ctype.size, WORD) // WORD
    words_of = struct.Struct(f"<{count}I")
    only = ctype.members[0].type if len(ctype.members) == 1 else None
    inner = codec_of(only) if isinstance(only, Integer) and only.size == size else None

    def encode(value: Value) -> Sequence[int]:
        if inner and isinstance(value, int):
            return inner.encode(value)
        data = memoryview(value).tobytes()  # type: ignore[arg-type]  # TypeError is its answer
        if len(data) != size:
            raise ValueError(value)
        return words_of.unpack(data.ljust(WORD * count, b"\0"))

    return Codec(count, encode, lambda words: words_of.pack(*words[:count])[:size])


def _no_words(value: Value) -> Sequence[int]:
    if value is not None:
        raise ValueError(value)
    return ()
