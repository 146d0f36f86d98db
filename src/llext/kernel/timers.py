"""k_timer. Expiry functions are interrupt handlers; period, status and user data are real bytes of struct k_timer.

What calls functions of the timer's owner is C (``zephyr/runtime/kernel/timers.c``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llext.abi.catalogue.threads import K_THREAD
from llext.abi.catalogue.timers import K_TIMER
from llext.abi.catalogue.work import K_WORK_DELAYABLE
from llext.kernel.deadlock import would_wait
from llext.kernel.in_use import USES, Within, handler_within
from llext.kernel.loop import expiry
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_EXPIRY, _STOP = K_TIMER.offsets["expiry_fn"], K_TIMER.offsets["stop_fn"]
_WAIT_Q, _PERIOD, _STATUS = K_TIMER.offsets["wait_q"], K_TIMER.offsets["period"], K_TIMER.offsets["status"]
_TIMEOUTS = {
    "timer": K_TIMER.offsets["timeout.node"],
    "work": K_WORK_DELAYABLE.offsets["timeout.node"],
    "thread": K_THREAD.offsets["base.timeout.node"],
}
"""Where the struct _timeout lies in what the clock has something to do for."""


@service("k_timer_init")
def k_timer_init(kernel: Kernel, timer: int, expiry_fn: int, stop_fn: int) -> None:
    """A timer that does not run."""
    kernel.guest.write(timer, bytes(K_TIMER.size))
    kernel.guest.write_word(timer + _EXPIRY, expiry_fn)
    kernel.guest.write_word(timer + _STOP, stop_fn)
    kernel.scheduler.disarm("timer", timer)


@service("z_impl_k_timer_start")
def k_timer_start(kernel: Kernel, timer: int, duration: int, period: int) -> None:
    """Starts it, anew if it runs. N ticks end at the N-th edge from now, one earlier than a sleep of N."""
    if duration == FOREVER:
        return
    kernel.guest.store(timer + _PERIOD, period, 8)
    kernel.guest.write_word(timer + _STATUS, 0)
    ticks = duration if duration < FOREVER else max(duration - 1, 0)
    kernel.scheduler.arm("timer", timer, kernel.scheduler.deadline(ticks))


@expiry("timer")
def _expired(kernel: Kernel, timer: int) -> None:
    period = int.from_bytes(kernel.guest.read(timer + _PERIOD, 8), "little", signed=True)
    if period not in (0, FOREVER):  # from when it was due, however late that is done
        kernel.scheduler.arm("timer", timer, kernel.state.edge + max(1, period))
    kernel.guest.write_word(timer + _STATUS, kernel.guest.word(timer + _STATUS) + 1)
    if kernel.guest.word(timer + _EXPIRY):
        kernel.interrupt(kernel.runtime("z_timer_expired"), timer)
    else:
        z_timer_wake(kernel, timer)


@service("z_timer_cancel")
def z_timer_cancel(kernel: Kernel, timer: int) -> int:
    """The beginning of k_timer_stop: whether it ran. The word is read so that NULL is a bad pointer."""
    kernel.guest.word(timer + _STATUS)
    return int(kernel.scheduler.disarm("timer", timer))


@service("z_timer_wake")
def z_timer_wake(kernel: Kernel, timer: int) -> None:
    """What ends an expiry and k_timer_stop: one thread in k_timer_status_sync goes on."""
    kernel.wake_first(timer + _WAIT_Q)


@service("z_timer_wait")
def z_timer_wait(kernel: Kernel, timer: int) -> None:
    """The beginning of k_timer_status_sync: waits for the next expiry or stop, if there is something to wait for."""
    if kernel.state.in_isr:
        raise would_wait(kernel, "k_timer_status_sync")
    if not kernel.guest.word(timer + _STATUS) and kernel.scheduler.armed_tick("timer", timer) is not None:
        kernel.wait("k_timer_status_sync", timer, timer + _WAIT_Q, FOREVER)


@service("z_impl_k_timer_status_get")
def k_timer_status_get(kernel: Kernel, timer: int) -> int:
    """How often it has expired since this was asked last."""
    status = kernel.guest.word(timer + _STATUS)
    kernel.guest.write_word(timer + _STATUS, 0)
    return status


@service("z_timeout_remaining")
def z_timeout_remaining(kernel: Kernel, timeout: int) -> int:
    """Ticks until a struct _timeout is due; 0 if it is not armed."""
    tick = _tick(kernel, timeout)
    return 0 if tick is None else max(0, tick - kernel.scheduler.now)


@service("z_timeout_expires")
def z_timeout_expires(kernel: Kernel, timeout: int) -> int:
    """The tick at which it is due; the present one if it is not armed."""
    tick = _tick(kernel, timeout)
    return kernel.scheduler.now if tick is None else tick


def _tick(kernel: Kernel, timeout: int) -> int | None:
    kernel.guest.word(timeout)
    ticks = (kernel.scheduler.armed_tick(kind, timeout - offset) for kind, offset in _TIMEOUTS.items())
    return next((tick for tick in ticks if tick is not None), None)


def _functions(kernel: Kernel, within: Within) -> Iterator[str]:
    """Timers that run, for whoever wants to unload the code that they call."""
    for _, _, kind, address in kernel.state.timeouts:
        if kind == "timer":
            yield from handler_within(kernel, within, kind, address, _EXPIRY, _STOP)


USES.append(_functions)
