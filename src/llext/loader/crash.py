"""What a fault left behind, and the calls that led to it.

Registers and stack are kept as they were at the fault. The chain of calls is worked out when somebody asks for it: by frame
information where the extension's file has it, from the link register where the pc is in no extension, else by looking for
return addresses on the stack, which may find old ones and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from llext.errors import Frame, LlextError
from llext.loader.extension import Extension
from llext.loader.places import Place, place_of
from llext.machine import Machine, MachineFault

if TYPE_CHECKING:
    from llext.dwarf import CallerRule, SourceLine

_MOST_FRAMES = 1000
_STACK_BYTES = 256 * 1024
"""As much of the stack as is kept, from its pointer on."""


@dataclass(frozen=True)
class _Debug:
    """Debug information of one extension."""

    line: Callable[[str, int], SourceLine | None]
    rule: Callable[[str, int], CallerRule | None]


class Crash:
    """The state of a fault.

    Args:
        machine: The CPU, just stopped.
        extensions: What was loaded.
        fault: The fault.
        locate: Words for addresses that are in no extension.
    """

    def __init__(
        self, machine: Machine, extensions: Sequence[Extension], fault: MachineFault, locate: Callable[[int], str]
    ) -> None:
        arch = machine.target.arch
        self._extensions = tuple(extensions)
        self._locate = locate
        self._names = arch.dwarf_registers
        self._bit = arch.code_symbol_bit
        self._call_size = arch.call_size
        self._trap = machine.trap
        self._code = {
            extension: machine.memory.read(region.address, region.size)
            for extension in extensions
            if (region := extension.regions.get("text")) is not None
        }
        self._pointer, self._link = arch.emulator.stack_pointer.lower(), arch.emulator.link.lower()
        self._registers = dict(fault.registers)
        self._outer = fault.outer
        self._base, self._stack = _stack(machine, fault.registers.get(self._pointer, 0))
        self._debugs: dict[Extension, _Debug | None] = {}

    @cached_property
    def chain(self) -> tuple[Frame, ...]:
        """The calls, from the fault outward; at most 1,000."""
        return tuple(islice(self._walk(), _MOST_FRAMES))

    # From frame to frame --------------------------------------------------------------------------------------------------

    def _walk(self) -> Iterator[Frame]:
        pc = self._registers.get("pc", 0) & ~self._bit
        yield self._frame(pc, "pc")
        yield from self._callers(pc, self._registers, first=True)
        for returns, registers in self._outer:
            yield Frame(0, "Python", how="service")
            at = self._call_before(returns)
            yield self._frame(at, "service")
            yield from self._callers(at, registers, first=False)

    def _callers(self, pc: int, registers: dict[str, int], *, first: bool) -> Iterator[Frame]:
        """Callers of the code at an address, up to the call from Python."""
        values = {number: registers[name] for number, name in enumerate(self._names) if name in registers}
        stack_pointer = self._names.index(self._pointer)
        while True:
            place = place_of(self._extensions, pc, code=True)
            rule = self._rule(place) if place is not None else None
            if rule is not None and rule.base in values and (first or _returns(rule, values, stack_pointer)):
                frame = values[rule.base] + rule.distance & 0xFFFFFFFF
                values |= {number: self._word(frame + offset) for number, offset in rule.saved.items()}
                values[stack_pointer] = frame
                returns, how = values.get(rule.link, 0), "frame information"
            elif first and place is None:
                returns, how = registers.get(self._link, 0), "link register"
            else:
                yield from self._scan(values.get(stack_pointer, 0), registers.get(self._link, 0) if first else 0)
                return
            first = False
            if returns & ~self._bit == self._trap:
                return
            pc = self._call_before(returns)
            if place_of(self._extensions, pc, code=True) is None:
                yield from self._scan(values.get(stack_pointer, 0))
                return
            yield self._frame(pc, how)

    def _scan(self, pointer: int, link: int = 0) -> Iterator[Frame]:
        """What on the stack looks like return addresses: behind a call instruction in an extension's code."""
        on_stack = []
        for at in range(max(pointer & -4, self._base), self._base + len(self._stack), 4):
            word = self._word(at)
            if word == self._trap | self._bit:
                break
            if self._is_return(word):
                on_stack.append(word)
        if self._is_return(link) and on_stack[:1] != [link]:  # a function that calls others has it on the stack too
            on_stack.insert(0, link)
        for word in on_stack:
            yield self._frame(self._call_before(word), "scan")

    def _is_return(self, word: int) -> bool:
        at = word & ~self._bit
        return (
            word & self._bit == self._bit and place_of(self._extensions, at - 2, code=True) is not None and self._size(at) > 0
        )

    def _call_before(self, returns: int) -> int:
        """Address of the call instruction that returns to an address."""
        at = returns & ~self._bit
        return at - (self._size(at) or 2)

    def _size(self, at: int) -> int:
        """Size of the call instruction before an address; 0 if there is none."""
        for extension, code in self._code.items():
            start = extension.regions["text"].address
            if start < at <= start + len(code):
                return self._call_size(code[max(0, at - start - 4) : at - start])
        return 0

    def _word(self, address: int) -> int:
        at = address - self._base
        return int.from_bytes(self._stack[at : at + 4], "little") if 0 <= at <= len(self._stack) - 4 else 0

    # What is at an address --------------------------------------------------------------------------------------------------

    def _frame(self, pc: int, how: str) -> Frame:
        place = place_of(self._extensions, pc, code=True)
        if place is None:
            return Frame(pc, self._locate(pc) or "nowhere", how=how)
        debug = self._debug(place.extension)
        line = debug.line(place.section, place.offset) if debug else None
        return Frame(
            pc, str(place), place.extension.name, place.section, place.offset, place.symbol, place.symbol_offset,
            line.file if line else "", line.line if line else 0, _path(place, line), how,
        )  # fmt: skip

    def _rule(self, place: Place) -> CallerRule | None:
        debug = self._debug(place.extension)
        return debug.rule(place.section, place.offset) if debug else None

    def _debug(self, extension: Extension) -> _Debug | None:
        if extension not in self._debugs:
            self._debugs[extension] = _debug_of(extension)
        return self._debugs[extension]


def _returns(rule: CallerRule, values: dict[int, int], stack_pointer: int) -> bool:
    """Whether a function that called another one can return: one that never does leaves its return address nowhere.

    Where it can, the address is on the stack, above what its callee used.
    """
    frame = values[rule.base] + rule.distance & 0xFFFFFFFF
    return rule.link in rule.saved and frame > values.get(stack_pointer, 0)


def _stack(machine: Machine, pointer: int) -> tuple[int, bytes]:
    """The stack from its pointer upward: address and bytes. A pointer that has left the stack is taken for its start."""
    block = machine.memory.block_of(pointer) or machine.memory.block_of(machine.stack_top - 1)
    assert block is not None  # whoever powers the machine on gives it a stack
    start = pointer if block.start <= pointer < block.end else block.start
    end = machine.stack.top if start < machine.stack.top <= block.end else block.end
    size = min(_STACK_BYTES, end - start)
    return start, machine.memory.read(start, size)


def _debug_of(extension: Extension) -> _Debug | None:
    """The debug information beside an extension's file; a damaged file has none."""
    from llext.dwarf import DebugFile, Frames, Lines, unreadable

    def quiet(find: Callable[[str, int], object]) -> Callable[[str, int], object]:
        def asked(section: str, offset: int) -> object:
            try:
                return find(section, offset)
            except unreadable():
                return None

        return asked

    for path in extension.debug_files():
        try:
            file = DebugFile(path)
        except (OSError, LlextError):
            continue
        if file.size(".debug_line") or file.size(".debug_frame"):
            return _Debug(quiet(Lines(file).find), quiet(Frames(file).find))  # type: ignore[arg-type]
    return None


def _path(place: Place, line: SourceLine | None) -> str:
    """Where the source lies on this computer, or empty."""
    if line is None:
        return ""
    beside = place.extension.path.parent if place.extension.path else Path()
    paths = [Path(folder) / line.file for folder in (line.folder, ".", beside) if folder]
    return next((str(path) for path in paths if path.is_file()), "")
