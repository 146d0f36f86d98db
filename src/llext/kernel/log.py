"""The log: messages are written at once, or wait for the thread ``logging``.

Messages are formatted when they come, so that later changes of what their arguments point to do not show, as little as on a
device, which copies strings. Deferred ones are written by the thread a second after the first or when ten wait, by
LOG_PANIC and LOG_PROCESS, before the words of a fatal error, and when the call from Python is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.log import LOG_SOURCE
from llext.abi.catalogue.threads import K_THREAD
from llext.kernel.log_lines import Flags, LogOptions, LogState, Message, dropped, line, minimal
from llext.kernel.loop import expiry
from llext.kernel.printf import Arguments, Strings, render
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER
from llext.kernel.threads import k_thread_create

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_ERROR = 1
_HEADER, _PACKAGE = 16, 8
"""Bytes of struct log_msg, and of what stands in front of the arguments in it."""
_OWN_SIZE = 40
"""Bytes that a message of the kernel takes: with up to three arguments, and a format that is not copied."""


def choose(kernel: Kernel, options: LogOptions, room: tuple[int, int] = (0, 0)) -> None:
    """Sets how a board writes its log.

    Args:
        kernel: The kernel.
        options: How.
        room: Addresses of the thread that writes deferred messages, and of its stack, where firmware has them.
    """
    kernel.state.log = LogState(options, options.flags, options.crlf, room=room)


# Messages come -----------------------------------------------------------------------------------------------------------


class _Measured:
    """Arguments and strings of a message, which notes how many bytes they take in the buffer."""

    def __init__(self, arguments: Arguments, memory: Strings) -> None:
        self.bytes = 0
        self._arguments, self._memory = arguments, memory
        self.store = memory.store

    def word(self) -> int:
        self.bytes += 4
        return self._arguments.word()

    def dword(self) -> int:
        self.bytes += 8
        return self._arguments.dword()

    def double(self) -> float:
        self.bytes += 8
        return self._arguments.double()

    def long_double(self) -> float:
        self.bytes += 8
        return self._arguments.long_double()

    def string(self, address: int, limit: int | None) -> bytes:
        text = self._memory.string(address, limit)
        self.bytes += len(text) + 2
        return text


@service("z_log")
def z_log(kernel: Kernel, source: int, flags: int, function: int, template: int, arguments: Arguments) -> None:
    """A message of a module, or text without one."""
    taken = _Measured(arguments, kernel.guest)
    text = render(kernel.guest.string(template, None), taken, taken)
    flags = _flags(kernel, flags)
    if function and flags & Flags.MODE != Flags.MODES["minimal"]:
        text = kernel.guest.string(function, None) + b": " + text
        taken.bytes += 4
    _come(kernel, _message(kernel, flags, source, text, None, taken.bytes))


@service("z_log_hexdump")
def z_log_hexdump(kernel: Kernel, source: int, flags: int, data: int, length: int, text: int) -> None:
    """A message with bytes."""
    words, contents = kernel.guest.string(text, None), kernel.guest.read(data, length) if length else b""
    size = 4 + len(words) + 2 + length
    _come(kernel, _message(kernel, _flags(kernel, flags), source, words, contents, size))


def _flags(kernel: Kernel, flags: int) -> int:
    """What a message asks for, and the board's options; the message's mode comes first."""
    own = kernel.state.log.flags
    return flags | own & ~Flags.MODE | (0 if flags & Flags.MODE else own & Flags.MODE)


def _message(kernel: Kernel, flags: int, source: int, text: bytes, data: bytes | None, size: int) -> Message:
    name = _module(kernel, source) if source else None
    who = "irq" if kernel.state.in_isr else kernel.thread_name(kernel.current)
    size = -(-(_HEADER + _PACKAGE + size) // 8) * 8
    return Message(flags, name, text, kernel.state.nanoseconds // 1_000_000, who, data, size)


def _module(kernel: Kernel, source: int) -> str:
    return kernel.guest.string(kernel.guest.word(source + LOG_SOURCE.offsets["name"]), None).decode("utf-8", "replace")


def say_error(kernel: Kernel, module: str, text: str) -> None:
    """What a handler of the kernel says by LOG_ERR in one of its own modules; printed where there is no log."""
    if kernel.state.log.flags & Flags.OFF:
        kernel.write_console(text.encode() + b"\n")
    else:
        _say(kernel, _ERROR, module, text, "irq")


def say(kernel: Kernel, module: str, most: int, level: str, text: str) -> None:
    """What a part of the firmware that is Python says in a module of its own, up to a level."""
    number = LEVELS.index(level)
    if number <= most:
        who = "irq" if kernel.state.in_isr else kernel.thread_name(kernel.current)
        _say(kernel, number, module, text, who)


def _say(kernel: Kernel, level: int, module: str, text: str, who: str) -> None:
    milliseconds = kernel.state.nanoseconds // 1_000_000
    _come(kernel, Message(_flags(kernel, level), module, text.encode(), milliseconds, who, size=_OWN_SIZE))


LEVELS = ("none", "err", "wrn", "inf", "dbg")


def print_text(kernel: Kernel, text: bytes) -> None:
    """What printk writes: in order with the log's messages, as with CONFIG_LOG_PRINTK."""
    log = kernel.state.log
    if log.options.printk and (log.pending or log.flags & Flags.MODE == Flags.MODES["deferred"]):
        size = -(-(_HEADER + _PACKAGE + len(text)) // 8) * 8
        _come(kernel, Message(Flags.MODES["deferred"], None, text, size=size))
    else:
        kernel.write_console(text)


def _come(kernel: Kernel, message: Message) -> None:
    mode = message.flags & Flags.MODE
    if mode == Flags.MODES["minimal"]:
        kernel.write_console(minimal(message))
    elif mode == Flags.MODES["deferred"] and not kernel.state.log.panic:
        _defer(kernel, message)
    else:
        _write(kernel, message)


def _write(kernel: Kernel, message: Message) -> None:
    kernel.write_console(line(message, _end(kernel.state.log)), raw=True)


def _end(log: LogState) -> bytes:
    return b"\r\n" if log.crlf else b"\n"


# Messages wait -----------------------------------------------------------------------------------------------------------


def _defer(kernel: Kernel, message: Message) -> None:
    """Puts a message into the buffer, in place of the oldest ones if there is no room and the options say so."""
    log, scheduler = kernel.state.log, kernel.scheduler
    options = log.options
    while options.overflow and log.pending and log.used + message.size > options.buffer:
        log.used -= log.pending.pop(0).size
        log.dropped += 1
    if log.used + message.size > options.buffer:
        log.dropped += 1
        return
    log.pending.append(message)
    log.used += message.size
    if not options.thread:
        return
    if len(log.pending) == options.threshold:
        scheduler.arm("log", 0, scheduler.now)
        kernel.state.swap = True
    elif len(log.pending) == 1:
        scheduler.arm("log", 0, scheduler.deadline(options.sleep * scheduler.ticks_per_second // 1000))


@expiry("log")
def _time_to_write(kernel: Kernel, _: int) -> None:
    """The thread runs, or comes into being."""
    log, scheduler = kernel.state.log, kernel.scheduler
    waiting = scheduler.first(log.thread)
    if waiting is not None:
        scheduler.wake(waiting)
    elif log.thread not in kernel.state.threads:
        begins = log.options.startup * scheduler.ticks_per_second // 1000
        if scheduler.now < begins:
            scheduler.arm("log", 0, begins)
        else:
            _begin_thread(kernel)


def _begin_thread(kernel: Kernel) -> None:
    """Makes the thread. Where there is no room for it, messages wait until the call from Python is over."""
    options = kernel.state.log.options
    address, stack = kernel.state.log.room
    if not address:
        address = kernel.system_heap.aligned_alloc(8, K_THREAD.size + 16 + options.stack) or 0
        stack = address + K_THREAD.size
        stack += 0 if stack % kernel.machine.target.granule else 16  # an aligned stack would give its first granule for a guard
    if not address:
        return
    entry = kernel.runtime("z_log_thread")
    priority = kernel.settings.lowest if options.priority is None else options.priority
    k_thread_create(kernel, address, stack, options.stack, entry, 0, 0, 0, priority, 0, 0)
    kernel.state.threads[address].name = "logging"
    K_THREAD.write(kernel.machine.memory.view(address, K_THREAD.size), {"name": b"logging"})
    kernel.state.log.thread = address


@service("z_log_wait")
def z_log_wait(kernel: Kernel) -> None:
    """The thread waits for messages."""
    log = kernel.state.log
    if not log.pending:
        kernel.wait("z_log_wait", 0, log.thread, FOREVER)


@service("log_process")
def log_process(kernel: Kernel) -> int:
    """Writes the oldest message, then how many were dropped before it; whether more wait."""
    log = kernel.state.log
    if log.pending:
        message = log.pending.pop(0)
        log.used -= message.size
        _write(kernel, message)
    if log.dropped:
        flags, count = log.flags, log.dropped
        log.dropped = 0
        kernel.write_console(dropped(count, flags, _end(log)), raw=True)
    return int(bool(log.pending))


def flush(kernel: Kernel) -> None:
    """Writes all that waits."""
    log = kernel.state.log
    if log.pending or log.dropped:
        while log_process(kernel):
            pass
        kernel.scheduler.disarm("log", 0)


@service("log_panic")
def log_panic(kernel: Kernel) -> None:
    """Writes all that waits; from now on messages are written at once."""
    flush(kernel)
    kernel.state.log.panic = True


@service("log_buffered_cnt")
def log_buffered_cnt(kernel: Kernel) -> int:
    """How many messages wait."""
    return len(kernel.state.log.pending)
