"""The one exception tree, and Zephyr's errno table.

    LlextError
    ├── UsageError      the caller asked for something that cannot be: a name, an argument, an option
    │   ├── TargetError     an unknown board, or a devicetree that does not describe one
    │   └── ConfigError     Kconfig or configuration files that cannot be used
    ├── ElfError        bytes that are not a well-formed ELF file
    ├── BuildError      a compiler or linker refused, or there is none
    ├── LoadError       an extension that cannot be loaded, or is not there
    │   └── LinkError       a relocation or a symbol that cannot be resolved
    ├── HeapError       guest memory ran out, or a heap was misused
    └── GuestFault      guest code ended in a fault

Each says what, where and why in ``message`` and what to do next in ``hint``; ``errno`` is the number that Zephyr
answers with, where it has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import EllipsisType
from typing import Any, Protocol


class Errno(IntEnum):
    """Zephyr's error numbers (its minimal C library, newlib and picolibc agree). Several differ from Linux."""

    EPERM = 1
    ENOENT = 2
    EINTR = 4
    EIO = 5
    E2BIG = 7
    ENOEXEC = 8
    EBADF = 9
    EAGAIN = 11
    ENOMEM = 12
    EACCES = 13
    EFAULT = 14
    EBUSY = 16
    EEXIST = 17
    ENODEV = 19
    EINVAL = 22
    ENOSPC = 28
    EPIPE = 32
    ERANGE = 34
    ENOMSG = 35
    EDEADLK = 45
    ENODATA = 61
    ENOSYS = 88
    EADDRINUSE = 112
    ETIMEDOUT = 116
    EINPROGRESS = 119
    EALREADY = 120
    ENOTSUP = 134
    ECANCELED = 140


WORD, TEXT = 512, 8192
"""Characters of the longest word of a message, and of the longest message."""
COMPARED = 128
"""Characters of the longest name for which similar ones are looked for."""
_LONG_WORD = re.compile(rf"\S{{{WORD + 1},}}")


def shortened(text: str) -> str:
    """A message without the middle of very long words: names come from files and may have megabytes."""
    if len(text) <= WORD:
        return text
    return _cut(_LONG_WORD.sub(lambda word: _cut(word[0], WORD), text), TEXT)


def _cut(text: str, most: int) -> str:
    half = most // 2
    return text if len(text) <= most else f"{text[:half]}...({len(text) - 2 * half} more)...{text[-half:]}"


def nearest(name: str, names: Iterable[str], count: int = 3, cutoff: float = 0.6) -> list[str]:
    """Names that look like this one, the nearest first; no use with very long ones, which take the square of their length."""
    if len(name) > COMPARED:
        return []
    import difflib

    return difflib.get_close_matches(name, [each for each in names if len(each) <= 2 * COMPARED], n=count, cutoff=cutoff)


class LlextError(Exception):
    """Base of every error that this package raises on purpose.

    Args:
        message: What went wrong, where (file, section, offset, symbol) and why.
        hint: What to do next; empty for the kind's own, or if the message says it.
        errno: Zephyr's number for the same failure, positive; None if it has none, ``...`` for the kind's own.
        details: Plain values that ``--json`` shows beside the message.
        lines: What Zephyr logs when it refuses the same; tools look for those texts.
    """

    kind = "error"
    default_errno: Errno | None = None
    default_hint = ""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        errno: Errno | EllipsisType | None = ...,
        details: dict[str, object] | None = None,
        lines: tuple[str, ...] = (),
    ) -> None:
        self.message = shortened(message)
        self.hint = shortened(hint or self.default_hint)
        super().__init__(self.message)
        self.errno = self.default_errno if errno is ... else errno
        self.details = details or {}
        self.lines = lines

    def __str__(self) -> str:
        code = f" [-{self.errno.name}]" if self.errno is not None else ""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{self.message}{code}{hint}"


class UsageError(LlextError):
    """The caller asked for something that cannot be done as asked."""

    kind = "usage"
    default_errno = Errno.EINVAL


def expect(what: str, value: object, *kinds: Any, hint: str = "") -> None:
    """Refuses an argument of another kind than those that are wanted.

    Raises:
        UsageError: it says what was given.
    """
    if not isinstance(value, kinds):
        wanted = " or ".join("None" if kind is type(None) else kind.__name__ for kind in kinds)
        raise UsageError(f"{what} is {value!r}", hint=hint or f"it must be of type {wanted}.")


class TargetError(UsageError):
    """An unknown board, or a devicetree that does not describe one."""

    kind = "target"
    default_errno = Errno.ENODEV


class ConfigError(UsageError):
    """Kconfig files that cannot be read, or values of options that cannot be had.

    Attributes:
        place: File and line, as ``file:line``; empty if it is at none.
        diagnostics: All that is wrong, one after the other, if there is more than the message.
    """

    kind = "configuration"

    def __init__(self, message: str, *, hint: str = "", place: str = "", diagnostics: str = "") -> None:
        super().__init__(message, hint=hint, errno=None, details={"place": place} if place else None)
        self.place = place
        self.diagnostics = diagnostics


class ElfError(LlextError):
    """Bytes that are not a well-formed ELF file; the message names the offset."""

    kind = "elf"
    default_errno = Errno.ENOEXEC
    default_hint = "it was damaged or cut short on its way here, or written by a tool with a mistake: copy or build it again."


class BuildError(LlextError):
    """A compiler or linker refused its input, or cannot be found.

    Attributes:
        diagnostics: What the tool printed, unchanged; empty if no tool ran.
    """

    kind = "build"

    def __init__(self, message: str, *, hint: str = "", diagnostics: str = "") -> None:
        super().__init__(message, hint=hint)
        self.diagnostics = diagnostics


class LoadError(LlextError):
    """An extension that cannot be loaded, found or unloaded."""

    kind = "load"
    default_errno = Errno.ENOEXEC


class LinkError(LoadError):
    """A relocation or a symbol that cannot be resolved."""

    kind = "link"


class HeapError(LlextError):
    """Guest memory ran out, or a heap was misused."""

    kind = "heap"
    default_errno = Errno.ENOMEM


@dataclass(frozen=True)
class Frame:
    """One call in the chain that led to a fault. Addresses are guest addresses, offsets are bytes.

    Attributes:
        pc: The instruction: at the fault, or the call.
        where: The pc in words.
        extension: Name of the extension; empty if it is in none.
        section: Section of the pc, with ``offset`` from its start.
        symbol: Function of the pc, with ``symbol_offset`` from its start; empty if none is known.
        file: Source file as the compiler was told it; empty if that is not known.
        line: Line in it, from 1.
        path: Where that file lies on this computer; empty if it is not there.
        how: ``pc``, ``frame information``, ``link register``, ``service`` (a call of the host), or ``scan``.
    """

    pc: int
    where: str
    extension: str = ""
    section: str = ""
    offset: int = 0
    symbol: str = ""
    symbol_offset: int = 0
    file: str = ""
    line: int = 0
    path: str = ""
    how: str = "pc"

    @property
    def certain(self) -> bool:
        """Whether the call is known to have been made; one that was found by scanning the stack may be an old one."""
        return self.how != "scan"

    def source(self, context: int = 2) -> list[tuple[int, str]]:
        """Numbers and texts of the source line and of some lines around it; nothing where the file is not there."""
        lines = _lines(self.path) if self.path else []
        first, last = max(1, self.line - context), min(len(lines), self.line + context)
        return [(number, lines[number - 1].rstrip()) for number in range(first, last + 1)] if self.line <= len(lines) else []


_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), 127, *range(0x80, 0xA0)) if code != ord("\t")}
"""Characters of a source that a terminal would not show but obey."""


def _lines(path: str) -> list[str]:
    """The lines of a source in whatever encoding; none if it cannot be read."""
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.translate(_CONTROL) for line in text.split("\n")]


class FaultState(Protocol):
    """What is kept of a fault until somebody asks for the calls that led to it."""

    @property
    def chain(self) -> tuple[Frame, ...]:
        """The calls, from the fault outward."""
        ...


class GuestFault(LlextError):
    """Guest code ended in a fault. Addresses are guest addresses.

    Attributes:
        reason: ``read``, ``write``, ``execute``, ``undefined instruction``, ``timeout``, ``panic``, ...
        address: The address that was touched, or None.
        lies: What lies at that address, in words.
        pc: Where the CPU stopped.
        where: The pc in words: extension, section, symbol, offset.
        registers: Register names and values at the fault.
        thread: In which thread; empty for that of calls from Python.
        notes: Further lines about it: who waits for what, what is due.
    """

    kind = "guest fault"
    default_errno = Errno.EFAULT

    def __init__(
        self, message: str, *, reason: str, address: int | None, where: str, registers: dict[str, int], lies: str = "",
        hint: str = "", state: FaultState | None = None, thread: str = "", notes: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        details: dict[str, object] = {
            "reason": reason,
            "address": address,
            "lies": lies,
            "pc": registers.get("pc"),
            "where": where,
            "registers": registers,
            "thread": thread or None,
            "notes": list(notes),
        }
        super().__init__(message, hint=hint, details=details)
        self.reason = reason
        self.address = address
        self.lies = lies
        self.pc = registers.get("pc", 0)
        self.where = where
        self.registers = registers
        self.thread = thread
        self.notes = notes
        self._state = state

    @property
    def chain(self) -> tuple[Frame, ...]:
        """The calls that led to the fault, from the fault outward; empty where nothing is known of them."""
        return self._state.chain if self._state is not None else ()

    @property
    def place(self) -> Frame | None:
        """The innermost frame that is certain and has a source line, if any: where to look first."""
        return next((frame for frame in self.chain if frame.file and frame.certain), None)

    @property
    def file(self) -> str:
        """Source file of ``place``; empty if that is not known. ``line`` goes with it."""
        return self.place.file if self.place else ""

    @property
    def line(self) -> int:
        """Line in ``file``, from 1; 0 if it is not known."""
        return self.place.line if self.place else 0

    def __str__(self) -> str:
        at = f"\n  at {self.file}:{self.line}" if self.file else ""
        notes = "".join(f"\n  {note}" for note in self.notes)
        return self.message + at + notes + (f"\n  {self.hint}" if self.hint else "")
