"""Frames: the words and bytes that have to be in place when Python calls guest code.

A frame is built as one list of words: all core registers, then the stack, then the floating-point registers. In it
every argument is one run, for one that is split goes on from the last register to the first word of the stack. On the
stack lie the arguments that found no register, and above them the copies of those that are passed by reference.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from llext.abi.codecs import WORD, Codec, Value, codec_of
from llext.abi.places import Place
from llext.abi.types import CType, round_up
from llext.arch.convention import CallingConvention


class Frame(NamedTuple):
    """What has to be in place for a call. A named tuple, because every call makes one.

    Attributes:
        core: Words for the argument registers; only as many as are used.
        fp: Words for the floating-point registers; only as many as are used, gaps are 0.
        stack: Bytes from the stack pointer upward; a multiple of the convention's stack alignment.
    """

    core: tuple[int, ...]
    fp: tuple[int, ...]
    stack: bytes


@dataclass(frozen=True)
class FrameLayout:
    """Where values go in the list of words of a frame.

    Attributes:
        used: Core registers that hold something.
        stack: Where the stack begins: behind all core registers.
        floats: Where the floating-point registers begin: behind the stack.
        end: Words in all.
        codecs: Of the arguments.
        runs: First word of each argument, and the word behind its last.
        references: Of each argument that is passed by reference the word with its address, and the copy's first word.
    """

    used: int
    stack: int
    floats: int
    end: int
    codecs: tuple[Codec, ...]
    runs: tuple[tuple[int, int], ...]
    references: tuple[tuple[int, int], ...]

    def fill(self, values: Sequence[Value], result_address: int, stack_top: Callable[[], int]) -> Frame:
        """A frame with arguments in it.

        Args:
            values: The arguments.
            result_address: For the first register, if it is not 0.
            stack_top: Asked for the address behind the stack bytes, if there are references.

        Raises:
            TypeError, ValueError: a value that does not fit.
        """
        words = [0] * self.end
        if result_address:
            words[0] = result_address
        for (first, last), codec, value in zip(self.runs, self.codecs, values, strict=True):
            words[first:last] = codec.encode(value)
        if self.references:
            top = stack_top()
            for at, copy in self.references:
                words[at] = top - WORD * (self.floats - copy)
        stack = words[self.stack : self.floats]
        return Frame(tuple(words[: self.used]), tuple(words[self.floats :]), struct.pack(f"<{len(stack)}I", *stack))


def frame_layout(
    convention: CallingConvention, places: Sequence[Place], types: Sequence[CType], next_stack: int, first_core: int
) -> FrameLayout:
    """Lays out the frames of a call.

    Args:
        convention: What it follows.
        places: Of the arguments.
        types: Of the arguments.
        next_stack: Bytes of arguments on the stack.
        first_core: 1 if a result's address has the first register, else 0.
    """
    registers, copies = convention.core_registers, _copies(places, types, next_stack)
    size = max([next_stack, *(offset + types[number].size for number, offset in copies.items())])
    alignment = max([convention.stack_alignment, *(types[number].align for number in copies)])
    floats = registers + round_up(size, alignment) // WORD
    firsts = [_first_word(place, registers, floats) for place in places]
    starts = [registers + copies[number] // WORD if number in copies else first for number, first in enumerate(firsts)]
    codecs = tuple(codec_of(ctype) for ctype in types)
    return FrameLayout(
        used=max([first_core, *(place.core[-1] + 1 for place in places if place.core)]),
        stack=registers,
        floats=floats,
        end=floats + max([0, *(place.fp[-1] + 1 for place in places if place.fp)]),
        codecs=codecs,
        runs=tuple((start, start + codec.words) for start, codec in zip(starts, codecs, strict=True)),
        references=tuple((firsts[number], starts[number]) for number in copies),
    )


def _copies(places: Sequence[Place], types: Sequence[CType], end: int) -> dict[int, int]:
    """Of each argument that is passed by reference the offset of its copy above the stack pointer, from ``end`` on.

    Copies are aligned as their types are, though gcc aligns them no more than the stack: clang's code may count on it.
    """
    offsets = {}
    for number, (place, ctype) in enumerate(zip(places, types, strict=True)):
        if place.by_reference:
            offsets[number] = round_up(end, max(WORD, ctype.align))
            end = offsets[number] + ctype.size
    return offsets


def _first_word(place: Place, registers: int, floats: int) -> int:
    """Where an argument begins in the list of words."""
    if place.fp:
        return floats + place.fp[0]
    return place.core[0] if place.core else registers + place.stack_offset // WORD
