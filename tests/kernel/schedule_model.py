"""A small model of Zephyr's scheduling, written from its rules alone: it predicts what a program's threads do, in order.

Threads are generators: each step is an operation, and what they yield is "let the scheduler look". Time is whole ticks; it
moves when nobody can run. The objects that threads share are in ``schedule_objects``.
"""

EAGAIN, EBUSY, EDEADLK = -11, -16, -45
FOREVER = -1
IN_ISR = "in_isr:"


class Thread:
    def __init__(self, number, priority):
        self.number, self.priority = number, priority
        self.blocked = set()  # of "wait", "sleep", "suspended", "dead"
        self.result = 0
        self.waits = None
        self.data = None
        self.locks = 0
        self.life = None
        self.id = 0


class Scheduler:
    """One run of a program: ``trace`` has (thread, index, result, tick) for each operation."""

    def __init__(self, programs, priorities, ticks):
        self.now, self.counter, self.trace = 0, 0, []
        self.joins = {}
        self.main = Thread(-1, 0)
        self.threads = [Thread(number, priority) for number, priority in enumerate(priorities)]
        for thread in self.threads:
            thread.life = self.runs(thread, programs[thread.number])
        self.main.life = self.starts(ticks)
        self.current = self.main
        self.ready = [self.main]
        self.timeouts = []

    # Rules ------------------------------------------------------------------------------------------------------------

    def add(self, thread):
        """Behind the last that is as urgent."""
        at = len(self.ready)
        while at and self.ready[at - 1].priority > thread.priority:
            at -= 1
        self.ready.insert(at, thread)

    def block(self, thread, why):
        if not thread.blocked and thread in self.ready:
            self.ready.remove(thread)
        thread.blocked.add(why)

    def unblock(self, thread, why):
        if why in thread.blocked:
            thread.blocked.remove(why)
            if not thread.blocked:
                self.add(thread)

    def arm(self, what, tick):
        self.counter += 1
        self.timeouts.append((tick, self.counter, what))

    def time_out(self, thread, ticks):
        if ticks != FOREVER:
            self.arm(thread, self.now + ticks + 1)

    def forget_timeout(self, what):
        self.timeouts = [entry for entry in self.timeouts if entry[2] is not what]

    def wait(self, thread, queue, ticks, data=None, late=EAGAIN):
        """Waits in the queue; ``data`` is for whom wakes it, ``late`` the result when the time is over."""
        at = len(queue)
        while at and queue[at - 1].priority > thread.priority:
            at -= 1
        queue.insert(at, thread)
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
        thread.priority = priority
        if not thread.blocked:
            self.ready.remove(thread)
            self.add(thread)
        if queue is not None:
            queue.remove(thread)
            at = len(queue)
            while at and queue[at - 1].priority > priority:
                at -= 1
            queue.insert(at, thread)

    # Programs ---------------------------------------------------------------------------------------------------------

    def runs(self, thread, program):
        for index, (code, object_, argument, value) in enumerate(program):
            thread.id = 16 * thread.number + index + 1
            yield from getattr(self, code.removeprefix(IN_ISR))(thread, object_, argument, value)
            self.trace.append((thread.number, index, thread.result, self.now))
            thread.result = 0
        self.trace.append((thread.number, -1, 0, self.now))
        self.die(thread)
        yield

    def starts(self, ticks):
        for thread in self.threads:
            self.add(thread)
        yield
        self.block(self.main, "sleep")
        self.time_out(self.main, ticks)
        yield

    def sleep(self, thread, _number, ticks, _value):
        if ticks == 0:
            yield from self.yield_(thread, 0, 0, 0)
            return
        thread.result = 0
        self.block(thread, "sleep")
        self.time_out(thread, ticks)
        yield

    def yield_(self, thread, _number, _argument, _value):
        if not thread.blocked:
            self.ready.remove(thread)
            self.add(thread)
        self.current = None
        yield

    def other(self, number):
        number %= 6
        return self.threads[number] if number < len(self.threads) and "dead" not in self.threads[number].blocked else None

    def priority(self, thread, number, priority, _value):
        other = self.other(number)
        if other is not None:
            self.requeue(other, priority)
        if other is thread and not thread.locks:
            self.current = None  # a cooperative thread that queues itself anew may be switched out
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
        yield

    def lock(self, thread, _number, _argument, _value):
        thread.locks += 1
        return
        yield

    def unlock(self, thread, _number, _argument, _value):
        thread.locks -= 1
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
        while True:
            if not self.ready:
                tick = min(self.timeouts)[0]
                self.now = max(self.now, tick)
                for entry in sorted(entry for entry in self.timeouts if entry[0] <= tick):
                    if entry in self.timeouts:
                        self.expire(entry[2])
                continue
            current = self.current
            fixed = current is not None and not current.blocked and (current.priority < 0 or current.locks)
            thread = current if fixed else self.ready[0]
            if thread is self.main and self.now:
                return self.trace
            self.current = thread
            next(thread.life)

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
