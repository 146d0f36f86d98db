"""Who can run, who waits where, and what the clock will do: Zephyr's rules on plain data, no registers, no guest memory.

The most urgent thread runs, the one that became ready first among equals. A waiter is woken in that order too. What is
due at the same tick is done in the order in which it was asked for.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable

from llext.errors import Errno
from llext.kernel.state import BLOCKED, KernelState, States, Thread, Timeout

FOREVER = -1
"""K_FOREVER; times from -2 downward are points in time (K_TIMEOUT_ABS_TICKS)."""


class Scheduler:
    """Rules on the kernel's state.

    Args:
        state: The state.
        changed: Told of a thread whose state or priority is another one now.
    """

    def __init__(self, state: KernelState, changed: Callable[[Thread], None], ticks_per_second: int = 10_000) -> None:
        self.state = state
        self.ticks_per_second = ticks_per_second
        self._changed = changed

    # Threads that can run ---------------------------------------------------------------------------------------------

    @property
    def current(self) -> Thread:
        """The thread that runs."""
        return self.state.threads[self.state.current]

    def ticket(self) -> int:
        """A place behind all others."""
        self.state.tickets += 1
        return self.state.tickets

    def choose(self) -> Thread | None:
        """Who runs next; None if nobody can.

        A cooperative thread, or one that has locked the scheduler, goes on until it waits or yields.
        """
        state = self.state
        if not state.ready:
            return None
        running = state.threads.get(state.current)
        if (
            running is not None
            and not running.states & BLOCKED
            and not state.yields
            and (running.priority < 0 or running.locked)
        ):
            return running
        return state.threads[state.ready[0][-1]]

    def _list(self, thread: Thread) -> None:
        insort(self.state.ready, _key(thread))

    def _unlist(self, thread: Thread) -> None:
        key = _key(thread)
        at = bisect_left(self.state.ready, key)
        if at < len(self.state.ready) and self.state.ready[at] == key:
            del self.state.ready[at]

    def set_states(self, thread: Thread, on: int = 0, off: int = 0) -> None:
        """Sets and clears reasons not to run; a thread that can run again stands behind its equals."""
        before = thread.states
        thread.states = states = before & ~off | on
        if states == before:
            return
        if before & BLOCKED and not states & BLOCKED:
            thread.ticket = self.ticket()
            self._list(thread)
        elif states & BLOCKED and not before & BLOCKED:
            self._unlist(thread)
        self.state.swap = True
        self._changed(thread)

    def yield_(self) -> None:
        """Puts the running thread behind its equals."""
        self._requeue(self.current, self.current.priority, self.current.deadline)
        self.state.swap = self.state.yields = True

    def set_priority(self, thread: Thread, priority: int) -> None:
        """Another priority, behind the equals of the new one; in the wait queue too."""
        self._sort_anew(thread, priority, thread.deadline)
        self.state.swap = True
        self._changed(thread)

    def set_deadline(self, thread: Thread, deadline: int) -> None:
        """Another deadline; who runs is not looked at for that."""
        self._sort_anew(thread, thread.priority, deadline)

    def _sort_anew(self, thread: Thread, priority: int, deadline: int) -> None:
        queue = self.state.queues.get(thread.queue, [])
        if thread.queue:
            queue.remove(_key(thread))
        self._requeue(thread, priority, deadline)
        if thread.queue:
            insort(queue, _key(thread))

    def _requeue(self, thread: Thread, priority: int, deadline: int) -> None:
        ready = not thread.states & BLOCKED
        if ready:
            self._unlist(thread)
        thread.priority, thread.deadline, thread.ticket = priority, deadline, self.ticket()
        if ready:
            self._list(thread)

    # Wait queues ------------------------------------------------------------------------------------------------------

    def pend(self, thread: Thread, queue: int, timeout: int, expired: int = -Errno.EAGAIN) -> None:
        """Lets a thread wait in a queue until it is woken or its time is over.

        Args:
            thread: Who.
            queue: Address of the wait queue.
            timeout: Ticks as a k_timeout_t holds them.
            expired: What its service returns in the latter case.
        """
        thread.queue, thread.expired, thread.since, thread.result = queue, expired, self.now, None
        thread.retry = ""
        self.set_states(thread, on=States.PENDING)
        thread.ticket = self.ticket()
        insort(self.state.queues.setdefault(queue, []), _key(thread))
        if timeout != FOREVER:
            self.arm("thread", thread.address, self.deadline(timeout))

    def first(self, queue: int) -> Thread | None:
        """Who is woken next."""
        waiting = self.state.queues.get(queue)
        return self.state.threads[waiting[0][-1]] if waiting else None

    def waiting(self, queue: int) -> list[Thread]:
        """All who wait, in the order of waking."""
        return [self.state.threads[address] for *_, address in self.state.queues.get(queue, ())]

    def wake(self, thread: Thread, result: int = 0, high: int = 0) -> None:
        """Ends a thread's waiting; its service returns the result."""
        self._leave_queue(thread)
        self.disarm("thread", thread.address)
        thread.result = (result & 0xFFFFFFFF, high & 0xFFFFFFFF)
        thread.waits_for = ("", 0)
        self.set_states(thread, off=States.PENDING | States.SLEEPING)

    def _leave_queue(self, thread: Thread) -> None:
        if not thread.queue:
            return
        waiting = self.state.queues[thread.queue]
        waiting.remove(_key(thread))
        if not waiting:
            del self.state.queues[thread.queue]
        thread.queue = 0

    def forget(self, thread: Thread) -> None:
        """Takes a thread out of everything."""
        self._leave_queue(thread)
        self.disarm("thread", thread.address)
        self.set_states(thread, on=States.DEAD, off=States.PENDING | States.SLEEPING | States.SUSPENDED)
        del self.state.threads[thread.address]

    # The clock --------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Ticks since power-on."""
        return self.state.nanoseconds * self.ticks_per_second // 1_000_000_000

    def at(self, tick: int) -> int:
        """Nanoseconds since power-on at which a tick begins, rounded up."""
        return -(-tick * 1_000_000_000 // self.ticks_per_second)

    def deadline(self, timeout: int) -> int:
        """The tick at which a wait ends: more than as many ticks as asked for from now, at least the next one.

        A relative time begins somewhere in a tick, so that it ends at the edge behind the last one that it takes. In the
        clock's interrupt it begins at the edge that is served, however late that is.
        """
        now = self.state.edge if self.state.edge >= 0 else self.now
        return max(now + 1, -2 - timeout) if timeout < FOREVER else now + timeout + 1

    def rest(self, until: int) -> int:
        """What is left of a wait until a tick (as K_TIMEOUT_ABS_TICKS has it, or for ever) for who waits once more; 0 for nothing."""
        return until if until == FOREVER or self.now < -2 - until else 0

    def arm(self, kind: str, address: int, tick: int) -> None:
        """Lets the clock do something at a tick, in place of what it would have done for the same."""
        self.disarm(kind, address)
        entry = (tick, self.ticket(), kind, address)
        self.state.armed[kind, address] = entry
        insort(self.state.timeouts, entry)

    def disarm(self, kind: str, address: int) -> bool:
        """Takes that back; False if there was nothing."""
        entry = self.state.armed.pop((kind, address), None)
        if entry is None:
            return False
        timeouts = self.state.timeouts
        del timeouts[bisect_left(timeouts, entry)]
        return True

    def armed_tick(self, kind: str, address: int) -> int | None:
        """The tick of what is armed, or None."""
        entry = self.state.armed.get((kind, address))
        return entry[0] if entry else None

    def due(self) -> Timeout | None:
        """What is due now, once."""
        timeouts = self.state.timeouts
        if not timeouts or timeouts[0][0] > self.now:
            return None
        entry = timeouts.pop(0)
        del self.state.armed[entry[2:]]
        return entry


def _key(thread: Thread) -> tuple[int, int, int, int]:
    """What ready threads and waiters are sorted by."""
    return thread.priority, thread.deadline, thread.ticket, thread.address
