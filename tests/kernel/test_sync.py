"""Semaphores, mutexes, condition variables, events and k_poll: each row is a C function that says what it sees."""

import pytest
from conftest import PROLOGUE as HEAD
from sync_rows import FAULTS, PROLOGUE, ROWS

from llext import Board, GuestFault
from llext.build import BuildOptions, build_extension
from llext.kernel.poll import PollStates, announce
from llext.target import load_target

HEAP = 256 << 10
"""Bytes of the LLEXT heap: stacks of RISC-V are whole pages."""
MORE = """
ENTRY(has_other) { UNUSED; k_mutex_lock(&other, K_FOREVER); k_mutex_lock(&mutex, K_FOREVER); }
ENTRY(wants_other) { UNUSED; k_mutex_lock(&other, K_FOREVER); }
void chain(void)
{
	k_tid_t a = spawn(0, holds, 5);
	k_msleep(1);
	k_tid_t b = spawn(1, has_other, 3);
	k_msleep(1);
	printk("%d ", k_thread_priority_get(a));
	spawn(2, wants_other, -1);
	printk("%d %d", k_thread_priority_get(b), k_thread_priority_get(a));
}
EXPORT_SYMBOL(chain);
void embrace(void)
{
	k_mutex_lock(&mutex, K_FOREVER);
	k_thread_name_set(spawn(0, has_other, -1), "friend");
	k_mutex_lock(&other, K_FOREVER);
}
EXPORT_SYMBOL(embrace);
void poll_for_ever(void) { polls((void *)'m', NULL, NULL); }
EXPORT_SYMBOL(poll_for_ever);
void give(void) { k_sem_init(&sem, 0, 1); spawn(0, polls, 5); k_msleep(1); k_sem_give(&sem); k_msleep(1); }
EXPORT_SYMBOL(give);
void wait_for_condition(void) { k_mutex_lock(&mutex, K_FOREVER); k_condvar_wait(&condvar, &mutex, K_FOREVER); }
EXPORT_SYMBOL(wait_for_condition);
int yield_to(void) { spawn(0, says, 0); k_yield(); return mutex.owner == NULL; }
EXPORT_SYMBOL(yield_to);
"""


def _quoted(body):
    """The strings of a row as C's; what has one character is a character."""
    pieces = body.split("'")
    pieces[1::2] = [f"'{piece}'" if len(piece) == 1 else f'"{piece}"' for piece in pieces[1::2]]
    return "".join(pieces)


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_riscv32"])
def built(request, tmp_path_factory):
    """The board's name, and the extension of all rows: row_0 and so on, fault_0 and so on."""
    text = HEAD + PROLOGUE + MORE
    for kind, rows in (("row", ROWS), ("fault", FAULTS)):
        for number, row in enumerate(rows):
            text += f"void {kind}_{number}(void) {{ {_quoted(row.body)} }}\nEXPORT_SYMBOL({kind}_{number});\n"
    folder = tmp_path_factory.mktemp("sync")
    (folder / "sync.c").write_text(text)
    made = build_extension([folder / "sync.c"], folder / "sync.llext", load_target(request.param), BuildOptions())
    return request.param, made.output


@pytest.fixture
def ext(built):
    """All rows, loaded on a fresh board."""
    name, path = built
    with Board(name, heap_size=HEAP) as board:
        yield board.load(path)


def cases(rows, kind):
    return [pytest.param(f"{kind}_{number}", row.printed, id=row.source) for number, row in enumerate(rows)]


@pytest.mark.parametrize(("function", "expected"), cases(ROWS, "row"))
def test_a_service_answers_as_zephyrs(built, function, expected):
    name, path = built
    with Board(name, heap_size=HEAP) as board:
        board.load(path).call(function)
        assert board.console == expected


@pytest.mark.parametrize(("function", "words"), cases(FAULTS, "fault"))
def test_misuse_is_a_fault_with_zephyrs_words(ext, function, words):
    with pytest.raises(GuestFault, match=words):
        ext.call(function)


def test_a_lent_priority_goes_no_further_than_one_mutex(built):
    """Section 2, Mutex inheritance: no propagation along chains."""
    name, path = built
    with Board(name, heap_size=HEAP) as board:
        board.load(path).call("chain")
        assert board.console == "3 -1 3"


def test_a_deadlock_names_who_holds_each_mutex(ext):
    """Section 2, Mutex inheritance: no deadlock detection; here the run ends when nobody can ever run."""
    with pytest.raises(GuestFault, match=r"deadlock") as caught:
        ext.call("embrace")
    words = str(caught.value)
    assert "main waits in k_mutex_lock" in words
    assert "friend holds it" in words
    assert "main holds it" in words


def test_a_poller_whose_call_ended_takes_no_give(built):
    """The call from Python ended by a deadlock while it polled: its events are nobody's."""
    name, path = built
    with Board(name, heap_size=HEAP) as board:
        ext = board.load(path)
        with pytest.raises(GuestFault, match="deadlock"):
            ext.call("poll_for_ever")
        ext.call("give")
        assert board.console == "a0:2:0 "


def test_a_waiter_whose_call_ended_owes_nothing(ext):
    """The call from Python ended by a deadlock while it waited for a condition; the next one does not lock the mutex."""
    with pytest.raises(GuestFault, match="deadlock"):
        ext.call("wait_for_condition")
    assert ext.fn("yield_to")() == 1


CANCEL = """
void cancel(void *what);
static struct k_sem sem;
static struct k_thread thread;
K_THREAD_STACK_DEFINE(stack, 1024);
static void poll(void *p1, void *p2, void *p3)
{
	struct k_poll_event event = K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem);
	int result = k_poll(&event, 1, K_FOREVER);
	printk("%d:%d ", result, event.state);
}
void go(void)
{
	k_thread_create(&thread, stack, 1024, poll, NULL, NULL, NULL, -1, 0, K_NO_WAIT);
	cancel(&sem);
	printk("main");
}
EXPORT_SYMBOL(go);
"""


def test_a_poll_that_is_cancelled_returns_eintr(build):
    """Section 2, Poll: -EINTR, state CANCELLED; which objects cancel is theirs to say."""
    with Board() as board:

        @board.export(prototype="void cancel(void *what)")
        def cancel(what):
            announce(board.kernel, what, PollStates.CANCELLED)

        board.load(build(CANCEL)).call("go")
        assert board.console == "-4:8 main"


def test_a_bad_mutex_is_the_callers_fault(load):
    ext = load("void go(void) { k_mutex_lock((struct k_mutex *)0x60000000, K_FOREVER); }\nEXPORT_SYMBOL(go);", optimize="0")
    with pytest.raises(GuestFault, match=r"load from 0x6000000c .*<z_impl_k_mutex_lock\+0x[0-9a-f]+>, called from ext .text"):
        ext.call("go")
