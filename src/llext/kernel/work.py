"""k_work: items, and the queues whose threads do them, in order.

An item's state is its flags, real bytes of struct k_work; a queue's list is the kernel's. The thread's loop, which calls
handlers, is C (``zephyr/runtime/kernel/work.c``). Items with a delay are in ``delayed_work.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llext.abi.catalogue.work import K_WORK, K_WORK_Q
from llext.errors import Errno
from llext.kernel import threads
from llext.kernel.deadlock import HOLDERS, would_wait
from llext.kernel.in_use import USES, Within, handler_within
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER
from llext.kernel.state import Options, WorkQueue
from llext.link import Symbol
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

RUNNING, CANCELING, QUEUED, DELAYED, FLUSHING, DELAYABLE = 1, 2, 4, 8, 16, 0x100
BUSY_MASK = 0x1F
"""What k_work_busy_get tells of an item's flags."""
_STARTED, _BUSY, _DRAIN, _PLUGGED, _STOP, _NO_YIELD = 1, 2, 4, 8, 16, 0x100
_HANDLER, _QUEUE, FLAGS = (K_WORK.offsets[name] for name in ("handler", "queue", "flags"))
_NOTIFY, _DRAINERS, _QUEUE_FLAGS = (K_WORK_Q.offsets[name] for name in ("notifyq", "drainq", "flags"))


def change(kernel: Kernel, address: int, on: int = 0, off: int = 0) -> int:
    """Sets and clears flags in a word; returns what it was."""
    flags = kernel.guest.word(address)
    kernel.guest.write_word(address, flags & ~off | on)
    return flags


def require(condition: object, what: str) -> None:
    """One of Zephyr's assertions on arguments."""
    if not condition:
        raise MachineFault(f"ASSERTION FAIL [{what}]", None)


def install_work_queue(kernel: Kernel, queue: int, stack: int) -> Symbol:
    """Tells the kernel where the system work queue and its thread's stack are, and returns the symbol."""
    kernel.state.system_queue = queue, stack
    return Symbol("k_sys_work_q", queue, "kernel", code=False)


# Items ------------------------------------------------------------------------------------------------------------------


@service("k_work_init")
def k_work_init(kernel: Kernel, work: int, handler: int) -> None:
    """An idle item."""
    kernel.guest.write(work, bytes(K_WORK.size))
    kernel.guest.write_word(work + _HANDLER, handler)


@service("k_work_busy_get")
def k_work_busy_get(kernel: Kernel, work: int) -> int:
    """K_WORK_RUNNING and the like; 0 for an idle item."""
    return kernel.guest.word(work + FLAGS) & BUSY_MASK


@service("k_work_submit")
def k_work_submit(kernel: Kernel, work: int) -> int:
    """To the system work queue."""
    return k_work_submit_to_queue(kernel, kernel.state.system_queue[0], work)


@service("k_work_submit_to_queue")
def k_work_submit_to_queue(kernel: Kernel, queue: int, work: int) -> int:
    """1 if it is queued now, 0 if it was, 2 if it runs and is queued again; -EBUSY, -EINVAL, -ENODEV."""
    require(work, "work != NULL")
    require(kernel.guest.word(work + _HANDLER), "work->handler != NULL")
    return submit(kernel, work, queue)


def submit(kernel: Kernel, work: int, queue: int) -> int:
    """The same. A running item goes to the queue that runs it, so that its handler never runs twice at a time."""
    flags = kernel.guest.word(work + FLAGS)
    if flags & CANCELING:
        return -Errno.EBUSY
    if flags & QUEUED:
        return 0
    if flags & RUNNING or not queue:
        queue = kernel.guest.word(work + _QUEUE)
    refused = _refusal(kernel, queue)
    if refused:
        return refused
    kernel.state.work_queues[queue].pending.append((work, 0))
    change(kernel, work + FLAGS, on=QUEUED)
    kernel.guest.write_word(work + _QUEUE, queue)
    kernel.wake_first(queue + _NOTIFY)
    return 2 if flags & RUNNING else 1


def _refusal(kernel: Kernel, queue: int) -> int:
    """Why a queue takes no item; 0 if it does. One that drains still takes what its own items submit."""
    if not queue:
        return -Errno.EINVAL
    known = started(kernel, queue)
    if known is None:
        return -Errno.ENODEV
    flags = kernel.guest.word(queue + _QUEUE_FLAGS)
    by_clock = kernel.state.edge >= 0
    chained = kernel.state.current == known.worker and not kernel.state.in_isr and not by_clock
    if flags & _DRAIN:
        return 0 if chained else -Errno.EBUSY
    return -Errno.EBUSY if flags & _PLUGGED else 0


@service("k_work_cancel")
def k_work_cancel(kernel: Kernel, work: int) -> int:
    """Takes it from its queue; what is left of its flags. A running one is K_WORK_CANCELING until it has ended."""
    require(work, "work != NULL")
    require(not kernel.guest.word(work + FLAGS) & DELAYABLE, "!flag_test(&work->flags, K_WORK_DELAYABLE_BIT)")
    return cancel(kernel, work)


def cancel(kernel: Kernel, work: int) -> int:
    """The same for any item."""
    flags = kernel.guest.word(work + FLAGS)
    if flags & QUEUED and not flags & CANCELING:
        known = kernel.state.work_queues.get(kernel.guest.word(work + _QUEUE))
        if known is not None and (work, 0) in known.pending:
            known.pending.remove((work, 0))
        change(kernel, work + FLAGS, off=QUEUED)
    left = k_work_busy_get(kernel, work)
    if left:
        left |= CANCELING
        change(kernel, work + FLAGS, on=CANCELING)
    return left


@service("k_work_cancel_sync")
def k_work_cancel_sync(kernel: Kernel, work: int, sync: int) -> int:
    """Whether there was something to cancel; once this returns the item is idle."""
    check_sync(kernel, "k_work_cancel_sync", work, sync)
    require(not kernel.guest.word(work + FLAGS) & DELAYABLE, "!flag_test(&work->flags, K_WORK_DELAYABLE_BIT)")
    return cancel_sync(kernel, "k_work_cancel_sync", work)


def check_sync(kernel: Kernel, name: str, work: int, sync: int) -> None:
    """What is true of every call that waits for an item."""
    require(work, "work != NULL")
    require(sync, "sync != NULL")
    if kernel.state.in_isr:
        raise would_wait(kernel, name)


def cancel_sync(kernel: Kernel, name: str, work: int) -> int:
    """Waits under the item's own address, until its handler has returned."""
    if not k_work_busy_get(kernel, work):
        return 0
    return kernel.wait(name, work, work, FOREVER) if cancel(kernel, work) else 1


@service("k_work_flush")
def k_work_flush(kernel: Kernel, work: int, sync: int) -> int:
    """Waits until it has run, if it is queued or runs; whether that was so."""
    check_sync(kernel, "k_work_flush", work, sync)
    require(not kernel.guest.word(work + FLAGS) & DELAYABLE, "!flag_test(&work->flags, K_WORK_DELAYABLE_BIT)")
    return flush(kernel, "k_work_flush", work, sync)


def flush(kernel: Kernel, name: str, work: int, sync: int) -> int:
    """Puts an entry of its own into the queue, behind the item or, if that runs already, in front of everything."""
    flags = kernel.guest.word(work + FLAGS)
    queue = kernel.guest.word(work + _QUEUE)
    known = kernel.state.work_queues.get(queue)
    if not flags & (QUEUED | RUNNING) or known is None:
        return 0
    result = kernel.wait(name, work, sync, FOREVER)
    behind = known.pending.index((work, 0)) + 1 if (work, 0) in known.pending else 0
    known.pending.insert(behind, (work, sync))
    kernel.wake_first(queue + _NOTIFY)
    return result


def _worker_of(kernel: Kernel, work: int) -> int:
    known = kernel.state.work_queues.get(kernel.guest.word(work + _QUEUE))
    return known.worker if known else 0


HOLDERS |= dict.fromkeys(
    ("k_work_flush", "k_work_cancel_sync", "k_work_flush_delayable", "k_work_cancel_delayable_sync"), _worker_of
)


# Queues -----------------------------------------------------------------------------------------------------------------


@service("k_work_queue_init")
def k_work_queue_init(kernel: Kernel, queue: int) -> None:
    """A queue that was not started."""
    kernel.guest.write(queue, bytes(K_WORK_Q.size))
    kernel.state.work_queues.pop(queue, None)


@service("k_work_queue_start")
def k_work_queue_start(kernel: Kernel, queue: int, stack: int, size: int, priority: int, config: int) -> None:
    """Starts a queue's thread."""
    require(stack, "stack")
    name, no_yield, essential = _config(kernel, config)
    _begin(kernel, queue, queue, no_yield)
    main = kernel.runtime("z_work_queue_main")
    options = Options.ESSENTIAL if essential else 0
    threads.k_thread_create(kernel, queue, stack, size, main, queue, 0, 0, priority, options, FOREVER)
    if name:
        threads.k_thread_name_set(kernel, queue, name)
    threads.k_thread_start(kernel, queue)


@service("z_work_queue_begin")
def z_work_queue_begin(kernel: Kernel, queue: int, config: int) -> None:
    """The beginning of k_work_queue_run: the thread that calls it does the queue's work."""
    name, no_yield, _ = _config(kernel, config)
    _begin(kernel, queue, kernel.state.current, no_yield)
    if name:
        threads.k_thread_name_set(kernel, kernel.state.current, name)


def _config(kernel: Kernel, config: int) -> tuple[int, bool, bool]:
    """Struct k_work_queue_config: name, no_yield, essential."""
    if not config:
        return 0, False, False
    no_yield, essential = kernel.guest.read(config + 4, 2)
    return kernel.guest.word(config), bool(no_yield), bool(essential)


def _begin(kernel: Kernel, queue: int, worker: int, no_yield: bool) -> None:
    require(queue, "queue")
    require(not kernel.guest.word(queue + _QUEUE_FLAGS) & _STARTED, "!flag_test(&queue->flags, K_WORK_QUEUE_STARTED_BIT)")
    kernel.guest.write_word(queue + _QUEUE_FLAGS, _STARTED | (_NO_YIELD if no_yield else 0))
    kernel.state.work_queues[queue] = WorkQueue(worker)


def started(kernel: Kernel, queue: int) -> WorkQueue | None:
    """A queue that was started; the system's is when somebody asks for it, and again if a fault has ended its thread."""
    state = kernel.state
    if queue == state.system_queue[0] and queue not in state.threads:
        _start_system_queue(kernel, *state.system_queue)
    known = state.work_queues.get(queue)
    return known if known and kernel.guest.word(queue + _QUEUE_FLAGS) & _STARTED else None


def _start_system_queue(kernel: Kernel, queue: int, stack: int) -> None:
    """As boot does. An interrupt handler may be the first to ask, so that the rule that it creates no thread is set aside."""
    state, settings = kernel.state, kernel.settings
    in_isr, state.in_isr = state.in_isr, False
    old = state.work_queues.get(queue)
    k_work_queue_init(kernel, queue)
    k_work_queue_start(kernel, queue, stack, settings.work_stack, settings.work_priority, 0)
    if not settings.work_yields:
        change(kernel, queue + _QUEUE_FLAGS, on=_NO_YIELD)
    state.in_isr = in_isr
    state.work_queues[queue].pending += old.pending if old else []
    thread = state.threads[queue]
    thread.name, thread.options = "sysworkq", Options.ESSENTIAL
    kernel.guest.write(queue + K_WORK_Q.offsets["thread.name"], b"sysworkq\0")


@service("k_work_queue_thread_get")
def k_work_queue_thread_get(kernel: Kernel, queue: int) -> int:
    """The thread that does the queue's work."""
    known = started(kernel, queue)
    return known.worker if known else queue


@service("k_work_queue_drain")
def k_work_queue_drain(kernel: Kernel, queue: int, plug: int) -> int:
    """Waits until everything is done, chained items included: 1, or 0 if it was idle; maybe takes no more from then on."""
    require(queue, "queue")
    if kernel.state.in_isr:
        raise would_wait(kernel, "k_work_queue_drain")
    known = started(kernel, queue)
    busy = kernel.guest.word(queue + _QUEUE_FLAGS) & (_BUSY | _DRAIN)
    if not busy and not plug and not (known and known.pending):
        return 0
    result = kernel.wait("k_work_queue_drain", queue, queue + _DRAINERS, FOREVER)
    change(kernel, queue + _QUEUE_FLAGS, on=_DRAIN | (_PLUGGED if plug else 0))
    kernel.wake_first(queue + _NOTIFY)
    return result


@service("k_work_queue_unplug")
def k_work_queue_unplug(kernel: Kernel, queue: int) -> int:
    """0, or -EALREADY for one that takes items."""
    require(queue, "queue")
    return 0 if change(kernel, queue + _QUEUE_FLAGS, off=_PLUGGED) & _PLUGGED else -Errno.EALREADY


@service("z_work_queue_stop")
def z_work_queue_stop(kernel: Kernel, queue: int) -> int:
    """The beginning of k_work_queue_stop: 0 if the thread will end; -EALREADY, -EBUSY if not plugged, -ENOTSUP."""
    require(queue, "queue")
    known = started(kernel, queue)
    if known is None:
        return -Errno.EALREADY
    if not kernel.guest.word(queue + _QUEUE_FLAGS) & _PLUGGED:
        return -Errno.EBUSY
    worker = kernel.state.threads.get(known.worker)
    if worker is not None and worker.options & Options.ESSENTIAL:
        return -Errno.ENOTSUP
    change(kernel, queue + _QUEUE_FLAGS, on=_STOP)
    kernel.wake_first(queue + _NOTIFY)
    return 0


# A queue's thread -------------------------------------------------------------------------------------------------------


@service("z_work_next")
def z_work_next(kernel: Kernel, queue: int) -> int:
    """The item to do now; NULL after waiting for one, or when the queue was stopped."""
    known = kernel.state.work_queues.get(queue)
    if known is None:  # its memory was initialised while it ran
        kernel.guest.write_word(queue + _QUEUE_FLAGS, 0)
        return 0
    if known.pending:
        work, sync = known.running = known.pending.pop(0)
        change(kernel, queue + _QUEUE_FLAGS, on=_BUSY)
        if sync:
            return kernel.runtime("z_work_flusher")
        change(kernel, work + FLAGS, on=RUNNING, off=QUEUED)
        return work
    flags = change(kernel, queue + _QUEUE_FLAGS, off=_DRAIN)
    if flags & _DRAIN:
        for thread in kernel.scheduler.waiting(queue + _DRAINERS):
            kernel.scheduler.wake(thread, 1)
    elif flags & _STOP:
        kernel.guest.write_word(queue + _QUEUE_FLAGS, 0)
        return 0
    return kernel.wait("k_work_queue_run", queue, queue + _NOTIFY, FOREVER)


@service("z_work_done")
def z_work_done(kernel: Kernel, queue: int) -> None:
    """The item's handler has returned: who waits for that goes on."""
    known = kernel.state.work_queues.get(queue)
    if known is None:
        return
    work, sync = known.running
    if sync:
        kernel.wake_first(sync, 1)
    elif change(kernel, work + FLAGS, off=RUNNING | CANCELING) & CANCELING:
        for thread in kernel.scheduler.waiting(work):
            kernel.scheduler.wake(thread, 1)
    change(kernel, queue + _QUEUE_FLAGS, off=_BUSY)


def _queued(kernel: Kernel, within: Within) -> Iterator[str]:
    """Items that wait in a queue, for whoever wants to unload the code that they are in."""
    for queue, known in kernel.state.work_queues.items():
        for work, _ in known.pending:
            if within(work):
                yield f"the work item at {work:#010x} ({kernel.describe(work)}) waits in the queue at {queue:#010x}"
            yield from handler_within(kernel, within, "work item", work, _HANDLER)
    for _, _, kind, work in kernel.state.timeouts:
        if kind == "work":
            yield from handler_within(kernel, within, "work item", work, _HANDLER)


USES.append(_queued)
