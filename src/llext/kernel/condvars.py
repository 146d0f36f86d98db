"""k_condvar. Who is woken takes the mutex again when it runs, as anybody else would.

A condition variable is nothing but a wait queue, which is kept elsewhere: its word is only read so that NULL is a bad pointer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.sync import K_CONDVAR
from llext.kernel.loop import retry
from llext.kernel.mutexes import k_mutex_lock, k_mutex_unlock, refuse_interrupts
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel
    from llext.kernel.state import Thread


@service("z_impl_k_condvar_init")
def k_condvar_init(kernel: Kernel, condvar: int) -> int:
    """Nobody waits."""
    kernel.guest.write(condvar, bytes(K_CONDVAR.size))
    return 0


@service("z_impl_k_condvar_wait")
def k_condvar_wait(kernel: Kernel, condvar: int, mutex: int, timeout: int) -> int:
    """Unlocks once and waits, to the next tick at least; then locks. 0 if it was woken, or -EAGAIN."""
    refuse_interrupts(kernel, "k_condvar_wait")
    kernel.guest.word(condvar)
    waits = kernel.wait("k_condvar_wait", condvar, condvar, timeout, data=(mutex,))
    kernel.current.retry = "k_condvar_wait"
    k_mutex_unlock(kernel, mutex)
    return waits


@retry("k_condvar_wait")
def _woken(kernel: Kernel, thread: Thread, word: int) -> int | None:
    """Locks the mutex; where that has to wait too, it makes no other result."""
    k_mutex_lock(kernel, thread.data[0], FOREVER)
    if not thread.retry:
        return word
    thread.data, thread.retry = (word,), "k_condvar_wait, locked"
    return None


@retry("k_condvar_wait, locked")
def _locked(_kernel: Kernel, thread: Thread, _word: int) -> int:
    return thread.data[0]


@service("z_impl_k_condvar_signal")
def k_condvar_signal(kernel: Kernel, condvar: int) -> int:
    """Wakes the first; without one nothing is remembered."""
    kernel.guest.word(condvar)
    kernel.wake_first(condvar)
    return 0


@service("z_impl_k_condvar_broadcast")
def k_condvar_broadcast(kernel: Kernel, condvar: int) -> int:
    """Wakes all, and says how many those are."""
    kernel.guest.word(condvar)
    waiting = kernel.scheduler.waiting(condvar)
    for thread in waiting:
        kernel.scheduler.wake(thread)
    return len(waiting)
