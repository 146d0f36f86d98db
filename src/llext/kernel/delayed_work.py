"""k_work_delayable: an item that the clock submits. Its state is in its flags, as any item's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.work import K_WORK_DELAYABLE
from llext.kernel.loop import expiry
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER
from llext.kernel.work import (
    DELAYABLE,
    DELAYED,
    FLAGS,
    RUNNING,
    cancel,
    cancel_sync,
    change,
    check_sync,
    flush,
    k_work_busy_get,
    require,
    submit,
)

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_HANDLER, _QUEUE = K_WORK_DELAYABLE.offsets["work.handler"], K_WORK_DELAYABLE.offsets["queue"]


@service("k_work_init_delayable")
def k_work_init_delayable(kernel: Kernel, dwork: int, handler: int) -> None:
    """An idle item."""
    kernel.guest.write(dwork, bytes(K_WORK_DELAYABLE.size))
    kernel.guest.write_word(dwork + _HANDLER, handler)
    kernel.guest.write_word(dwork + FLAGS, DELAYABLE)
    kernel.scheduler.disarm("work", dwork)


@service("k_work_delayable_busy_get")
def k_work_delayable_busy_get(kernel: Kernel, dwork: int) -> int:
    """K_WORK_DELAYED and the like; 0 for an idle item."""
    return k_work_busy_get(kernel, dwork)


@service("k_work_schedule")
def k_work_schedule(kernel: Kernel, dwork: int, delay: int) -> int:
    """For the system work queue."""
    return k_work_schedule_for_queue(kernel, kernel.state.system_queue[0], dwork, delay)


@service("k_work_schedule_for_queue")
def k_work_schedule_for_queue(kernel: Kernel, queue: int, dwork: int, delay: int) -> int:
    """Submits it later, or now without a delay; 0, and nothing is changed, for one that is scheduled already."""
    require(dwork, "dwork != NULL")
    if k_work_busy_get(kernel, dwork) & ~RUNNING:
        return 0
    return _schedule(kernel, queue, dwork, delay)


@service("k_work_reschedule")
def k_work_reschedule(kernel: Kernel, dwork: int, delay: int) -> int:
    """For the system work queue."""
    return k_work_reschedule_for_queue(kernel, kernel.state.system_queue[0], dwork, delay)


@service("k_work_reschedule_for_queue")
def k_work_reschedule_for_queue(kernel: Kernel, queue: int, dwork: int, delay: int) -> int:
    """The same, in place of a delay that it has already."""
    require(dwork, "dwork != NULL")
    _unschedule(kernel, dwork)
    return _schedule(kernel, queue, dwork, delay)


def _schedule(kernel: Kernel, queue: int, dwork: int, delay: int) -> int:
    require(kernel.guest.word(dwork + _HANDLER), "work->handler != NULL")
    if delay == 0:
        return submit(kernel, dwork, queue)
    change(kernel, dwork + FLAGS, on=DELAYED)
    kernel.guest.write_word(dwork + _QUEUE, queue)
    if delay != FOREVER:
        kernel.scheduler.arm("work", dwork, kernel.scheduler.deadline(delay))
    return 1


def _unschedule(kernel: Kernel, dwork: int) -> bool:
    """Takes a delay back; whether the clock had it."""
    return bool(change(kernel, dwork + FLAGS, off=DELAYED) & DELAYED) and kernel.scheduler.disarm("work", dwork)


@expiry("work")
def _delay_is_over(kernel: Kernel, dwork: int) -> None:
    """Submits it; nobody is told if its queue does not take it."""
    if change(kernel, dwork + FLAGS, off=DELAYED) & DELAYED:
        submit(kernel, dwork, kernel.guest.word(dwork + _QUEUE))


@service("k_work_cancel_delayable")
def k_work_cancel_delayable(kernel: Kernel, dwork: int) -> int:
    """Takes it back from clock and queue; what is left of its flags."""
    require(dwork, "dwork != NULL")
    _unschedule(kernel, dwork)
    return cancel(kernel, dwork)


@service("k_work_cancel_delayable_sync")
def k_work_cancel_delayable_sync(kernel: Kernel, dwork: int, sync: int) -> int:
    """Whether there was something to cancel; once this returns the item is idle."""
    check_sync(kernel, "k_work_cancel_delayable_sync", dwork, sync)
    delayed = kernel.guest.word(dwork + FLAGS) & DELAYED
    _unschedule(kernel, dwork)
    return cancel_sync(kernel, "k_work_cancel_delayable_sync", dwork) or int(bool(delayed))


@service("k_work_flush_delayable")
def k_work_flush_delayable(kernel: Kernel, dwork: int, sync: int) -> int:
    """Submits it now if it has a delay, and waits until it has run; whether there was something to wait for."""
    check_sync(kernel, "k_work_flush_delayable", dwork, sync)
    if _unschedule(kernel, dwork):
        submit(kernel, dwork, kernel.guest.word(dwork + _QUEUE))
    return flush(kernel, "k_work_flush_delayable", dwork, sync)
