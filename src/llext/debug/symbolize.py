"""A device's log with the places of its addresses: learn what lies where, recognise the lines of a crash, explain their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from llext.arch import ARCHES
from llext.debug import log_places
from llext.debug.code import Code, Spot
from llext.debug.fault_words import COUNTERS, LINKS, Dump, has_meaning, is_number, near_null, value_of
from llext.debug.log_places import LogPlaces
from llext.debug.symbol_files import SymbolFiles, symbol_files

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FATAL = (
    r"\*{5} ", "ZEPHYR FATAL", "Fault! EXC", "mcause", r"r15/pc\)", "r0/a1:", "r14/lr:", "[Cc]all trace", "[Bb]acktrace", "[Ss]tack dump",
    "[CHUS]FSR", "(?:MM|B)F[AS]R", " a[07]: ", " ra: ", " [mx]epc: ",
)  # fmt: skip
_CORE_DUMP = "#CD:"
_OF_INTEREST = re.compile("|".join((*log_places.TRIGGERS, *_FATAL, _CORE_DUMP)))
_BEGINS = re.compile("|".join(_FATAL))
_WINDOW = 40
"""Lines behind one with something of a crash in which addresses are looked at."""
_FIELD = re.compile(
    r"(?<![\w.])(?:(?P<name>[A-Za-z_][\w/]*(?:\[ ?\d+\])?)\)?(?: [Aa]ddress)?\s*[:=]\s*)?"
    r"(?P<value>(?:0[xX])?[0-9a-fA-F]+)(?![\w:]|\s*[:=](?!=))"
)
"""``r14/lr:  0x00001df9``, ``mepc: 80001234``, ``BFAR Address: 0x8``, ``(r15/pc): 0x00001df8``, or the value alone."""
_BYTES = re.compile(r"(?<![\w:])((?:[0-9a-fA-F]{2}\s{1,2}){4,16})\s*\|")
"""Of LOG_HEXDUMP: bytes, and what they are as characters."""
_SEARCHED = 4096
"""Characters of a line that are looked at: no line of a log is longer, bytes that are none may be one of megabytes."""
_WORD_DIGITS = 8
_HEAP = re.compile(r"llext_\w*heap$")
"""What the memory of LLEXT's heaps is called: kheap_llext_heap, or with _instr or _data, or as memory blocks."""


@dataclass(frozen=True)
class Finding:
    """What is said of one value in a log, or of a line.

    Attributes:
        value: The value as the log has it; empty if it is the line that is explained.
        address: Its number.
        lines: What it is, in words.
        spot: Where it is, if it is in something known.
        certain: Whether it is known to be what the words say; a word on the stack may point into code by chance.
        register: The register whose bits are told, or empty.
    """

    value: str
    address: int
    lines: tuple[str, ...]
    spot: Spot | None = None
    certain: bool = True
    register: str = ""

    def text(self) -> Iterator[str]:
        """Lines for people."""
        head = f"{self.value} {'=' if self.certain else 'maybe'} " if self.value else ""
        head = f"{self.register}: " if self.register else head
        for number, line in enumerate(self.lines):
            yield f"    {head if number == 0 else '  '}{line}"


class Symbolizer:
    """Reads a log line by line.

    Args:
        firmware: Its zephyr.elf, or None.
        symbols: Debug files of extensions, and folders that have them.
        at: Extension -> section -> address, for what the log does not tell.

    Attributes:
        places: The extensions, as the log has told of them.

    Raises:
        ElfError: the firmware is malformed.
        OSError: it cannot be read.
    """

    def __init__(
        self, firmware: Path | None, symbols: Iterable[Path], at: Mapping[str, Mapping[str, int]] | None = None
    ) -> None:
        self.firmware = Code(firmware.stem, firmware) if firmware else None
        machine = self.firmware.arch.machine if self.firmware and self.firmware.arch else 0
        self.places = LogPlaces(SymbolFiles(symbol_files(symbols), machine), at)
        self._dump = Dump()
        self._left = 0
        self._in_core_dump = False
        self._said: set[str] = set()

    def feed(self, line: str) -> Iterator[str]:
        """A line of the log, without its end, and behind it what there is to say of it."""
        yield line
        for finding in self.explain(line):
            yield from finding.text()

    def explain(self, line: str) -> list[Finding]:
        """What there is to say of a line; lines must come in their order."""
        line = line if len(line) <= _SEARCHED else line[:_SEARCHED].rpartition(" ")[0]
        self.places.recent.append(line)
        if not self._left and not self.places.is_within_line and not _OF_INTEREST.search(line):
            return []
        return list(self._explain(_COLOUR.sub("", line).replace("\0", "").rstrip()))

    def _explain(self, line: str) -> Iterator[Finding]:
        if _CORE_DUMP in line:
            yield from self._core_dump()
            return
        self._in_core_dump = False
        for text in self.places.learn(line):
            yield Finding("", 0, (text,))
        if _BEGINS.search(line):
            self._left = _WINDOW
            for text in self.places.settle():
                yield Finding("", 0, (text,))
        elif not self._left:
            return
        self._left -= 1
        self._dump.begins(line)
        found = [*self._phrases(line), *self._values(line)]
        if found:
            self._left = _WINDOW
        yield from found

    def _core_dump(self) -> Iterator[Finding]:
        """Of its first line."""
        if not self._in_core_dump:
            yield Finding(
                "", 0, ("a core dump of Zephyr, not decoded here: its scripts/coredump makes a file of it that gdb reads",)
            )
        self._in_core_dump = True

    def _phrases(self, line: str) -> Iterator[Finding]:
        for text in self._dump.phrases(line):
            yield Finding("", 0, (text,))

    def _values(self, line: str) -> Iterator[Finding]:
        if hexdump := _BYTES.search(line):
            yield from self._hexdump(hexdump[1])
            return
        for found in _FIELD.finditer(line):
            name = (found["name"] or "").rpartition("/")[2]
            yield from self._foreign(name.lower())
            finding = self._value(name, found["value"])
            if finding is not None:
                yield finding

    def _foreign(self, name: str) -> Iterator[Finding]:
        """Once, that the dump is one of another instruction set than the firmware's, by what its program counter is called."""
        own = self.firmware.arch if self.firmware else None
        if own is None or name not in COUNTERS or name in own.fault_registers.counters:
            return
        theirs = next(arch.name for arch in ARCHES if name in arch.fault_registers.counters)
        words = f"a crash of {theirs}, but the firmware is for {own.name}: --firmware wants the one that wrote the log"
        if words not in self._said:
            self._said.add(words)
            yield Finding("", 0, (words,))

    def _hexdump(self, text: str) -> Iterator[Finding]:
        """Words in bytes, the lowest first: all instruction sets here are little endian."""
        data = bytes.fromhex(text)
        for at in range(0, len(data) - 3, 4):
            word = int.from_bytes(data[at : at + 4], "little")
            finding = self._place(f"{word:#010x}", word, "")
            if finding is not None:
                yield finding

    def _value(self, register: str, text: str) -> Finding | None:
        """A value behind the name of a register, or behind none."""
        name = register.lower()
        if has_meaning(name):
            value = value_of(name, text)
            if value >= 1 << 32:
                return None
            words = tuple(self._dump.words(name, text))
            doubt = self._dump.touched(name)
            if doubt is not None:
                return Finding(text, value, (doubt,), register=register) if doubt else self._memory(text, value)
            if words:
                return Finding(text, value, words, register=register)
        is_whole = len(text.lower().removeprefix("0x")) == _WORD_DIGITS
        if name == "thread" and text.lower().startswith("0x"):
            spot = self._data(int(text, 16))
            return Finding(text, int(text, 16), (str(spot),), spot) if spot and spot.symbol else None
        return self._place(text, int(text, 16), name) if is_whole and not is_number(name) else None

    def _place(self, text: str, address: int, name: str) -> Finding | None:
        """A word that may be an address of code."""
        code = self._code(address & ~1)
        if code is None:
            return self._nowhere(text, address, name)
        bit = code.arch.code_symbol_bit if code.arch else 0
        at = address & ~bit
        size = code.call_before(at) if address & 1 == bit and name not in COUNTERS else 0
        spot = code.at(at - size)
        if spot is None:
            return None
        is_start = bool(spot.symbol) and not spot.symbol_offset and address & 1 == bit
        certain = name in COUNTERS or bool(size) or is_start
        return Finding(text, address, tuple(spot.lines()), spot, certain) if certain or spot.symbol else None

    def _nowhere(self, text: str, address: int, name: str) -> Finding | None:
        """A word that is in no code that is known now; of program counter and return address it is said why."""
        before = self.places.find_gone(address & ~1)
        if before is not None:
            load, there = before
            place, *calls = there.lines()
            words = f"{place}: {load.name} has been unloaded", *calls
            return Finding(text, address, words, there, certain=name in COUNTERS | LINKS)
        if name not in COUNTERS:
            return None
        spot = self._data(address)
        where = _described(spot, "not code") if spot else "in no code of the firmware or of an extension whose place is known"
        doubts = [each for each in self.places.doubts if each not in self._said]
        self._said.update(doubts)
        return Finding(text, address, (where, *doubts), spot)

    def _memory(self, text: str, address: int) -> Finding:
        """An address that was touched."""
        null = near_null(address)
        spot = None if null else self._data(address)
        return Finding(text, address, (null or (_described(spot, "") if spot else "nowhere known"),), spot)

    def spot(self, address: int, *, returns: bool = False) -> Spot | None:
        """Where in code an address is; of one that a call returns to, the call."""
        code = self._code(address & ~1)
        return code.at((address & ~1) - (code.call_before(address & ~1) if returns else 0)) if code else None

    def _code(self, address: int) -> Code | None:
        return next((code for code in self._codes() if code.holds(address)), None)

    def _data(self, address: int) -> Spot | None:
        return next((spot for code in self._codes() if (spot := code.data(address)) is not None), None)

    def _codes(self) -> Iterator[Code]:
        yield from self.places.codes
        if self.firmware is not None:
            yield self.firmware


def _described(spot: Spot, what: str) -> str:
    """A place in data."""
    what = "in the LLEXT heap, where no extension is known to lie" if _HEAP.search(spot.symbol) else what
    return f"{spot}: {what}" if what else str(spot)
