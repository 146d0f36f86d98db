"""What the model says of pipes: as ``schedule_objects``."""

from schedule_model import EAGAIN, FOREVER
from schedule_objects import PIPE_AVAILABLE, Objects

EPIPE, ECANCELED = -32, -140
ROOM = 4


class Pipes(Objects):
    def wait_for_pipe(self, thread, pipe, queue, end, data=None):
        """Waits until the end, if it may at all; the result is -EAGAIN when that has come."""
        thread.result = EAGAIN
        if end:
            pipe.inside.append(thread)
            self.wait(thread, queue, FOREVER, data)
            if end != FOREVER:
                self.arm(thread, end)
            yield
            pipe.inside.remove(thread)
            if pipe.resets:
                pipe.resets = bool(pipe.inside)
                thread.result = ECANCELED

    def hand_over(self, pipe, rest):
        """To those who read and wait, while they want bytes; who has all of them is woken."""
        readers = pipe.waiters
        while rest and readers:
            got, size = readers[0].data
            while rest and len(got) < size:
                got.append(rest.pop(0))
            if len(got) == size:
                self.wake(readers[0], 0)

    def pipe_write(self, thread, number, ticks, value):
        size, end, pipe = value % 6 + 1, self.ends(thread, ticks), self.pipes[number % 2]
        rest = [value + at for at in range(size)]
        if pipe.resets:
            thread.result = ECANCELED
            return
        while True:
            if pipe.closed:
                thread.result = EPIPE
                return
            if not pipe.there:
                self.hand_over(pipe, rest)
            if rest and len(pipe.there) < ROOM:
                room = ROOM - len(pipe.there)
                pipe.there += rest[:room]
                rest = rest[room:]
                self.announce(pipe, PIPE_AVAILABLE)
            if not rest:
                break
            yield from self.wait_for_pipe(thread, pipe, pipe.writers, end)
            if thread.result:
                break
        yield from self.leave_pipe(thread, size - len(rest), size - len(rest))

    def pipe_read(self, thread, number, ticks, value):
        size, end, pipe, got = value % 6 + 1, self.ends(thread, ticks), self.pipes[number % 2], []
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
            if pipe.closed:
                thread.result = EPIPE
                break
            yield from self.wait_for_pipe(thread, pipe, pipe.waiters, end, (got, size))
            if thread.result:
                break
        yield from self.leave_pipe(thread, len(got), len(got) * 256 + got[0] if got else 0)

    def leave_pipe(self, thread, moved, result):
        """What was moved is the result, unless the pipe was reset."""
        if thread.result == ECANCELED or not moved:
            result = thread.result
        yield
        thread.result = result

    def pipe_reset(self, _thread, number, _argument, _value):
        pipe = self.pipes[number % 2]
        pipe.there, pipe.resets = [], bool(pipe.inside)
        for waiter in pipe.waiters + pipe.writers:
            self.wake(waiter, 0)
        yield

    def pipe_close(self, _thread, number, _argument, _value):
        pipe = self.pipes[number % 2]
        pipe.closed, pipe.resets = True, False
        for waiter in pipe.waiters + pipe.writers:
            self.wake(waiter, 0)
        yield

    def die(self, thread):
        for pipe in self.pipes:
            pipe.inside = [other for other in pipe.inside if other is not thread]
            pipe.resets &= bool(pipe.inside)
        super().die(thread)
