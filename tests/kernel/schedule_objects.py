"""What the model of ``schedule_model`` says of objects: one operation each, with the names of the program's CODES.

An operation gets the thread, the number of its object, a time in ticks (0 is K_NO_WAIT) and a value. It sets the thread's result.
"""

from schedule_model import EAGAIN, EBUSY, FOREVER, Scheduler

EPERM, EINTR, ENOMEM, EINVAL, ENOMSG = -1, -4, -12, -22, -35
SIGNALED, SEM_AVAILABLE, DATA_AVAILABLE, CANCELLED, MSGQ_AVAILABLE, PIPE_AVAILABLE = 1, 2, 4, 8, 16, 32


class Object:
    """What threads wait for: who waits, who polls, and what is there."""

    def __init__(self, number=0):
        self.number = number
        self.there = []
        self.waiters, self.pollers = [], []
        self.place = 0


class Mutex(Object):
    owner, count, original = None, 0, 0


class Heap(Object):
    """``there`` is how many blocks are free; ``held`` are the sizes of those that are not."""

    def __init__(self, number):
        super().__init__(number)
        self.there, self.held = number + 2, []


class Pipe(Object):
    """``waiters`` are those who read, ``writers`` those who write; ``inside`` are all who have waited and not gone on yet."""

    def __init__(self):
        super().__init__()
        self.writers, self.inside, self.resets, self.closed = [], [], False, False


class Timer(Object):
    status, period, runs, does = 0, 0, False, (0, 0)

    def expires(self, model):
        self.status += 1
        self.runs = bool(self.period)
        if self.runs:
            model.arm(self, model.now + self.period)
        if self.number == 1 and not model.expires_by(*self.does):
            model.give_sem(model.sems[0])
        if self.waiters:
            model.wake(self.waiters[0], 0)


class Poll:
    """A k_poll that goes on: what it found, event by event, and where it is registered."""

    def __init__(self, thread, objects):
        self.thread, self.objects, self.states = thread, objects, [0] * len(objects)

    @property
    def rank(self):
        return self.thread.rank

    @property
    def result(self):
        return sum(state << 8 * at for at, state in enumerate(self.states))


class Objects(Scheduler):
    def __init__(self, program, ticks, grid=0):
        self.sems = [Object() for _ in range(3)]
        self.mutexes = [Mutex() for _ in range(2)]
        self.msgqs, self.queues = [[Object() for _ in range(2)] for _ in range(2)]
        self.timers = [Timer(number) for number in range(2)]
        for timer in self.timers:
            timer.place = 7 + timer.number
        self.condvar, self.stack, self.signal, self.event = Object(), Object(), Object(), Object()
        self.slab, self.held = Object(), []
        self.slab.there = [0, 1]
        self.heaps = [Heap(number) for number in range(2)]
        self.events, self.pipes = 0, [Pipe() for _ in range(2)]
        super().__init__(program, ticks, grid)

    # Semaphores

    def take(self, thread, number, ticks, _value):
        sem = self.sems[number % 3]
        if sem.there:
            sem.there.pop()
        elif not ticks:
            thread.result = EBUSY
        else:
            self.wait(thread, sem.waiters, ticks)
            yield

    def give_sem(self, sem):
        if sem.waiters:
            self.wake(sem.waiters[0], 0)
            return
        if len(sem.there) < 3:
            sem.there.append(1)
        self.announce(sem, SEM_AVAILABLE)

    def give(self, _thread, number, _argument, _value):
        self.give_sem(self.sems[number % 3])
        yield

    def reset(self, _thread, number, _argument, _value):
        sem = self.sems[number % 3]
        for waiter in list(sem.waiters):
            self.wake(waiter, EAGAIN)
        sem.there = []
        yield

    # Mutexes and condition variables

    def inherit(self, owner, priority):
        if owner.priority != priority:
            self.requeue(owner, priority)

    def mutex_lock(self, thread, number, ticks, _value):
        mutex = self.mutexes[number % 2]
        if mutex.owner is None:
            mutex.owner, mutex.count, mutex.original = thread, 1, thread.priority
        elif mutex.owner is thread:
            mutex.count += 1
        elif not ticks:
            thread.result = EBUSY
        else:
            self.inherit(mutex.owner, min(mutex.owner.priority, thread.priority))
            self.wait(thread, mutex.waiters, ticks)
            yield
            if thread.result == EAGAIN and mutex.owner is not None:
                self.inherit(mutex.owner, min([mutex.original, *(waiter.priority for waiter in mutex.waiters[:1])]))
                yield

    def release(self, mutex):
        """One unlock by the owner."""
        mutex.count -= 1
        if mutex.count:
            return
        self.inherit(mutex.owner, mutex.original)
        mutex.owner = mutex.waiters[0] if mutex.waiters else None
        if mutex.owner is not None:
            mutex.count, mutex.original = 1, mutex.owner.priority
            self.wake(mutex.owner, 0)

    def mutex_unlock(self, thread, number, _argument, _value):
        mutex = self.mutexes[number % 2]
        if mutex.owner is not thread:
            thread.result = EPERM if mutex.owner is not None else EINVAL
        else:
            self.release(mutex)
            yield

    def condvar_wait(self, thread, number, ticks, _value):
        mutex = self.mutexes[number % 2]
        if mutex.owner is thread:
            self.release(mutex)
        self.wait(thread, self.condvar.waiters, 1 if self.grid and not ticks else ticks)
        yield
        result = thread.result
        yield from self.mutex_lock(thread, number, FOREVER, 0)
        thread.result = result

    def condvar_signal(self, _thread, _number, _argument, _value):
        if self.condvar.waiters:
            self.wake(self.condvar.waiters[0], 0)
        yield

    def condvar_broadcast(self, thread, _number, _argument, _value):
        result = len(self.condvar.waiters)
        while self.condvar.waiters:
            self.wake(self.condvar.waiters[0], 0)
        yield
        thread.result = result

    # Events

    def change_events(self, thread, bits, mask):
        result = self.events & mask
        self.events = self.events & ~mask | bits & mask
        taken = 0
        for waiter in list(self.event.waiters):
            *wanted, safe = waiter.data
            matched = self.matched(*wanted)
            if matched:
                self.wake(waiter, matched)
                taken |= matched if safe else 0
        self.events &= ~taken
        yield
        thread.result = result

    def matched(self, mask, everything):
        found = self.events & mask
        return 0 if everything and found != mask else found

    def event_post(self, thread, _number, _argument, value):
        yield from self.change_events(thread, value % 8, value % 8)

    def event_set(self, thread, _number, _argument, value):
        yield from self.change_events(thread, value % 8, ~0)

    def event_set_masked(self, thread, _number, _argument, value):
        yield from self.change_events(thread, value % 8, value // 8)

    def event_clear(self, thread, _number, _argument, value):
        yield from self.change_events(thread, 0, value % 8)

    def event_wait(self, thread, _number, ticks, value, everything=False):
        mask, reset, safe = value % 8, value // 8 % 2, value // 16 % 2
        if mask and reset:
            self.events = 0
        thread.result = self.matched(mask, everything)
        self.events &= ~thread.result if safe else ~0
        if mask and not thread.result and ticks:
            self.wait(thread, self.event.waiters, ticks, (mask, everything, safe), late=0)
            yield

    def event_wait_all(self, thread, number, ticks, value):
        yield from self.event_wait(thread, number, ticks, value, everything=True)

    # Message queues, queues, stacks, slabs

    def put_message(self, thread, msgq, ticks, at):
        if msgq.waiters and not msgq.there:
            self.wake(msgq.waiters[0], thread.id)
        elif len(msgq.there) < 2:
            msgq.there.insert(at, thread.id)
            self.announce(msgq, MSGQ_AVAILABLE)
        elif not ticks:
            thread.result = ENOMSG
        else:
            self.wait(thread, msgq.waiters, ticks, thread.id)

    def msgq_put(self, thread, number, ticks, _value):
        self.put_message(thread, self.msgqs[number % 2], ticks, 2)
        yield

    def msgq_put_front(self, thread, number, _argument, _value):
        self.put_message(thread, self.msgqs[number % 2], 0, 0)
        yield

    def msgq_get(self, thread, number, ticks, _value):
        msgq = self.msgqs[number % 2]
        if msgq.there:
            result = msgq.there.pop(0)
            if msgq.waiters:
                msgq.there.append(msgq.waiters[0].data)
                self.wake(msgq.waiters[0], 0)
            yield
            thread.result = result
        elif not ticks:
            thread.result = ENOMSG
        else:
            self.wait(thread, msgq.waiters, ticks)
            yield

    def msgq_peek(self, thread, number, _argument, _value):
        thread.result = next(iter(self.msgqs[number % 2].there), ENOMSG)
        return
        yield

    def msgq_purge(self, _thread, number, _argument, _value):
        msgq = self.msgqs[number % 2]
        msgq.there = []
        while msgq.waiters:
            self.wake(msgq.waiters[0], ENOMSG)
        yield

    def queue_append(self, thread, number, _argument, _value, at=99):
        queue = self.queues[number % 2]
        if queue.waiters:
            self.wake(queue.waiters[0], thread.id)
        else:
            queue.there.insert(at, thread.id)
            self.announce(queue, DATA_AVAILABLE)
        yield

    def queue_prepend(self, thread, number, argument, value):
        yield from self.queue_append(thread, number, argument, value, at=0)

    def queue_list(self, thread, number, _argument, _value):
        queue, items = self.queues[number % 2], [thread.id, thread.id + 100]
        while queue.waiters and items:
            self.wake(queue.waiters[0], items.pop(0))
        if items:
            queue.there += items
            self.announce(queue, DATA_AVAILABLE)
        yield

    def queue_get(self, thread, number, ticks, _value):
        queue = self.queues[number % 2]
        if queue.there:
            thread.result = queue.there.pop(0)
        elif ticks:
            self.wait(thread, queue.waiters, ticks, late=0)
            yield

    def queue_cancel(self, _thread, number, _argument, _value):
        queue = self.queues[number % 2]
        if queue.waiters:
            self.wake(queue.waiters[0], 0)
        self.announce(queue, CANCELLED)
        yield

    def stack_push(self, thread, _number, _argument, _value):
        if self.stack.waiters:
            self.wake(self.stack.waiters[0], thread.id)
        elif len(self.stack.there) < 2:
            self.stack.there.append(thread.id)
        else:
            thread.result = ENOMEM
        yield

    def stack_pop(self, thread, _number, ticks, _value):
        if self.stack.there:
            thread.result = self.stack.there.pop()
        elif not ticks:
            thread.result = EBUSY
        else:
            self.wait(thread, self.stack.waiters, ticks)
            yield

    def slab_alloc(self, thread, _number, ticks, _value):
        if self.slab.there:
            thread.result = self.slab.there.pop(0)
        elif not ticks:
            thread.result = ENOMEM
        else:
            self.wait(thread, self.slab.waiters, ticks)
            yield
        if thread.result >= 0:
            self.held.append(thread.result)

    def slab_free(self, thread, _number, _argument, _value):
        if not self.held:
            thread.result = 1
            return
        block = self.held.pop()
        if self.slab.waiters:
            self.wake(self.slab.waiters[0], block)
        else:
            self.slab.there.insert(0, block)
        yield

    # Heaps

    def heap_alloc(self, thread, number, ticks, value):
        """Who was woken looks for itself, in its own turn; its time is over at the same tick however often it looked."""
        heap, end = self.heaps[number % 2], self.ends(thread, ticks)
        size = number % 2 + 2 if value % 2 else 1
        while heap.there < size:
            if not end or (end != FOREVER and self.now >= end):
                return
            self.wait(thread, heap.waiters, FOREVER, late=EAGAIN)
            if end != FOREVER:
                self.arm(thread, end)
            yield
            late, thread.result = thread.result == EAGAIN, 0
            if late:
                return
        heap.there -= size
        heap.held.append(size)
        thread.result = 1

    def heap_free(self, thread, number, _argument, value):
        heap = self.heaps[number % 2]
        if not heap.held:
            thread.result = 1
            return
        at = len(heap.held) - 1 if value % 2 else 0
        heap.there += heap.held[at]
        heap.held[at] = heap.held[-1]
        heap.held.pop()
        while heap.waiters:
            self.wake(heap.waiters[0], 0)
        yield

    def ends(self, thread, ticks):
        """The tick at which a call is over, however often it waits; 0 if it may not wait."""
        return ticks if ticks in {0, FOREVER} else self.end_of(thread, ticks)

    # What can be asked

    def look(self, thread, number, _argument, value):
        msgq, work = self.msgqs[number % 2], self.works[number]
        thread.result = [
            len(self.sems[number % 3].there),
            self.events & value // 8,
            0 if thread.in_isr else thread.priority,
            len(msgq.there) + 4 * (2 - len(msgq.there)),
            work.flags,
            int(not self.queues[number % 2].there),
            2 - len(self.slab.there) + 4 * len(self.slab.there),
            len(self.signal.there),
        ][value % 8]
        return
        yield

    # Timers

    def timer_start(self, thread, number, duration, value):
        timer = self.timers[number % 2]
        if duration != FOREVER:
            self.forget_timeout(timer)
            timer.status, timer.period, timer.runs = 0, 0 if self.grid else value % 4 * 2, True
            timer.does = (thread.number, thread.index + 1)
            ticks = max(1, duration)
            self.arm(timer, self.end_of(timer, ticks) if self.grid else self.now + ticks)
        return
        yield

    def stop_timer(self, timer):
        """Its stop function, of one of them, gives; then who waits for the timer goes on."""
        if timer.runs:
            self.forget_timeout(timer)
            timer.runs = False
            if timer.number == 0:
                self.note(-11, 0, 0)
                self.give_sem(self.sems[1])
                yield
            if timer.waiters:
                self.wake(timer.waiters[0], 0)
        yield

    def timer_stop(self, _thread, number, _argument, _value):
        yield from self.stop_timer(self.timers[number % 2])

    def timer_status(self, thread, number, _argument, _value):
        timer = self.timers[number % 2]
        thread.result, timer.status = timer.status, 0
        return
        yield

    def timer_sync(self, thread, number, _argument, _value):
        timer = self.timers[number % 2]
        if not timer.status and timer.runs:
            self.wait(thread, timer.waiters, FOREVER)
            yield
        thread.result, timer.status = timer.status, 0

    # Polling

    def announce(self, polled, state):
        """What nobody took goes to the first who polls, if it still waits."""
        if polled.pollers:
            poll, at = polled.pollers.pop(0)
            poll.states[at] |= state
            if poll.thread.waits is not None and poll.thread.data is poll:
                self.wake(poll.thread, EINTR if state == CANCELLED else 0)

    def poll(self, thread, number, ticks, value):
        others = [
            (self.signal, SIGNALED),
            (self.msgqs[0], MSGQ_AVAILABLE),
            (self.queues[0], DATA_AVAILABLE),
            (self.pipes[0], PIPE_AVAILABLE),
        ]
        polled = [(self.sems[number % 3], SEM_AVAILABLE), others[value % 4], others[value // 4 % 4]][: 1 + value // 16 % 3]
        poll = Poll(thread, [one for one, _ in polled])
        poll.states = [state if one.there else 0 for one, state in polled]
        if any(poll.states) or not ticks:
            thread.result = poll.result or EAGAIN
            return
        for at, one in enumerate(poll.objects):
            behind = [at for at, (other, _) in enumerate(one.pollers) if other.rank > thread.rank]
            one.pollers.insert((behind or [len(one.pollers)])[0], (poll, at))
        self.wait(thread, [], ticks, poll)
        yield
        self.forget_poll(poll)
        if thread.result == 0:
            thread.result = poll.result

    def forget_poll(self, poll):
        for polled in poll.objects:
            polled.pollers = [entry for entry in polled.pollers if entry[0] is not poll]

    def die(self, thread):
        if isinstance(thread.data, Poll):
            self.forget_poll(thread.data)
        super().die(thread)

    def signal_raise(self, _thread, _number, _argument, _value):
        self.signal.there = [1]
        self.announce(self.signal, SIGNALED)
        yield

    def signal_reset(self, _thread, _number, _argument, _value):
        self.signal.there = []
        return
        yield
