"""Timers. Rows cite kernel.md of the reference, section 4."""

from typing import NamedTuple

import pytest
from conftest import PROLOGUE
from timed_rows import BOARDS_OF_ROWS, COMMON, built, said

from llext import Board, GuestFault


class Row(NamedTuple):
    what: str
    source: str
    body: str
    says: str


TIMERS = """
static void tell(struct k_timer *t) { printk("%s:%d ", k_is_in_isr() ? "isr" : "thread", NOW()); }
static void stopped(struct k_timer *t) { printk("stop-%s:%d ", k_is_in_isr() ? "isr" : "thread", NOW()); }
static void third_stops(struct k_timer *t) { tell(t); if (t->status == 3) k_timer_stop(t); }
static void stops(struct k_timer *t) { tell(t); k_timer_stop(t); }
static void restarts(struct k_timer *t) { tell(t); if (NOW() < 10) k_timer_start(t, K_TICKS(4), K_NO_WAIT); }
static void is_slow(struct k_timer *t) { if (k_timer_expires_ticks(t) == 8) k_busy_wait(350); tell(t); }
K_TIMER_DEFINE(timer, tell, stopped);
K_TIMER_DEFINE(quiet, NULL, NULL);
K_TIMER_DEFINE(ending, third_stops, stopped);
K_TIMER_DEFINE(once, stops, stopped);
K_TIMER_DEFINE(again, restarts, NULL);
K_TIMER_DEFINE(slow, is_slow, NULL);
K_SEM_DEFINE(sem, 0, 10);
static void give(struct k_timer *t) { k_sem_give(&sem); }
K_TIMER_DEFINE(giver, give, NULL);
static void syncer(void *n, void *b, void *c) { printk("sync%d=%u:%d ", (int)n, k_timer_status_sync(&giver), NOW()); }
static void taker(void *n, void *b, void *c) { k_sem_take(&sem, K_FOREVER); printk("taker%d:%d ", (int)n, NOW()); }
static void busy(void *n, void *b, void *c) { for (int i = 0; i < 3; i++) { k_sleep(K_TICKS(2)); k_busy_wait(1000); } }
static void sync_quiet(void *n, void *b, void *c) { printk("sync=%u:%d ", k_timer_status_sync(&quiet), NOW()); }
static void start_in_isr(const void *p) { k_timer_start(&timer, K_TICKS(2), K_TICKS(3)); }
static void stop_in_isr(const void *p) { k_timer_stop(&timer); }
static void status_in_isr(const void *p) { printk("status=%u ", k_timer_status_get(&quiet)); }
"""
ROWS = [
    Row("without a duration it expires at the next edge", "start NW",
        "k_busy_wait(250); k_timer_start(&timer, K_NO_WAIT, K_NO_WAIT); k_sleep(K_TICKS(9));", "isr:3"),
    Row("N ticks end at the N-th edge", "first expiry",
        "k_timer_start(&timer, K_TICKS(5), K_NO_WAIT); k_sleep(K_TICKS(20));", "isr:5"),
    Row("also from within a tick", "first expiry",
        "k_busy_wait(250); k_timer_start(&timer, K_TICKS(5), K_NO_WAIT); k_sleep(K_TICKS(20));", "isr:7"),
    Row("one tick and none are the same", "first expiry",
        "k_timer_start(&timer, K_TICKS(1), K_NO_WAIT); k_sleep(K_TICKS(20));", "isr:1"),
    Row("an absolute duration is its tick", "first expiry",
        "k_busy_wait(250); k_timer_start(&timer, K_TIMEOUT_ABS_TICKS(9), K_TICKS(10)); k_busy_wait(2000);", "isr:9 isr:19"),
    Row("an absolute duration in the past is the next edge", "first expiry",
        "k_busy_wait(1250); k_timer_start(&timer, K_TIMEOUT_ABS_TICKS(9), K_NO_WAIT); k_busy_wait(2000);", "isr:13"),
    Row("a duration for ever has no effect", "start FV",
        "k_timer_start(&timer, K_FOREVER, K_TICKS(1)); k_sleep(K_TICKS(9)); k_timer_start(&timer, K_TICKS(5), K_NO_WAIT);"
        "k_timer_start(&timer, K_FOREVER, K_TICKS(1)); k_sleep(K_TICKS(20));", "isr:15"),
    Row("a period for ever is one shot", "start one shot",
        "k_timer_start(&timer, K_TICKS(5), K_FOREVER); k_sleep(K_TICKS(20));", "isr:5"),
    Row("a period is exact", "period", "k_timer_start(&timer, K_TICKS(5), K_TICKS(3)); k_sleep(K_TICKS(13));",
        "isr:5 isr:8 isr:11 isr:14"),
    Row("a period does not drift by a handler that takes long", "period",
        "k_timer_start(&slow, K_TICKS(5), K_TICKS(3)); k_sleep(K_TICKS(13));", "isr:8 isr:8 isr:11 isr:14"),
    Row("late expiries are all there", "period",
        'k_timer_start(&quiet, K_TICKS(5), K_TICKS(3)); k_sleep(K_TICKS(13)); printk("%u", k_timer_status_get(&quiet));', "4"),
    Row("the shortest period is a tick", "period",
        "k_timer_start(&timer, K_TICKS(1), K_TICKS(1)); k_sleep(K_TICKS(3));", "isr:1 isr:2 isr:3 isr:4"),
    Row("starting it again replaces the time and clears the status", "start restart",
        'k_timer_start(&quiet, K_TICKS(2), K_TICKS(2)); k_sleep(K_TICKS(8)); printk("%u ", quiet.status);'
        'k_timer_start(&quiet, K_TICKS(50), K_NO_WAIT); printk("%u ", quiet.status);'
        'k_sleep(K_TICKS(8)); printk("%u", k_timer_status_get(&quiet));', "4 0 0"),
    Row("its expiry function may start it again", "start ISR ok",
        "k_timer_start(&again, K_TICKS(3), K_NO_WAIT); k_sleep(K_TICKS(30));", "isr:3 isr:7 isr:11"),
    Row("it may be started in an interrupt handler", "start ISR ok",
        "irq_offload(start_in_isr, NULL); k_sleep(K_TICKS(5));", "isr:2 isr:5"),
    Row("the stop function runs in the caller's thread", "stop",
        "k_timer_start(&timer, K_TICKS(3), K_TICKS(3)); k_sleep(K_TICKS(3)); k_timer_stop(&timer); k_sleep(K_TICKS(20));",
        "isr:3 stop-thread:4"),
    Row("or in the interrupt handler that stops it", "stop ISR ok",
        "k_timer_start(&timer, K_TICKS(3), K_TICKS(3)); irq_offload(stop_in_isr, NULL); k_sleep(K_TICKS(20));", "stop-isr:0"),
    Row("stopping it twice, or one that never ran, does nothing", "stop no-op",
        "k_timer_stop(&timer); k_timer_start(&timer, K_TICKS(3), K_NO_WAIT); k_timer_stop(&timer); k_timer_stop(&timer);",
        "stop-thread:0"),
    Row("a single shot that expired is not running", "stop no-op",
        "k_timer_start(&timer, K_TICKS(3), K_NO_WAIT); k_sleep(K_TICKS(5)); k_timer_stop(&timer);", "isr:3"),
    Row("a single shot is not running in its expiry function", "stop no-op",
        "k_timer_start(&once, K_TICKS(3), K_NO_WAIT); k_sleep(K_TICKS(9));", "isr:3"),
    Row("its expiry function may stop a period", "stop",
        "k_timer_start(&ending, K_TICKS(3), K_TICKS(2)); k_sleep(K_TICKS(30));", "isr:3 isr:5 isr:7 stop-isr:7"),
    Row("the status counts since it was read", "status_get",
        'k_timer_start(&quiet, K_TICKS(2), K_TICKS(2)); k_sleep(K_TICKS(8)); printk("%u ", k_timer_status_get(&quiet));'
        'printk("%u ", k_timer_status_get(&quiet)); k_sleep(K_TICKS(2)); printk("%u", k_timer_status_get(&quiet));', "4 0 2"),
    Row("the status may be read in an interrupt handler", "status_get",
        "k_timer_start(&quiet, K_TICKS(2), K_TICKS(2)); k_sleep(K_TICKS(4)); irq_offload(status_in_isr, NULL);", "status=2"),
    Row("status_sync waits for the next expiry", "status_sync",
        "k_timer_start(&quiet, K_TICKS(5), K_TICKS(5)); for (int i = 0; i < 3; i++) {"
        'const int n = k_timer_status_sync(&quiet); printk("%d:%d ", n, NOW()); }', "1:5 1:10 1:15"),
    Row("status_sync does not wait if it has expired", "status_sync",
        "k_timer_start(&quiet, K_TICKS(2), K_TICKS(5)); k_sleep(K_TICKS(8)); const int n = k_timer_status_sync(&quiet);"
        'printk("%d:%d %u", n, NOW(), quiet.status);', "2:9 0"),
    Row("status_sync of a timer that does not run is 0 at once", "status_sync",
        'printk("%u:%d", k_timer_status_sync(&quiet), NOW());', "0:0"),
    Row("status_sync counts what expires until its thread runs", "status_sync",
        "thread(0, sync_quiet, 3); k_timer_start(&quiet, K_TICKS(3), K_TICKS(3)); thread(1, busy, -2); k_sleep(K_TICKS(60));",
        "sync=4:13"),
    Row("stopping lets status_sync go with 0", "stop frees",
        "thread(0, syncer, -1); k_timer_start(&giver, K_TICKS(50), K_NO_WAIT); thread(1, syncer, -1); k_sleep(K_TICKS(3));"
        'k_timer_stop(&giver); printk("end");', "sync0=0:0 sync1=0:4 end"),
    Row("one waiter goes on per expiry, the most urgent first", "one waiter",
        "k_timer_start(&giver, K_TICKS(3), K_TICKS(3)); thread(0, syncer, 2); thread(1, syncer, 1); thread(2, syncer, 2);"
        "k_sleep(K_TICKS(20));", "sync1=1:3 sync0=1:6 sync2=1:9"),
    Row("the expiry function comes before the waiter", "status_sync",
        "k_timer_start(&giver, K_TICKS(3), K_NO_WAIT); thread(0, syncer, 2); thread(1, taker, 2); k_sleep(K_TICKS(20));",
        "taker1:3 sync0=1:3"),
    Row("what remains, and when it ends", "remaining",
        "k_busy_wait(350); k_timer_start(&quiet, K_TICKS(57), K_NO_WAIT);"
        'printk("%d %d %u ", (int)k_timer_remaining_ticks(&quiet), (int)k_timer_expires_ticks(&quiet), k_timer_remaining_get(&quiet));'
        'k_busy_wait(2000); printk("%d %d %u ", (int)k_timer_remaining_ticks(&quiet), (int)k_timer_expires_ticks(&quiet),'
        'k_timer_remaining_get(&quiet)); k_timer_stop(&quiet); printk("%d %u", (int)k_timer_remaining_ticks(&quiet),'
        "k_timer_remaining_get(&quiet));", "57 60 5 37 60 3 0 0"),
    Row("a timer has room for a pointer", "user_data",
        'k_timer_user_data_set(&quiet, &sem); printk("%d%d ", quiet.user_data == &sem, k_timer_user_data_get(&quiet) == &sem);'
        'k_timer_init(&quiet, NULL, NULL); printk("%d", k_timer_user_data_get(&quiet) == NULL);', "11 1"),
    Row("k_timer_init makes a timer", "init",
        "static struct k_timer made; k_timer_init(&made, tell, stopped); k_timer_start(&made, K_TICKS(2), K_TICKS(7));"
        'k_sleep(K_TICKS(3)); printk("%d%d%d ", made.expiry_fn == tell, made.stop_fn == stopped, (int)made.period.ticks);'
        "k_timer_stop(&made);", "isr:2 117 stop-thread:4"),
]  # fmt: skip


@pytest.fixture(scope="module")
def extensions(tmp_path_factory):
    return built(tmp_path_factory.mktemp("timers"), TIMERS, ROWS)


@pytest.mark.parametrize("name", BOARDS_OF_ROWS)
@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row.what for row in ROWS])
def test_timers_do_as_zephyrs(extensions, number, name):
    assert said(extensions[name], name, number) == ROWS[number].says


COMPUTES = """
static volatile int count;
static void tick(struct k_timer *t) { count++; }
K_TIMER_DEFINE(timer, tick, NULL);
int run(void)
{
	k_timer_start(&timer, K_TICKS(2), K_TICKS(2));
	for (volatile int i = 0; i < 100000 && count < 3; i++) { }
	return count;
}
EXPORT_SYMBOL(run);
"""


def test_with_the_counted_clock_timers_interrupt_computing(build):
    with Board(clock="counted") as board:
        assert board.load(build(COMPUTES)).fn("run")() == 3


MISUSE = """
K_TIMER_DEFINE(timer, NULL, NULL);
static void sync(const void *p) { k_timer_status_sync(&timer); }
static void in_expiry(struct k_timer *t) { k_timer_status_sync(t); }
K_TIMER_DEFINE(bad, in_expiry, NULL);
void from_isr(void) { irq_offload(sync, NULL); }
void from_expiry(void) { k_timer_start(&bad, K_TICKS(1), K_NO_WAIT); k_sleep(K_TICKS(3)); }
EXPORT_SYMBOL(from_isr);
EXPORT_SYMBOL(from_expiry);
"""


@pytest.mark.parametrize("call", ["from_isr", "from_expiry"])
def test_status_sync_in_an_interrupt_handler_is_a_fault(load, call):
    """kernel.md 4: not ISR."""
    ext = load(MISUSE, prologue=PROLOGUE + COMMON)
    with pytest.raises(GuestFault, match="k_timer_status_sync would wait in an interrupt handler"):
        ext.call(call)
