"""Random programs of several threads do what a small model of the rules says, operation by operation."""

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from schedule_model import IN_ISR
from schedule_pipes import Model

from llext import Board
from llext.build import build_extension

SOURCE = Path(__file__).parent / "schedule_program.c"
LENGTH, THREADS, TICKS = 12, 6, 50
TIMES = (0, -1, 1, 2, 3, 5, 10)
NAMES = (
    "end take give reset sleep yield_ priority suspend resume wakeup lock unlock abort join "
    "mutex_lock mutex_unlock msgq_put msgq_put_front msgq_get msgq_peek msgq_purge "
    "event_post event_set event_clear event_wait event_wait_all "
    "queue_append queue_prepend queue_get queue_cancel stack_push stack_pop slab_alloc slab_free "
    "condvar_wait condvar_signal condvar_broadcast timer_start timer_stop timer_status timer_sync "
    "poll signal_raise signal_reset pipe_write pipe_read pipe_reset "
    "work_submit work_schedule work_reschedule work_cancel"
)
CODES = NAMES.split()
THREADS_DO = "sleep yield_ priority suspend resume resume wakeup lock abort join take give"
NOT_IN_ISR = ("sleep", "yield_", "priority", "lock", "unlock", "join", "mutex", "condvar", "timer_sync", "poll")
OBJECTS = {
    "sem": "take take give give reset",
    "mutex": "mutex_lock mutex_lock mutex_unlock mutex_unlock",
    "msgq": "msgq_put msgq_put msgq_get msgq_get msgq_put_front msgq_peek msgq_purge",
    "event": "event_post event_set event_clear event_wait event_wait event_wait_all",
    "queue": "queue_append queue_prepend queue_get queue_get queue_cancel",
    "stack": "stack_push stack_pop",
    "slab": "slab_alloc slab_alloc slab_free",
    "condvar": "mutex_lock mutex_unlock condvar_wait condvar_wait condvar_signal condvar_broadcast",
    "timer": "timer_start timer_start timer_stop timer_status timer_sync timer_sync",
    "poll": "poll poll signal_raise signal_reset give take msgq_put msgq_get queue_append queue_get queue_cancel pipe_write pipe_read",
    "pipe": "pipe_write pipe_write pipe_read pipe_read pipe_reset",
    "work": "work_submit work_schedule work_schedule work_reschedule work_cancel take",
}
OBJECTS["all"] = " ".join(OBJECTS.values())


def programs(objects, data):
    """The threads' priorities and operations that some bytes stand for: hypothesis is quick with bytes."""
    codes = THREADS_DO.split() + OBJECTS[objects].split() * (1 if objects == "all" else 3)
    made = []
    for thread in range(2 + data[0] % (THREADS - 1)):
        part = data[1 + 25 * thread :]
        operations, locked = [], False
        for at in range(1, 25, 4):
            choice, time = part[at] + 256 * part[at + 1], part[at + 2]
            code = codes[choice % len(codes)]
            argument = time % 11 - 4 if code == "priority" else TIMES[time % 7]
            if choice // len(codes) % 4 == 0 and not code.startswith(NOT_IN_ISR):
                code, argument = IN_ISR + code, argument if "start" in code or "schedule" in code else 0
            operations.append((code, part[at + 3] % 6, argument, part[at + 3] // 6))
            if locked:
                operations.append(("unlock", 0, 0, 0))
            locked = code == "lock"
        made.append((part[0] % 11 - 4, operations + [("unlock", 0, 0, 0)] * locked))
    return made


PROGRAMS = st.builds(programs, st.sampled_from(list(OBJECTS)), st.binary(min_size=1 + 25 * THREADS, max_size=1 + 25 * THREADS))


class Runner:
    def __init__(self, name, folder):
        self.board = Board(name, heap_size=96 * 1024)
        self.trace = []
        self.start = 0

        @self.board.export
        def note(thread: int, index: int, result: int) -> None:
            self.trace.append((thread, index, result, self.board.kernel.scheduler.now - self.start))

        path = build_extension([SOURCE], folder / f"{name.replace('/', '_')}.llext", self.board.target).output
        self.extension = self.board.load(path)
        self.run_ = self.extension.fn("run", "void run(int count, int ticks)")

    def run(self, programs):
        memory, find = self.board.memory, self.extension.find_sym
        memory.write(find("program"), bytes(4 * LENGTH * THREADS))
        for number, (priority, operations) in enumerate(programs):
            memory.write(find("priorities") + number, struct.pack("b", priority))
            code = b"".join(
                struct.pack(
                    "<BBbB", CODES.index(name.removeprefix(IN_ISR)) + 128 * name.startswith(IN_ISR), which, argument, value
                )
                for name, which, argument, value in operations
            )
            memory.write(find("program") + 4 * LENGTH * number, code)
        self.trace, self.start = [], self.board.kernel.scheduler.now
        self.run_(len(programs), TICKS)
        return self.trace


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_riscv32"])
def runner(request, tmp_path_factory):
    made = Runner(request.param, tmp_path_factory.mktemp("schedule"))
    with made.board:
        yield made


@settings(max_examples=2500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(made=PROGRAMS)
@example(
    made=[(-1, [("sleep", 0, 1, 0), ("queue_cancel", 0, 0, 0)]), (0, [("poll", 0, -1, 2)]), (0, [("queue_get", 0, -1, 0)])]
)
@example(
    made=[
        (-1, [("mutex_lock", 0, 0, 0), ("sleep", 0, 3, 0), ("mutex_unlock", 0, 0, 0)]),
        (-3, [("sleep", 0, 1, 0), ("mutex_lock", 0, -1, 0)]),
    ]
)
@example(  # a waiter's time is over, another waits on: chance hits that once in 3,000 programs
    made=[
        (6, [("mutex_lock", 0, 0, 0), ("sleep", 0, 5, 0)]),
        (3, [("sleep", 0, 1, 0), ("mutex_lock", 0, 1, 0)]),
        (4, [("sleep", 0, 1, 0), ("mutex_lock", 0, -1, 0)]),
        (5, [("sleep", 0, 5, 0)]),
    ]
)
@example(made=[(0, [("pipe_read", 0, -1, 0)]), (1, [("abort", 0, 0, 0), ("pipe_reset", 0, 0, 0), ("pipe_read", 0, 0, 0)])])
def test_threads_do_what_the_model_says(runner, made):
    expected = Model([operations for _, operations in made], [priority for priority, _ in made], TICKS).run()
    assert runner.run(made) == expected
