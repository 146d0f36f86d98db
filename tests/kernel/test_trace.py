"""The trace says what the program does, who ran when, in a file of the format that Perfetto and Chrome read.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (Trace Event Format).
"""

import doctest
import itertools
import json
import re
from pathlib import Path

import pytest
from conftest import ROOT
from kernel_rows import TWO

from llext import Board, GuestFault, UsageError
from llext.build import build_extension
from llext.cli.app import run

PROGRAM = """
K_SEM_DEFINE(sem, 0, 10);
K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_thread thread;
static void worker(void *p1, void *p2, void *p3)
{
	k_sem_take(&sem, K_FOREVER);
	k_busy_wait(300);
}
static void handler(const void *p) { k_busy_wait(50); }
void *where(void) { return &sem; }
EXPORT_SYMBOL(where);
int go(void)
{
	IRQ_CONNECT(7, 1, handler, NULL, 0);
	irq_enable(7);
	k_thread_create(&thread, stack, 1024, worker, NULL, NULL, NULL, -1, 0, K_MSEC(1));
	k_thread_name_set(&thread, "worker");
	k_busy_wait(2000);
	k_sem_give(&sem);
	raise_line(7);
	k_busy_wait(100);
	k_msleep(1);
	return 5;
}
EXPORT_SYMBOL(go);
void crash(void) { k_sem_give(&sem); *(volatile int *)4 = 1; }
EXPORT_SYMBOL(crash);
extern int again(void);
int outer(void) { return again(); }
int inner(void) { k_sem_give(&sem); return 3; }
EXPORT_SYMBOL(outer);
EXPORT_SYMBOL(inner);
"""
PROLOGUE = """#include <zephyr/kernel.h>
#include <zephyr/irq.h>
#include <zephyr/llext/symbol.h>
extern void raise_line(int number);
"""


@pytest.fixture
def traced(build):
    """Loads the program on a board that keeps a trace, and calls a function."""

    def make(name="mps2/an385", call="go", **options):
        board = Board(name, trace=True, **options)
        board.export(board.raise_irq, name="raise_line", prototype="void raise_line(int number)")

        @board.export
        def again() -> int:
            return board.extensions[0].fn("inner")()

        extension = board.load(build(PROGRAM, prologue=PROLOGUE, board=name))
        result = extension.fn(call)() if call else None
        return board, result

    return make


def running(board, kinds=("thread", "interrupt")):
    """(microseconds, B or E, name, what for) of who had the CPU."""
    return [
        (event.at // 1000, event.phase, event.name, dict(event.words).get("then", ""))
        for event in board.trace
        if event.kind in kinds
    ]


def services(board):
    """(track, B or E, name) of services and threads, those of k_busy_wait aside."""
    return [
        (event.track, event.phase, event.name)
        for event in board.trace
        if event.kind in {"thread", "service"} and not event.name.startswith("z_")
    ]


def written(board, tmp_path):
    board.write_trace(tmp_path / "trace.json")
    return json.loads((tmp_path / "trace.json").read_text())


@pytest.mark.parametrize("name", TWO)
def test_a_trace_says_who_ran_when_as_the_program_does(traced, name):
    board, result = traced(name)
    assert result == 5
    assert running(board) == [
        (0, "B", "main", ""),
        (1100, "E", "main", "ready"),  # the delay of 10 ticks is over at the 11th edge, and the worker is more urgent
        (1100, "B", "worker", ""),
        (1100, "E", "worker", "waits in k_sem_take"),
        (1100, "B", "main", ""),
        (2000, "E", "main", "ready"),  # the semaphore is there
        (2000, "B", "worker", ""),
        (2300, "E", "worker", "ended"),
        (2300, "B", "main", ""),
        (2300, "E", "main", "ready"),
        (2300, "B", "handler", ""),
        (2350, "E", "handler", ""),
        (2350, "B", "main", ""),
        (2450, "E", "main", "waits in k_sleep"),
        (3500, "B", "main", ""),  # 10 ticks, and the rest of the one in which they began
    ]


def test_a_service_lies_in_its_threads_turn_with_the_object_that_it_works_on(traced):
    board, _ = traced()
    sem = board.extensions[0].fn("where")()
    given = [event for event in board.trace if event.name == "k_sem_give"]
    taken = [event for event in board.trace if event.name == "k_sem_take"]
    main, worker = (next(event.track for event in board.trace if event.name == name) for name in ("main", "worker"))
    assert [(event.track, event.phase, event.words) for event in given] == [(main, "B", (("sem", sem),)), (main, "E", ())]
    assert [(event.track, event.phase, event.words) for event in taken] == [(worker, "B", (("sem", sem),)), (worker, "E", ())]


@pytest.mark.parametrize("call", ["go", "outer"])
@pytest.mark.parametrize("clock", ["free", "counted"])
def test_what_begins_on_a_track_ends_there_the_other_way_round(traced, tmp_path, call, clock):
    board, _ = traced(call=call, clock=clock)
    open_, last = {}, 0
    for event in written(board, tmp_path)["traceEvents"]:
        assert event["ts"] >= last
        last = event["ts"]
        if event["ph"] == "B":
            open_.setdefault(event["tid"], []).append(event["name"])
        elif event["ph"] == "E":
            assert open_[event["tid"]].pop() == event["name"]
    assert not any(open_.values())


@pytest.mark.parametrize("clock", ["free", "counted"])
def test_one_has_the_cpu_at_a_time(traced, clock):
    board, _ = traced(clock=clock)
    has = running(board)
    assert len(has) > 10
    assert [phase for _, phase, _, _ in has] == ["B", "E"] * (len(has) // 2) + ["B"]
    assert all(has[at][2] == has[at + 1][2] for at in range(0, len(has) - 1, 2))


def test_with_the_counted_clock_turns_of_computing_threads_are_seen(build):
    text = """
K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_thread thread;
static void compute(void *p1, void *p2, void *p3) { for (volatile int i = 0; i < 200000; i++) { } }
void go(void)
{
	k_sched_time_slice_set(1, 0);
	k_thread_create(&thread, stack, 1024, compute, NULL, NULL, NULL, 0, 0, K_NO_WAIT);
	compute(NULL, NULL, NULL);
}
EXPORT_SYMBOL(go);
"""
    with Board(clock="counted", trace=True) as board:
        board.load(build(text)).call("go")
        turns = [event for event in board.trace if event.kind == "thread"]
    begun = [event for event in turns if event.phase == "B"]
    assert len(begun) > 6
    assert all(one.track != other.track for one, other in itertools.pairwise(begun))
    lasted = {end.at - start.at for start, end in zip(turns[::2], turns[1::2], strict=False)}
    assert 1_000_000 in lasted  # a slice


def test_a_call_from_python_inside_a_service_lies_in_it(traced):
    board, result = traced(call="outer")
    assert result == 3
    assert [(phase, name) for _, phase, name in services(board)] == [
        ("B", "main"), ("B", "again"), ("B", "k_sem_give"), ("E", "k_sem_give"), ("E", "again"),
    ]  # fmt: skip


def test_a_fault_is_a_mark_and_the_main_thread_goes_on(traced, tmp_path):
    board, _ = traced(call=None)
    with pytest.raises(GuestFault):
        board.extensions[0].call("crash")
    board.extensions[0].fn("inner")()
    marks = [event.name for event in board.trace if event.kind == "fault"]
    assert marks == ["fault: write"]
    assert written(board, tmp_path)["traceEvents"][-1]["name"] == "main"


def test_loads_and_unloads_are_marks(traced):
    board, _ = traced(call=None)
    board.unload(board.extensions[0])
    assert [(event.phase, event.name) for event in board.trace if event.kind == "extension"] == [
        ("i", "load ext"), ("i", "unload ext"),
    ]  # fmt: skip


@pytest.mark.parametrize("clock", ["free", "counted"])
def test_two_runs_give_the_same_bytes(traced, tmp_path, clock):
    for name in ("one", "two"):
        traced(clock=clock)[0].write_trace(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("clock", ["free", "counted"])
def test_the_file_has_what_the_format_asks_for(traced, tmp_path, clock):
    found = written(traced(clock=clock)[0], tmp_path)
    assert found["displayTimeUnit"] == "ns"
    for event in found["traceEvents"]:
        assert isinstance(event["name"], str)
        assert isinstance(event["ts"], int | float)
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        assert event["ph"] in {"M", "B", "E", "i"}
        assert event["ph"] != "i" or event["s"] in {"g", "p", "t"}
    names = [event["args"]["name"] for event in found["traceEvents"] if event["name"] == "thread_name"]
    assert names == ["interrupts", "main", "worker"]


def test_a_board_keeps_no_trace_unless_asked(board, load):
    load("int go(void) { return k_uptime_get_32(); }\nEXPORT_SYMBOL(go);").call("go")
    assert board.trace == ()
    with pytest.raises(UsageError, match="keeps no trace"):
        board.write_trace("nowhere.json")


def test_a_trace_keeps_the_first_million_events_and_says_how_many_came_behind(build, tmp_path, monkeypatch):
    monkeypatch.setattr("llext.kernel.trace.EVENTS", 100)
    with Board(trace=True) as board:
        board.load(build("void go(void) { for (int i = 0; i < 200; i++) k_yield(); }\nEXPORT_SYMBOL(go);")).call("go")
        found = written(board, tmp_path)
        assert len(board.trace) == 100
    assert found["otherData"]["dropped_events"] == 302  # of 400 for k_yield; main, and the load, came first
    assert [event["ph"] for event in found["traceEvents"]].count("B") == [event["ph"] for event in found["traceEvents"]].count(
        "E"
    )


def test_the_command_line_writes_a_trace_also_of_a_run_that_faults(tmp_path, capsys):
    source = tmp_path / "faulty.c"
    source.write_text("#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n"
                      "void crash(void) { k_msleep(1); *(volatile int *)4 = 1; }\nEXPORT_SYMBOL(crash);\n")  # fmt: skip
    assert run(["run", str(source), "--trace", str(tmp_path / "out.json")]) == 1
    names = [event["name"] for event in json.loads((tmp_path / "out.json").read_text())["traceEvents"]]
    assert "k_msleep" in names or "k_sleep" in names
    assert "load faulty" in names


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_trace_that_cannot_be_written_is_one_clear_line(capfd):
    source = ROOT / "examples" / "hello_world" / "hello_world.c"
    assert run(["run", str(source), "--trace", "/dev/full"]) == 1
    assert "No space left on device" in capfd.readouterr().err


def test_the_example_of_the_docs_prints_what_the_docs_say(tmp_path, monkeypatch, board):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "kernel.md").read_text("utf-8")
    source, typed = (re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) for kind in ("c", "pycon"))
    (tmp_path / "turns.c").write_text(source[0])
    build_extension([tmp_path / "turns.c"], tmp_path / "turns.llext", board.target)
    found, runner = [], doctest.DocTestRunner()
    runner.run(doctest.DocTestParser().get_doctest("".join(typed), {}, "trace", "kernel.md", 0), out=found.append)
    assert runner.tries == 2
    assert not runner.failures, "".join(found)
