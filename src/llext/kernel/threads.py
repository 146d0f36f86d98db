"""Threads: their life, their priorities, sleeping, and what can be asked of them."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from llext.abi.catalogue.threads import K_THREAD, THREAD_NAME_BYTES
from llext.errors import Errno, HeapError
from llext.kernel.loop import expiry
from llext.kernel.mutexes import pass_on
from llext.kernel.reasons import PANIC
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER
from llext.kernel.state import BLOCKED, STACK_PAINT, Options, States, Thread
from llext.machine import MachineFault, Permission

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_STACK_START, _STACK_SIZE = K_THREAD.offsets["stack_info.start"], K_THREAD.offsets["stack_info.size"]
_INT_MAX = 0x7FFFFFFF
_POOL = K_THREAD.offsets["resource_pool"]
_STATE, _PRIORITY = K_THREAD.offsets["base.thread_state"], K_THREAD.offsets["base.prio"]
_JOIN, _NAME, _ERRNO = K_THREAD.offsets["join_queue"], K_THREAD.offsets["name"], K_THREAD.offsets["errno_var"]


# Life -------------------------------------------------------------------------------------------------------------------


@service("z_impl_k_thread_create")
def k_thread_create(
    kernel: Kernel,
    thread: int,
    stack: int,
    size: int,
    entry: int,
    p1: int,
    p2: int,
    p3: int,
    priority: int,
    options: int,
    delay: int,
) -> int:
    """Makes a thread and returns its identifier; it is ready now, later, or when it is started."""
    if kernel.state.in_isr:
        raise MachineFault("k_thread_create: Threads may not be created in ISRs", None)
    _check_priority(kernel, "k_thread_create", priority)
    made = _made(kernel, thread, stack, size, priority)
    made.entry, made.options = entry, options & 0xFF
    top = (made.stack + made.stack_size) & -16
    machine = kernel.machine
    made.context = machine.contexts.fresh(kernel.runtime("z_thread_entry"), (entry, p1, p2, p3), top, 0)
    if delay == 0:
        kernel.scheduler.set_states(made, off=States.SLEEPING)
    elif delay != FOREVER:
        kernel.scheduler.arm("thread", thread, kernel.scheduler.deadline(delay))
    return thread


def living(kernel: Kernel, thread: int) -> Thread | None:
    """The thread of a struct k_thread; None if it ended or was never created. NULL is a bad pointer, as it is for Zephyr."""
    found = kernel.state.threads.get(thread)
    if found is None:
        kernel.guest.read(thread + _STATE, 1)
    return found


def _made(kernel: Kernel, address: int, stack: int, size: int, priority: int) -> Thread:
    """A thread that has not started, its struct and stack fresh."""
    known = kernel.state.threads.get(address)
    if known is not None:
        raise MachineFault(
            f"k_thread_create: {kernel.thread_name(known)} is alive, and is created again in its struct k_thread at", address
        )
    pool = kernel.guest.word(kernel.state.current + _POOL)
    if kernel.guest.read(address + _STATE, 1)[0] & States.DEAD:
        _forget_variables(kernel, address)
    kernel.guest.write(address, bytes(K_THREAD.size))
    granule = kernel.machine.target.granule
    guard = granule if stack % granule == 0 else 0
    _check_stack(kernel, stack, guard, size)
    if guard:
        kernel.machine.protect(stack, guard, Permission.NONE)
    start = stack + guard
    kernel.guest.write(start, STACK_PAINT * size)
    info = {"stack_info.start": start, "stack_info.size": size, "resource_pool": pool}
    K_THREAD.write(kernel.guest.writable(address, K_THREAD.size), info)
    made = Thread(address, priority, stack=start, stack_size=size, guard=guard, block=address + _ERRNO, states=States.SLEEPING)
    kernel.state.threads[address] = made
    kernel.mirror(made)
    return made


def _check_stack(kernel: Kernel, stack: int, guard: int, size: int) -> None:
    if kernel.machine.memory.block_of(stack, guard + size) is None:
        raise MachineFault(f"k_thread_create: no memory has room for a stack of {size} bytes at", stack)
    kernel.guest.writable(stack + guard, size)
    for other in kernel.state.threads.values():
        if other.stack == stack + guard:
            words = f"k_thread_create: {kernel.thread_name(other)} is alive, and its stack is given to another thread at"
            raise MachineFault(words, stack)


_VARIABLE = struct.Struct("<II")
_VARIABLE_MARK = 0x4C544D45
"""What a block with a thread-local variable begins with, and whose it is (zephyr/support/emulated_tls.c)."""


def _forget_variables(kernel: Kernel, thread: int) -> None:
    """A struct k_thread is used again: the variables of the thread that was there before are nobody's."""
    memory = kernel.machine.memory
    with suppress(HeapError):
        for address, size, used in kernel.system_heap.chunks():
            for start in (address + 8, address + 16):  # where a block of k_malloc begins, by the size of headers
                inside = used and start + _VARIABLE.size <= address + size
                if inside and _VARIABLE.unpack(memory.read(start, _VARIABLE.size)) == (_VARIABLE_MARK, thread):
                    memory.write_word(start + 4, 0)


@service("z_impl_k_thread_start")
def k_thread_start(kernel: Kernel, thread: int) -> None:
    """Lets a thread run that was created with K_FOREVER or a delay; nothing if it does already."""
    found = living(kernel, thread)
    if found is not None and found.states & States.SLEEPING and not found.result and found.waits_for == ("", 0):
        kernel.scheduler.disarm("thread", thread)
        kernel.scheduler.set_states(found, off=States.SLEEPING)


@service("z_impl_k_thread_abort")
def k_thread_abort(kernel: Kernel, thread: int) -> None:
    """Ends a thread; who waits for that goes on. What it holds stays held."""
    found = living(kernel, thread)
    if found is not None:
        not_below_python(kernel, "k_thread_abort", found)
        end_thread(kernel, found)
        panic_if_essential(found)
    else:  # dead from now on, also if it never was created
        kernel.guest.store(thread + _STATE, kernel.guest.read(thread + _STATE, 1)[0] | States.DEAD, 1)


def end_thread(kernel: Kernel, thread: Thread) -> None:
    """Takes a thread out of everything, and its guard away."""
    if thread.address == kernel.state.main:
        raise MachineFault(f"aborted essential thread {thread.address:#x}: it is that of calls from Python", None, fatal=PANIC)
    kernel.scheduler.forget(thread)
    for lock in kernel.extensions.give_up(thread.address) if kernel.extensions else ():
        pass_on(kernel, lock)
    if thread.guard:
        kernel.machine.protect(thread.stack - thread.guard, thread.guard, Permission.RW)
    for waiter in kernel.scheduler.waiting(thread.address + _JOIN):
        kernel.scheduler.wake(waiter)


def panic_if_essential(thread: Thread, registers: dict[str, int] | None = None) -> None:
    """Without some threads firmware cannot go on."""
    if thread.options & Options.ESSENTIAL:
        words = f"aborted essential thread {thread.address:#x}" + (f" ({thread.name})" if thread.name else "")
        raise MachineFault(words, None, registers or {}, fatal=PANIC)


def not_below_python(kernel: Kernel, service_name: str, thread: Thread) -> None:
    """A thread cannot stop itself below a Python function that it called: that has to return first."""
    if thread is kernel.current and kernel.machine.nesting > 1 and not kernel.state.in_isr:
        words = f"{service_name} would stop {kernel.thread_name(thread)} while a Python function waits for this call"
        raise MachineFault(words, None)


def not_in_isr(kernel: Kernel, service_name: str) -> None:
    """What Zephyr asserts of services that are for threads only."""
    if kernel.state.in_isr:
        raise MachineFault(f"{service_name} is not for interrupt handlers", None)


def _check_priority(kernel: Kernel, service_name: str, priority: int) -> None:
    lowest, highest = kernel.settings.lowest, kernel.settings.highest
    if not highest <= priority <= lowest:
        words = f"invalid priority ({priority}); allowed range: {lowest} to {highest}"
        raise MachineFault(f"{service_name}: {words}", None)


@service("z_impl_k_thread_join")
def k_thread_join(kernel: Kernel, thread: int, timeout: int) -> int:
    """0 once it is dead; -EBUSY without waiting, -EDEADLK for itself or who joins this one, -EAGAIN.

    What was never created is not dead, and is waited for.
    """
    found, current = kernel.state.threads.get(thread), kernel.current
    if found is None and kernel.guest.read(thread + _STATE, 1)[0] & States.DEAD:
        return 0
    if timeout == 0:
        return -Errno.EBUSY
    not_in_isr(kernel, "k_thread_join")
    if found is current or (found is not None and found.queue == current.address + _JOIN):
        return -Errno.EDEADLK
    return kernel.wait("k_thread_join", thread, thread + _JOIN, timeout)


@service("z_impl_k_thread_suspend")
def k_thread_suspend(kernel: Kernel, thread: int) -> None:
    """Stops a thread until k_thread_resume, wherever it is."""
    found = living(kernel, thread)
    if found is not None:
        not_below_python(kernel, "k_thread_suspend", found)
        if not found.states & BLOCKED:
            found.since = kernel.scheduler.now
        kernel.scheduler.set_states(found, on=States.SUSPENDED)


@service("z_impl_k_thread_resume")
def k_thread_resume(kernel: Kernel, thread: int) -> None:
    """Lets a suspended thread go on."""
    found = living(kernel, thread)
    if found is not None:
        kernel.scheduler.set_states(found, off=States.SUSPENDED)


# Sleeping -----------------------------------------------------------------------------------------------------------------


@service("z_impl_k_sleep")
def k_sleep(kernel: Kernel, timeout: int) -> int:
    """0, or the milliseconds that were left when k_wakeup came; no time at all is k_yield."""
    return _sleep(kernel, "k_sleep", timeout, 1000)


@service("z_impl_k_usleep")
def k_usleep(kernel: Kernel, microseconds: int) -> int:
    """The same in microseconds."""
    ticks = -(-max(0, microseconds) * kernel.scheduler.ticks_per_second // 1_000_000)
    return _sleep(kernel, "k_usleep", ticks, 1_000_000)


def _sleep(kernel: Kernel, name: str, timeout: int, unit: int) -> int:
    if not kernel.may_wait:
        kernel.wait(name, 0, 0, timeout)
    if timeout == 0:
        kernel.scheduler.yield_()
        return 0
    thread, scheduler = kernel.current, kernel.scheduler
    thread.waits_for, thread.since, thread.expired, thread.result = (name, 0), scheduler.now, 0, None
    asked = scheduler.now + timeout if timeout >= 0 else -2 - timeout  # it wakes one edge later, which is not asked for
    thread.data = (unit, asked)
    scheduler.set_states(thread, on=States.SLEEPING)
    if timeout != FOREVER:
        scheduler.arm("thread", thread.address, scheduler.deadline(timeout))
    return 0


@service("z_impl_k_wakeup")
def k_wakeup(kernel: Kernel, thread: int) -> None:
    """Ends a sleep, and nothing else."""
    found = living(kernel, thread)
    if found is None or not found.states & States.SLEEPING or found.states & States.PENDING or not found.waits_for[0]:
        return
    unit, asked = found.data
    rate = kernel.scheduler.ticks_per_second
    forever = kernel.scheduler.armed_tick("thread", thread) is None
    left = -1 if forever else min(-(-max(0, asked - kernel.scheduler.now) * unit // rate), _INT_MAX)
    kernel.scheduler.wake(found, left)


@expiry("thread")
def _time_is_over(kernel: Kernel, address: int) -> None:
    thread = kernel.state.threads[address]
    if thread.context is not None and thread.waits_for == ("", 0):  # created with a delay
        kernel.scheduler.set_states(thread, off=States.SLEEPING)
    else:
        kernel.scheduler.wake(thread, thread.expired)


@service("z_impl_k_yield")
def k_yield(kernel: Kernel) -> None:
    """Lets equals run."""
    if kernel.state.in_isr or kernel.machine.nesting > 1:
        kernel.wait("k_yield", 0, 0, 0)
    kernel.scheduler.yield_()


# Priorities -----------------------------------------------------------------------------------------------------------------


@service("z_impl_k_thread_priority_set")
def k_thread_priority_set(kernel: Kernel, thread: int, priority: int) -> None:
    """Another priority, behind its equals, even if it is the same."""
    not_in_isr(kernel, "k_thread_priority_set")
    _check_priority(kernel, "k_thread_priority_set", priority)
    found = living(kernel, thread)
    if found is not None:
        kernel.scheduler.set_priority(found, priority)
        if found is kernel.current and not found.locked:
            kernel.state.yields = True  # a cooperative one too


@service("z_impl_k_thread_priority_get")
def k_thread_priority_get(kernel: Kernel, thread: int) -> int:
    """As it is now, a priority that was inherited included."""
    priority = kernel.guest.read(thread + _PRIORITY, 1)[0]
    return priority - 256 if priority > 127 else priority


@service("k_sched_lock")
def k_sched_lock(kernel: Kernel) -> None:
    """Nobody else runs until it is unlocked as often, or this thread waits."""
    not_in_isr(kernel, "k_sched_lock")
    kernel.current.locked += 1
    kernel.mirror(kernel.current)


@service("k_sched_unlock")
def k_sched_unlock(kernel: Kernel) -> None:
    """The last one lets a more urgent thread run."""
    not_in_isr(kernel, "k_sched_unlock")
    thread = kernel.current
    if not thread.locked:
        raise MachineFault("k_sched_unlock: the scheduler is not locked by this thread", None)
    thread.locked -= 1
    kernel.mirror(thread)
    kernel.state.swap = True


# Questions --------------------------------------------------------------------------------------------------------------------


@service("z_impl_k_sched_current_thread_query")
def k_current_get(kernel: Kernel) -> int:
    """The running thread's identifier."""
    return kernel.state.current


@service("z_impl_k_is_preempt_thread")
def k_is_preempt_thread(kernel: Kernel) -> int:
    """Whether a more urgent thread may take the place of the running one."""
    thread = kernel.current
    return int(not kernel.state.in_isr and thread.priority >= 0 and not thread.locked)


@service("z_impl_k_thread_name_set")
def k_thread_name_set(kernel: Kernel, thread: int, name: int) -> int:
    """Cut to 31 bytes; NULL names the running thread."""
    give_name(kernel, thread or kernel.state.current, kernel.guest.string(name, THREAD_NAME_BYTES - 1))
    return 0


def give_name(kernel: Kernel, thread: int, name: bytes) -> None:
    """Names a thread, for words and for C code that reads it."""
    kernel.guest.write(thread + _NAME, name.ljust(THREAD_NAME_BYTES, b"\0"))
    found = kernel.state.threads.get(thread)
    if found is not None:
        found.name = name.decode("utf-8", "replace")


@service("z_impl_k_thread_stack_space_get")
def k_thread_stack_space_get(kernel: Kernel, thread: int, unused: int) -> int:
    """How many bytes of its stack were never touched, also after it ended; -EINVAL if it never was a thread."""
    size = kernel.guest.word(thread + _STACK_SIZE)
    if not size:
        return -Errno.EINVAL
    stack = kernel.guest.read(kernel.guest.word(thread + _STACK_START), size)
    kernel.guest.write_word(unused, len(stack) - len(stack.lstrip(STACK_PAINT)))
    return 0
