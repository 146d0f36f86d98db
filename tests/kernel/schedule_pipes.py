"""What the model says of pipes and of the system work queue: as ``schedule_objects``."""

from schedule_model import EAGAIN, FOREVER, Thread
from schedule_objects import PIPE_AVAILABLE, Object, Objects

ECANCELED = -140
ROOM = 4


class Work(Object):
    queued, delayed = False, False

    def expires(self, model):
        self.delayed = False
        model.submit(self)


class Model(Objects):
    def __init__(self, programs, priorities, ticks):
        self.works, self.items = [Work(number) for number in range(2)], []
        super().__init__(programs, priorities, ticks)
        self.worker = Thread(-2, -1)
        self.worker.life = self.works_off()
        next(self.worker.life)

    # Pipes

    def wait_for_pipe(self, thread, queue, end, data=None):
        """Waits until the end, if it may at all; the result is -EAGAIN when that has come."""
        thread.result = EAGAIN
        if end:
            self.pipe.inside.append(thread)
            self.wait(thread, queue, FOREVER, data)
            if end != FOREVER:
                self.arm(thread, end)
            yield
            self.pipe.inside.remove(thread)
            if self.pipe.resets:
                self.pipe.resets = bool(self.pipe.inside)
                thread.result = ECANCELED

    def ends(self, ticks):
        """The tick at which a call is over, however often it waits; 0 if it may not wait."""
        return ticks if ticks in {0, FOREVER} else self.now + ticks + 1

    def hand_over(self, rest):
        """To those who read and wait, while they want bytes; who has all of them is woken."""
        readers = self.pipe.waiters
        while rest and readers:
            got, size = readers[0].data
            while rest and len(got) < size:
                got.append(rest.pop(0))
            if len(got) == size:
                self.wake(readers[0], 0)

    def pipe_write(self, thread, _number, ticks, value):
        size, end, pipe = value % 6 + 1, self.ends(ticks), self.pipe
        rest = [value + at for at in range(size)]
        if pipe.resets:
            thread.result = ECANCELED
            return
        while True:
            if not pipe.there:
                self.hand_over(rest)
            if rest and len(pipe.there) < ROOM:
                room = ROOM - len(pipe.there)
                pipe.there += rest[:room]
                rest = rest[room:]
                self.announce(pipe, PIPE_AVAILABLE)
            if not rest:
                break
            yield from self.wait_for_pipe(thread, pipe.writers, end)
            if thread.result:
                break
        yield from self.leave_pipe(thread, size - len(rest), size - len(rest))

    def pipe_read(self, thread, _number, ticks, value):
        size, end, pipe, got = value % 6 + 1, self.ends(ticks), self.pipe, []
        if pipe.resets:
            thread.result = ECANCELED
            return
        while True:
            while len(pipe.there) == ROOM and pipe.writers:
                self.wake(pipe.writers[0], 0)
            while pipe.there and len(got) < size:
                got.append(pipe.there.pop(0))
            if len(got) == size:
                break
            yield from self.wait_for_pipe(thread, pipe.waiters, end, (got, size))
            if thread.result:
                break
        yield from self.leave_pipe(thread, len(got), len(got) * 256 + got[0] if got else 0)

    def leave_pipe(self, thread, moved, result):
        """What was moved is the result, unless the pipe was reset."""
        if thread.result == ECANCELED or not moved:
            result = thread.result
        yield
        thread.result = result

    def pipe_reset(self, _thread, _number, _argument, _value):
        pipe = self.pipe
        pipe.there, pipe.resets = [], bool(pipe.inside)
        for waiter in pipe.waiters + pipe.writers:
            self.wake(waiter, 0)
        yield

    def die(self, thread):
        self.pipe.inside = [other for other in self.pipe.inside if other is not thread]
        self.pipe.resets &= bool(self.pipe.inside)
        super().die(thread)

    # The system work queue

    def works_off(self):
        """Its thread: a turn of its own for each item, then it lets its equals run."""
        while True:
            if self.items:
                work = self.items.pop(0)
                work.queued = False
                self.trace.append((-2 - work.number, 0, 0, self.now))
                self.give_sem(self.sems[work.number])
                yield from self.yield_(self.worker, 0, 0, 0)
            else:
                self.wait(self.worker, [], FOREVER)
                yield

    def submit(self, work):
        if work.queued:
            return 0
        work.queued = True
        self.items.append(work)
        if self.worker.waits is not None:
            self.wake(self.worker, 0)
        return 1

    def work_submit(self, thread, number, _argument, _value):
        result = self.submit(self.works[number % 2])
        yield
        thread.result = result

    def delay(self, thread, work, ticks):
        if not ticks:
            result = self.submit(work)
            yield
            thread.result = result
            return
        work.delayed, thread.result = True, 1
        self.time_out(work, ticks)

    def work_schedule(self, thread, number, ticks, _value):
        work = self.works[number % 2]
        if not work.delayed and not work.queued:
            yield from self.delay(thread, work, ticks)

    def work_reschedule(self, thread, number, ticks, _value):
        work = self.works[number % 2]
        self.forget_timeout(work)
        work.delayed = False
        yield from self.delay(thread, work, ticks)

    def work_cancel(self, _thread, number, _argument, _value):
        work = self.works[number % 2]
        self.forget_timeout(work)
        work.delayed = work.queued = False
        self.items = [other for other in self.items if other is not work]
        return
        yield
