"""k_stack: words, the last one first. A word goes to the thread that waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.messages import K_STACK
from llext.errors import Errno
from llext.kernel.heaps import k_free, thread_malloc
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_BASE, _NEXT, _TOP, _FLAGS = (K_STACK.offsets[name] for name in ("base", "next", "top", "flags"))
_ALLOCATED = 1
"""K_STACK_FLAG_ALLOC."""
_WORD = 4


@service("k_stack_init")
def k_stack_init(kernel: Kernel, stack: int, buffer: int, entries: int) -> None:
    """An empty stack of so many words."""
    kernel.guest.write(stack, bytes(K_STACK.size))
    for at, address in ((_BASE, buffer), (_NEXT, buffer), (_TOP, buffer + _WORD * entries)):
        kernel.guest.write_word(stack + at, address)


@service("z_impl_k_stack_alloc_init")
def k_stack_alloc_init(kernel: Kernel, stack: int, entries: int) -> int:
    """The same in memory of the thread's resource pool, or -ENOMEM."""
    buffer = thread_malloc(kernel, _WORD * entries)
    if not buffer:
        return -Errno.ENOMEM
    k_stack_init(kernel, stack, buffer, entries)
    kernel.guest.store(stack + _FLAGS, _ALLOCATED, 1)
    return 0


@service("k_stack_cleanup")
def k_stack_cleanup(kernel: Kernel, stack: int) -> int:
    """Gives back what k_stack_alloc_init got; -EAGAIN while somebody waits."""
    if kernel.scheduler.first(stack):
        return -Errno.EAGAIN
    flags = kernel.guest.read(stack + _FLAGS, 1)[0]
    if flags & _ALLOCATED:
        k_free(kernel, kernel.guest.word(stack + _BASE))
        kernel.guest.store(stack + _FLAGS, flags & ~_ALLOCATED, 1)
    return 0


@service("z_impl_k_stack_push")
def k_stack_push(kernel: Kernel, stack: int, data: int) -> int:
    """0, or -ENOMEM if it is full."""
    place = kernel.guest.word(stack + _NEXT)
    if place == kernel.guest.word(stack + _TOP):
        return -Errno.ENOMEM
    waiter = kernel.scheduler.first(stack)
    if waiter is not None:
        kernel.guest.write_word(waiter.data[0], data)
        kernel.scheduler.wake(waiter)
    else:
        kernel.guest.write_word(place, data)
        kernel.guest.write_word(stack + _NEXT, place + _WORD)
    return 0


@service("z_impl_k_stack_pop")
def k_stack_pop(kernel: Kernel, stack: int, data: int, timeout: int) -> int:
    """0; empty: -EBUSY without waiting, -EAGAIN when the time is over."""
    place = kernel.guest.word(stack + _NEXT)
    if place > kernel.guest.word(stack + _BASE):
        kernel.guest.write_word(data, kernel.guest.word(place - _WORD))
        kernel.guest.write_word(stack + _NEXT, place - _WORD)
        return 0
    if not timeout:
        return -Errno.EBUSY
    kernel.guest.writable(data, _WORD)
    return kernel.wait("k_stack_pop", stack, stack, timeout, data=(data,))
