"""A load that fails leaves the whole board as it was, wherever it fails."""

import gc
import sys
from collections import Counter

import pytest
from conftest import COUNTED
from shapes import SHAPES

from llext import LlextError, LoadError
from llext.errors import HeapError
from llext.loader import BufferSource, Locate

HOUSE = "/llext/loader/"
"""Whose calls fail. What lies below has no state but the heap's, and the heap's steps are whole: it fails, or it has done."""


class Injected(BaseException):
    """What no code of ours expects."""


def state(board):
    """All that a load could change, the dead bytes of free memory aside."""
    memory, layout = board.machine.memory, board.layout
    heap = (layout.heap, layout.heap + layout.heap_size)
    used = [(address, memory.read(address + 8, size - 8)) for address, size, used in board.heap.chunks() if used][1:]
    outside = [
        memory.read(start, end - start)
        for block in memory.blocks
        if not block.name.startswith("scratch")
        for start, end in _without(block.start, min(block.end, block.start + (1 << 20)), heap)
    ]
    return {
        "free chunks": sorted(board.heap.free_chunks()),
        "used chunks": used,
        "memory": outside,
        "rights": [bytes(table) for _, _, table in board.machine.rights._tables] if board.machine.guarded else [],
        "names": [(name, board.scope.find(name)[0]) for name in board.scope.names()],
        "extensions": [(e.name, e.use_count, e.loaded, list(e.dependencies), list(e.allocations)) for e in board.extensions],
        "clock": board.kernel.state.nanoseconds,
        "console": board.console,
        "system heap": sorted(board.kernel.system_heap.free_chunks()),
    }


def _without(start, end, hole):
    if hole[1] <= start or end <= hole[0]:
        return [(start, end)]
    return [(a, b) for a, b in ((start, hole[0]), (hole[1], end)) if a < b]


@pytest.fixture(params=SHAPES)
def shape(request):
    return SHAPES[request.param]


@pytest.fixture
def ready(shape, tmp_path):
    """The board, with what must be loaded first, and the file."""
    with shape.power_on() as board:
        path = shape.build(tmp_path, board)
        if shape.first:
            board.load(shape.build(tmp_path, board, shape.first, "library"))
        yield board, path


def fails(board, source, error, before, **options):
    with pytest.raises(error):
        board.load(source, "it", **options)
    after = state(board)
    assert {name: after[name] == before[name] for name in before} == dict.fromkeys(before, True)


class Failing(BufferSource):
    """A source whose n-th request fails; ``requests`` counts them."""

    def __init__(self, data, *, peek, at=None, error=None):
        super().__init__(data, "failing")
        self.shows, self.at, self.error, self.requests = peek, at, error, 0

    def _request(self):
        self.requests += 1
        if self.requests - 1 == self.at and self.error is not None:
            raise self.error

    def prepare(self):
        self._request()
        super().prepare()

    def seek(self, offset):
        self._request()
        super().seek(offset)

    def read(self, size):
        self._request()
        data = super().read(size)
        return data[: size // 2] if self.requests - 1 == self.at and self.error is None else data

    def peek(self, offset, size):
        self._request()
        return super().peek(offset, size) if self.shows else None


@pytest.mark.parametrize("peek", [True, False], ids=["buffer", "file"])
def test_a_source_that_fails_at_any_request_leaves_the_board_as_it_was(ready, peek):
    board, path = ready
    data = path.read_bytes()
    before = state(board)
    whole = Failing(data, peek=peek)
    board.unload(board.load(whole, "it"))
    assert state(board) == before
    for at in range(whole.requests):
        for error, expected in ((OSError(5, "broken"), LoadError), (ValueError("odd"), ValueError), (Injected(), Injected)):
            fails(board, Failing(data, peek=peek, at=at, error=error), expected, before)
    COUNTED.append(f"failed loads: {3 * whole.requests} at requests to the source")


class Meanwhile(BufferSource):
    """A source that does something before it closes its file."""

    def __init__(self, data, work):
        super().__init__(data)
        self.work = work

    def finalize(self):
        self.work()


def test_a_name_that_is_taken_while_it_is_loaded_is_held_once_more(build, board):
    first, other = (build(f"int f(void) {{ return {value}; }}\nEXPORT_SYMBOL(f);", f"f{value}") for value in (1, 2))
    taken = []
    extension = board.load(Meanwhile(other.read_bytes(), lambda: taken.append(board.load(first, name="f"))), name="f")
    assert (board.extensions, [extension], extension.use_count) == ((extension,), taken, 2)
    assert extension.fn("f")() == 1
    assert (board.unload(extension), board.unload(extension), board.heap.allocated_bytes) == (1, 0, 0)


def test_what_an_extension_needs_and_loses_while_it_is_loaded_is_an_error(build, board):
    needed = board.load(build("int g(void) { return 1; }\nEXPORT_SYMBOL(g);", "needed"))
    user = build("extern int g(void);\nint f(void) { return g(); }\nEXPORT_SYMBOL(f);", "user")
    with pytest.raises(LoadError, match="'needed' is not loaded any more"):
        board.load(Meanwhile(user.read_bytes(), lambda: board.unload(needed)), name="user")
    assert (board.extensions, board.heap.allocated_bytes) == ((), 0)


@pytest.mark.parametrize("peek", [True, False], ids=["buffer", "file"])
def test_a_source_that_ends_early_leaves_the_board_as_it_was(ready, peek):
    board, path = ready
    data = path.read_bytes()
    before = state(board)
    whole = Failing(data, peek=peek)
    board.unload(board.load(whole, "it"))
    refused = 0
    for at in range(whole.requests):
        try:
            board.unload(board.load(Failing(data, peek=peek, at=at), "it"))  # a request that reads nothing ends nowhere
        except LlextError:
            refused += 1
        assert state(board) == before
    assert refused > 3


def test_a_load_that_is_given_up_at_any_request_leaves_the_board_as_it_was(ready):
    """Whoever drives a load may close it; its source is gone then, and is asked for nothing more."""
    board, path = ready
    source = BufferSource(path.read_bytes())
    before = state(board)
    board.unload(board.load(source, "it"))
    requests = 0
    while True:
        load = board._loader.load("it", origin="given up")
        answer = None
        try:
            for _ in range(requests + 1):
                request = load.send(answer)
                answer = None
                if not isinstance(request, Locate):  # this source's bytes are the host's
                    answer = getattr(source, type(request).__name__.lower())(*vars(request).values())
        except StopIteration as done:
            board.unload(done.value)
            break
        load.close()
        assert state(board) == before
        requests += 1
    assert requests > 5
    assert state(board) == before


def test_a_heap_that_runs_out_at_any_allocation_leaves_the_board_as_it_was(ready, monkeypatch):
    board, path = ready
    before = state(board)
    real, asked = board.heap.aligned_alloc, Counter()

    def counted(*words):
        asked["all"] += 1
        if asked["all"] - 1 == asked["at"]:
            if asked["raises"]:
                raise Injected
            return None
        return real(*words)

    monkeypatch.setattr(board.heap, "aligned_alloc", counted)
    asked["at"] = -1
    board.unload(board.load(path, "it"))
    total = asked["all"]
    assert total > 5
    for at in range(total):
        for raises, expected in ((0, HeapError), (1, Injected)):
            asked.update({"all": -asked["all"], "at": at - asked["at"], "raises": raises - asked["raises"]})
            fails(board, path, expected, before)
    COUNTED.append(f"failed loads: {2 * total} at allocations")


@pytest.mark.parametrize("level", ["wrn", "inf", "dbg"])
def test_a_log_that_fails_at_any_line_leaves_the_board_as_it_was(shape, tmp_path, level):
    said = Counter()

    def log(what, text):
        said["all"] += 1
        if said["all"] - 1 == said["at"]:
            raise Injected

    log.verbose = level == "inf"
    said["at"] = -1
    with shape.power_on(log=log) as board:
        path = shape.build(tmp_path, board)
        if shape.first:
            board.load(shape.build(tmp_path, board, shape.first, "library"))
        said["all"] = 0
        before = state(board)
        board.unload(board.load(path, "it"))
        total = said["all"] - 1  # the last line is of the unload
        for at in range(total):
            said.update({"all": -said["all"], "at": at - said["at"]})
            fails(board, path, Injected, before)
        said["at"] = -1


# Every call that a load makes ----------------------------------------------------------------------------------------------


def calls_of(board, data):
    """Every call of a function, in Python or C, that code of a load makes: where, and how often."""
    seen = Counter()

    def watch(frame, event, argument):
        place = _place(frame, event, argument)
        if place is not None:
            seen[place] += 1

    _watched(watch, lambda: board.load(data, "it"))
    return seen


def _place(frame, event, argument):
    if event == "c_call":
        caller, name = frame, getattr(argument, "__qualname__", "")
    elif event == "call" and frame.f_back is not None:
        caller, name = frame.f_back, frame.f_code.co_qualname
    else:
        return None
    file = caller.f_code.co_filename
    if HOUSE not in file or name.endswith(("close", "<genexpr>")):  # what ends something else: no step of a load
        return None
    return file, caller.f_lineno, name


def _watched(watch, function):
    before = sys.getprofile()
    gc.disable()
    try:
        sys.setprofile(watch)
        return function()
    finally:
        sys.setprofile(before)
        gc.enable()


def inject(board, data, place, occurrence):
    """Loads, and fails at a call; tells whether it got there."""
    left = [occurrence]

    def watch(frame, event, argument):
        if _place(frame, event, argument) == place:
            left[0] -= 1
            if not left[0]:
                sys.setprofile(None)
                raise Injected

    try:
        _watched(watch, lambda: board.load(data, "it"))
    except Injected:
        return True
    return False


def test_a_failure_in_any_call_of_a_load_leaves_the_board_as_it_was(ready):
    board, path = ready
    data = path.read_bytes()
    board.unload(board.load(data, "it"))
    before = state(board)
    calls = calls_of(board, data)
    board.unload(board.by_name("it"))
    assert state(board) == before
    injected = 0
    for place, times in calls.items():
        for occurrence in sorted({1, times}):
            if inject(board, data, place, occurrence):
                injected += 1
            else:  # the load went through: it was a call after the end, or one that is not made each time
                board.unload(board.by_name("it"))
            after = state(board)
            wrong = [name for name in before if after[name] != before[name]]
            assert not wrong, (place, occurrence, wrong)
    assert injected > 150
    COUNTED.append(f"failed loads: {injected} at calls")


def test_a_load_that_leaks_would_be_noticed(ready, monkeypatch):
    from llext.loader.transaction import Work

    board, path = ready
    whole = Failing(path.read_bytes(), peek=True)
    board.unload(board.load(whole, "it"))
    before = state(board)
    monkeypatch.setattr(Work, "roll_back", lambda self: None)
    last = Failing(path.read_bytes(), peek=True, at=whole.requests - 1, error=Injected())
    with pytest.raises(AssertionError):
        fails(board, last, Injected, before)
