"""k_poll: waiting for the first of several objects, which takes none of them. Work that events submit: ``polled_work.py``.

An object takes part by two things: a check under ``@available``, whether there is something now, and a call of `announce` when
something came that nobody who waits for the object itself took. Events stay registered until the thread that polled runs
again: what comes in between is marked in its events too, and wakes nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from llext.abi.catalogue.poll import K_POLL_EVENT, K_POLL_SIGNAL
from llext.abi.catalogue.semaphores import K_SEM
from llext.abi.catalogue.work import K_WORK_POLL
from llext.errors import Errno
from llext.kernel.in_use import USES, Within, handler_within
from llext.kernel.loop import retry
from llext.kernel.registry import service
from llext.kernel.state import PolledWork
from llext.kernel.work import submit
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel
    from llext.kernel.state import Thread

_BITS, _OBJECT = K_POLL_EVENT.offsets["bits"], K_POLL_EVENT.offsets["obj"]
_SIGNALED, _RESULT = K_POLL_SIGNAL.offsets["signaled"], K_POLL_SIGNAL.offsets["result"]
_POLL_RESULT, _POLLED_HANDLER = K_WORK_POLL.offsets["poll_result"], K_WORK_POLL.offsets["real_handler"]
_TYPE_AT, _STATE_AT = 8, 14
_TYPES, _TAG = 0x3F, 0xFF


class Types:
    """K_POLL_TYPE_*."""

    IGNORE = 0
    SIGNAL = 1
    SEM_AVAILABLE = 2
    DATA_AVAILABLE = 4
    MSGQ_DATA_AVAILABLE = 8
    PIPE_DATA_AVAILABLE = 16


class PollStates:
    """K_POLL_STATE_*."""

    SIGNALED = 1
    SEM_AVAILABLE = 2
    DATA_AVAILABLE = 4
    CANCELLED = 8
    MSGQ_DATA_AVAILABLE = 16
    PIPE_DATA_AVAILABLE = 32


Check = Callable[["Kernel", int], bool]
CHECKS: dict[int, tuple[int, Check]] = {}
"""By type: the state that it leads to, and whether an object has something now."""


def available(kind: int, state: int) -> Callable[[Check], Check]:
    """Registers the check of a type of event: a function of the kernel and the object's address."""

    def register(function: Check) -> Check:
        CHECKS[kind] = (state, function)
        return function

    return register


@available(Types.IGNORE, 0)
def _never(_kernel: Kernel, _what: int) -> bool:
    return False


@available(Types.SIGNAL, PollStates.SIGNALED)
def _signaled(kernel: Kernel, signal: int) -> bool:
    return kernel.guest.word(signal + _SIGNALED) != 0


@available(Types.SEM_AVAILABLE, PollStates.SEM_AVAILABLE)
def _counts(kernel: Kernel, sem: int) -> bool:
    return kernel.guest.word(sem + K_SEM.offsets["count"]) != 0


def announce(kernel: Kernel, what: int, state: int) -> None:
    """Marks the event of the first who polls an object; wakes that thread, or submits that work item, if it still waits.

    Args:
        kernel: The kernel.
        what: Address of the object.
        state: One of PollStates; CANCELLED lets k_poll return -EINTR.
    """
    polls = kernel.state.polls.get(what, [])
    while polls:
        event, address = polls.pop(0)
        poller = _poller(kernel, address)
        if poller is not None and (what, event) in poller.polls:
            poller.polls.remove((what, event))
            _mark(kernel, event, state)
            if isinstance(poller, PolledWork):
                trigger(kernel, address, poller, 0)
            elif poller.waits_for[0] == "k_poll":
                kernel.scheduler.wake(poller, -Errno.EINTR if state == PollStates.CANCELLED else 0)
            break
    if not polls:
        kernel.state.polls.pop(what, None)


def trigger(kernel: Kernel, address: int, work: PolledWork, result: int) -> None:
    """Submits a work item that waited for events: the first comes, or the time is over. Later ones are only marked."""
    if work.waits:
        work.waits = False
        kernel.scheduler.disarm("work_poll", address)
        kernel.guest.write_word(address + _POLL_RESULT, result)
        submit(kernel, address, work.queue)


def _mark(kernel: Kernel, event: int, state: int) -> None:
    kernel.guest.write_word(event + _BITS, kernel.guest.word(event + _BITS) | state << _STATE_AT)


@service("z_impl_k_poll")
def k_poll(kernel: Kernel, events: int, number: int, timeout: int) -> int:
    """0 as soon as something is there; -EAGAIN if nothing is in time, -EINTR if somebody cancelled that."""
    if kernel.state.in_isr:
        raise MachineFault("k_poll cannot be used in an interrupt handler", None)
    if not events or number < 0:
        raise MachineFault("k_poll: NULL events" if not events else "k_poll: <0 events", None)
    if ready(kernel, events, number):
        return 0
    if not timeout:
        return -Errno.EAGAIN
    waits = kernel.wait("k_poll", events, events, timeout)
    kernel.current.retry = "k_poll"
    register(kernel, kernel.state.current, kernel.current, events, number)
    return waits


def ready(kernel: Kernel, events: int, number: int) -> bool:
    """Whether there is something already, after a look at each of the events."""
    return bool(sum([_check(kernel, event) for event in _each(events, number)]))


def _each(events: int, number: int) -> range:
    return range(events, events + number * K_POLL_EVENT.size, K_POLL_EVENT.size)


def _check(kernel: Kernel, event: int) -> bool:
    """Whether an event is there already; it is marked then."""
    kind = kernel.guest.word(event + _BITS) >> _TYPE_AT & _TYPES
    if kind not in CHECKS:
        raise MachineFault(f"k_poll: invalid event type ({kind:#x})", None)
    state, check = CHECKS[kind]
    there = check(kernel, kernel.guest.word(event + _OBJECT))
    if there:
        _mark(kernel, event, state)
    return there


def register(kernel: Kernel, address: int, poller: Thread | PolledWork, events: int, number: int) -> None:
    """Puts a thread, or a work item, behind those of its priority that poll the same objects."""
    for event in _each(events, number):
        if kernel.guest.word(event + _BITS) >> _TYPE_AT & _TYPES:
            what = kernel.guest.word(event + _OBJECT)
            known = [(at, who, other) for at, who, other in _pollers(kernel, what)]
            behind = (place for place, (_, _, other) in enumerate(known) if _rank(other) > _rank(poller))
            polls = kernel.state.polls[what] = [(at, who) for at, who, _ in known]
            polls.insert(next(behind, len(polls)), (event, address))
            poller.polls.append((what, event))


def _rank(poller: Thread | PolledWork) -> tuple[int, int]:
    return poller.priority, poller.deadline


def _poller(kernel: Kernel, address: int) -> Thread | PolledWork | None:
    return kernel.state.threads.get(address) or kernel.state.polled_works.get(address)


def _pollers(kernel: Kernel, what: int) -> Iterator[tuple[int, int, Thread | PolledWork]]:
    """Who polls an object: (address of the event, of who polls, that one)."""
    for event, address in kernel.state.polls.get(what, []):
        poller = _poller(kernel, address)
        if poller is not None and (what, event) in poller.polls:
            yield event, address, poller


def _polled(kernel: Kernel, within: Within) -> Iterator[str]:
    """Objects that somebody polls, for whoever wants to unload the code that they are in."""
    for what in kernel.state.polls:
        for event, _, poller in _pollers(kernel, what):
            if within(what) or within(event):
                who = "a work item" if isinstance(poller, PolledWork) else f"{kernel.thread_name(poller)} in k_poll"
                yield f"{who} waits for {what:#010x} ({kernel.describe(what)})"
    for address in kernel.state.polled_works:
        yield from handler_within(kernel, within, "work item", address, _POLLED_HANDLER)


USES.append(_polled)


@retry("k_poll")
def _waited(_kernel: Kernel, thread: Thread, word: int) -> int:
    """Its events are nobody's any more."""
    thread.polls.clear()
    return word


@service("k_poll_event_init")
def k_poll_event_init(kernel: Kernel, event: int, kind: int, mode: int, what: int) -> None:
    """An event that is not ready; the tag stays."""
    if mode:
        raise MachineFault("k_poll_event_init: only NOTIFY_ONLY mode is supported", None)
    if kind > _TYPES:
        raise MachineFault(f"k_poll_event_init: invalid type ({kind:#x})", None)
    if not what:
        raise MachineFault("k_poll_event_init: must provide an object", None)
    tag = kernel.guest.word(event + _BITS) & _TAG
    values = {"poller": 0, "bits": tag | kind << _TYPE_AT, "obj": what}
    K_POLL_EVENT.write(kernel.guest.writable(event, K_POLL_EVENT.size), values)


@service("z_impl_k_poll_signal_init")
def k_poll_signal_init(kernel: Kernel, signal: int) -> None:
    """Not raised; the result stays."""
    kernel.guest.write(signal, bytes(_RESULT))


@service("z_impl_k_poll_signal_reset")
def k_poll_signal_reset(kernel: Kernel, signal: int) -> None:
    """Not raised any more."""
    kernel.guest.write_word(signal + _SIGNALED, 0)


@service("z_impl_k_poll_signal_check")
def k_poll_signal_check(kernel: Kernel, signal: int, signaled: int, result: int) -> None:
    """Whether it is raised, and what was said with that."""
    kernel.guest.write_word(signaled, kernel.guest.word(signal + _SIGNALED))
    kernel.guest.write_word(result, kernel.guest.word(signal + _RESULT))


@service("z_impl_k_poll_signal_raise")
def k_poll_signal_raise(kernel: Kernel, signal: int, result: int) -> int:
    """Raised until it is reset."""
    kernel.guest.write_word(signal + _RESULT, result)
    kernel.guest.write_word(signal + _SIGNALED, 1)
    announce(kernel, signal, PollStates.SIGNALED)
    return 0
