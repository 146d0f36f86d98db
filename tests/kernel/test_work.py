"""Work items and queues. Rows cite kernel.md of the reference, section 4."""

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


WORK = """
static void a_does(struct k_work *w) { printk("a "); }
static void b_does(struct k_work *w) { printk("b "); }
static void c_does(struct k_work *w) { printk("c "); }
K_WORK_DEFINE(a, a_does);
K_WORK_DEFINE(b, b_does);
K_WORK_DEFINE(c, c_does);
static void where(struct k_work *w) { printk("%s%s%d:%d ", k_is_in_isr() ? "isr-" : "", k_current_get()->name, k_thread_priority_get(k_current_get()), NOW()); }
K_WORK_DEFINE(place, where);
static void sleeps(struct k_work *w) { printk("begin "); k_sleep(K_TICKS(9)); printk("end:%d ", NOW()); }
K_WORK_DEFINE(slow, sleeps);
static void chains(struct k_work *w) { printk("chain:%d ", k_work_submit_to_queue(w->queue, &a)); }
K_WORK_DEFINE(chain, chains);
static int rounds;
static void repeats(struct k_work *w) { printk("again%d:%d ", rounds, rounds < 2 ? k_work_submit(w) : 9); rounds++; }
K_WORK_DEFINE(again, repeats);
static void timed(struct k_work *w) { printk("%s:%d ", w->queue == &k_sys_work_q ? "sys" : "own", NOW()); }
K_WORK_DELAYABLE_DEFINE(later, timed);
static void sleeps_too(struct k_work *w) { k_sleep(K_TICKS(9)); printk("slept:%d ", NOW()); }
K_WORK_DELAYABLE_DEFINE(later_slow, sleeps_too);
static struct k_work_q queue;
K_THREAD_STACK_DEFINE(queue_stack, 1024);
static void start(int prio, bool no_yield)
{
	struct k_work_queue_config config = {"own", no_yield, false};
	k_work_queue_start(&queue, queue_stack, K_THREAD_STACK_SIZEOF(queue_stack), prio, &config);
}
static void submit_in_isr(const void *w) { printk("isr:%d ", k_work_submit((struct k_work *)w)); }
static void schedule_in_isr(const void *w) { printk("isr:%d ", k_work_schedule((struct k_work_delayable *)w, K_TICKS(3))); }
static void reschedule_in_isr(const void *w) { printk("isr:%d ", k_work_reschedule((struct k_work_delayable *)w, K_TICKS(3))); }
static void cancel_in_isr(const void *w) { printk("isr:%d ", k_work_cancel((struct k_work *)w)); }
static void equal(void *n, void *x, void *y) { printk("equal%d ", (int)n); }
static void flusher(void *n, void *x, void *y) { struct k_work_sync s; const int r = k_work_flush(&slow, &s); printk("flush%d=%d:%d ", (int)n, r, NOW()); }
static void canceller(void *n, void *x, void *y) { struct k_work_sync s; const int r = k_work_cancel_sync(&slow, &s); printk("cancel%d=%d:%d ", (int)n, r, NOW()); }
static void drainer(void *n, void *x, void *y) { const int r = k_work_queue_drain(&queue, true); printk("drain%d=%d:%d ", (int)n, r, NOW()); }
static void runner(void *n, void *x, void *y) { struct k_work_queue_config config = {"runs", false, false}; k_work_queue_run(&queue, &config); printk("ended:%d ", NOW()); }
static struct k_work_sync sync;
static struct k_work_poll polled, other;
static void tells(struct k_work *w) { const struct k_work_poll *p = CONTAINER_OF(w, struct k_work_poll, work); printk("%s%d:%d:%d ", p == &other ? "other" : "did", p->poll_result, (int)p->events[0].state, NOW()); }
static struct k_poll_signal signal = K_POLL_SIGNAL_INITIALIZER(signal);
K_SEM_DEFINE(sem, 0, 9);
static struct k_poll_event events[2] = {
	K_POLL_EVENT_STATIC_INITIALIZER(K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &signal, 0),
	K_POLL_EVENT_STATIC_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem, 0)};
static struct k_poll_event twin = K_POLL_EVENT_STATIC_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem, 0);
static void raise_in_isr(const void *p) { printk("raise:%d ", k_poll_signal_raise(&signal, 5)); }
static void submit_polled_in_isr(const void *p) { printk("isr:%d ", k_work_poll_submit(&polled, events, 2, K_FOREVER)); }
static void polls(void *n, void *x, void *y) { const int r = k_poll(&twin, 1, K_TICKS(50)); printk("poll%d:%d ", r, NOW()); }
"""
ROWS = [
    # items
    Row("a submitted item runs in the system queue's thread, which is more urgent than main", "submit",
        'const int r = k_work_submit(&place); printk("%d", r);', "sysworkq-1:0 1"),
    Row("items run in the order of submission", "FIFO",
        'k_sched_lock(); k_work_submit(&b); k_work_submit(&a); k_work_submit(&c); printk("go "); k_sched_unlock();', "go b a c"),
    Row("submitted again while it is queued", "submit 0",
        'k_sched_lock(); const int x = k_work_submit(&a), y = k_work_submit(&a); k_sched_unlock(); printk("%d %d", x, y);', "a 1 0"),
    Row("submitted again while it runs", "submit 2",
        'k_work_submit(&slow); printk("%d ", k_work_submit(&slow)); k_sleep(K_TICKS(30));', "begin 2 end:10 begin end:20"),
    Row("a running item goes to its own queue, whichever is named", "submit 2",
        'start(-2, false); k_work_submit(&slow); printk("%d %d ", k_work_submit_to_queue(&queue, &slow),'
        "slow.queue == &k_sys_work_q); k_sleep(K_TICKS(30));", "begin 2 1 end:10 begin end:20"),
    Row("an item may submit itself", "submit 2", "k_work_submit(&again);", "again0:2 again1:2 again2:9"),
    Row("submitted in an interrupt handler", "ISR ok", 'irq_offload(submit_in_isr, &a); printk("main ");', "isr:1 a main"),
    Row("no queue", "submit -EINVAL", 'printk("%d", k_work_submit_to_queue(NULL, &a) == -EINVAL);', "1"),
    Row("no queue is the last one", "submit", 'k_work_submit(&a); printk("%d", k_work_submit_to_queue(NULL, &a));', "a a 1"),
    Row("a queue that was not started", "submit -ENODEV",
        'k_work_queue_init(&queue); printk("%d", k_work_submit_to_queue(&queue, &a) == -ENODEV);', "1"),
    Row("an item that is cancelled while it runs takes no submission", "submit -EBUSY",
        'k_work_submit(&slow); printk("%d %d ", k_work_cancel(&slow), k_work_submit(&slow) == -EBUSY);'
        'k_sleep(K_TICKS(20)); printk("%d ", k_work_busy_get(&slow)); k_work_submit(&slow);', "begin 3 1 end:10 0 begin"),
    Row("the flags of an item", "flags",
        'printk("%d%d ", k_work_busy_get(&slow), k_work_is_pending(&slow)); k_sched_lock(); k_work_submit(&slow);'
        'printk("%d%d ", k_work_busy_get(&slow), k_work_is_pending(&slow)); k_sched_unlock();'
        'printk("%d%d ", (int)slow.flags, k_work_is_pending(&slow)); k_work_submit(&slow); printk("%d", k_work_busy_get(&slow));',
        "00 41 begin 11 5"),
    Row("k_work_init makes an item", "init",
        'static struct k_work made; k_work_init(&made, b_does); printk("%d ", made.handler == b_does); k_work_submit(&made);', "1 b"),
    # cancelling
    Row("cancelling an idle item", "cancel", 'printk("%d", k_work_cancel(&a));', "0"),
    Row("cancelling a queued item", "cancel",
        'k_sched_lock(); k_work_submit(&a); k_work_submit(&b); const int r = k_work_cancel(&a); k_sched_unlock(); printk("%d", r);',
        "b 0"),
    Row("cancelling an item that runs and is queued again", "cancel",
        'k_work_submit(&slow); k_work_submit(&slow); printk("%d ", k_work_cancel(&slow)); k_sleep(K_TICKS(40));', "begin 3 end:10"),
    Row("cancelling in an interrupt handler", "cancel ISR ok",
        "k_sched_lock(); k_work_submit(&a); irq_offload(cancel_in_isr, &a); k_sched_unlock();", "isr:0"),
    Row("cancel_sync of an idle item", "cancel_sync", 'printk("%d", k_work_cancel_sync(&a, &sync));', "0"),
    Row("cancel_sync of a queued item does not wait", "cancel_sync",
        'k_sched_lock(); k_work_submit(&a); printk("%d:%d", k_work_cancel_sync(&a, &sync), NOW()); k_sched_unlock();', "1:0"),
    Row("cancel_sync waits for the handler", "cancel_sync",
        'k_work_submit(&slow); const int r = k_work_cancel_sync(&slow, &sync); printk("%d:%d %d", r, NOW(), (int)slow.flags);',
        "begin end:10 1:10 0"),
    Row("several threads cancel the same item", "cancel_sync",
        "k_work_submit(&slow); thread(0, canceller, 2); thread(1, canceller, 1); k_sleep(K_TICKS(30));",
        "begin end:10 cancel1=1:10 cancel0=1:10"),
    # flushing
    Row("flushing an idle item", "flush", 'printk("%d", k_work_flush(&a, &sync));', "0"),
    Row("flushing a queued item waits for it, and not for what is behind it", "flush",
        "k_thread_priority_set(k_current_get(), -3); k_work_submit(&a); k_work_submit(&slow); k_work_submit(&b);"
        'printk("%d", k_work_flush(&a, &sync));', "a 1"),
    Row("flushing a running item waits for it", "flush",
        'k_work_submit(&slow); const int r = k_work_flush(&slow, &sync); printk("%d:%d", r, NOW());', "begin end:10 1:10"),
    Row("flushing an item that runs and is queued again waits for the second run", "flush",
        'k_work_submit(&slow); k_work_submit(&slow); const int r = k_work_flush(&slow, &sync); printk("%d:%d", r, NOW());',
        "begin end:10 begin end:20 1:20"),
    Row("several threads flush the same item", "flush",
        "k_work_submit(&slow); thread(0, flusher, 1); thread(1, flusher, 2); k_sleep(K_TICKS(30));",
        "begin end:10 flush0=1:10 flush1=1:10"),
    # delays
    Row("a delay of N ticks ends as a sleep does", "schedule",
        'printk("%d ", k_work_schedule(&later, K_TICKS(5))); k_sleep(K_TICKS(20));', "1 sys:6"),
    Row("scheduling a delayed item changes nothing", "schedule 0",
        'k_work_schedule(&later, K_TICKS(5)); printk("%d ", k_work_schedule(&later, K_TICKS(1))); k_sleep(K_TICKS(20));', "0 sys:6"),
    Row("scheduling a queued item changes nothing", "schedule 0",
        'k_sched_lock(); k_work_schedule(&later, K_NO_WAIT); printk("%d ", k_work_schedule(&later, K_TICKS(1)));'
        "k_sched_unlock(); k_sleep(K_TICKS(20));", "0 sys:0"),
    Row("scheduling without a delay submits", "schedule NW",
        'k_work_queue_init(&queue); printk("%d ", k_work_schedule_for_queue(&queue, &later, K_NO_WAIT) == -ENODEV);'
        'const int r = k_work_schedule(&later, K_NO_WAIT); printk("%d", r);', "1 sys:0 1"),
    Row("a running item can be scheduled", "schedule",
        'k_work_schedule(&later_slow, K_NO_WAIT); printk("%d ", k_work_schedule(&later_slow, K_TICKS(20)));'
        'printk("%d ", k_work_delayable_busy_get(&later_slow)); k_sleep(K_TICKS(50));', "1 9 slept:10 slept:31"),
    Row("a delay without end never comes", "schedule",
        'printk("%d ", k_work_schedule(&later, K_FOREVER)); k_sleep(K_TICKS(900)); printk("%d ", k_work_delayable_busy_get(&later));'
        'printk("%d", k_work_cancel_delayable(&later));', "1 8 0"),
    Row("rescheduling replaces the delay", "reschedule",
        'k_work_schedule(&later, K_TICKS(5)); printk("%d ", k_work_reschedule(&later, K_TICKS(9))); k_sleep(K_TICKS(20));', "1 sys:10"),
    Row("rescheduling a delayed item without a delay submits it", "reschedule",
        'k_work_schedule(&later, K_TICKS(5)); const int r = k_work_reschedule(&later, K_NO_WAIT); printk("%d ", r);'
        "k_sleep(K_TICKS(20));", "sys:0 1"),
    Row("rescheduling a queued item adds a delay", "reschedule",
        'k_sched_lock(); k_work_schedule(&later, K_NO_WAIT); printk("%d ", k_work_reschedule(&later, K_TICKS(9)));'
        'printk("%d ", k_work_delayable_busy_get(&later)); k_sched_unlock(); k_sleep(K_TICKS(20));', "1 12 sys:0 sys:10"),
    Row("rescheduling a queued item without a delay changes nothing", "reschedule",
        'k_sched_lock(); k_work_schedule(&later, K_NO_WAIT); printk("%d ", k_work_reschedule(&later, K_NO_WAIT)); k_sched_unlock();',
        "0 sys:0"),
    Row("a delay for a queue of one's own", "schedule",
        "start(-2, false); k_work_schedule_for_queue(&queue, &later, K_TICKS(5)); k_sleep(K_TICKS(9));"
        "k_work_reschedule_for_queue(&queue, &later, K_TICKS(5)); k_sleep(K_TICKS(9));", "own:6 own:16"),
    Row("scheduled in an interrupt handler", "ISR ok",
        "irq_offload(schedule_in_isr, &later); irq_offload(schedule_in_isr, &later); irq_offload(reschedule_in_isr, &later);"
        "k_sleep(K_TICKS(20));", "isr:1 isr:0 isr:1 sys:4"),
    Row("delays of one tick end in the order of arming", "same tick",
        "k_work_schedule(&later_slow, K_TICKS(5)); k_work_schedule(&later, K_TICKS(5)); k_sleep(K_TICKS(30));", "slept:16 sys:16"),
    Row("cancelling a delayed item", "cancel_delayable",
        'k_work_schedule(&later, K_TICKS(5)); printk("%d %d", k_work_cancel_delayable(&later), k_work_delayable_is_pending(&later));'
        "k_sleep(K_TICKS(20));", "0 0"),
    Row("cancel_sync of a delayed item", "cancel_delayable_sync",
        'printk("%d ", k_work_cancel_delayable_sync(&later, &sync)); k_work_schedule(&later, K_TICKS(5));'
        'printk("%d:%d", k_work_cancel_delayable_sync(&later, &sync), NOW()); k_sleep(K_TICKS(20));', "0 1:0"),
    Row("cancel_sync of a delayed item that runs", "cancel_delayable_sync",
        "k_work_schedule(&later_slow, K_NO_WAIT); k_work_schedule(&later_slow, K_TICKS(3));"
        'const int r = k_work_cancel_delayable_sync(&later_slow, &sync); printk("%d:%d", r, NOW()); k_sleep(K_TICKS(20));',
        "slept:10 1:10"),
    Row("flushing a delayed item submits it now", "flush_delayable",
        'printk("%d ", k_work_flush_delayable(&later, &sync)); k_work_schedule(&later, K_TICKS(50));'
        'const int r = k_work_flush_delayable(&later, &sync); printk("%d:%d", r, NOW());', "0 sys:0 1:0"),
    Row("what remains of a delay, and when it ends", "remaining_get",
        'k_busy_wait(350); k_work_schedule(&later, K_TICKS(57)); printk("%d %d %d ", (int)k_work_delayable_remaining_get(&later),'
        "(int)k_work_delayable_expires_get(&later), k_work_delayable_is_pending(&later)); k_work_cancel_delayable(&later);"
        'printk("%d", (int)k_work_delayable_remaining_get(&later));', "58 61 1 0"),
    Row("k_work_init_delayable makes an item whose handler gets its work", "init",
        'static struct k_work_delayable made; k_work_init_delayable(&made, timed); printk("%d ", made.work.handler == timed);'
        "k_work_schedule(&made, K_TICKS(2)); k_sleep(K_TICKS(5));", "1 sys:3"),
    # queues
    Row("a queue of one's own has a name and a priority", "queue_start",
        'start(3, false); k_work_submit_to_queue(&queue, &place); k_sleep(K_TICKS(5)); printk("%d",'
        "k_work_queue_thread_get(&queue) == &queue.thread);", "own3:0 1"),
    Row("the thread of the system queue", "k_sys_work_q",
        'k_work_submit(&place); printk("%d %s", k_work_queue_thread_get(&k_sys_work_q) == &k_sys_work_q.thread,'
        "k_sys_work_q.thread.name);", "sysworkq-1:0 1 sysworkq"),
    Row("the thread lets its equals run after every item", "yields",
        "start(2, false); k_work_submit_to_queue(&queue, &a); k_work_submit_to_queue(&queue, &b); thread(0, equal, 2);"
        "k_sleep(K_TICKS(5));", "a equal0 b"),
    Row("unless it is told not to", "no_yield",
        "start(2, true); k_work_submit_to_queue(&queue, &a); k_work_submit_to_queue(&queue, &b); thread(0, equal, 2);"
        "k_sleep(K_TICKS(5));", "a b equal0"),
    Row("draining an idle queue", "drain 0", 'start(-2, false); printk("%d", k_work_queue_drain(&queue, false));', "0"),
    Row("draining waits for what is queued", "drain 1",
        "start(2, false); k_work_submit_to_queue(&queue, &slow); k_work_submit_to_queue(&queue, &a);"
        'const int r = k_work_queue_drain(&queue, false); printk("%d:%d %d", r, NOW(), k_work_submit_to_queue(&queue, &b));',
        "begin end:10 a 1:10 1"),
    Row("while it drains a queue takes only what its items submit", "drain -EBUSY",
        "start(2, false); k_work_submit_to_queue(&queue, &slow); k_work_submit_to_queue(&queue, &chain); thread(0, drainer, -1);"
        'printk("%d ", k_work_submit_to_queue(&queue, &b) == -EBUSY); k_sleep(K_TICKS(20));', "1 begin end:10 chain:1 a drain0=1:10"),
    Row("nor what the clock submits while its worker waits", "drain -EBUSY",
        "start(2, false); k_work_submit_to_queue(&queue, &slow); k_work_schedule_for_queue(&queue, &later, K_TICKS(5));"
        'thread(0, drainer, -1); k_sleep(K_TICKS(20)); printk("%d", k_work_delayable_is_pending(&later));',
        "begin end:10 drain0=1:10 0"),
    Row("plugging an idle queue", "drain 1 plug",
        'start(-2, false); printk("%d ", k_work_queue_drain(&queue, true)); printk("%d ", k_work_submit_to_queue(&queue, &a) == -EBUSY);'
        'printk("%d ", k_work_queue_unplug(&queue)); printk("%d ", k_work_queue_unplug(&queue) == -EALREADY);'
        "k_work_submit_to_queue(&queue, &a);", "1 1 0 1 a"),
    Row("several threads drain a queue", "drain",
        "start(-2, false); k_work_submit_to_queue(&queue, &slow); thread(0, drainer, 2); thread(1, drainer, 1); k_sleep(K_TICKS(30));",
        "begin end:10 drain1=1:10 drain0=1:10"),
    Row("a thread may be the worker itself", "queue_run",
        'thread(0, runner, -1); k_work_submit_to_queue(&queue, &place); printk("%d ", k_work_queue_thread_get(&queue) == &threads[0]);'
        'printk("%d %d ", k_work_queue_drain(&queue, true), k_work_queue_stop(&queue, K_FOREVER)); printk("%d", (int)queue.flags);',
        "runs-1:0 1 ended:0 1 0 0"),
    Row("stopping a queue", "queue_stop",
        'printk("%d ", k_work_queue_stop(&queue, K_FOREVER) == -EALREADY); start(2, false);'
        'printk("%d ", k_work_queue_stop(&queue, K_FOREVER) == -EBUSY); k_work_queue_drain(&queue, true);'
        'printk("%d ", k_work_queue_stop(&queue, K_FOREVER)); printk("%d ", k_work_queue_stop(&queue, K_NO_WAIT) == -EALREADY);'
        'printk("%d ", k_work_submit_to_queue(&queue, &a) == -ENODEV); start(-2, false); k_work_submit_to_queue(&queue, &a);',
        "1 1 0 1 1 a"),
    Row("stopping a queue that is busy takes too long", "queue_stop -ETIMEDOUT",
        "start(2, false); k_work_queue_drain(&queue, true); k_work_queue_unplug(&queue); k_work_submit_to_queue(&queue, &slow);"
        "thread(0, drainer, -1); k_sleep(K_TICKS(1)); const int r = k_work_queue_stop(&queue, K_TICKS(3));"
        'printk("%d:%d %d ", r == -ETIMEDOUT, NOW(), (int)queue.flags); k_sleep(K_TICKS(20));'
        'printk("%d", k_work_queue_stop(&queue, K_TICKS(3)));', "begin 1:6 15 end:10 drain0=1:10 0"),
    # items that events submit; section 2, k_poll
    Row("the first event submits the item", "work_poll_submit",
        'k_work_poll_init(&polled, tells); printk("%d ", k_work_poll_submit(&polled, events, 2, K_FOREVER));'
        'printk("%d ", polled.poll_result == -EINPROGRESS); k_poll_signal_raise(&signal, 5);', "0 1 did0:1:0"),
    Row("an event that is there already", "work_poll_submit",
        'k_work_poll_init(&polled, tells); k_sem_give(&sem); const int r = k_work_poll_submit(&polled, events, 2, K_FOREVER);'
        'printk("%d %d", r, (int)events[1].state);', "did0:0:0 0 2"),
    Row("nothing is there, and no time is given", "work_poll_submit NW",
        "k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 2, K_NO_WAIT);", "did-11:0:0"),
    Row("nothing comes in time", "poll_result -EAGAIN",
        "k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 2, K_TICKS(5)); k_sleep(K_TICKS(20));", "did-11:0:6"),
    Row("what comes in time ends the time", "poll_result 0",
        "k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 2, K_TICKS(5)); k_sem_give(&sem); k_sleep(K_TICKS(20));"
        'printk("%d", (int)k_sem_count_get(&sem));', "did0:0:0 1"),
    Row("no events: only the time", "work_poll_submit",
        "k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 0, K_TICKS(5)); k_poll_signal_raise(&signal, 5);"
        "k_sleep(K_TICKS(20));", "did-11:0:6"),
    Row("raised in an interrupt handler", "signal ISR ok",
        'k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 2, K_FOREVER); irq_offload(raise_in_isr, NULL);'
        'printk("main");', "raise:0 did0:1:0 main"),
    Row("submitted in an interrupt handler", "ISR",
        "k_work_poll_init(&polled, tells); irq_offload(submit_polled_in_isr, NULL); k_sem_give(&sem);", "isr:0 did0:0:0"),
    Row("the item may be submitted again from then on", "work_poll_submit",
        "k_work_poll_init(&polled, tells); for (int i = 0; i < 2; i++) { events[0].state = 0;"
        "k_work_poll_submit(&polled, events, 1, K_FOREVER); k_poll_signal_raise(&signal, 5); k_poll_signal_reset(&signal); }",
        "did0:1:0 did0:1:0"),
    Row("while it waits it can be given other events", "work_poll_submit",
        'k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 2, K_TICKS(5));'
        'printk("%d ", k_work_poll_submit(&polled, events, 1, K_FOREVER)); k_sem_give(&sem); k_sleep(K_TICKS(20)); printk("| ");'
        "k_poll_signal_raise(&signal, 5);", "0 | did0:1:21"),
    Row("while it is queued it cannot", "work_poll_submit -EINVAL",
        'k_work_poll_init(&polled, tells); k_sem_give(&sem); k_sched_lock(); k_work_poll_submit(&polled, events, 2, K_FOREVER);'
        'printk("%d ", k_work_poll_submit(&polled, events, 2, K_FOREVER) == -EINVAL); k_sched_unlock();', "1 did0:0:0"),
    Row("nor for another queue", "work_poll_submit -EADDRINUSE",
        'start(2, false); k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 2, K_FOREVER);'
        'printk("%d ", k_work_poll_submit_to_queue(&queue, &polled, events, 2, K_FOREVER) == -EADDRINUSE);'
        "k_poll_signal_raise(&signal, 5);", "1 did0:1:0"),
    Row("what comes between the first event and the handler is marked too", "k_poll",
        "k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 2, K_FOREVER); k_sched_lock(); k_sem_give(&sem);"
        "k_poll_signal_raise(&signal, 5); k_sched_unlock();", "did0:1:0"),
    Row("cancelling one that waits", "work_poll_cancel",
        'k_work_poll_init(&polled, tells); k_work_poll_submit(&polled, events, 2, K_TICKS(5));'
        'printk("%d ", k_work_poll_cancel(&polled)); k_poll_signal_raise(&signal, 5); k_sleep(K_TICKS(20));'
        'printk("%d", k_work_poll_cancel(&polled) == -EINVAL);', "0 1"),
    Row("cancelling one that is queued, or none", "work_poll_cancel -EINVAL",
        'k_work_poll_init(&polled, tells); k_sem_give(&sem); k_sched_lock(); k_work_poll_submit(&polled, events, 2, K_FOREVER);'
        'printk("%d%d ", k_work_poll_cancel(&polled) == -EINVAL, k_work_poll_cancel(NULL) == -EINVAL); k_sched_unlock();'
        'printk("%d", k_work_poll_cancel(&other) == -EINVAL);', "11 did0:0:0 1"),
    Row("each give tells one of those who poll, the most urgent first", "k_poll: each give wakes one poller",
        "k_work_poll_init(&polled, tells); k_work_poll_init(&other, tells); thread(0, polls, -2);"
        "k_work_poll_submit(&other, events + 1, 1, K_FOREVER); k_work_poll_submit(&polled, events + 1, 1, K_FOREVER); k_sleep(K_TICKS(1));"
        'for (int i = 0; i < 3; i++) { k_sem_give(&sem); printk("| "); }', "poll0:2 | other0:2:2 | did0:2:2 |"),
    Row("an essential queue is not stopped", "queue_stop -ENOTSUP",
        'k_work_queue_drain(&k_sys_work_q, true); printk("%d", k_work_queue_stop(&k_sys_work_q, K_FOREVER) == -ENOTSUP);', "1"),
]  # fmt: skip


@pytest.fixture(scope="module")
def extensions(tmp_path_factory):
    return built(tmp_path_factory.mktemp("work"), WORK, ROWS)


@pytest.mark.parametrize("name", BOARDS_OF_ROWS)
@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row.what for row in ROWS])
def test_work_is_done_as_in_zephyr(extensions, number, name):
    assert said(extensions[name], name, number) == ROWS[number].says


MISUSE = """
static void nothing(struct k_work *w) { }
static void crash(struct k_work *w) { *(volatile int *)4 = 1; }
static void hello(struct k_work *w) { printk("hello "); }
static void flushes_itself(struct k_work *w) { struct k_work_sync sync; k_work_flush(w, &sync); }
K_WORK_DEFINE(item, nothing);
K_WORK_DEFINE(bad, crash);
K_WORK_DEFINE(good, hello);
K_WORK_DEFINE(knot, flushes_itself);
static struct k_work blank;
static struct k_work_sync sync;
static void flush(const void *p) { k_work_flush(&item, &sync); }
static void cancel(const void *p) { k_work_cancel_sync(&item, &sync); }
static void drain(const void *p) { k_work_queue_drain(&k_sys_work_q, false); }
void flush_in_isr(void) { irq_offload(flush, NULL); }
void cancel_in_isr(void) { irq_offload(cancel, NULL); }
void drain_in_isr(void) { irq_offload(drain, NULL); }
void no_handler(void) { k_work_submit(&blank); }
void no_sync(void) { k_work_flush(&item, NULL); }
void crashes(void) { k_sched_lock(); k_work_submit(&bad); k_work_submit(&good); k_sched_unlock(); }
void works(void) { k_work_submit(&item); k_work_flush(&item, &sync); }
void knotted(void) { k_work_submit(&knot); k_work_flush(&knot, &sync); }
static struct k_work_q queue;
void twice(void)
{
	k_work_queue_start(&queue, stacks[0], 1024, 2, NULL);
	k_work_queue_start(&queue, stacks[1], 1024, 2, NULL);
}
"""
MISUSE += "".join(
    f"EXPORT_SYMBOL({name});\n"
    for name in [
        "flush_in_isr",
        "cancel_in_isr",
        "drain_in_isr",
        "no_handler",
        "no_sync",
        "crashes",
        "works",
        "knotted",
        "twice",
    ]
)


@pytest.fixture(scope="module")
def misuse(tmp_path_factory):
    return built(tmp_path_factory.mktemp("misuse"), MISUSE, [])


@pytest.mark.parametrize("name", BOARDS_OF_ROWS)
@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("flush_in_isr", "k_work_flush would wait in an interrupt handler"),
        ("cancel_in_isr", "k_work_cancel_sync would wait in an interrupt handler"),
        ("drain_in_isr", "k_work_queue_drain would wait in an interrupt handler"),
        ("no_handler", r"ASSERTION FAIL \[work->handler != NULL\]"),
        ("no_sync", r"ASSERTION FAIL \[sync != NULL\]"),
        ("twice", r"ASSERTION FAIL \[!flag_test\(&queue->flags, K_WORK_QUEUE_STARTED_BIT\)\]"),
    ],
)
def test_misuse_is_a_fault_with_zephyrs_words(misuse, name, call, words):
    with Board(name) as board, pytest.raises(GuestFault, match=words):
        board.load(misuse[name], "misuse").call(call)


def test_a_knot_of_waiting_is_told_with_who_holds_what(misuse):
    with Board() as board:
        ext = board.load(misuse["mps2/an385"], "misuse")
        with pytest.raises(GuestFault, match="deadlock") as caught:
            ext.call("knotted")
    assert "sysworkq waits in k_work_flush" in str(caught.value)
    assert "sysworkq holds it" in str(caught.value)


def test_after_a_fault_in_a_handler_the_system_queue_does_the_rest(misuse):
    with Board() as board:
        ext = board.load(misuse["mps2/an385"], "misuse")
        with pytest.raises(GuestFault):
            ext.call("crashes")
        ext.call("works")
        assert board.console.endswith("hello ")


def test_an_extension_may_run_on_a_small_board_too(build):
    with Board("qemu_cortex_m0") as board:
        ext = board.load(
            build(
                'static void f(struct k_work *w) { printk("done"); }\nK_WORK_DEFINE(w, f);\nvoid go(void) { k_work_submit(&w); }\n'
                "EXPORT_SYMBOL(go);",
                board="qemu_cortex_m0",
                prologue=PROLOGUE,
            )
        )
        ext.call("go")
        assert board.console == "done"


def test_the_system_queues_stack_has_a_guard(build):
    text = (
        "static int deep(int n) { volatile char room[64]; room[0] = n; return n ? deep(n - 1) + room[0] : 0; }\n"
        'static void f(struct k_work *w) { printk("%d", deep(100)); }\nK_WORK_DEFINE(w, f);\nvoid go(void) { k_work_submit(&w); }\n'
        "EXPORT_SYMBOL(go);"
    )
    with Board() as board, pytest.raises(GuestFault, match="stack overflow"):
        board.load(build(text, prologue=PROLOGUE + COMMON, optimize="0")).call("go")
