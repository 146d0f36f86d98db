"""What the model says of work: the system's queue and another one, whose thread has a priority of the program's."""

from schedule_model import EBUSY, FOREVER, Thread
from schedule_objects import Object
from schedule_pipes import Pipes

EALREADY = -120
RUNNING, CANCELING, QUEUED, DELAYED = 1, 2, 4, 8


class Queue:
    """``items`` wait for their turn, ``waiters`` for all to be done; ``idle`` is the worker while it waits."""

    def __init__(self, number, priority):
        self.worker = Thread(number, priority)
        self.worker.place = 11 - number
        self.items, self.waiters, self.idle = [], [], []
        self.busy, self.drains, self.plugged = False, False, False


class Flush:
    """Has a turn behind the item for which a thread waits."""

    def __init__(self):
        self.waiters = []


class Work(Object):
    """``on`` is the queue that has it or had it last, ``later`` the one that it goes to when its time has come."""

    def __init__(self, number):
        super().__init__(number)
        self.flags, self.on, self.later = 0, None, None
        self.place = 9 + number

    def expires(self, model):
        self.flags &= ~DELAYED
        model.submit(self, self.later)


class Model(Pipes):
    def __init__(self, program, ticks, grid=0):
        self.works, self.again = [Work(number) for number in range(6)], False
        self.work_queues = [Queue(-2, -1), Queue(-3, program.worker_priority)]
        super().__init__(program, ticks, grid)
        for queue in self.work_queues:
            queue.worker.life = self.works_off(queue)
            next(queue.worker.life)

    # The queues' threads

    def works_off(self, queue):
        """A turn of its own for each item, then its equals run."""
        worker = queue.worker
        while True:
            if queue.items:
                item = queue.items.pop(0)
                if isinstance(item, Flush):
                    self.wake_all(item.waiters, 1)
                    yield
                else:
                    yield from self.handles(queue, worker, item)
                yield from self.yield_(worker, 0, 0, 0)
                continue
            if queue.drains:
                queue.drains = False
                self.wake_all(queue.waiters, 1)
            self.wait(worker, queue.idle, FOREVER)
            yield

    def wake_all(self, waiters, result):
        while waiters:
            self.wake(waiters[0], result)

    def handles(self, queue, worker, work):
        work.flags = work.flags & ~QUEUED | RUNNING
        queue.busy = True
        self.note(-2 - work.number, 0, 0)
        worker.result = 0
        if work.number % 4 == 1:
            yield from self.sleep(worker, 0, 2, 0)
        elif work.number == 2 and self.again:
            self.again = False
            result = self.submit(work, self.work_queues[0], worker)
            yield
            worker.result = result
        elif work.number == 3:
            yield from self.take(worker, 0, 4, 0)
        self.note(-2 - work.number, 1, worker.result)
        yield from self.give(worker, work.number, 0, 0)
        queue.busy = False
        work.flags &= ~(RUNNING | CANCELING)
        self.wake_all(work.waiters, 1)
        yield

    # What changes items

    def submit(self, work, queue, by=None):
        result = 1
        if work.flags & CANCELING:
            return EBUSY
        if work.flags & QUEUED:
            return 0
        if work.flags & RUNNING:
            queue, result = work.on, 2
        if (queue.plugged or queue.drains) and by is not queue.worker:
            return EBUSY
        work.flags |= QUEUED
        work.on = queue
        queue.items.append(work)
        self.wake_worker(queue)
        return result

    def wake_worker(self, queue):
        self.wake_all(queue.idle, 0)

    def undelay(self, work):
        self.forget_timeout(work)
        work.flags &= ~DELAYED

    def cancel(self, work):
        """It does not begin any more; one that runs takes nothing until it has ended."""
        if work.flags & QUEUED:
            work.on.items.remove(work)
            work.flags &= ~QUEUED
        if work.flags & RUNNING:
            work.flags |= CANCELING
        return work.flags

    # Operations

    def work_submit(self, thread, number, _argument, value):
        self.again = bool(value // 2 % 2)
        result = self.submit(self.works[number], self.work_queues[value % 2])
        yield
        thread.result = result

    def delay(self, thread, work, queue, ticks):
        if ticks == 0:
            result = self.submit(work, queue)
            yield
            thread.result = result
            return
        work.later, thread.result = queue, 1
        work.flags |= DELAYED
        self.time_out(work, ticks)

    def work_schedule(self, thread, number, ticks, value):
        work = self.works[number % 4]
        if not work.flags & ~RUNNING:
            yield from self.delay(thread, work, self.work_queues[value % 2], ticks)

    def work_reschedule(self, thread, number, ticks, value):
        work = self.works[number % 4]
        self.undelay(work)
        yield from self.delay(thread, work, self.work_queues[value % 2], ticks)

    def work_cancel(self, thread, number, _argument, _value):
        work = self.works[number]
        self.undelay(work)
        thread.result = self.cancel(work)
        return
        yield

    def work_cancel_sync(self, thread, number, _argument, _value):
        work = self.works[number]
        pending = bool(work.flags)
        self.undelay(work)
        if self.cancel(work):
            self.wait(thread, work.waiters, FOREVER)
            yield
        thread.result = int(pending)

    def work_flush(self, thread, number, _argument, _value):
        """What the clock would submit is submitted now; a delay of K_FOREVER is only taken back."""
        work = self.works[number]
        due = any(what is work for _, _, what in self.timeouts)
        self.undelay(work)
        if due:
            self.submit(work, work.later)
        if work.flags & (QUEUED | RUNNING):
            items, flush = work.on.items, Flush()
            items.insert(items.index(work) + 1 if work.flags & QUEUED else 0, flush)
            self.wake_worker(work.on)
            self.wait(thread, flush.waiters, FOREVER)
            yield

    def work_drain(self, thread, number, _argument, value):
        queue, plug = self.work_queues[value % 2], value // 2 % 4 == 0
        if queue.busy or queue.drains or queue.items or plug:
            queue.drains = True
            queue.plugged |= plug
            self.wake_worker(queue)
            self.wait(thread, queue.waiters, FOREVER)
            yield

    def work_unplug(self, thread, _number, _argument, value):
        queue = self.work_queues[value % 2]
        thread.result = 0 if queue.plugged else EALREADY
        queue.plugged = False
        return
        yield
