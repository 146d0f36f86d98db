"""A small model of Zephyr's scheduling, written from its rules alone: it predicts what a program's threads do, in order.

Threads are generators: each step is an operation, and what they yield is "let the scheduler look". Time is in microseconds,
what is due comes at ticks; time moves when nobody can run, and when somebody computes (``busy``). The objects that threads
share are in ``schedule_objects``.
"""

from typing import NamedTuple

EAGAIN, EBUSY, EDEADLK = -11, -16, -45
FOREVER = -1
IN_ISR = "in_isr:"
TICK = 100
NO_DEADLINE = -1


class Start(NamedTuple):
    """How a thread begins: ``delay`` in ticks, ``slice`` its own, in ticks too."""

    priority: int
    delay: int = 0
    slice: int = 0


class Program(NamedTuple):
    """What a run does: operations (code, object, argument, value) of each thread; the rest is for all."""

    threads: list[tuple[Start, list]]
    slices_ms: int = 0
    worker_priority: int = 0


class Thread:
    def __init__(self, number, priority, slice_=0):
        self.number, self.priority, self.deadline = number, priority, NO_DEADLINE
        self.blocked = set()  # of "wait", "sleep", "start", "suspended", "dead"
        self.slice, self.busy = slice_, 0
        self.result, self.in_isr = 0, False
        self.place, self.asked = number + 1, None
        self.waits = None
        self.data = None
        self.locks = 0
        self.life = None
        self.id, self.index, self.next = 0, 0, 0

    @property
    def rank(self):
        """What is smaller comes first."""
        return self.priority, self.deadline


class Scheduler:
    """One run of a program: ``trace`` has (thread, index, result, tick) for each operation."""

    def __init__(self, program, ticks, grid=0):
        self.grid = grid
        self.us, self.serving, self.counter, self.trace = 0, None, 0, []
        self.program, self.joins = program, {}
        self.main = Thread(-1, 0)
        self.threads = [Thread(number, start.priority, start.slice) for number, (start, _) in enumerate(program.threads)]
        for thread in self.threads:
            thread.life = self.runs(thread, program.threads[thread.number][1])
        self.main.life = self.starts(ticks)
        self.current = self.main
        self.ready = [self.main]
        self.timeouts = []
        self.sliced, self.slice_began, self.over = None, 0, False
        self.changed = False  # who is to run is looked at

    # Rules ------------------------------------------------------------------------------------------------------------

    @property
    def now(self):
        """The tick from which times count: in the clock's interrupt the one that it serves."""
        return self.us // TICK if self.serving is None else self.serving

    def note(self, who, index, result):
        self.trace.append((who, index, result, self.us // TICK))

    def place(self, queue, thread):
        """Behind all that are as urgent: before the first that is less so."""
        queue.insert(next((at for at, other in enumerate(queue) if other.rank > thread.rank), len(queue)), thread)

    def add(self, thread):
        self.place(self.ready, thread)

    def block(self, thread, why):
        if not thread.blocked and thread in self.ready:
            self.ready.remove(thread)
        self.changed |= why not in thread.blocked
        thread.blocked.add(why)

    def unblock(self, thread, why):
        if why in thread.blocked:
            thread.blocked.remove(why)
            self.changed = True
            if not thread.blocked:
                self.add(thread)

    def arm(self, what, tick):
        self.counter += 1
        self.timeouts.append((tick, self.counter, what))

    def time_out(self, thread, ticks):
        if ticks != FOREVER:
            self.arm(thread, self.end_of(thread, ticks))

    def end_of(self, whose, ticks):
        """The tick behind so many, or a place on a grid of them that nothing else has."""
        if not self.grid:
            return self.now + ticks + 1
        return (self.now // self.grid + ticks) * self.grid + 10 * whose.place

    def forget_timeout(self, what):
        self.timeouts = [entry for entry in self.timeouts if entry[2] is not what]

    def wait(self, thread, queue, ticks, data=None, late=EAGAIN):
        """Waits in the queue; ``data`` is for whom wakes it, ``late`` the result when the time is over."""
        self.place(queue, thread)
        thread.waits, thread.data, thread.result = queue, data, late
        self.block(thread, "wait")
        self.time_out(thread, ticks)

    def wake(self, thread, result):
        if thread.waits is not None:
            thread.waits.remove(thread)
            thread.waits = None
        self.forget_timeout(thread)
        thread.result = result
        self.unblock(thread, "wait")

    def die(self, thread):
        if "dead" in thread.blocked:
            return
        if thread.waits is not None:
            thread.waits.remove(thread)
            thread.waits = None
        self.forget_timeout(thread)
        self.block(thread, "dead")
        thread.blocked = {"dead"}
        for waiter in list(self.joins.get(thread.number, [])):
            self.wake(waiter, 0)

    def requeue(self, thread, priority):
        queue = thread.waits
        thread.priority, self.changed = priority, True
        if not thread.blocked:
            self.ready.remove(thread)
            self.add(thread)
        if queue is not None:
            queue.remove(thread)
            self.place(queue, thread)

    # Programs ---------------------------------------------------------------------------------------------------------

    def runs(self, thread, operations):
        for index, (code, object_, argument, value) in list(enumerate(operations))[thread.next :]:
            thread.id, thread.index = 16 * thread.number + index + 1, index
            thread.in_isr = code.startswith(IN_ISR)
            line = (index * 6 + thread.number + 1) * self.grid
            if self.now < line:
                self.block(thread, "sleep")
                self.arm(thread, line)
                yield
            thread.next = index + 1
            for _ in getattr(self, code.removeprefix(IN_ISR))(thread, object_, argument, value):
                if not thread.in_isr:
                    yield
            if thread.in_isr:
                self.changed = True  # it is looked at who runs when an interrupt is over
                yield
            self.note(thread.number, index, thread.result)
            thread.result = 0
        self.note(thread.number, -1, 0)
        self.die(thread)
        yield

    def expires_by(self, number, index):
        """Does an operation in the clock's interrupt, where nothing waits."""
        operations = self.program.threads[number][1]
        code, object_, argument, value = operations[index] if index < len(operations) else ("", 0, 0, 0)
        if not code.startswith(IN_ISR):
            return False
        handler = Thread(number, 0)
        handler.id, handler.index, handler.in_isr = 16 * number + index + 1, index, True
        for _ in getattr(self, code.removeprefix(IN_ISR))(handler, object_, argument, value):
            pass
        self.note(-10, 16 * number + index, handler.result)
        return True

    def starts(self, ticks):
        self.note(-1, 0, 0)
        for thread, (start, _) in zip(self.threads, self.program.threads, strict=True):
            if start.delay == 0:
                self.add(thread)
            else:
                self.block(thread, "start")
                self.time_out(thread, start.delay)
        self.changed = True
        yield
        self.block(self.main, "sleep")
        self.time_out(self.main, ticks)
        yield
        self.over = True
        yield

    def sleep(self, thread, _number, ticks, _value):
        if ticks == 0:
            yield from self.yield_(thread, 0, 0, 0)
            return
        thread.result, thread.asked = 0, self.now + ticks if ticks != FOREVER else None
        self.block(thread, "sleep")
        self.time_out(thread, ticks)
        yield

    def yield_(self, thread, _number, _argument, _value):
        if not thread.blocked:
            self.ready.remove(thread)
            self.add(thread)
        self.current, self.changed = None, True
        yield

    def other(self, number):
        number %= 6
        return self.threads[number] if number < len(self.threads) and "dead" not in self.threads[number].blocked else None

    def priority(self, thread, number, priority, _value):
        other = self.other(number)
        if other is not None:
            self.requeue(other, priority)
        if other is thread and not thread.locks:
            self.current, self.changed = None, True  # a cooperative thread that queues itself anew may be switched out
        yield

    def suspend(self, _thread, number, _argument, _value):
        other = self.other(number)
        if other is not None:
            self.block(other, "suspended")
        yield

    def resume(self, _thread, number, _argument, _value):
        other = self.other(number)
        if other is not None:
            self.unblock(other, "suspended")
        yield

    def wakeup(self, _thread, number, _argument, _value):
        other = self.other(number)
        if other is not None and "sleep" in other.blocked:
            self.forget_timeout(other)
            self.unblock(other, "sleep")
            if not self.grid:
                other.result = -1 if other.asked is None else max(0, -(-(other.asked - self.now) // 10))
        yield

    def start(self, _thread, number, _argument, _value):
        other = self.other(number)
        if other is not None and "start" in other.blocked:
            self.forget_timeout(other)
            self.unblock(other, "start")
        yield

    def create(self, thread, number, priority, _value):
        """A thread that has ended goes on with what it had not begun: another one, of the same struct k_thread."""
        if number >= len(self.threads) or "dead" not in self.threads[number].blocked:
            thread.result = 1
            return
        other = self.threads[number]
        other.priority, other.deadline, other.slice, other.locks, other.busy = priority, NO_DEADLINE, 0, 0, 0
        other.blocked, other.result, other.data = set(), 0, None
        other.life = self.runs(other, self.program.threads[number][1])
        self.add(other)
        self.changed = True
        yield

    def deadline(self, _thread, number, argument, _value):
        other = self.other(number)
        if other is not None and not self.grid:
            changed = self.changed
            other.deadline = max(0, argument) * 10**7 + self.us
            self.requeue(other, other.priority)
            self.changed = changed
        return
        yield

    def busy(self, thread, _number, _argument, value):
        ends = self.us + 20 * value
        if self.grid:
            ends = self.us if thread.in_isr else self.end_of(thread, 1 + value % 3) * TICK
        if thread.in_isr:
            self.us = ends
        thread.busy = ends
        while self.us < ends:
            yield

    def lock(self, thread, _number, _argument, _value):
        thread.locks += 1
        return
        yield

    def unlock(self, thread, _number, _argument, _value):
        if thread.locks:
            thread.locks -= 1
            self.changed = True
            yield

    def abort(self, _thread, number, _argument, _value):
        other = self.other(number)
        if other is not None:
            self.die(other)
        yield

    def join(self, thread, number, ticks, _value):
        other = self.other(number)
        if other is None:
            thread.result = 0
        elif not ticks:
            thread.result = EBUSY
        elif other is thread or other.waits is self.joins.setdefault(thread.number, []):
            thread.result = EDEADLK
        else:
            self.wait(thread, self.joins.setdefault(other.number, []), ticks)
            yield

    # The machine --------------------------------------------------------------------------------------------------------

    def run(self):
        while not self.over:
            if self.timeouts and min(self.timeouts)[0] * TICK <= self.us:
                self.changed = True
                tick, _, what = min(self.timeouts)
                self.serving = tick
                self.expire(what)
                self.serving = None
                continue
            if self.slice_ends is not None and self.slice_ends <= self.us:
                self.end_slice()
            if not self.ready:
                self.us = min(self.timeouts)[0] * TICK
                self.current = self.sliced = None
                continue
            current = self.current
            fixed = current is not None and not current.blocked and (current.priority < 0 or current.locks or not self.changed)
            self.changed = False
            thread = current if fixed else self.ready[0]
            self.current = thread
            if self.sliced is not thread:
                self.sliced, self.slice_began = thread, self.us
            if self.us < thread.busy:
                moments = [tick * TICK for tick, _, _ in self.timeouts] + [self.slice_ends] * (self.slice_ends is not None)
                self.us = min([thread.busy, *moments])
            else:
                next(thread.life)
        return self.trace

    @property
    def slice_ends(self):
        """Time is shared by equals, also while one computes; not by cooperative threads, nor by one that locks them out."""
        thread = self.sliced
        if thread is None or thread.blocked or thread.priority < 0 or thread.locks:
            return None
        ticks = thread.slice or 10 * self.program.slices_ms
        return self.slice_began + ticks * TICK if ticks else None

    def end_slice(self):
        self.ready.remove(self.sliced)
        self.add(self.sliced)
        self.sliced, self.changed = None, True

    def expire(self, what):
        self.forget_timeout(what)
        if isinstance(what, Thread):
            self.expire_thread(what)
        else:
            what.expires(self)

    def expire_thread(self, thread):
        if thread.waits is not None:
            thread.waits.remove(thread)
            thread.waits = None
            self.unblock(thread, "wait")
        else:
            self.unblock(thread, "sleep")
            self.unblock(thread, "start")
