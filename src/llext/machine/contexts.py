"""All registers of code that does not run: saved, loaded, made for code that has not begun."""

from __future__ import annotations

import struct
from typing import NamedTuple

from llext.machine.cpu import Cpu
from llext.machine.registers import Registers

_WORD = struct.Struct("<I")


class Context(NamedTuple):
    """Byte offsets of registers in what ``Contexts.save`` gives; -1 for one that the ISA has not."""

    pc: int
    stack_pointer: int
    link: int
    result: int
    arguments: tuple[int, ...]
    mask: int
    thread: int


class Contexts:
    """Saves and loads the registers of one CPU.

    Args:
        cpu: The CPU, just powered on.

    Attributes:
        at: Where registers lie in a saved context.
    """

    def __init__(self, cpu: Cpu) -> None:
        self._facts = facts = cpu.target.arch.emulator
        names = (*facts.report, *facts.kept(cpu.target.cpu))
        self._read, self._write, self._handle = cpu.batches()
        self._registers = Registers.of([cpu.register(name) for name in names])
        self._bytes = memoryview(self._registers.values).cast("B")
        at = {name: 4 * index for index, name in enumerate(names)}
        self.at = Context(
            pc=at[facts.pc], stack_pointer=at[facts.stack_pointer], link=at[facts.link], result=at[facts.results[0]],
            arguments=tuple(at[name] for name in facts.arguments), mask=at[facts.interrupt_mask(cpu.target.cpu)],
            thread=at.get(cpu.target.arch.thread_pointer.register, -1),
        )  # fmt: skip
        self._blank = self.save()
        if facts.status:
            _WORD.pack_into(self._blank, at[facts.status[0]], facts.status[1])

    def save(self) -> bytearray:
        """All registers of the code that stopped, 4 bytes each, as ``at`` finds them."""
        context = self._registers
        self._read(self._handle, context.identifiers, context.pointers, context.count)
        return bytearray(context.values)

    def load(self, registers: bytes | bytearray) -> None:
        """Sets all registers, so that code goes on where they were saved."""
        context = self._registers
        self._bytes[:] = registers
        self._write(self._handle, context.identifiers, context.pointers, context.count)

    def named(self, registers: bytes | bytearray) -> dict[str, int]:
        """Saved registers by lower-case name, as ``read_registers`` gives them."""
        words = struct.unpack_from(f"<{len(self._facts.report)}I", registers)
        return {name.lower(): word for name, word in zip(self._facts.report, words, strict=True)}

    def fresh(self, address: int, arguments: tuple[int, ...], stack_pointer: int, link: int) -> bytearray:
        """Registers of code that begins at an address, as a call finds them."""
        registers = bytearray(self._blank)
        for index, word in enumerate(arguments):
            _WORD.pack_into(registers, self.at.arguments[index], word & 0xFFFFFFFF)
        _WORD.pack_into(registers, self.at.pc, address & ~self._facts.code_bit)
        _WORD.pack_into(registers, self.at.stack_pointer, stack_pointer)
        _WORD.pack_into(registers, self.at.link, link)
        return registers

    def entry(self, registers: bytes | bytearray) -> int:
        """The address at which code with these saved registers goes on."""
        pc: int = _WORD.unpack_from(registers, self.at.pc)[0]
        return pc | self._facts.code_bit
