"""What else code asks of threads and sets for them: state in words, statistics, deadlines, slices, stacks from the heap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.thread_facts import RUNTIME_STATS
from llext.abi.catalogue.threads import K_THREAD, THREAD_NAME_BYTES
from llext.errors import Errno, HeapError
from llext.kernel.registry import service
from llext.kernel.threads import living
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_NAME, _STATE, _CUSTOM = (K_THREAD.offsets[name] for name in ("name", "base.thread_state", "custom_data"))
_INT_MAX = 0x7FFFFFFF
_STATE_WORDS = ("dummy", "pending", "sleeping", "dead", "suspended", "aborting", "suspending", "queued")
"""Of the bits of ``base.thread_state``, the lowest first (Zephyr 4.1 and later)."""


# Words ----------------------------------------------------------------------------------------------------------------------


@service("k_thread_name_get")
def k_thread_name_get(_kernel: Kernel, thread: int) -> int:
    """Where its name lies; an empty one if it has none."""
    return thread + _NAME


@service("z_impl_k_thread_name_copy")
def k_thread_name_copy(kernel: Kernel, thread: int, buffer: int, size: int) -> int:
    """Copies as strncpy does."""
    name = kernel.guest.string(thread + _NAME, THREAD_NAME_BYTES)
    copy = kernel.guest.writable(buffer, size)  # before anything of that size is made
    copy[:] = name[:size].ljust(size, b"\0")
    return 0


@service("k_thread_state_str")
def k_thread_state_str(kernel: Kernel, thread: int, buffer: int, size: int) -> int:
    """Its state in words, joined by "+", cut to the buffer; the buffer, or an empty string without one."""
    if not buffer or not size:
        return kernel.runtime("z_empty_string")
    state = kernel.guest.read(thread + _STATE, 1)[0]
    text = "+".join(word for bit, word in enumerate(_STATE_WORDS) if state & 1 << bit)
    kernel.guest.write(buffer, text.encode()[: size - 1] + b"\0")
    return buffer


# What belongs to a thread ---------------------------------------------------------------------------------------------------


@service("z_impl_k_thread_custom_data_set")
def k_thread_custom_data_set(kernel: Kernel, value: int) -> None:
    """A word of the running thread that is its own business."""
    kernel.guest.write_word(kernel.state.current + _CUSTOM, value)


@service("z_impl_k_thread_custom_data_get")
def k_thread_custom_data_get(kernel: Kernel) -> int:
    """That word; 0 in a new thread."""
    return kernel.guest.word(kernel.state.current + _CUSTOM)


@service("k_thread_runtime_stats_get")
def k_thread_runtime_stats_get(kernel: Kernel, thread: int, stats: int) -> int:
    """For how many cycles it has run. -EINVAL without a thread or a place for the answer."""
    if not thread or not stats:
        return -Errno.EINVAL
    found, state = kernel.state.threads.get(thread), kernel.state
    ran = found.ran if found else 0
    if found is not None and thread == state.current and not state.in_isr:
        ran += state.nanoseconds - state.resumed
    cycles = ran * kernel.machine.target.clock_hz // 1_000_000_000
    RUNTIME_STATS.write(
        kernel.guest.writable(stats, RUNTIME_STATS.size), {"execution_cycles": cycles, "total_cycles": cycles, "idle_cycles": 0}
    )
    return 0


@service("z_thread_before")
def z_thread_before(kernel: Kernel, thread: int) -> int:
    """The thread that was created before this one, NULL for the newest; NULL behind the oldest."""
    state = kernel.state
    # The thread of calls from Python is no part of an application, which has a main thread of its own.
    alive = [address for address in state.threads if not (state.application and address == state.main)]
    if not thread:
        return alive[-1] if alive else 0
    at = alive.index(thread) if thread in alive else 0
    return alive[at - 1] if at else 0


# Deadlines and slices -------------------------------------------------------------------------------------------------------


@service("z_impl_k_thread_deadline_set")
def k_thread_deadline_set(kernel: Kernel, thread: int, cycles: int) -> None:
    """So many cycles from now; among equals who has an earlier deadline comes first."""
    k_thread_absolute_deadline_set(kernel, thread, _now(kernel) + max(0, min(cycles, _INT_MAX)))


@service("z_impl_k_thread_absolute_deadline_set")
def k_thread_absolute_deadline_set(kernel: Kernel, thread: int, deadline: int) -> None:
    """At so many cycles of the counter."""
    found = living(kernel, thread)
    if found is not None:
        now = _now(kernel)
        ahead = (deadline - now + (1 << 31)) % (1 << 32) - (1 << 31)  # the counter has 32 bits
        kernel.scheduler.set_deadline(found, max(0, now + ahead))


def _now(kernel: Kernel) -> int:
    return kernel.state.nanoseconds * kernel.machine.target.clock_hz // 1_000_000_000


@service("z_impl_k_reschedule")
def k_reschedule(kernel: Kernel) -> None:
    """Looks who is to run."""
    kernel.state.swap = True


@service("k_sched_time_slice_set")
def k_sched_time_slice_set(kernel: Kernel, milliseconds: int, priority: int) -> None:
    """For how long a thread of this priority, or a less urgent one, runs before its equals do; 0 for no end."""
    state = kernel.state
    if milliseconds < 0:
        raise MachineFault(f"k_sched_time_slice_set: a slice of {milliseconds} ms", None)
    state.slice_ticks = -(-milliseconds * kernel.scheduler.ticks_per_second // 1000)
    state.slice_priority, state.switched = priority, state.nanoseconds


@service("k_thread_time_slice_set")
def k_thread_time_slice_set(kernel: Kernel, thread: int, ticks: int, expired: int, data: int) -> None:
    """The same for one thread, which may be told; 0 ticks give it the common slice again."""
    found = living(kernel, thread)
    if found is not None:
        found.sliced = ticks if ticks > 0 else -1
        found.slice_ended = (expired, data)


# Questions ------------------------------------------------------------------------------------------------------------------


@service("k_is_pre_kernel")
def k_is_pre_kernel(kernel: Kernel) -> int:
    """Whether an application is at a level before POST_KERNEL."""
    return int(kernel.state.booting)


@service("k_can_yield")
def k_can_yield(kernel: Kernel) -> int:
    """Whether the code that asks may wait."""
    return int(not kernel.state.in_isr)


# Stacks ---------------------------------------------------------------------------------------------------------------------


@service("z_impl_k_thread_stack_alloc")
def k_thread_stack_alloc(kernel: Kernel, size: int, _flags: int) -> int:
    """A stack from the system heap, with its guard, or NULL."""
    granule = kernel.machine.target.granule
    total = granule + -(-size // granule) * granule
    block = kernel.system_heap.aligned_alloc(granule, total) if 0 < size < 1 << 31 else None
    if block is not None:
        kernel.state.stacks[block] = total
    return block or 0


@service("z_impl_k_thread_stack_free")
def k_thread_stack_free(kernel: Kernel, stack: int) -> int:
    """0; -EBUSY while a thread uses it, -EINVAL if it is no stack that was allocated."""
    total = kernel.state.stacks.get(stack)
    if total is None:
        return -Errno.EINVAL
    if any(stack <= each.stack < stack + total for each in kernel.state.threads.values()):
        return -Errno.EBUSY
    del kernel.state.stacks[stack]
    try:
        kernel.system_heap.free(stack)
    except HeapError as error:
        raise MachineFault(f"k_thread_stack_free: {error.message}", None) from None
    return 0
