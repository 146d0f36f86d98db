"""The clock: when waits end, in which order, and what can be asked. Rows cite kernel.md of the reference."""

from typing import NamedTuple

import pytest
from timed_rows import BOARDS_OF_ROWS, built, said


class Row(NamedTuple):
    what: str
    source: str
    body: str
    says: str


COMMON = """
K_SEM_DEFINE(sem, 0, 10);
static void sleeper(void *n, void *b, void *c) { k_sleep(K_TICKS(5)); printk("sleeper%d:%d ", (int)n, NOW()); }
static void taker(void *n, void *b, void *c) { k_sem_take(&sem, K_FOREVER); printk("taker%d:%d ", (int)n, NOW()); }
static void give(struct k_timer *t) { k_sem_give(&sem); }
static void tell(struct k_timer *t) { printk("timer:%d ", NOW()); }
K_TIMER_DEFINE(giver, give, NULL);
K_TIMER_DEFINE(teller, tell, NULL);
K_TIMER_DEFINE(other, tell, NULL);
static void nothing(struct k_work *w) { }
K_WORK_DELAYABLE_DEFINE(delayed, nothing);
static void late(struct k_timer *t)
{
	k_busy_wait(1000);
	k_timer_start(&other, K_TICKS(3), K_NO_WAIT);
	k_work_schedule(&delayed, K_TICKS(3));
	printk("%d %d ", (int)k_timer_expires_ticks(&other), (int)k_work_delayable_expires_get(&delayed));
}
K_TIMER_DEFINE(later, late, NULL);
static void wait_in_isr(const void *p) { k_busy_wait(1000); printk("isr:%d ", NOW()); }
static void busy(void *n, void *b, void *c) { k_sleep(K_TICKS(5)); k_busy_wait(2000); printk("busy:%d ", NOW()); }
"""
ROWS = [
    Row("a sleep of N ticks ends at edge N+1", "4 +1", 'k_sleep(K_TICKS(5)); printk("%d", NOW());', "6"),
    Row("also from within a tick", "4 +1", 'k_busy_wait(250); k_sleep(K_TICKS(5)); printk("%d", NOW());', "8"),
    Row("a loop of k_msleep(10) has a period of 10.1 ms", "4 +1",
        'for (int i = 0; i < 3; i++) { k_msleep(10); printk("%d ", NOW()); }', "101 202 303"),
    Row("an absolute wait ends at its tick", "4 +1", 'k_sleep(K_TIMEOUT_ABS_TICKS(7)); printk("%d", NOW());', "7"),
    Row("an absolute wait in the past ends at the next edge", "4 +1",
        'k_busy_wait(1050); k_sleep(K_TIMEOUT_ABS_TICKS(3)); printk("%d", NOW());', "11"),
    Row("an absolute wait for now ends at the next edge", "4 +1",
        'k_busy_wait(1000); k_sleep(K_TIMEOUT_ABS_TICKS(10)); printk("%d", NOW());', "11"),
    Row("the rule counts from the edge inside its interrupt", "4 +1",
        "k_timer_start(&later, K_TICKS(5), K_NO_WAIT); k_sleep(K_TICKS(30));", "8 9 timer:15"),
    Row("what was armed first is done first: sleep, then timer", "4 same tick",
        "thread(0, taker, 1); thread(1, sleeper, 1); k_sleep(K_TICKS(0)); k_sched_lock();"
        "k_sched_unlock(); k_thread_priority_set(k_current_get(), 5); k_timer_start(&giver, K_TICKS(6), K_NO_WAIT);"
        "k_sleep(K_TICKS(20));", "sleeper1:6 taker0:6"),
    Row("what was armed first is done first: timer, then sleep", "4 same tick",
        "k_timer_start(&giver, K_TICKS(6), K_NO_WAIT); thread(0, taker, 1); thread(1, sleeper, 1); k_sleep(K_TICKS(20));",
        "taker0:6 sleeper1:6"),
    Row("timers of one tick in arming order", "4 same tick",
        "k_timer_start(&later, K_TICKS(7), K_NO_WAIT); k_timer_start(&teller, K_TICKS(7), K_NO_WAIT); k_sleep(K_TICKS(30));",
        "10 11 timer:17 timer:17"),
    Row("uptime in its units", "4 uptime",
        'k_sleep(K_TIMEOUT_ABS_MS(2345)); printk("%lld %u %u", k_uptime_get(), k_uptime_get_32(), k_uptime_seconds());',
        "2345 2345 2"),
    Row("k_uptime_delta sets its reference", "4 uptime",
        'int64_t at = 0; k_sleep(K_TIMEOUT_ABS_MS(20)); printk("%lld ", k_uptime_delta(&at));'
        'k_sleep(K_TIMEOUT_ABS_MS(50)); printk("%lld %lld", k_uptime_delta(&at), at);', "20 30 50"),
    Row("cycles count at the CPU's rate", "4 uptime",
        "const uint64_t a = k_cycle_get_64(); const uint32_t b = k_cycle_get_32(); k_busy_wait(5000);"
        "const uint64_t c = k_cycle_get_64(); const uint32_t d = k_cycle_get_32(), us = sys_clock_hw_cycles_per_sec() / 1000000;"
        'printk("%d %d", (int)(c - a) == 5002 * us, d - b == 5002 * us);', "1 1"),
    Row("64-bit cycles do not wrap", "4 uptime",
        'k_sleep(K_HOURS(1)); printk("%d", k_cycle_get_64() > 3600ULL * sys_clock_hw_cycles_per_sec());', "1"),
    Row("k_busy_wait lasts as long as was asked", "4 busy_wait",
        'k_busy_wait(12345); printk("%d ", NOW()); k_busy_wait(0); printk("%d", NOW());', "123 123"),
    Row("what is due during k_busy_wait comes at its time", "4 busy_wait",
        'k_timer_start(&teller, K_TICKS(3), K_TICKS(4)); k_busy_wait(1250); printk("end:%d", NOW());',
        "timer:3 timer:7 timer:11 end:12"),
    Row("k_busy_wait counts time in which others run", "4 busy_wait",
        'thread(0, busy, -1); k_busy_wait(1000); printk("main:%d", NOW());', "busy:26 main:26"),
    Row("in an interrupt handler k_busy_wait goes to its end at once", "4 busy_wait",
        "k_timer_start(&teller, K_TICKS(3), K_NO_WAIT); irq_offload(wait_in_isr, NULL);", "isr:10 timer:10"),
    Row("timepoints", "4 timepoint",
        "k_busy_wait(500); k_timepoint_t never = sys_timepoint_calc(K_FOREVER), none = sys_timepoint_calc(K_NO_WAIT);"
        "k_timepoint_t soon = sys_timepoint_calc(K_TICKS(10)), at = sys_timepoint_calc(K_TIMEOUT_ABS_TICKS(12));"
        'printk("%d %d %d %d ", never.tick == UINT64_MAX, (int)none.tick, (int)soon.tick, (int)at.tick);'
        'printk("%d %d %d %d ", (int)sys_timepoint_timeout(never).ticks, (int)sys_timepoint_timeout(none).ticks,'
        "(int)sys_timepoint_timeout(soon).ticks, (int)sys_timepoint_timeout(at).ticks);"
        'printk("%d%d%d ", sys_timepoint_expired(never), sys_timepoint_expired(none), sys_timepoint_expired(soon));'
        'printk("%d %d %d", sys_timepoint_cmp(soon, never), sys_timepoint_cmp(soon, soon), sys_timepoint_cmp(soon, none));',
        "1 0 15 12 -1 0 10 7 010 -1 0 1"),
    Row("a timepoint that passed is over", "4 timepoint",
        "k_timepoint_t soon = sys_timepoint_calc(K_TICKS(10)); k_busy_wait(1000);"
        'printk("%d %d", sys_timepoint_expired(soon), (int)sys_timepoint_timeout(soon).ticks);', "1 0"),
    Row("a loop that polls a timepoint ends", "4 timepoint",
        'k_timepoint_t soon = sys_timepoint_calc(K_MSEC(1)); while (!sys_timepoint_expired(soon)) { } printk("%d", NOW());', "10"),
    Row("every unit of timeouts rounds up", "4 units",
        'volatile int one = 1; printk("%d %d %d %d %d %d %d %d", (int)K_TICKS(one).ticks, (int)K_CYC(one).ticks,'
        "(int)K_NSEC(one).ticks, (int)K_USEC(101 * one).ticks, (int)K_MSEC(one).ticks, (int)K_SECONDS(one).ticks,"
        "(int)K_MINUTES(one).ticks, (int)K_HOURS(one).ticks);", "1 1 1 2 10 10000 600000 36000000"),
    Row("absolute timeouts are stored as -2-t", "4 units",
        'printk("%d %d %d %d %d %d", (int)K_TIMEOUT_ABS_TICKS(5).ticks, (int)K_TIMEOUT_ABS_SEC(1).ticks,'
        "(int)K_TIMEOUT_ABS_MS(1).ticks, (int)K_TIMEOUT_ABS_US(101).ticks, (int)K_TIMEOUT_ABS_NS(1).ticks,"
        "(int)K_TIMEOUT_ABS_CYC(1).ticks);", "-7 -10002 -12 -4 -3 -3"),
]  # fmt: skip


@pytest.fixture(scope="module")
def extensions(tmp_path_factory):
    return built(tmp_path_factory.mktemp("clock"), COMMON, ROWS)


@pytest.mark.parametrize("name", BOARDS_OF_ROWS)
@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row.what for row in ROWS])
def test_the_clock_does_as_zephyrs(extensions, number, name):
    assert said(extensions[name], name, number) == ROWS[number].says


@pytest.mark.parametrize("what", ["k_busy_wait lasts as long as was asked", "a loop that polls a timepoint ends"])
def test_waiting_without_a_wait_ends_with_the_counted_clock_too(extensions, what):
    number = [row.what for row in ROWS].index(what)
    ended = said(extensions["mps2/an385"], "mps2/an385", number, clock="counted").split()
    assert 0 <= int(ended[-1]) - int(ROWS[number].says.split()[-1]) <= 2


def test_a_function_in_firmware_has_both_names_of_a_system_call(load):
    ext = load(
        '#undef Z_SYSCALL\nvoid plain(uint32_t us) __asm__("k_busy_wait");\nvoid impl(uint32_t us) __asm__("z_impl_k_busy_wait");\n'
        'void stop(struct k_timer *t) __asm__("k_timer_stop");\nuint32_t sync(struct k_timer *t) __asm__("k_timer_status_sync");\n'
        "K_TIMER_DEFINE(t, NULL, NULL);\n"
        "int run(void) { plain(100); impl(100); stop(&t); return (int)k_uptime_ticks() + (int)sync(&t); }\nEXPORT_SYMBOL(run);"
    )
    assert ext.fn("run")() == 2
