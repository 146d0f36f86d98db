"""k_work_poll: an item that the first of several events submits, or the end of a time.

The item's handler is C of the guest runtime, which lets the kernel take the events back and calls the real one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.work import K_WORK_POLL
from llext.errors import Errno
from llext.kernel import poll
from llext.kernel.loop import expiry
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER
from llext.kernel.state import PolledWork
from llext.kernel.work import require, started, submit

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_HANDLER, _REAL_HANDLER, _QUEUE, _EVENTS, _NUMBER, _RESULT = (
    K_WORK_POLL.offsets[name] for name in ("work.handler", "real_handler", "workq", "events", "num_events", "poll_result")
)


@service("k_work_poll_init")
def k_work_poll_init(kernel: Kernel, work: int, handler: int) -> None:
    """An idle item."""
    require(work, "work != NULL")
    require(handler, "handler != NULL")
    _forget(kernel, work)
    kernel.guest.write(work, bytes(K_WORK_POLL.size))
    kernel.guest.write_word(work + _HANDLER, kernel.runtime("z_work_poll_handler"))
    kernel.guest.write_word(work + _REAL_HANDLER, handler)


@service("k_work_poll_submit")
def k_work_poll_submit(kernel: Kernel, work: int, events: int, number: int, timeout: int) -> int:
    """To the system work queue."""
    return k_work_poll_submit_to_queue(kernel, kernel.state.system_queue[0], work, events, number, timeout)


@service("k_work_poll_submit_to_queue")
def k_work_poll_submit_to_queue(kernel: Kernel, queue: int, work: int, events: int, number: int, timeout: int) -> int:
    """0; one that waits already waits for these events instead. -EINVAL if it is queued, -EADDRINUSE for another queue's."""
    require(queue, "work_q != NULL")
    require(work, "work != NULL")
    require(events or not number, "events != NULL")
    require(number >= 0, "num_events >= 0")
    owner = kernel.guest.word(work + _QUEUE)
    if owner and owner != queue:
        return -Errno.EADDRINUSE
    if owner and not _take_back(kernel, work):
        return -Errno.EINVAL
    there = poll.ready(kernel, events, number)
    for offset, word in ((_QUEUE, queue), (_EVENTS, events), (_NUMBER, number)):
        kernel.guest.write_word(work + offset, word)
    if there or not timeout:
        kernel.guest.write_word(work + _RESULT, 0 if there else -Errno.EAGAIN)
        submit(kernel, work, queue)
        return 0
    kernel.guest.write_word(work + _RESULT, -Errno.EINPROGRESS)
    known = started(kernel, queue)
    worker = kernel.state.threads.get(known.worker) if known else None
    polled = kernel.state.polled_works[work] = PolledWork(queue, *((worker.priority, worker.deadline) if worker else (0, 0)))
    poll.register(kernel, work, polled, events, number)
    if timeout != FOREVER:
        kernel.scheduler.arm("work_poll", work, kernel.scheduler.deadline(timeout))
    return 0


@service("k_work_poll_cancel")
def k_work_poll_cancel(kernel: Kernel, work: int) -> int:
    """0 if it waited for events, and does not any more; -EINVAL if it is queued, runs or was never submitted."""
    if not work or kernel.guest.word(work + _HANDLER) != kernel.runtime("z_work_poll_handler"):
        return -Errno.EINVAL
    return 0 if _take_back(kernel, work) else -Errno.EINVAL


@expiry("work_poll")
def _time_is_over(kernel: Kernel, work: int) -> None:
    polled = kernel.state.polled_works.get(work)
    if polled is not None:
        poll.trigger(kernel, work, polled, -Errno.EAGAIN)


@service("z_work_poll_begin")
def z_work_poll_begin(kernel: Kernel, work: int) -> None:
    """Its turn has come: its events are nobody's any more, and it may be submitted again."""
    _forget(kernel, work)


def _take_back(kernel: Kernel, work: int) -> bool:
    """Lets an item wait no longer; False if it did not."""
    polled = kernel.state.polled_works.get(work)
    if polled is None or not polled.waits:
        return False
    _forget(kernel, work)
    return True


def _forget(kernel: Kernel, work: int) -> None:
    kernel.scheduler.disarm("work_poll", work)
    kernel.state.polled_works.pop(work, None)
    kernel.guest.write_word(work + _QUEUE, 0)
