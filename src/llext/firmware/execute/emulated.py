"""A stock firmware as a CPU that nobody booted: its code and data where the ELF has them, and nothing else of its device.

Functions of it are called one at a time. What it must not run is answered at its address; what it touches and is not there,
and what does not come to an end, is a named stop. Instructions are counted always (the emulator cannot go from uncounted to
counted), in slices, between which Python looks at the clock and at signals.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import unicorn
import unicorn.arm_const
import unicorn.riscv_const
import unicorn.unicorn_const as uc_const

from llext.elf import constants as c
from llext.firmware.execute.places import PAGE, areas, spare
from llext.firmware.execute.results import Stop
from llext.firmware.firmware import Firmware
from llext.machine import GuestMemory, Permission
from llext.machine.memory import Block
from llext.target import MemoryArea

Handler = Callable[[], "int | None"]
"""Stands for a function: reads ``Emulated.argument``; what it returns is what the caller gets, None leaves the register."""

_SLICE = 5_000_000
_STACK = 64 * 1024
_ACCESS = {16: "reads", 17: "writes", 18: "executes", 19: "reads", 20: "writes", 21: "executes", 22: "writes", 23: "reads", 24: "executes"}  # fmt: skip
"""The emulator's UC_MEM_ numbers of accesses."""


@dataclass(frozen=True)
class Limits:
    """What one call may take: instructions, and seconds on the wall."""

    instructions: int = 2_000_000_000
    seconds: float = 30.0


class StoppedError(Exception):
    """Code did not come to its end."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(str(stop))
        self.stop = stop


class Emulated:
    """One firmware's CPU.

    Args:
        firmware: It.
        limits: Of each call.

    Attributes:
        memory: The firmware's memory, and what was reserved.
        model: The CPU, as the emulator names it.
        trap: Where calls return to.
        stack_top: Where the stack of a call begins.
    """

    def __init__(self, firmware: Firmware, limits: Limits | None = None) -> None:
        self.firmware, self.limits = firmware, limits or Limits()
        self._facts, self._ways = firmware.arch.emulator, firmware.arch.powered_off
        self.model = self._model()
        mode, family = getattr(uc_const, f"UC_MODE_{self._facts.mode}"), getattr(uc_const, f"UC_ARCH_{self._facts.family}")
        self._uc = unicorn.Uc(family, mode, self._number(f"UC_CPU_{self.model}"))
        self._uc.ctl_set_tcg_buffer_size(8 << 20)
        self.memory = GuestMemory(())
        self._names: dict[int, str] = {}
        self._areas = areas(firmware)
        self._map_firmware()
        self._spare = self._first_spare()
        self._stop: Stop | None = None
        self._functions = self._function_table()
        self.trap = self.gate("the return trap")
        self.stack_top = self.reserve(_STACK, "the stack") + _STACK
        self._uc.hook_add(uc_const.UC_HOOK_MEM_INVALID, self._on_invalid)
        self._uc.hook_add(uc_const.UC_HOOK_INTR, self._on_interrupt)

    # Powering on ----------------------------------------------------------------------------------------------------------

    def _model(self) -> str:
        """The emulator's name of its CPU; that of CPU_CORTEX_M0 is no other's."""
        for option, model in self._ways.models.items():
            if self.firmware.image.option(option).value:
                return model
        return self._ways.model

    def _number(self, name: str) -> int:
        value: int = getattr(getattr(unicorn, f"{self._facts.family.lower()}_const"), name)
        return value

    def _register(self, name: str) -> int:
        return self._number(f"UC_{self._facts.family}_REG_{name}")

    def _map_firmware(self) -> None:
        for area in self._areas:
            self._map(area.start, area.end - area.start, "", Permission.RWX if area.writable else Permission.RX)
        elf = self.firmware.image.elf
        for section in elf.sections:
            if section.flags & c.SHF_ALLOC and section.size and section.type != c.SHT_NOBITS:
                self.memory.write(section.address, elf.contents(section))
        for address, size in self._ways.quiet:
            if not any(area.start < address + size and address < area.end for area in self._areas):
                self._map(address, size, "registers of the core", Permission.RW)

    def _map(self, address: int, size: int, name: str, rights: Permission) -> None:
        block = Block(MemoryArea(name, address, size, "ram"), address)
        self.memory.blocks.append(block)
        self._uc.mem_map_ptr(address, size, int(rights), ctypes.addressof(ctypes.c_char.from_buffer(block.host)))

    def _first_spare(self) -> int:
        heap = self.firmware.heap
        near = heap.value.address if heap is not None else max((each.start for each in self._areas if each.writable), default=0)
        return spare(self._areas, self._ways.spare, near, 1 << 24)

    def reserve(self, size: int, name: str) -> int:
        """Memory of our own, zeroed, with pages that nobody has before and behind it."""
        address, pages = self._spare, -(-max(size, 1) // PAGE) * PAGE
        self._spare += pages + PAGE
        self._map(address, pages, name, Permission.RWX)
        return address

    def gate(self, name: str) -> int:
        """An address to put a handler at: code of an instruction that stops, should it ever be run."""
        address, code = self.reserve(PAGE, name), next(iter(self._facts.stops))
        self.memory.write(address, (code * PAGE)[:PAGE])
        return address + 2 * len(code)  # not at the page's start: the emulator looks at the byte before a call's return

    def _function_table(self) -> list[tuple[int, int, str]]:
        bit = self.firmware.arch.code_symbol_bit
        return sorted(
            (symbol.value & ~bit, symbol.size, symbol.name)
            for symbol in self.firmware.image.elf.symbols
            if symbol.type == c.STT_FUNC and not symbol.undefined
        )

    # Symbols --------------------------------------------------------------------------------------------------------------

    def symbol(self, name: str) -> int | None:
        """The address of a symbol, its code bit included."""
        found = self.firmware.image.symbols.get(name)
        return None if found is None or found.undefined else found.value

    def functions(self) -> list[tuple[str, int]]:
        """Names and addresses of all functions, without the code bit."""
        return [(name, address) for address, _, name in self._functions]

    def where(self, address: int) -> str:
        """What lies at an address, in words; empty if that is not known."""
        at = bisect_right(self._functions, (address, 1 << 32, "")) - 1
        if at >= 0:
            start, size, name = self._functions[at]
            if start <= address < start + max(size, 2):
                return name
        heap = self.firmware.heap
        if heap is not None and heap.value.address <= address < heap.value.address + heap.value.size:
            return "the LLEXT heap"
        block = self.memory.block_of(address)
        return block.name if block is not None else ""

    # Functions that are answered or watched ------------------------------------------------------------------------------

    def answer(self, address: int, handler: Handler) -> None:
        """Lets a handler stand for the function at an address. Only before the first call: code is translated once."""
        link, (low, high) = self._register(self._facts.link), map(self._register, self._facts.results)
        pc, bit = self._register(self._facts.pc), self._facts.code_bit

        def reached(uc: unicorn.Uc, _address: int, _size: int, _user: object) -> None:
            value = handler()
            if value is not None:
                uc.reg_write(low, value & 0xFFFFFFFF)
                uc.reg_write(high, 0)  # of a 64-bit result; else nobody's
            uc.reg_write(pc, uc.reg_read(link) | bit)

        self.watch_raw(address, reached)

    def watch(self, address: int, handler: Callable[[], object]) -> None:
        """Tells a handler when the instruction at an address is about to run. Only before the first call."""
        self.watch_raw(address, lambda *_words: handler())

    def watch_raw(self, address: int, callback: Callable[..., object]) -> None:
        """The same, with the emulator's own words."""
        start = address & ~self.firmware.arch.code_symbol_bit
        self._uc.hook_add(uc_const.UC_HOOK_CODE, callback, begin=start, end=start)

    def argument(self, index: int) -> int:
        """An argument register of the function that was just entered."""
        value: int = self._uc.reg_read(self._register(self._facts.arguments[index]))
        return value

    def arguments(self) -> list[int]:
        """All of them."""
        return [self.argument(index) for index in range(len(self._facts.arguments))]

    def result(self) -> int:
        """The result of the function that has just returned."""
        value: int = self._uc.reg_read(self._register(self._facts.results[0]))
        return value

    def store(self, address: int, data: bytes) -> None:
        """Writes for a handler what its caller asked for; a stop if there is no memory."""
        if self.memory.block_of(address, len(data)) is None:
            self._stopped(f"writes {address:#010x}, where the firmware has no memory", address)
        else:
            self.memory.write(address, data)

    @property
    def stack_pointer(self) -> int:
        """Of the code that runs."""
        value: int = self._uc.reg_read(self._register(self._facts.stack_pointer))
        return value

    @property
    def link(self) -> int:
        """Where the function that was just entered returns to."""
        value: int = self._uc.reg_read(self._register(self._facts.link))
        return value

    @link.setter
    def link(self, address: int) -> None:
        self._uc.reg_write(self._register(self._facts.link), address)

    def go_on(self, address: int) -> None:
        """Lets code go on at an address."""
        self._uc.reg_write(self._register(self._facts.pc), address | self._facts.code_bit)

    def end(self, reason: str) -> None:
        """Ends the call that runs, for a handler."""
        self._stopped(reason, None)

    # Running --------------------------------------------------------------------------------------------------------------

    def call(self, address: int, words: Sequence[int] = (), floats: Sequence[int] = (), stack: bytes = b"") -> tuple[int, int]:
        """Calls a function.

        Args:
            address: Of it.
            words: For the argument registers.
            floats: For the single-precision registers.
            stack: What lies at the stack pointer.

        Returns:
            The two result registers.

        Raises:
            StoppedError: it did not come to its end.
        """
        facts, write = self._facts, self._uc.reg_write
        self._stop = None
        top = self.stack_top - len(stack)
        self.memory.write(top, stack)
        for name, value in zip(facts.arguments, words, strict=False):
            write(self._register(name), value & 0xFFFFFFFF)
        for name, value in zip(facts.float_arguments, floats, strict=False):
            write(self._register(name), value)
        register, symbol = self._ways.global_pointer
        pointer = self.symbol(symbol) if symbol else None
        if pointer is not None:
            write(self._register(register), pointer)
        if facts.status:
            write(self._register(facts.status[0]), facts.status[1])
        write(self._register(facts.stack_pointer), top)
        write(self._register(facts.link), self.trap | facts.code_bit)
        self._run(address)
        return tuple(self._uc.reg_read(self._register(name)) for name in facts.results)

    def float_words(self, count: int) -> list[int]:
        """The first single-precision registers, where results of that kind are."""
        return [self._uc.reg_read(self._register(name)) for name in self._facts.float_arguments[:count]]

    def _run(self, address: int) -> None:
        pc, left, deadline = address & ~self._facts.code_bit, self.limits.instructions, monotonic() + self.limits.seconds
        while pc != self.trap:
            self._slice(pc)
            left -= _SLICE
            pc = self._uc.reg_read(self._register(self._facts.pc))
            if self._stop is None and pc != self.trap:
                self._unfinished(pc, left, deadline)
            if self._stop is not None:
                raise StoppedError(self._stop)

    def _slice(self, pc: int) -> None:
        try:
            self._uc.emu_start(pc | self._facts.code_bit, self.trap, 0, _SLICE)
        except unicorn.UcError as error:
            self._stop = self._stop or self._of(error)

    def _of(self, error: unicorn.UcError) -> Stop:
        """A stop that no callback told of."""
        if error.errno == uc_const.UC_ERR_INSN_INVALID:
            return self._at(self._undefined())
        if error.errno == uc_const.UC_ERR_EXCEPTION:
            return self._at("executes where there is no code")
        return self._at(str(error))

    def _undefined(self) -> str:
        newer = [name for name in self._ways.newer if self.firmware.image.option(name).value]
        return "comes to an undefined instruction" + (
            f", which CONFIG_{newer[0]} may have and the emulator has not" if newer else ""
        )

    def _unfinished(self, pc: int, left: int, deadline: float) -> None:
        """A slice that ended without a word: the call waits, or takes too long; else it goes on."""
        for code, (reason, behind) in self._facts.stops.items():
            block = self.memory.block_of(pc - behind, len(code))
            if block is not None and self.memory.read(pc - behind, len(code)) == code:
                self._stopped("waits for an interrupt" if reason == "halted" else f"comes to a {reason}", None, pc - behind)
                return
        if left <= 0:
            self._stopped(f"does not come to its end: {self.limits.instructions} instructions were run", None)
        elif monotonic() > deadline:
            self._stopped(f"does not come to its end: it took {self.limits.seconds:g} s", None)

    # What the emulator tells ----------------------------------------------------------------------------------------------

    def _on_invalid(self, _uc: Any, access: int, address: int, _size: int, _value: int, _user: object) -> bool:
        there = self.memory.block_of(address)
        why = (
            "which cannot be written" if there is not None else "where the firmware has no memory: hardware, or a wild pointer"
        )
        self._stopped(f"{_ACCESS[access]} {address:#010x}, {why}", address)
        return False

    def _on_interrupt(self, _uc: Any, number: int, _user: object) -> None:
        facts = self._facts
        if number == facts.supervisor_call:
            self._stopped("makes a supervisor call: a fatal error, or a system call", None)
            return
        reason, behind = facts.exceptions.get(number, (f"CPU exception, number {number}", 0))
        pc = self._uc.reg_read(self._register(facts.pc)) - behind
        if reason == "execute":
            self._stopped(f"executes {pc:#010x}, where there is no code", pc, pc)
        else:
            self._stopped(self._undefined() if reason == "undefined instruction" else f"comes to a {reason}", None, pc)

    def _stopped(self, reason: str, address: int | None, pc: int | None = None) -> None:
        if self._stop is None:
            self._stop = self._at(reason, address, pc)
        self._uc.emu_stop()

    def _at(self, reason: str, address: int | None = None, pc: int | None = None) -> Stop:
        at = self._uc.reg_read(self._register(self._facts.pc)) if pc is None else pc
        return Stop(reason, at, self.where(at), address)
