"""What is said when kernel services are misused, when nothing can run any more, and when a loop keeps others from running."""

import pytest
from kernel_rows import TWO

from llext import Board, GuestFault

CODE = """
#include <zephyr/irq_offload.h>
K_THREAD_STACK_ARRAY_DEFINE(stacks, 2, 1024);
static struct k_thread threads[2];
static struct k_sem sem;
static struct k_mutex mutex;
static struct k_timer timer;
static volatile int flag;
static void nothing(void *a, void *b, void *c) { }
static void take(void *a, void *b, void *c) { k_sem_take(&sem, K_FOREVER); }
static void keep(void *a, void *b, void *c) { k_mutex_lock(&mutex, K_FOREVER); }
static void spin(const void *p) { while (!flag) { } }
static void wait_isr(const void *p) { k_sem_take(&sem, K_FOREVER); }
static void expire(struct k_timer *t) { k_msleep(1); }
static k_tid_t start(int i, k_thread_entry_t entry, int priority, k_timeout_t delay)
{ return k_thread_create(&threads[i], stacks[i], 1024, entry, 0, 0, 0, priority, 0, delay); }
static void start_timer(void) { k_timer_init(&timer, expire, NULL); k_timer_start(&timer, K_MSEC(1), K_NO_WAIT); }
void go(int which)
{
    switch (which) {
    case 0: k_thread_abort(NULL); break;
    case 1: k_thread_suspend(NULL); break;
    case 2: k_thread_resume(NULL); break;
    case 3: k_thread_start(NULL); break;
    case 4: k_wakeup(NULL); break;
    case 5: k_thread_priority_set(NULL, 1); break;
    case 6: k_thread_join(NULL, K_FOREVER); break;
    case 7: k_timer_stop(NULL); break;
    case 8: k_condvar_signal(NULL); break;
    case 9: k_condvar_broadcast(NULL); break;
    case 10: k_mutex_lock(&mutex, K_FOREVER); k_condvar_wait(NULL, &mutex, K_MSEC(1)); break;
    case 11: k_queue_cancel_wait(NULL); break;
    case 12: k_thread_deadline_set(NULL, 1); break;
    case 13: k_thread_name_copy(k_current_get(), (char *)&sem, 0xffffff00u); break;
    case 20: start(0, nothing, 1, K_NO_WAIT); k_thread_create(&threads[1], stacks[0], 1024, nothing, 0, 0, 0, 1, 0, K_NO_WAIT); break;
    case 21: k_thread_create(&threads[0], stacks[0], 0x7fffffff, nothing, 0, 0, 0, 1, 0, K_NO_WAIT); break;
    case 22: k_thread_create(&threads[0], NULL, 1024, nothing, 0, 0, 0, 1, 0, K_NO_WAIT); break;
    case 30: k_thread_join(start(0, nothing, 1, K_FOREVER), K_FOREVER); break;
    case 31: k_thread_suspend(start(0, take, -1, K_NO_WAIT)); k_sem_take(&sem, K_FOREVER); break;
    case 32: k_busy_wait(1000); k_thread_suspend(k_current_get()); break;
    case 33: k_thread_name_set(start(0, keep, -1, K_NO_WAIT), "gone"); k_mutex_lock(&mutex, K_FOREVER); break;
    case 34: k_thread_join(&threads[1], K_FOREVER); break;
    case 35: k_thread_suspend(start(0, take, 1, K_FOREVER)); k_sem_take(&sem, K_FOREVER); break;
    case 40: start(0, nothing, 3, K_NO_WAIT); while (!flag) { } break;
    case 41: k_sched_lock(); start(0, nothing, -1, K_NO_WAIT); while (!flag) { } break;
    case 42: start_timer(); (void)irq_lock(); while (!flag) { } break;
    case 43: start_timer(); irq_offload(spin, NULL); break;
    case 44: start(0, nothing, 0, K_NO_WAIT); while (!flag) { } break;
    case 45: k_timer_init(&timer, NULL, NULL); k_timer_start(&timer, K_TICKS(1), K_TICKS(1)); k_sem_take(&sem, K_FOREVER); break;
    case 50: irq_offload(wait_isr, NULL); break;
    case 51: start_timer(); k_msleep(5); break;
    }
}
EXPORT_SYMBOL(go);
"""


@pytest.fixture(params=TWO)
def fault(request, build):
    """A case -> its fault: message, notes and hint, on lines of their own."""
    path = build(CODE, board=request.param)

    def run(case):
        with Board(request.param, heap_size=64 << 10, timeout=0.3) as board, pytest.raises(GuestFault) as caught:
            board.load(path).fn("go", "void go(int)")(case)
        return "\n".join((caught.value.message, *caught.value.notes, caught.value.hint or ""))

    return run


def test_null_is_a_bad_pointer_for_every_service(fault):
    """As for Zephyr, which reads the object; the services named here did nothing."""
    for case in range(13):
        assert "NULL)" in fault(case), case


def test_what_does_not_fit_memory_is_a_fault_at_its_end(fault):
    """The host makes nothing so large before it looks."""
    assert "store to 0x" in fault(13)
    assert "not mapped; the nearest memory is" in fault(13)


def test_a_stack_that_is_in_use_or_too_large_is_refused_by_name(fault):
    assert "is alive, and its stack is given to another thread at" in fault(20)
    assert "no memory has room for a stack of 2147483647 bytes at" in fault(21)
    assert "no memory has room for a stack of 1024 bytes at 0x00000000 (NULL)" in fault(22)


def test_a_deadlock_says_of_each_thread_why_it_does_not_run(fault):
    assert "was never started: k_thread_start does that" in fault(30)
    words = fault(31)
    assert "waits in k_sem_take for" in words
    assert "since 0.0000 s; it is suspended, until k_thread_resume" in words
    assert "main is suspended, until k_thread_resume, since 0.0010 s" in fault(32)
    assert "held it when it ended" in fault(33)
    assert "main waits in k_thread_join for" in fault(34)
    assert "was never started: k_thread_start does that; it is suspended, until k_thread_resume" in fault(35)


def test_the_counted_clock_is_the_way_out_only_where_it_helps(fault):
    words = fault(40)
    assert "could run, with priority 3, when main waits, which has priority 0" in words
    assert "counted" not in words
    words = fault(41)
    assert "could run, with priority -1, when main waits, which has priority 0 and has locked the scheduler" in words
    assert "counted" not in words
    words = fault(42)
    assert "interrupts are locked: nothing comes before irq_unlock" in words
    assert "counted" not in words
    words = fault(43)
    assert "no interrupt comes while a handler runs" in words
    assert "counted" not in words
    assert "--clock counted" in fault(44)


def test_when_only_the_clock_goes_on_it_is_said_who_waits_for_what(fault):
    words = fault(45)
    assert "still running after 0.3 s" in words
    assert "and all threads wait\nmain waits in k_sem_take for 0x" in words
    assert "is due at" in words
    assert "counted" not in words


def test_a_fault_in_an_interrupt_says_whose_handler_it_was(fault):
    """The compiler may have left no way back to the handler from its last call."""
    words = fault(50)
    assert "k_sem_take would wait in an interrupt handler" in words
    assert "the handler: 0x" in words
    assert "<wait_isr+0x0>" in words
    assert "let a thread do it that may wait" in words
    assert "the timer at 0x" in fault(51)


NESTED = """
int python(int which);
K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_thread thread;
static void body(void *which, void *b, void *c) { python((int)which); }
void inner(int which)
{
    if (which) k_thread_abort(k_current_get()); else k_thread_suspend(k_current_get());
    printk("went on");
}
void go(int which)
{
    k_thread_create(&thread, stack, 1024, body, (void *)which, 0, 0, -1, 0, K_FOREVER);
    k_thread_name_set(&thread, "caller");
    k_thread_start(&thread);
}
EXPORT_SYMBOL(inner);
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", TWO)
def test_a_thread_does_not_stop_itself_below_a_python_function(build, name, which):
    """The function that does so would not end at its call, as it must."""
    with Board(name) as board:

        @board.export
        def python(which: int) -> int:
            ext.fn("inner", "void inner(int)")(which)
            return 0

        ext = board.load(build(NESTED, board=name))
        words = f"k_thread_{('suspend', 'abort')[which]} would stop caller while a Python function waits for this call"
        with pytest.raises(GuestFault, match=words) as caught:
            ext.fn("go", "void go(int)")(which)
        assert "return from the Python function first" in caught.value.hint
        assert board.console == ""
