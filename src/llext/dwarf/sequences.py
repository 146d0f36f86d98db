"""Where the sequences of a line table begin and end, found without decoding it (DWARF 5 sections 6.2.2 and 6.2.5).

An assembler may set the address in the midst of a sequence, GNU as does so at each label that it cannot count to: the line
goes on from there. Only behind DW_LNE_end_sequence, or where the program begins, does the line begin anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

SET_ADDRESS = b"\0\5\2"
"""What stands of DW_LNE_set_address in front of the address: 0, a length of 5, and its number."""
_END_SEQUENCE = b"\0\1\1"
_FIXED_ADVANCE_PC = 9
"""DW_LNS_fixed_advance_pc, the only standard opcode whose operand is no LEB128: it has two bytes."""
_ADDRESS_BYTES = 4


class Sequences:
    """The sequences of one line table.

    Args:
        data: The section that it is in, relocated or not.
        program: Where its program begins.
        end: Where the table ends.
        opcode_lengths: Operands of the opcodes from 1 on, as its header says.
        marks: Where relocated addresses stand in the section, sorted: each is the operand of a DW_LNE_set_address, so that an
            instruction begins behind it.
    """

    def __init__(self, data: memoryview, program: int, end: int, opcode_lengths: Sequence[int], marks: Sequence[int]) -> None:
        self._data = data
        self._program = program
        self._end = end
        self._lengths = opcode_lengths
        self._marks = marks[bisect_left(marks, program) : bisect_left(marks, end)]

    def around(self, mark: int) -> tuple[int, int]:
        """First byte of the sequence that a mark is in, and the byte behind it."""
        return self._start(mark), self._stop(mark)

    def _start(self, mark: int) -> int:
        for at in reversed(self._marks[: bisect_left(self._marks, mark)]):
            ends = list(self._ends(at + _ADDRESS_BYTES, mark - len(SET_ADDRESS)))
            if ends:
                return ends[-1]
            mark = at
        return max([self._program, *self._ends(self._program, mark - len(SET_ADDRESS))])

    def _stop(self, mark: int) -> int:
        following = self._marks[bisect_right(self._marks, mark) :]
        for at in (*following, self._end + len(SET_ADDRESS)):
            stop = next(self._ends(mark + _ADDRESS_BYTES, at - len(SET_ADDRESS)), None)
            if stop is not None:
                return stop
            mark = at
        return self._end

    def _ends(self, start: int, stop: int) -> Iterator[int]:
        """Where sequences end in a piece that begins with an instruction: the bytes behind each DW_LNE_end_sequence."""
        data = bytes(self._data[start:stop])
        last = data.rfind(_END_SEQUENCE)
        at = 0
        while at <= last:
            if data[at : at + len(_END_SEQUENCE)] == _END_SEQUENCE:
                yield start + at + len(_END_SEQUENCE)
            at = self._next(data, at)

    def _next(self, data: bytes, at: int) -> int:
        """Where the instruction behind one begins."""
        opcode = data[at]
        if opcode == 0:
            size, behind = _uleb(data, at + 1)
            return behind + size
        if opcode == _FIXED_ADVANCE_PC:
            return at + 3
        at += 1
        for _ in range(self._lengths[opcode - 1] if opcode <= len(self._lengths) else 0):
            at = _uleb(data, at)[1]
        return at


def _uleb(data: bytes, at: int) -> tuple[int, int]:
    """A number in LEB128, taken as unsigned, and where what follows it begins."""
    value = shift = 0
    while at < len(data):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            break
    return value, at
