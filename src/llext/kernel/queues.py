"""k_queue, and k_fifo and k_lifo with it: a list of items through their first words, a sys_sflist as Zephyr has it.

A link is the address of the next item, or 0, with two flag bits below. An item with flag 1 is a node that the kernel allocated: its
second word is the address of what was queued.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llext.abi.catalogue.messages import K_QUEUE
from llext.errors import Errno
from llext.kernel.heaps import k_free, thread_malloc
from llext.kernel.poll import PollStates, Types, announce, available
from llext.kernel.registry import service
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_HEAD = K_QUEUE.offsets["data_q"]
_TAIL = _HEAD + 4
_FLAGS, _ALLOCATED = 3, 1
_NODE_BYTES = 8
_ENDLESS = 1 << 20


# The list ---------------------------------------------------------------------------------------------------------------


def _link(kernel: Kernel, node: int, following: int) -> None:
    """Lets a node be followed by another; its flags stay."""
    kernel.guest.write_word(node, following | kernel.guest.word(node) & _FLAGS)


def _insert(kernel: Kernel, queue: int, previous: int, node: int, flags: int) -> None:
    """Puts a node behind another, or to the front (0)."""
    guest = kernel.guest
    following = guest.word(previous) & ~_FLAGS if previous else guest.word(queue + _HEAD)
    guest.write_word(node, following | flags)
    if previous:
        _link(kernel, previous, node)
    else:
        guest.write_word(queue + _HEAD, node)
    if not following:
        guest.write_word(queue + _TAIL, node)


def _unlink(kernel: Kernel, queue: int, previous: int, node: int) -> None:
    """Takes the node behind another, or the first (0), out."""
    guest = kernel.guest
    following = guest.word(node) & ~_FLAGS
    if previous:
        _link(kernel, previous, following)
    else:
        guest.write_word(queue + _HEAD, following)
    if guest.word(queue + _TAIL) == node:
        guest.write_word(queue + _TAIL, previous)


def _nodes(kernel: Kernel, queue: int) -> Iterator[int]:
    node = kernel.guest.word(queue + _HEAD)
    for _ in range(_ENDLESS):
        if not node:
            return
        yield node
        node = kernel.guest.word(node) & ~_FLAGS
    raise MachineFault(f"the list of the k_queue at {queue:#010x} has no end: an item was put twice?", None)


def _content(kernel: Kernel, node: int) -> int:
    """What was queued with a node."""
    return kernel.guest.word(node + 4) if kernel.guest.word(node) & _ALLOCATED else node


# Putting ----------------------------------------------------------------------------------------------------------------


@service("z_impl_k_queue_init")
def k_queue_init(kernel: Kernel, queue: int) -> None:
    """An empty queue."""
    kernel.guest.write(queue, bytes(K_QUEUE.size))


def _put(kernel: Kernel, queue: int, previous: int, data: int, *, allocate: bool = False) -> int:
    """To the first who waits, or into the list."""
    if kernel.wake_first(queue, data) is not None:
        return 0
    node = data
    if allocate:
        node = thread_malloc(kernel, _NODE_BYTES)
        if not node:
            return -Errno.ENOMEM
        kernel.guest.write_word(node + 4, data)
    _insert(kernel, queue, previous, node, _ALLOCATED if allocate else 0)
    announce(kernel, queue, PollStates.DATA_AVAILABLE)
    return 0


@service("k_queue_append")
def k_queue_append(kernel: Kernel, queue: int, data: int) -> None:
    """An item at the end; its first word is the kernel's."""
    _put(kernel, queue, kernel.guest.word(queue + _TAIL), data)


@service("k_queue_prepend")
def k_queue_prepend(kernel: Kernel, queue: int, data: int) -> None:
    """An item at the front."""
    _put(kernel, queue, 0, data)


@service("k_queue_insert")
def k_queue_insert(kernel: Kernel, queue: int, previous: int, data: int) -> None:
    """An item behind another."""
    _put(kernel, queue, previous, data)


@service("z_impl_k_queue_alloc_append")
def k_queue_alloc_append(kernel: Kernel, queue: int, data: int) -> int:
    """Anything at the end, with a node of the thread's resource pool: 0, or -ENOMEM."""
    return _put(kernel, queue, kernel.guest.word(queue + _TAIL), data, allocate=True)


@service("z_impl_k_queue_alloc_prepend")
def k_queue_alloc_prepend(kernel: Kernel, queue: int, data: int) -> int:
    """Anything at the front, with a node of the thread's resource pool: 0, or -ENOMEM."""
    return _put(kernel, queue, 0, data, allocate=True)


@service("k_queue_append_list")
def k_queue_append_list(kernel: Kernel, queue: int, head: int, tail: int) -> int:
    """Items that are linked already, at the end; -EINVAL for none."""
    if not head or not tail:
        return -Errno.EINVAL
    while head and kernel.scheduler.first(queue) is not None:
        item, head = head, kernel.guest.word(head) & ~_FLAGS
        kernel.wake_first(queue, item)
    if head:
        last = kernel.guest.word(queue + _TAIL)
        if last:
            _link(kernel, last, head)
        else:
            kernel.guest.write_word(queue + _HEAD, head)
        kernel.guest.write_word(queue + _TAIL, tail)
        announce(kernel, queue, PollStates.DATA_AVAILABLE)
    return 0


@service("k_queue_merge_slist")
def k_queue_merge_slist(kernel: Kernel, queue: int, items: int) -> int:
    """All of a sys_slist at the end, which is empty then; -EINVAL if it was before."""
    result = k_queue_append_list(kernel, queue, kernel.guest.word(items), kernel.guest.word(items + 4))
    if not result:
        kernel.guest.write(items, bytes(8))
    return result


@service("k_queue_unique_append")
def k_queue_unique_append(kernel: Kernel, queue: int, data: int) -> int:
    """An item at the end unless it is in the list: whether it was not."""
    if data in _nodes(kernel, queue):
        return 0
    k_queue_append(kernel, queue, data)
    return 1


# Taking -----------------------------------------------------------------------------------------------------------------


@service("z_impl_k_queue_get")
def k_queue_get(kernel: Kernel, queue: int, timeout: int) -> int:
    """The first item; NULL if there is none in time, or by k_queue_cancel_wait."""
    node = kernel.guest.word(queue + _HEAD)
    if not node:
        return kernel.wait("k_queue_get", queue, queue, timeout, expired=0) if timeout else 0
    data = _content(kernel, node)
    _unlink(kernel, queue, 0, node)
    if kernel.guest.word(node) & _ALLOCATED:
        k_free(kernel, node)
    return data


@service("k_queue_remove")
def k_queue_remove(kernel: Kernel, queue: int, data: int) -> int:
    """Takes an item out: whether it was in the list."""
    previous = 0
    for node in _nodes(kernel, queue):
        if node == data:
            _unlink(kernel, queue, previous, node)
            return 1
        previous = node
    return 0


@service("z_impl_k_queue_cancel_wait")
def k_queue_cancel_wait(kernel: Kernel, queue: int) -> None:
    """The first who waits gets NULL, and the first who polls -EINTR."""
    kernel.guest.word(queue + _HEAD)
    kernel.wake_first(queue, 0)
    announce(kernel, queue, PollStates.CANCELLED)


@service("z_impl_k_queue_peek_head")
def k_queue_peek_head(kernel: Kernel, queue: int) -> int:
    """The first item, which stays, or NULL."""
    node = kernel.guest.word(queue + _HEAD)
    return _content(kernel, node) if node else 0


@service("z_impl_k_queue_peek_tail")
def k_queue_peek_tail(kernel: Kernel, queue: int) -> int:
    """The last item, which stays, or NULL."""
    node = kernel.guest.word(queue + _TAIL)
    return _content(kernel, node) if node else 0


@available(Types.DATA_AVAILABLE, PollStates.DATA_AVAILABLE)
def _has_items(kernel: Kernel, queue: int) -> bool:
    return kernel.guest.word(queue + _HEAD) != 0
