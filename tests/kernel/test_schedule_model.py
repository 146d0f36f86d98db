"""Random programs of several threads do what a small model of the rules says, operation by operation."""

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from schedule_model import IN_ISR, Program, Start
from schedule_work import Model

from llext import Board
from llext.build import build_extension

SOURCE = Path(__file__).parent / "schedule_program.c"
LENGTH, THREADS, TICKS = 13, 6, 50
GRID, LINES = 200, LENGTH * THREADS + 20
OPERATIONS, HEAD, EACH = 6, 6, 3
TIMES = (0, -1, 1, 2, 3, 5, 10)
DELAYS = (0, 0, 0, 0, 0, 2, 5, -1)
NAMES = (
    "end take give reset sleep yield_ priority suspend resume wakeup lock unlock abort join start create deadline busy "
    "mutex_lock mutex_unlock msgq_put msgq_put_front msgq_get msgq_peek msgq_purge "
    "event_post event_set event_set_masked event_clear event_wait event_wait_all "
    "queue_append queue_prepend queue_list queue_get queue_cancel stack_push stack_pop "
    "slab_alloc slab_free heap_alloc heap_free look "
    "condvar_wait condvar_signal condvar_broadcast timer_start timer_stop timer_status timer_sync "
    "poll signal_raise signal_reset pipe_write pipe_read pipe_reset pipe_close "
    "work_submit work_schedule work_reschedule work_cancel work_cancel_sync work_flush work_drain work_unplug"
)
CODES = NAMES.split()
THREADS_DO = "sleep yield_ priority suspend resume resume wakeup lock abort join take give start create deadline busy look "
OF_THREADS = {"priority", "suspend", "resume", "wakeup", "abort", "join", "start", "create", "deadline"}
NOT_IN_ISR = (
    "sleep", "yield_", "priority", "lock", "unlock", "join", "create", "deadline", "mutex", "condvar", "timer_sync", "poll", "pipe_close",
    "work_cancel_sync", "work_flush", "work_drain", "work_unplug",
)  # fmt: skip
WITH_TIME_IN_ISR = ("timer_start", "work_schedule", "work_reschedule")
OBJECTS = {
    "sem": "take take give give reset",
    "mutex": "mutex_lock mutex_lock mutex_unlock mutex_unlock",
    "msgq": "msgq_put msgq_put msgq_get msgq_get msgq_put_front msgq_peek msgq_purge",
    "event": "event_post event_set event_set_masked event_clear event_wait event_wait event_wait_all",
    "queue": "queue_append queue_prepend queue_get queue_get queue_list queue_cancel",
    "stack": "stack_push stack_pop",
    "slab": "slab_alloc slab_alloc slab_free",
    "heap": "heap_alloc heap_alloc heap_alloc heap_free heap_free",
    "condvar": "mutex_lock mutex_unlock condvar_wait condvar_wait condvar_signal condvar_broadcast",
    "timer": "timer_start timer_start timer_stop timer_status timer_sync timer_sync",
    "poll": "poll poll signal_raise signal_reset give take msgq_put msgq_get queue_append queue_get queue_cancel pipe_write pipe_read",
    "pipe": "pipe_write pipe_write pipe_write pipe_write pipe_read pipe_read pipe_read pipe_read pipe_reset pipe_close",
    "work": "work_submit work_submit work_schedule work_reschedule work_cancel take",
    "sync": "work_submit work_submit work_schedule work_cancel_sync work_flush work_flush work_drain work_unplug",
    "time": "busy busy busy sleep yield_ deadline",
}
GROUPS = list(OBJECTS.values())


def programs(data):
    """The program that some bytes stand for: hypothesis is quick with bytes."""
    count, one, other, worker, slices, objects = data[:HEAD]
    groups = GROUPS if one % 16 == 15 else [GROUPS[one % 16], GROUPS[other % 15]][: 1 + other // 15 % 2]
    codes = (THREADS_DO + " ".join([*groups, ""]) * (1 if groups is GROUPS else 12 // (1 + len(groups)))).split()
    slices = slices % 8 if slices % 8 < 3 else 0
    threads = []
    for thread in range(2 + count % (THREADS - 1)):
        part = data[HEAD + (EACH + 4 * OPERATIONS) * thread :]
        priority, delay, own = part[0] % 11 - 4, DELAYS[part[1] % 8], part[2] % 12 if part[2] % 16 == 15 else 0
        threads.append((Start(priority, delay, own), operations(codes, objects, part[EACH : EACH + 4 * OPERATIONS])))
    return Program(threads, slices, worker % 8 - 3)


def operations(codes, objects, data):
    """One thread's; some programs have all that they do with two objects of a kind, or one."""
    made, locked = [], False
    for at in range(0, len(data), 4):
        choice, time = data[at] + 256 * data[at + 1], data[at + 2]
        code = codes[choice % len(codes)]
        argument = time % 11 - 4 if code in {"priority", "create"} else TIMES[time % 7]
        if choice // len(codes) % 4 == 0 and not code.startswith(NOT_IN_ISR):
            argument = argument if code in WITH_TIME_IN_ISR else 0
            code = IN_ISR + code
        number, value = data[at + 3] % 6, data[at + 3] // 6
        if code.removeprefix(IN_ISR) not in OF_THREADS:
            number = (number % (6, 2, 1)[objects % 3] + objects // 3) % 6
        made.append((code, number, argument, value % 6 if code == IN_ISR + "busy" else value))
        if locked:
            made.append(("unlock", 0, 0, 0))
        locked = code == "lock"
    return made + [("unlock", 0, 0, 0)] * locked


SIZE = HEAD + THREADS * (EACH + 4 * OPERATIONS)
PROGRAMS = st.builds(programs, st.binary(min_size=SIZE, max_size=SIZE))


def simple(*threads):
    """A program of threads that begin at once, by their priorities and operations."""
    return Program([(Start(priority), operations) for priority, operations in threads])


class Runner:
    def __init__(self, name, folder, clock="free"):
        self.board = Board(name, heap_size=96 * 1024, clock=clock)
        self.trace = []

        @self.board.export
        def note(thread: int, index: int, result: int) -> None:
            self.trace.append((thread, index, result, self.board.kernel.state.nanoseconds // 100_000))

        path = build_extension([SOURCE], folder / f"{name.replace('/', '_')}.llext", self.board.target).output
        self.extension = self.board.load(path)
        self.run_ = self.extension.fn("run", "void run(int count, int ticks)")
        self.extension.call("prepare")

    def write(self, symbol, at, form, *values):
        self.board.memory.write(self.extension.find_sym(symbol) + at, struct.pack(form, *values))

    def run(self, program, ticks=TICKS, grid=0):
        self.write("grid", 0, "<i", grid)
        self.write("slices_ms", 0, "b", program.slices_ms)
        self.write("worker_priority", 0, "b", program.worker_priority)
        self.write("program", 0, f"{4 * LENGTH * THREADS}x")
        for number, (start, operations) in enumerate(program.threads):
            self.write("starts", 4 * number, "<bbBx", *start)
            code = b"".join(
                struct.pack("<BBbB", CODES.index(name.removeprefix(IN_ISR)) + 128 * name.startswith(IN_ISR), *rest)
                for name, *rest in operations
            )
            self.write("program", 4 * LENGTH * number, f"{len(code)}s", code)
        self.trace = []
        self.run_(len(program.threads), ticks)
        start = self.trace[0][3]
        return [(thread, index, result, tick - start) for thread, index, result, tick in self.trace]


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_riscv32"])
def runner(request, tmp_path_factory):
    made = Runner(request.param, tmp_path_factory.mktemp("schedule"))
    with made.board:
        yield made


@settings(max_examples=2500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(made=PROGRAMS)
@example(
    made=simple(
        (-1, [("sleep", 0, 1, 0), ("queue_cancel", 0, 0, 0)]), (0, [("poll", 0, -1, 18)]), (0, [("queue_get", 0, -1, 0)])
    )
)
@example(
    made=simple(
        (-1, [("mutex_lock", 0, 0, 0), ("sleep", 0, 3, 0), ("mutex_unlock", 0, 0, 0)]),
        (-3, [("sleep", 0, 1, 0), ("mutex_lock", 0, -1, 0)]),
    )
)
@example(  # a waiter's time is over, another waits on: chance hits that once in 3,000 programs
    made=simple(
        (6, [("mutex_lock", 0, 0, 0), ("sleep", 0, 5, 0)]),
        (3, [("sleep", 0, 1, 0), ("mutex_lock", 0, 1, 0)]),
        (4, [("sleep", 0, 1, 0), ("mutex_lock", 0, -1, 0)]),
        (5, [("sleep", 0, 5, 0)]),
    )
)
@example(
    made=simple((0, [("pipe_read", 0, -1, 0)]), (1, [("abort", 0, 0, 0), ("pipe_reset", 0, 0, 0), ("pipe_read", 0, 0, 0)]))
)
@example(  # the slice of who ran last does not go on while nobody runs
    made=Program(
        [(Start(0), [("timer_start", 1, 11, 0), ("yield_", 0, 0, 0), ("take", 0, -1, 0)]), (Start(0), [("sleep", 0, 10, 0)])], 1
    )
)
@example(made=simple((0, [("join", 2, -1, 0)]), (0, [("join", 2, -1, 0)]), (0, [("sleep", 0, 1, 0)])))
@example(
    made=simple(
        (0, [("deadline", 0, 2, 0), ("poll", 0, -1, 0)]),
        (0, [("deadline", 1, 1, 0), ("poll", 0, -1, 0)]),
        (1, [("give", 0, 0, 0)]),
    )
)
@example(  # what is due when a slice ends comes first
    made=Program([(Start(0), [("sleep", 0, 9, 0)]), (Start(0), [("busy", 0, 0, 42), ("busy", 0, 0, 42)]), (Start(0), [])], 1)
)
@example(  # the second's time is over before it has its turn
    made=Program(
        [
            (Start(0), [("priority", 1, 3, 0), ("heap_alloc", 1, -1, 1)]),
            (Start(0, delay=5), [("heap_alloc", 1, 5, 0)]),
            (Start(3, delay=5), [("heap_free", 1, 0, 0), ("busy", 0, 0, 36), ("heap_alloc", 1, -1, 1)]),
        ]
    )
)
@example(  # who cancels the same item goes on in order
    made=simple(
        (0, [("work_submit", 5, 0, 0), ("work_cancel_sync", 5, 0, 0)]),
        (0, [("work_cancel_sync", 5, 0, 0)]),
        (0, [("work_cancel_sync", 5, 0, 0)]),
    )
)
@example(  # the clock submits nothing to a queue that drains
    made=Program(
        [(Start(0), [("work_submit", 5, 0, 1), ("work_schedule", 0, 1, 1), ("work_drain", 0, 0, 1)]), (Start(0), [])],
        worker_priority=3,
    )
)
@example(  # a timer's function comes late, and what it begins counts from when it was due
    made=simple(
        (0, [("timer_start", 1, 2, 0), ("in_isr:work_schedule", 0, 3, 0), ("work_cancel", 0, 0, 0), ("in_isr:busy", 0, 0, 42)]),
        (1, []),
    )
)
def test_threads_do_what_the_model_says(runner, made):
    assert runner.run(made) == Model(made, TICKS).run()


@pytest.fixture(scope="module")
def counting(tmp_path_factory):
    with (made := Runner("mps2/an385", tmp_path_factory.mktemp("counting"), "counted")).board:
        yield made


def without_slices(program):
    return Program([(start._replace(slice=0), operations) for start, operations in program.threads], 0, program.worker_priority)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(made=PROGRAMS.map(without_slices))
def test_threads_do_so_while_instructions_take_time(counting, made):
    """Each operation and each end of a wait has a tick of its own, far from others: how long code takes cannot be predicted.

    So neither can what depends on that: slices, deadlines of the same length, and what is due while something else is done.
    """
    expected = Model(made, LINES, GRID).run()
    trace = counting.run(made, LINES, GRID)
    assert [(*what, tick // 10) for *what, tick in trace] == [(*what, tick // 10) for *what, tick in expected]
