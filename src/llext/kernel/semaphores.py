"""k_sem. A give goes to who waits first, and the count stays; count and limit are real bytes of struct k_sem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.semaphores import K_SEM
from llext.errors import Errno
from llext.kernel.poll import PollStates, announce
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_COUNT, _LIMIT = K_SEM.offsets["count"], K_SEM.offsets["limit"]


@service("z_impl_k_sem_init")
def k_sem_init(kernel: Kernel, sem: int, initial: int, limit: int) -> int:
    """-EINVAL for a limit of 0, or one that the initial count is above."""
    if not limit or initial > limit:
        return -Errno.EINVAL
    kernel.guest.write(sem, bytes(K_SEM.size))
    kernel.guest.write_word(sem + _COUNT, initial)
    kernel.guest.write_word(sem + _LIMIT, limit)
    return 0


@service("z_impl_k_sem_take")
def k_sem_take(kernel: Kernel, sem: int, timeout: int) -> int:
    """0; -EBUSY without waiting; -EAGAIN when the time is over, or by k_sem_reset."""
    count = kernel.guest.word(sem + _COUNT)
    if count:
        kernel.guest.write_word(sem + _COUNT, count - 1)
        return 0
    return kernel.wait("k_sem_take", sem, sem, timeout) if timeout else -Errno.EBUSY


@service("z_impl_k_sem_give")
def k_sem_give(kernel: Kernel, sem: int) -> None:
    """To the first who waits, or one more up to the limit, of which the first who polls is told."""
    if kernel.wake_first(sem) is None:
        count = kernel.guest.word(sem + _COUNT)
        kernel.guest.write_word(sem + _COUNT, min(count + 1, kernel.guest.word(sem + _LIMIT)))
        if sem in kernel.state.polls:
            announce(kernel, sem, PollStates.SEM_AVAILABLE)


@service("z_impl_k_sem_reset")
def k_sem_reset(kernel: Kernel, sem: int) -> None:
    """All who wait leave with -EAGAIN, and the count is 0."""
    for thread in kernel.scheduler.waiting(sem):
        kernel.scheduler.wake(thread, -Errno.EAGAIN)
    kernel.guest.write_word(sem + _COUNT, 0)
