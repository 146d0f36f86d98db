"""k_mutex with priority inheritance, as Zephyr up to 4.4 has it.

Who waits lends the owner its priority. What the owner had before is noted in the mutex at the first lock and comes back at the
last unlock: without a chain, and wrong where several mutexes are unlocked in another order than they were locked in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.sync import K_MUTEX
from llext.errors import Errno
from llext.kernel.deadlock import HOLDERS
from llext.kernel.loop import retry
from llext.kernel.registry import service
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel
    from llext.kernel.state import Thread

_OWNER, _COUNT, _PRIORITY = (K_MUTEX.offsets[name] for name in ("owner", "lock_count", "owner_orig_prio"))


def _owner(kernel: Kernel, mutex: int) -> int:
    return kernel.guest.word(mutex + _OWNER)


HOLDERS["k_mutex_lock"] = _owner


@service("z_impl_k_mutex_init")
def k_mutex_init(kernel: Kernel, mutex: int) -> int:
    """Nobody's."""
    kernel.guest.write(mutex, bytes(K_MUTEX.size))
    return 0


@service("z_impl_k_mutex_lock")
def k_mutex_lock(kernel: Kernel, mutex: int, timeout: int) -> int:
    """0; -EBUSY without waiting; -EAGAIN when the time is over."""
    refuse_interrupts(kernel, "k_mutex_lock")
    guest, thread = kernel.guest, kernel.current
    count, owner = guest.word(mutex + _COUNT), _owner(kernel, mutex)
    if not count or owner == thread.address:
        if not count:
            _own(kernel, mutex, thread.address, thread.priority)
        guest.write_word(mutex + _COUNT, count + 1)
        return 0
    return _wait(kernel, mutex, timeout) if timeout else -Errno.EBUSY


def _wait(kernel: Kernel, mutex: int, timeout: int) -> int:
    waits = kernel.wait("k_mutex_lock", mutex, mutex, timeout, data=(mutex,))
    thread, holder = kernel.current, kernel.state.threads.get(_owner(kernel, mutex))
    thread.retry = "k_mutex_lock"
    if holder is not None and thread.priority < holder.priority:
        kernel.scheduler.set_priority(holder, thread.priority)
    return waits


@retry("k_mutex_lock")
def _waited(kernel: Kernel, thread: Thread, word: int) -> int:
    """A waiter whose time is over takes back the priority that it lent, but only once it runs."""
    if word:
        (mutex,) = thread.data
        first, before = kernel.scheduler.first(mutex), _priority_before(kernel, mutex)
        _restore(kernel, _owner(kernel, mutex), before if first is None else min(first.priority, before))
    return word


@service("z_impl_k_mutex_unlock")
def k_mutex_unlock(kernel: Kernel, mutex: int) -> int:
    """0; -EINVAL if nobody owns it, -EPERM if another does. The last one gives it to the first who waits."""
    refuse_interrupts(kernel, "k_mutex_unlock")
    guest, owner = kernel.guest, _owner(kernel, mutex)
    if owner != kernel.state.current:
        return -Errno.EPERM if owner else -Errno.EINVAL
    count = guest.word(mutex + _COUNT)
    if count > 1:
        guest.write_word(mutex + _COUNT, count - 1)
        return 0
    _restore(kernel, owner, _priority_before(kernel, mutex))
    pass_on(kernel, mutex)
    return 0


def pass_on(kernel: Kernel, mutex: int) -> None:
    """Gives a mutex to the first who waits for it, if anybody does."""
    guest = kernel.guest
    heir = kernel.wake_first(mutex)
    if heir is None:
        guest.write_word(mutex + _OWNER, 0)
        guest.write_word(mutex + _COUNT, 0)
    else:
        guest.write_word(mutex + _COUNT, 1)
        _own(kernel, mutex, heir.address, heir.priority)


def refuse_interrupts(kernel: Kernel, name: str) -> None:
    """An interrupt handler owns nothing."""
    if kernel.state.in_isr:
        raise MachineFault(f"{name}: mutexes cannot be used inside ISRs", None)


def _own(kernel: Kernel, mutex: int, owner: int, priority: int) -> None:
    kernel.guest.write_word(mutex + _OWNER, owner)
    kernel.guest.write_word(mutex + _PRIORITY, priority)


def _priority_before(kernel: Kernel, mutex: int) -> int:
    word = kernel.guest.word(mutex + _PRIORITY)
    return word - (word >> 31 << 32)


def _restore(kernel: Kernel, owner: int, priority: int) -> None:
    """Another priority for the owner; one that it has already does not move it behind its equals."""
    thread = kernel.state.threads.get(owner)
    if thread is not None and thread.priority != priority:
        kernel.scheduler.set_priority(thread, priority)
