"""k_event: 32 bits, of which threads wait for any or all.

One post wakes all whom it satisfies, by what the bits are then; what the ``_safe`` ones among them got is cleared behind that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.sync import K_EVENT
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_EVENTS = K_EVENT.offsets["events"]
_ALL_BITS = 0xFFFFFFFF
_ALL, _SAFE = 1, 2
"""How a thread waits: for all bits; clearing what it gets."""


@service("z_impl_k_event_init")
def k_event_init(kernel: Kernel, event: int) -> None:
    """No bit is set."""
    kernel.guest.write(event, bytes(K_EVENT.size))


@service("z_impl_k_event_post")
def k_event_post(kernel: Kernel, event: int, events: int) -> int:
    """Sets bits; returns which of them were set."""
    return _change(kernel, event, events, events)


@service("z_impl_k_event_set")
def k_event_set(kernel: Kernel, event: int, events: int) -> int:
    """Replaces all bits; returns what they were."""
    return _change(kernel, event, events, _ALL_BITS)


@service("z_impl_k_event_set_masked")
def k_event_set_masked(kernel: Kernel, event: int, events: int, mask: int) -> int:
    """Replaces the bits of a mask; returns what they were."""
    return _change(kernel, event, events, mask)


@service("z_impl_k_event_clear")
def k_event_clear(kernel: Kernel, event: int, events: int) -> int:
    """Clears bits; returns which of them were set."""
    return _change(kernel, event, 0, events)


@service("z_impl_k_event_wait")
def k_event_wait(kernel: Kernel, event: int, events: int, reset: int, timeout: int) -> int:
    """Those of some bits that are set, as soon as one is; 0 if none was in time."""
    return _wait(kernel, "k_event_wait", (event, events, reset, timeout), 0)


@service("z_impl_k_event_wait_all")
def k_event_wait_all(kernel: Kernel, event: int, events: int, reset: int, timeout: int) -> int:
    """Some bits, as soon as all of them are set; 0 if they were not in time."""
    return _wait(kernel, "k_event_wait_all", (event, events, reset, timeout), _ALL)


@service("z_impl_k_event_wait_safe")
def k_event_wait_safe(kernel: Kernel, event: int, events: int, reset: int, timeout: int) -> int:
    """k_event_wait, and what it returns is cleared."""
    return _wait(kernel, "k_event_wait_safe", (event, events, reset, timeout), _SAFE)


@service("z_impl_k_event_wait_all_safe")
def k_event_wait_all_safe(kernel: Kernel, event: int, events: int, reset: int, timeout: int) -> int:
    """k_event_wait_all, and what it returns is cleared."""
    return _wait(kernel, "k_event_wait_all_safe", (event, events, reset, timeout), _ALL | _SAFE)


def _change(kernel: Kernel, event: int, events: int, mask: int) -> int:
    before = kernel.guest.word(event + _EVENTS)
    after = before & ~mask | events & mask
    cleared = 0
    for thread in kernel.scheduler.waiting(event):
        wanted, how = thread.data
        got = _match(wanted, after, how)
        if got:
            kernel.scheduler.wake(thread, got)
            cleared |= got if how & _SAFE else 0
    kernel.guest.write_word(event + _EVENTS, after & ~cleared)
    return before & mask


def _wait(kernel: Kernel, name: str, arguments: tuple[int, int, int, int], how: int) -> int:
    event, wanted, reset, timeout = arguments
    if not wanted:
        return 0
    now = 0 if reset else kernel.guest.word(event + _EVENTS)
    got = _match(wanted, now, how)
    if reset or (got and how & _SAFE):
        kernel.guest.write_word(event + _EVENTS, now & ~got)
    if got or not timeout:
        return got
    return kernel.wait(name, event, event, timeout, expired=0, data=(wanted, how))


def _match(wanted: int, now: int, how: int) -> int:
    got = wanted & now
    return 0 if how & _ALL and got != wanted else got
