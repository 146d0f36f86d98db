"""How log messages look: Zephyr's output formats on plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from llext.errors import UsageError


class Flags:
    """What a message asks for beside its level: the bits of Z_LOG_FLAGS in zephyr/logging/log.h."""

    LEVEL = 0x7
    RAW = 0x8
    MODE = 0x30
    COLOUR = 0x40
    THREAD = 0x80
    GREEN = 0x100
    LINUX = 0x200
    PLAIN_STAMP = 0x400
    NO_STAMP = 0x800
    NO_LEVEL = 0x1000
    OFF = 0x2000
    MODES: ClassVar = {"deferred": 0x10, "immediate": 0x20, "minimal": 0x30, "off": OFF | 0x20}


_STAMPS = {"formatted": 0, "plain": Flags.PLAIN_STAMP, "linux": Flags.LINUX, "none": Flags.NO_STAMP}


@dataclass(frozen=True)
class LogOptions:
    """How a board writes its log. What a file defines with CONFIG_LOG_... is added for its messages.

    Attributes:
        mode: ``immediate``; ``deferred``, by a thread of low priority; ``minimal``, level and text only; ``off``: no
            log, and what the kernel says is printed.
        colour: CONFIG_LOG_BACKEND_SHOW_COLOR.
        green: CONFIG_LOG_INFO_COLOR_GREEN.
        threads: CONFIG_LOG_THREAD_ID_PREFIX: names of threads, ``irq`` for interrupts.
        stamps: ``formatted``, ``plain`` (milliseconds), ``linux`` or ``none``.
        crlf: Lines of the console end with CR LF, as on a device's UART, instead of LF: those of printk too.
        levels: CONFIG_LOG_BACKEND_SHOW_LEVEL.
        buffer: Bytes for deferred messages (CONFIG_LOG_BUFFER_SIZE).
        overflow: CONFIG_LOG_MODE_OVERFLOW: when the buffer is full the oldest messages are dropped, not the new one.
        printk: CONFIG_LOG_PRINTK: text of printk waits in order with messages.
        threshold: CONFIG_LOG_PROCESS_TRIGGER_THRESHOLD: so many messages wake the thread; 0 for none.
        sleep: CONFIG_LOG_PROCESS_THREAD_SLEEP_MS: so long a message waits at most.
        startup: CONFIG_LOG_PROCESS_THREAD_STARTUP_DELAY_MS: the thread begins so many milliseconds after the board.
        stack: CONFIG_LOG_PROCESS_THREAD_STACK_SIZE, in bytes.
        priority: Of the thread; None for the lowest of an application's threads.
        thread: CONFIG_LOG_PROCESS_THREAD; without it LOG_PROCESS and LOG_PANIC write.
    """

    mode: str = "immediate"
    colour: bool = False
    green: bool = False
    threads: bool = False
    stamps: str = "formatted"
    crlf: bool = False
    levels: bool = True
    buffer: int = 1024
    overflow: bool = True
    printk: bool = True
    threshold: int = 10
    sleep: int = 1000
    startup: int = 0
    stack: int = 768
    priority: int | None = None
    thread: bool = True

    @property
    def flags(self) -> int:
        """The same as bits.

        Raises:
            UsageError: there is no such mode, or time stamp.
        """
        for what, value, known in (("mode", self.mode, Flags.MODES), ("kind of time stamp", self.stamps, _STAMPS)):
            if value not in known:
                raise UsageError(f"the log has no {what} {value!r}", hint=f"there are {', '.join(known)}.")
        bits: int = Flags.MODES[self.mode] | _STAMPS[self.stamps]
        bits |= Flags.COLOUR * self.colour | Flags.GREEN * self.green | Flags.THREAD * self.threads
        return bits | Flags.NO_LEVEL * (not self.levels)


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        flags: Level and ``Flags``.
        source: Name of the module; None for text of printk and its like, which is written as it is.
        text: Its text.
        milliseconds: When.
        thread: By whom.
        data: Of a hexdump.
        size: Bytes that it takes in the buffer.
    """

    flags: int
    source: str | None
    text: bytes
    milliseconds: int = 0
    thread: str = ""
    data: bytes | None = None
    size: int = 0


@dataclass
class LogState:
    """The log of a board, as plain data.

    Attributes:
        options: How the board writes it.
        flags: The same as bits.
        crlf: Whether lines end with CR LF.
        pending: Deferred messages that are not written yet.
        used: Bytes that they take.
        dropped: How many were dropped and not told of.
        panic: Whether LOG_PANIC was called.
        thread: Address of the thread that writes them, 0 before there is one.
        room: Where firmware keeps it and its stack; 0 where it comes from the system heap.
    """

    options: LogOptions = LogOptions()
    flags: int = Flags.MODES["immediate"]
    crlf: bool = False
    pending: list[Message] = field(default_factory=list)
    used: int = 0
    dropped: int = 0
    panic: bool = False
    thread: int = 0
    room: tuple[int, int] = (0, 0)


_LEVELS = (b"", b"<err> ", b"<wrn> ", b"<inf> ", b"<dbg> ")
_LETTERS = b"?EWID"
_RED, _YELLOW, _GREEN, _NONE = b"\x1b[1;31m", b"\x1b[1;33m", b"\x1b[1;32m", b"\x1b[0m"


def line(message: Message, end: bytes) -> bytes:
    """A message as the log's backend writes it, its last line end included.

    Args:
        message: The message.
        end: What ends a line.
    """
    if message.source is None:
        return message.text if message.flags & Flags.RAW else message.text.replace(b"\n", end)
    flags, level = message.flags, message.flags & Flags.LEVEL
    colour = _colour(flags, level) if flags & Flags.COLOUR else b""
    stamp = b"" if flags & Flags.NO_STAMP else _stamp(flags, message.milliseconds)
    prefix = b"" if flags & Flags.NO_LEVEL else _LEVELS[level]
    if flags & Flags.THREAD:
        prefix += b"[%s] " % message.thread.encode()
    prefix += b"%s: " % message.source.encode()
    text = stamp + colour + prefix + message.text
    if message.data is not None:
        indent = end + b" " * (len(stamp) + len(prefix))
        text += b"".join(indent + row for row in _rows(message.data, 16))
    return text + (_NONE if colour else b"") + end


def minimal(message: Message) -> bytes:
    """A message in mode minimal; what it writes goes through printk."""
    if message.source is None:
        return message.text
    letter = _LETTERS[message.flags & Flags.LEVEL :][:1]
    rows = b"".join(b"%s: %s\n" % (letter, row) for row in _rows(message.data or b"", 8))
    return b"%s: %s\n" % (letter, message.text) + rows


def dropped(count: int, flags: int, end: bytes) -> bytes:
    """What is told of messages that were dropped."""
    before, behind = (_RED, _NONE) if flags & Flags.COLOUR else (b"", b"")
    return before + b"--- %d messages dropped ---" % min(count, 9999) + end + behind


def _colour(flags: int, level: int) -> bytes:
    return {1: _RED, 2: _YELLOW, 3: _GREEN if flags & Flags.GREEN else _NONE}.get(level, _NONE)


def _stamp(flags: int, milliseconds: int) -> bytes:
    if flags & Flags.PLAIN_STAMP:
        return b"[%08d] " % milliseconds
    seconds, rest = divmod(milliseconds, 1000)
    if flags & Flags.LINUX:
        return b"[%5d.%06d] " % (seconds, 1000 * rest)
    return b"[%02d:%02d:%02d.%03d,000] " % (seconds // 3600, seconds // 60 % 60, seconds % 60, rest)


def _rows(data: bytes, width: int) -> Iterator[bytes]:
    """Rows of a hexdump: bytes, a bar, characters, with a gap in front of each eighth but the first."""
    for start in range(0, len(data), width):
        row = data[start : start + width]
        left = right = b""
        for at in range(width):
            gap = b" " if at and at % 8 == 0 else b""
            left += gap + (b"%02x " % row[at] if at < len(row) else b"   ")
            right += gap + (row[at : at + 1] if at < len(row) and 0x20 <= row[at] < 0x7F else b"." if at < len(row) else b" ")
        yield left + b"|" + right
