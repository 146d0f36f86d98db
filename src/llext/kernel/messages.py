"""k_msgq: messages of one size in a ring. A message goes to the thread that waits for it, past the ring."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from llext.abi.catalogue.messages import K_MSGQ, K_MSGQ_ATTRS
from llext.errors import Errno
from llext.kernel.heaps import k_free, thread_malloc
from llext.kernel.poll import PollStates, Types, announce, available
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_FIELDS = struct.Struct("<7I")
_FIRST = K_MSGQ.offsets["msg_size"]
_READ, _WRITE, _USED = K_MSGQ.offsets["read_ptr"], K_MSGQ.offsets["write_ptr"], K_MSGQ.offsets["used_msgs"]
_FLAGS = K_MSGQ.offsets["flags"]
_ALLOCATED = 1
"""K_MSGQ_FLAG_ALLOC: k_msgq_alloc_init got the ring's memory."""


class _Ring(NamedTuple):
    """Struct k_msgq behind its wait queue."""

    size: int
    most: int
    start: int
    end: int
    read: int
    write: int
    used: int

    def behind(self, place: int) -> int:
        """The place behind one in the ring."""
        return self.start if place + self.size == self.end else place + self.size

    def before(self, place: int) -> int:
        """The place before one in the ring."""
        return (self.end if place == self.start else place) - self.size


def _ring(kernel: Kernel, msgq: int) -> _Ring:
    return _Ring(*_FIELDS.unpack(kernel.guest.read(msgq + _FIRST, _FIELDS.size)))


@service("k_msgq_init")
def k_msgq_init(kernel: Kernel, msgq: int, buffer: int, size: int, most: int) -> None:
    """An empty queue in a buffer of size * most bytes."""
    kernel.guest.write(msgq, bytes(K_MSGQ.size))
    ring = _Ring(size, most, buffer, buffer + size * most & 0xFFFFFFFF, buffer, buffer, 0)
    kernel.guest.write(msgq + _FIRST, _FIELDS.pack(*ring))


@service("z_impl_k_msgq_alloc_init")
def k_msgq_alloc_init(kernel: Kernel, msgq: int, size: int, most: int) -> int:
    """The same in memory of the thread's resource pool: -ENOMEM; -EINVAL if the bytes are more than can be counted."""
    if size * most >= 1 << 32:
        return -Errno.EINVAL
    buffer = thread_malloc(kernel, size * most)
    if not buffer:
        return -Errno.ENOMEM
    k_msgq_init(kernel, msgq, buffer, size, most)
    kernel.guest.store(msgq + _FLAGS, _ALLOCATED, 1)
    return 0


@service("k_msgq_cleanup")
def k_msgq_cleanup(kernel: Kernel, msgq: int) -> int:
    """Gives back what k_msgq_alloc_init got; -EBUSY while somebody waits."""
    if kernel.scheduler.first(msgq):
        return -Errno.EBUSY
    flags = kernel.guest.read(msgq + _FLAGS, 1)[0]
    if flags & _ALLOCATED:
        k_free(kernel, _ring(kernel, msgq).start)
        kernel.guest.store(msgq + _FLAGS, flags & ~_ALLOCATED, 1)
    return 0


@service("z_impl_k_msgq_put")
def k_msgq_put(kernel: Kernel, msgq: int, data: int, timeout: int) -> int:
    """0; full: -ENOMSG without waiting or by a purge, -EAGAIN when the time is over."""
    ring = _ring(kernel, msgq)
    if ring.used < ring.most:
        if not _handed_over(kernel, msgq, ring, data):
            _append(kernel, msgq, ring, data)
        return 0
    if not timeout:
        return -Errno.ENOMSG
    kernel.guest.read(data, ring.size)  # a bad pointer is the caller's fault, not that of who takes the message
    return kernel.wait("k_msgq_put", msgq, msgq, timeout, data=(data,))


@service("z_impl_k_msgq_put_front")
def k_msgq_put_front(kernel: Kernel, msgq: int, data: int) -> int:
    """A message that is taken before all others: 0, or -ENOMSG; never waits."""
    ring = _ring(kernel, msgq)
    if ring.used >= ring.most:
        return -Errno.ENOMSG
    if not _handed_over(kernel, msgq, ring, data):
        place = ring.before(ring.read)
        kernel.guest.write(place, kernel.guest.read(data, ring.size))
        kernel.guest.write_word(msgq + _READ, place)
        kernel.guest.write_word(msgq + _USED, ring.used + 1)
        announce(kernel, msgq, PollStates.MSGQ_DATA_AVAILABLE)
    return 0


def _handed_over(kernel: Kernel, msgq: int, ring: _Ring, data: int) -> bool:
    """Gives a message to the first who waits; with room in the ring only readers do."""
    reader = kernel.scheduler.first(msgq)
    if reader is None:
        return False
    kernel.guest.write(reader.data[0], kernel.guest.read(data, ring.size))
    kernel.scheduler.wake(reader)
    return True


def _append(kernel: Kernel, msgq: int, ring: _Ring, data: int) -> None:
    kernel.guest.write(ring.write, kernel.guest.read(data, ring.size))
    kernel.guest.write_word(msgq + _WRITE, ring.behind(ring.write))
    kernel.guest.write_word(msgq + _USED, ring.used + 1)
    announce(kernel, msgq, PollStates.MSGQ_DATA_AVAILABLE)


@service("z_impl_k_msgq_get")
def k_msgq_get(kernel: Kernel, msgq: int, data: int, timeout: int) -> int:
    """0; empty: -ENOMSG without waiting, -EAGAIN when the time is over. The first writer that waits takes the place."""
    ring = _ring(kernel, msgq)
    if ring.used:
        kernel.guest.write(data, kernel.guest.read(ring.read, ring.size))
        kernel.guest.write_word(msgq + _READ, ring.behind(ring.read))
        kernel.guest.write_word(msgq + _USED, ring.used - 1)
        writer = kernel.scheduler.first(msgq)
        if writer is not None:
            _append(kernel, msgq, ring._replace(used=ring.used - 1), writer.data[0])
            kernel.scheduler.wake(writer)
        return 0
    if not timeout:
        return -Errno.ENOMSG
    kernel.guest.writable(data, ring.size)  # a bad pointer is the caller's fault, not that of who puts a message
    return kernel.wait("k_msgq_get", msgq, msgq, timeout, data=(data,))


@service("z_impl_k_msgq_peek")
def k_msgq_peek(kernel: Kernel, msgq: int, data: int) -> int:
    """A copy of the next message: 0, or -ENOMSG."""
    return k_msgq_peek_at(kernel, msgq, data, 0)


@service("z_impl_k_msgq_peek_at")
def k_msgq_peek_at(kernel: Kernel, msgq: int, data: int, index: int) -> int:
    """A copy of the message behind so many others: 0, or -ENOMSG."""
    ring = _ring(kernel, msgq)
    if index >= ring.used:
        return -Errno.ENOMSG
    place = ring.read + index * ring.size
    if place >= ring.end:
        place -= ring.end - ring.start
    kernel.guest.write(data, kernel.guest.read(place, ring.size))
    return 0


@service("z_impl_k_msgq_purge")
def k_msgq_purge(kernel: Kernel, msgq: int) -> None:
    """No messages; all who wait leave with -ENOMSG."""
    for thread in kernel.scheduler.waiting(msgq):
        kernel.scheduler.wake(thread, -Errno.ENOMSG)
    kernel.guest.write_word(msgq + _USED, 0)
    kernel.guest.write_word(msgq + _READ, kernel.guest.word(msgq + _WRITE))


@service("z_impl_k_msgq_get_attrs")
def k_msgq_get_attrs(kernel: Kernel, msgq: int, attributes: int) -> None:
    """Size of a message, how many there can be, and how many there are."""
    ring = _ring(kernel, msgq)
    values: dict[str, int | bytes | list[int]] = {"msg_size": ring.size, "max_msgs": ring.most, "used_msgs": ring.used}
    K_MSGQ_ATTRS.write(kernel.guest.writable(attributes, K_MSGQ_ATTRS.size), values)


@available(Types.MSGQ_DATA_AVAILABLE, PollStates.MSGQ_DATA_AVAILABLE)
def _has_messages(kernel: Kernel, msgq: int) -> bool:
    return _ring(kernel, msgq).used != 0
