"""k_pipe of Zephyr 4.1 and later: bytes. A call waits until all its bytes went, or its time is over.

What is written goes to readers that wait, past the buffer, as long as that is empty. A writer that waits is only woken by who
takes bytes out of a full buffer, and goes on in its own turn, as Zephyr's does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.messages import K_PIPE
from llext.errors import Errno
from llext.kernel.loop import retry
from llext.kernel.poll import PollStates, Types, announce, available
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER
from llext.kernel.state import Thread

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_WAITING, _FLAGS, _BUFFER, _SIZE, _DATA, _SPACE = (
    K_PIPE.offsets[name] for name in ("waiting", "flags", "buf.buffer", "buf.size", "data", "space")
)
_PUT, _GOT = K_PIPE.offsets["buf.put"], K_PIPE.offsets["buf.get"]
_OPEN, _RESETTING = 1, 2
_CALLS = {"k_pipe_write", "k_pipe_read"}
_TIME_IS_OVER = -Errno.EAGAIN & 0xFFFFFFFF


@service("z_impl_k_pipe_init")
def k_pipe_init(kernel: Kernel, pipe: int, buffer: int, size: int) -> None:
    """An empty pipe; a buffer of no bytes is allowed."""
    kernel.guest.write(pipe, bytes(K_PIPE.size))
    kernel.guest.write_word(pipe + _BUFFER, buffer)
    kernel.guest.write_word(pipe + _SIZE, size)
    kernel.guest.store(pipe + _FLAGS, _OPEN, 1)


# The buffer: two counters of bytes that went in and out, modulo 2 ** 32 ---------------------------------------------------


def _used(kernel: Kernel, pipe: int) -> int:
    return kernel.guest.word(pipe + _PUT) - kernel.guest.word(pipe + _GOT) & 0xFFFFFFFF


def _ranges(kernel: Kernel, pipe: int, counter: int, count: int) -> list[tuple[int, int]]:
    """Where so many bytes from a counter on lie: (address, size), the second behind the wrap."""
    buffer, size = kernel.guest.word(pipe + _BUFFER), kernel.guest.word(pipe + _SIZE)
    at = counter % size if size else 0
    first = min(count, size - at)
    return [(buffer + at, first), (buffer, count - first)]


def _store(kernel: Kernel, pipe: int, data: int, count: int) -> int:
    """Puts as much into the buffer as fits."""
    count = min(count, kernel.guest.word(pipe + _SIZE) - _used(kernel, pipe))
    put = kernel.guest.word(pipe + _PUT)
    for address, size in _ranges(kernel, pipe, put, count):
        if size:
            kernel.guest.write(address, kernel.guest.read(data, size))
            data += size
    _set_counter(kernel, pipe, _PUT, put + count)
    return count


def _fetch(kernel: Kernel, pipe: int, data: int, count: int) -> int:
    """Takes as much out of the buffer as is there."""
    count = min(count, _used(kernel, pipe))
    got = kernel.guest.word(pipe + _GOT)
    for address, size in _ranges(kernel, pipe, got, count):
        if size:
            kernel.guest.write(data, kernel.guest.read(address, size))
            data += size
    _set_counter(kernel, pipe, _GOT, got + count)
    return count


def _set_counter(kernel: Kernel, pipe: int, which: int, value: int) -> None:
    """Counters stay below twice the size, so that they need not wrap at a power of two."""
    size = kernel.guest.word(pipe + _SIZE)
    kernel.guest.write_word(pipe + which, value)
    put, got = kernel.guest.word(pipe + _PUT), kernel.guest.word(pipe + _GOT)
    if size and put >= size and got >= size:
        kernel.guest.write_word(pipe + _PUT, put - size)
        kernel.guest.write_word(pipe + _GOT, got - size)


# Writing ----------------------------------------------------------------------------------------------------------------


@service("z_impl_k_pipe_write")
def k_pipe_write(kernel: Kernel, pipe: int, data: int, count: int, timeout: int) -> int:
    """How many bytes went; -EAGAIN for none in time, -EPIPE if it is closed, -ECANCELED by a reset."""
    if _resets(kernel, pipe):
        return -Errno.ECANCELED
    result = _write(kernel, pipe, data, count, 0, timeout)
    return 0 if result is None else result


def _write(kernel: Kernel, pipe: int, data: int, count: int, done: int, timeout: int) -> int | None:
    """None if the thread waits."""
    if not _flags(kernel, pipe) & _OPEN:
        return -Errno.EPIPE
    if not _used(kernel, pipe):
        done += _copy_to_readers(kernel, pipe, data + done, count - done)
    if done < count:
        stored = _store(kernel, pipe, data + done, count - done)
        done += stored
        if stored:
            announce(kernel, pipe, PollStates.PIPE_DATA_AVAILABLE)
    if done == count:
        return done
    return _wait(kernel, "k_pipe_write", pipe, _SPACE, (data, count, done), timeout)


def _copy_to_readers(kernel: Kernel, pipe: int, data: int, count: int) -> int:
    """Gives bytes to those who wait, in their order; one who has all that it wants goes on."""
    done = 0
    for reader in kernel.scheduler.waiting(pipe + _DATA):
        _, at, wanted, got, until = reader.data
        size = min(count - done, wanted - got)
        if size:
            kernel.guest.write(at + got, kernel.guest.read(data + done, size))
        done += size
        reader.data = (pipe, at, wanted, got + size, until)
        if got + size < wanted:
            break
        kernel.scheduler.wake(reader)
    return done


# Reading ----------------------------------------------------------------------------------------------------------------


@service("z_impl_k_pipe_read")
def k_pipe_read(kernel: Kernel, pipe: int, data: int, count: int, timeout: int) -> int:
    """How many bytes came; -EAGAIN for none in time, -EPIPE if it is closed and empty, -ECANCELED by a reset."""
    if _resets(kernel, pipe):
        return -Errno.ECANCELED
    result = _read(kernel, pipe, data, count, 0, timeout)
    return 0 if result is None else result


def _read(kernel: Kernel, pipe: int, data: int, count: int, done: int, timeout: int) -> int | None:
    """None if the thread waits."""
    if _used(kernel, pipe) == kernel.guest.word(pipe + _SIZE):
        _wake_all(kernel, pipe + _SPACE)
    done += _fetch(kernel, pipe, data + done, count - done)
    if done == count:
        return done
    if not _flags(kernel, pipe) & _OPEN:
        return done or -Errno.EPIPE
    return _wait(kernel, "k_pipe_read", pipe, _DATA, (data, count, done), timeout)


# Waiting ----------------------------------------------------------------------------------------------------------------


def _flags(kernel: Kernel, pipe: int) -> int:
    return kernel.guest.read(pipe + _FLAGS, 1)[0]


def _inside(kernel: Kernel, pipe: int) -> bool:
    """Whether somebody waits, or was woken and has not gone on yet; one who was aborted does not."""
    return any(thread.retry in _CALLS and thread.data[0] == pipe for thread in kernel.state.threads.values())


def _resets(kernel: Kernel, pipe: int) -> bool:
    """Whether a reset goes on; it is over as soon as nobody is inside."""
    flags = _flags(kernel, pipe)
    if flags & _RESETTING and not _inside(kernel, pipe):
        kernel.guest.store(pipe + _FLAGS, flags & ~_RESETTING, 1)
        return False
    return bool(flags & _RESETTING)


def _wake_all(kernel: Kernel, queue: int) -> None:
    for thread in kernel.scheduler.waiting(queue):
        kernel.scheduler.wake(thread)


def _wait(kernel: Kernel, name: str, pipe: int, queue: int, progress: tuple[int, int, int], timeout: int) -> int | None:
    """Lets the running thread wait; what it got already is its result if it may not."""
    data, count, done = progress
    if not timeout:
        return done or -Errno.EAGAIN
    if queue == _DATA:
        kernel.guest.writable(data, count)
    until = FOREVER if timeout == FOREVER else -2 - kernel.scheduler.deadline(timeout)
    kernel.wait(name, pipe, pipe + queue, until, data=(pipe, data, count, done, until))
    kernel.current.retry = name
    kernel.guest.write_word(pipe + _WAITING, kernel.guest.word(pipe + _WAITING) + 1)
    return None


def _leave(kernel: Kernel, pipe: int, done: int, word: int) -> int | None:
    """A thread that waited is woken; its result, or None if it goes on."""
    waiting = kernel.guest.word(pipe + _WAITING) - 1
    kernel.guest.write_word(pipe + _WAITING, waiting)
    if _flags(kernel, pipe) & _RESETTING:
        _resets(kernel, pipe)
        return -Errno.ECANCELED
    return (done or -Errno.EAGAIN) if word == _TIME_IS_OVER else None


@retry("k_pipe_write")
def _write_on(kernel: Kernel, thread: Thread, word: int) -> int | None:
    pipe, data, count, done, until = thread.data
    result = _leave(kernel, pipe, done, word)
    return _write(kernel, pipe, data, count, done, kernel.scheduler.rest(until)) if result is None else result


@retry("k_pipe_read")
def _read_on(kernel: Kernel, thread: Thread, word: int) -> int | None:
    pipe, data, count, done, until = thread.data
    result = _leave(kernel, pipe, done, word)
    return _read(kernel, pipe, data, count, done, kernel.scheduler.rest(until)) if result is None else result


@service("z_impl_k_pipe_reset")
def k_pipe_reset(kernel: Kernel, pipe: int) -> None:
    """Empty; who waits leaves with -ECANCELED, and until all have left so does who comes."""
    kernel.guest.write(pipe + _PUT, bytes(24))
    if _inside(kernel, pipe):
        kernel.guest.store(pipe + _FLAGS, _flags(kernel, pipe) | _RESETTING, 1)
        _wake_all(kernel, pipe + _DATA)
        _wake_all(kernel, pipe + _SPACE)


@service("z_impl_k_pipe_close")
def k_pipe_close(kernel: Kernel, pipe: int) -> None:
    """Nobody writes any more; what is in the buffer can be read."""
    kernel.guest.store(pipe + _FLAGS, 0, 1)
    _wake_all(kernel, pipe + _DATA)
    _wake_all(kernel, pipe + _SPACE)


@available(Types.PIPE_DATA_AVAILABLE, PollStates.PIPE_DATA_AVAILABLE)
def _has_bytes(kernel: Kernel, pipe: int) -> bool:
    return _used(kernel, pipe) != 0
