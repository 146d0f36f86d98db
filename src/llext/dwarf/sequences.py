"""Line and file where a line table sets an address, found without decoding it (DWARF 5 sections 6.2.2 and 6.2.5).

An assembler may set the address in the midst of a sequence, GNU as does so at each label that it cannot count to: the line
goes on from there. Only behind DW_LNE_end_sequence, or where the program begins, does it begin anew.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from llext.elf.leb128 import sleb, uleb

SET_ADDRESS = b"\0\5\2"
"""What stands of DW_LNE_set_address in front of the address: 0, a length of 5, and its number."""
_END_SEQUENCE = b"\0\1\1"
_ADVANCE_LINE, _SET_FILE, _FIXED_ADVANCE_PC = 3, 4, 9
"""Standard opcodes; the operand of the last is the only one that is no LEB128: it has two bytes."""
_ADDRESS_BYTES = 4


class Registers(NamedTuple):
    """Those of the state machine that outlast a set address and are wanted."""

    line: int = 1
    file: int = 1

    @property
    def program(self) -> bytes:
        """Instructions that lead there from where a sequence begins."""
        return bytes([_ADVANCE_LINE, *_leb(self.line - 1), _SET_FILE, *_leb(self.file)])


class Sequences:
    """One line table.

    Args:
        data: The section that it is in, relocated or not.
        program: Where its program begins.
        end: Where the table ends.
        header: Its header.
        marks: Where relocated addresses stand in the section, sorted: each is the operand of a DW_LNE_set_address, so that an
            instruction begins behind it.
    """

    def __init__(self, data: memoryview, program: int, end: int, header: Any, marks: Sequence[int]) -> None:
        self._data = data
        self._program = program
        self._end = end
        self._base, self._range = header.line_base, header.line_range
        self._lengths = (0, *header.standard_opcode_lengths)
        self._marks = marks[bisect_left(marks, program) : bisect_left(marks, end)]
        self._known: dict[int, Registers] = {}

    def piece(self, mark: int) -> tuple[int, int]:
        """From the instruction of a mark to the one of the mark after the next, whose first row ends the last of this one."""
        behind = bisect_left(self._marks, mark) + 2
        return mark - len(SET_ADDRESS), self._marks[behind] - len(SET_ADDRESS) if behind < len(self._marks) else self._end

    def registers(self, mark: int) -> Registers:
        """What the registers are at a mark."""
        number = first = bisect_left(self._marks, mark)
        while first and self._marks[first] not in self._known and not self._ends(first):
            first -= 1
        for each in range(first, number + 1):
            self._known[self._marks[each]] = self._known.get(self._marks[each]) or self._follow(each)
        return self._known[mark]

    def _ends(self, number: int) -> bool:
        """Whether a sequence may end in front of a mark, behind the mark before; it may not without the bytes that end one."""
        return _END_SEQUENCE in self._between(number)

    def _between(self, number: int) -> bytes:
        """Instructions in front of a mark, behind the mark before."""
        start = self._marks[number - 1] + _ADDRESS_BYTES if number else self._program
        return bytes(self._data[start : self._marks[number] - len(SET_ADDRESS)])

    def _follow(self, number: int) -> Registers:
        """The registers at a mark by those at the mark before, which are not needed if a sequence ends between them."""
        before = self._known.get(self._marks[number - 1]) if number else Registers()
        found, anew = self._run(self._between(number), before or Registers())
        if before is None and not anew:
            before = self.registers(self._marks[number - 1])  # the bytes were those of an operand
            found, _ = self._run(self._between(number), before)
        return found

    def _run(self, data: bytes, registers: Registers) -> tuple[Registers, bool]:
        """The registers behind instructions, and whether a sequence ended there."""
        (line, file), anew, at = registers, False, 0
        base = len(self._lengths)
        while at < len(data):
            opcode = data[at]
            at += 1
            if opcode >= base:
                line += self._base + (opcode - base) % self._range
            elif opcode == 0:
                size, at = uleb(data, at)
                if data[at : at + 1] == _END_SEQUENCE[-1:]:
                    (line, file), anew = Registers(), True
                at += size
            elif opcode == _FIXED_ADVANCE_PC:
                at += 2
            else:
                for _ in range(self._lengths[opcode]):
                    value, at = sleb(data, at) if opcode == _ADVANCE_LINE else uleb(data, at)
                    line, file = line + value * (opcode == _ADVANCE_LINE), value if opcode == _SET_FILE else file
        return Registers(line, file), anew


def _leb(value: int) -> bytes:
    """A number in LEB128, signed; as an unsigned one it is the same, of those that are not negative."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7F])
