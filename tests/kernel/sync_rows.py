"""Rows of tests/kernel/test_sync.py: C functions, what they print, and the facts that say so.

``main`` is the call from Python, a preemptible thread of priority 0. A source is a section of the reference of Zephyr's kernel
semantics and what it says there; "notes" is docs/kernel-notes.md. C strings stand between single quotes.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """A function without arguments, what it prints, and where that is from."""

    source: str
    body: str
    printed: str


PROLOGUE = """
#include <zephyr/irq_offload.h>
#include <zephyr/sys/mutex.h>
#include <zephyr/sys/sem.h>
#define COUNT 4
static struct k_thread threads[COUNT];
K_THREAD_STACK_ARRAY_DEFINE(stacks, COUNT, 1024);
typedef void entry(void *letter, void *p2, void *p3);
static k_tid_t spawn(int i, entry *function, int priority)
{
	return k_thread_create(&threads[i], stacks[i], 1024, function, (void *)('a' + i), NULL, NULL, priority, 0, K_NO_WAIT);
}
#define LETTER ((char)(uintptr_t)letter)
#define UNUSED ARG_UNUSED(letter); ARG_UNUSED(p2); ARG_UNUSED(p3)
#define priority() k_thread_priority_get(k_current_get())
#define isr(function, argument) irq_offload((irq_offload_routine_t)(function), (const void *)(argument))
#define ENTRY(name) static void name(void *letter, void *p2, void *p3)

static struct k_sem sem;
ENTRY(takes) { UNUSED; int result = k_sem_take(&sem, K_FOREVER); printk("%c%d ", LETTER, result); }

static struct k_mutex mutex, other;
ENTRY(holds) { UNUSED; k_mutex_lock(&mutex, K_FOREVER); k_sleep(K_FOREVER); }
ENTRY(locks) { UNUSED; int r = k_mutex_lock(&mutex, K_FOREVER); printk("%c%d ", LETTER, r); k_mutex_unlock(&mutex); }
ENTRY(locks_briefly) { UNUSED; int r = k_mutex_lock(&mutex, K_MSEC(1)); printk("%c%d ", LETTER, r); }
ENTRY(locks_and_ends) { UNUSED; k_mutex_lock(&mutex, K_FOREVER); }
ENTRY(says) { UNUSED; printk("%c ", LETTER); }

static struct k_condvar condvar;
ENTRY(awaits)
{
	UNUSED;
	k_mutex_lock(&mutex, K_FOREVER);
	int result = k_condvar_wait(&condvar, &mutex, K_FOREVER);
	printk("%c%d%s ", LETTER, result, mutex.owner == k_current_get() ? "" : "?");
	k_mutex_unlock(&mutex);
}
ENTRY(awaits_briefly)
{
	UNUSED;
	k_mutex_lock(&mutex, K_FOREVER);
	int64_t start = k_uptime_ticks();
	int result = k_condvar_wait(&condvar, &mutex, K_MSEC(1));
	printk("%c%d after %d ", LETTER, result, (int)(k_uptime_ticks() - start));
	k_mutex_unlock(&mutex);
}

static struct k_event event;
ENTRY(awaits_any) { UNUSED; printk("%c%x ", LETTER, k_event_wait(&event, 3, false, K_FOREVER)); }
ENTRY(awaits_any_safe) { UNUSED; printk("%c%x ", LETTER, k_event_wait_safe(&event, 3, false, K_FOREVER)); }
ENTRY(awaits_all) { UNUSED; printk("%c%x ", LETTER, k_event_wait_all(&event, 3, false, K_FOREVER)); }
ENTRY(awaits_all_safe) { UNUSED; printk("%c%x ", LETTER, k_event_wait_all_safe(&event, 3, false, K_FOREVER)); }

static struct k_poll_signal signal, second;
static int say_result(struct k_poll_event *events, char who, int result)
{
	return printk("%c%d:%d:%d ", who, result, events[0].state, events[1].state), result;
}
ENTRY(polls)
{
	UNUSED;
	struct k_poll_event events[2] = {
		K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem),
		K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &signal),
	};
	say_result(events, LETTER, k_poll(events, 2, K_FOREVER));
}
ENTRY(polls_twice)
{
	UNUSED;
	struct k_poll_event events[2] = {
		K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem),
		K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &signal),
	};
	say_result(events, LETTER, k_poll(events, 2, K_FOREVER));
	k_poll_signal_reset(&signal);
	events[1].state = K_POLL_STATE_NOT_READY;
	say_result(events, LETTER, k_poll(events, 2, K_FOREVER));
}
ENTRY(polls_briefly)
{
	UNUSED;
	struct k_poll_event event = K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem);
	int result = k_poll(&event, 1, K_MSEC(2));
	printk("%c%d:%d ", LETTER, result, event.state);
}
#define EVENTS(name, first_type, first, second_type, second) \\
	struct k_poll_event name[2] = { \\
		K_POLL_EVENT_INITIALIZER(first_type, K_POLL_MODE_NOTIFY_ONLY, first), \\
		K_POLL_EVENT_INITIALIZER(second_type, K_POLL_MODE_NOTIFY_ONLY, second)}
static int ticks_of_poll(struct k_poll_event *events, int n)
{
	int64_t start = k_uptime_ticks();
	int result = k_poll(events, n, K_MSEC(1));
	printk("%d ", result);
	return (int)(k_uptime_ticks() - start);
}
K_SEM_DEFINE(defined_sem, 1, 2);
K_MUTEX_DEFINE(defined_mutex);
K_CONDVAR_DEFINE(defined_condvar);
K_EVENT_DEFINE(defined_event);
SYS_SEM_DEFINE(sys_sem, 1, 2);
SYS_MUTEX_DEFINE(sys_mutex);
struct k_poll_signal defined_signal = K_POLL_SIGNAL_INITIALIZER(defined_signal);
struct k_poll_event defined_poll = K_POLL_EVENT_STATIC_INITIALIZER(
	K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &defined_sem, 77);
#define IN_ISR(name, expression) static void name(const void *unused) { ARG_UNUSED(unused); expression; }
IN_ISR(isr_take, printk("%d ", k_sem_take(&sem, K_NO_WAIT)))
IN_ISR(isr_take_waiting, k_sem_take(&sem, K_MSEC(1)))
IN_ISR(isr_give_all, for (int i = 0; i < 3; i++) k_sem_give(&sem))
IN_ISR(isr_lock, k_mutex_lock(&mutex, K_NO_WAIT))
IN_ISR(isr_unlock, k_mutex_unlock(&mutex))
IN_ISR(isr_condvar_wait, k_condvar_wait(&condvar, &mutex, K_NO_WAIT))
IN_ISR(isr_event_wait, printk("%x ", k_event_wait(&event, 3, false, K_NO_WAIT)))
IN_ISR(isr_event_wait_waiting, k_event_wait(&event, 8, false, K_MSEC(1)))
IN_ISR(isr_post, printk("%x ", k_event_post(&event, 3)); printk("isr "))
IN_ISR(isr_raise, printk("%d ", k_poll_signal_raise(&signal, 5)); printk("isr "))
IN_ISR(isr_poll, k_poll(&defined_poll, 1, K_NO_WAIT))
"""

SEMAPHORES = [
    Row(
        "2 k_sem_init: -EINVAL limit 0 or init>limit; K_SEM_MAX_LIMIT",
        "printk('%d %d %d %d', k_sem_init(&sem, 0, 0), k_sem_init(&sem, 2, 1), k_sem_init(&sem, 1, 1),"
        " k_sem_init(&sem, K_SEM_MAX_LIMIT, K_SEM_MAX_LIMIT));",
        "-22 -22 0 0",
    ),
    Row(
        "2 k_sem_take: 0, -EBUSY, -EAGAIN; 4 +1 rule",
        "k_sem_init(&sem, 1, 1); int64_t start = k_uptime_ticks();"
        "printk('%d %d ', k_sem_take(&sem, K_NO_WAIT), k_sem_take(&sem, K_NO_WAIT));"
        "printk('%d ', k_sem_take(&sem, K_MSEC(1))); printk('%d', (int)(k_uptime_ticks() - start));",
        "0 -16 -11 11",
    ),
    Row(
        "2 k_sem_give: saturates at limit",
        "k_sem_init(&sem, 0, 2); for (int i = 0; i < 3; i++) k_sem_give(&sem);"
        "printk('%u %u %u', k_sem_count_get(&sem), sem.count, sem.limit);",
        "2 2 2",
    ),
    Row(
        "2 k_sem_give: first waiter gets it (count same), pt; 0 switch if strictly more urgent",
        "k_sem_init(&sem, 0, 5); spawn(0, takes, -1); k_sem_give(&sem); printk('main %u', sem.count);",
        "a0 main 0",
    ),
    Row(
        "0 equal priority: woken thread queues behind; not a switch",
        "k_sem_init(&sem, 0, 5); spawn(0, takes, 0); k_yield(); k_sem_give(&sem); printk('main '); k_yield();",
        "main a0 ",
    ),
    Row(
        "0 wake order: best priority, FIFO among equals",
        "k_sem_init(&sem, 0, 5); spawn(0, takes, 3); k_msleep(1); spawn(1, takes, 2); spawn(2, takes, 2); k_msleep(1);"
        "for (int i = 0; i < 3; i++) k_sem_give(&sem); k_msleep(1);",
        "b0 c0 a0 ",
    ),
    Row(
        "0 a waiter whose priority changes is re-sorted",
        "k_sem_init(&sem, 0, 5); spawn(0, takes, 3); k_tid_t b = spawn(1, takes, 2); k_msleep(1);"
        "k_thread_priority_set(b, 3); k_sem_give(&sem); k_sem_give(&sem); k_msleep(1);",
        "a0 b0 ",
    ),
    Row(
        "2 k_sem_reset: all waiters -EAGAIN, count 0; pt",
        "k_sem_init(&sem, 0, 5); spawn(0, takes, -1); spawn(1, takes, -1); k_sem_reset(&sem); printk('main ');"
        "k_sem_give(&sem); k_sem_reset(&sem); printk('%u', sem.count);",
        "a-11 b-11 main 0",
    ),
    Row(
        "5 ISR yes: sem give, take NW; 0 from ISR the switch is on interrupt exit",
        "k_sem_init(&sem, 0, 5); spawn(0, takes, -1); isr(k_sem_give, &sem); printk('main ');"
        "isr(isr_take, 0); k_sem_give(&sem); isr(isr_take, 0);",
        "a0 main -16 0 ",
    ),
    Row(
        "2 K_SEM_DEFINE; sys_sem falls back to k_sem, whose timeouts it calls -ETIMEDOUT",
        "printk('%u %u ', defined_sem.count, defined_sem.limit); printk('%d ', sys_sem_take(&sys_sem, K_NO_WAIT));"
        "printk('%d ', sys_sem_take(&sys_sem, K_NO_WAIT)); printk('%d ', sys_sem_take(&sys_sem, K_MSEC(1)));"
        "printk('%d %u', sys_sem_give(&sys_sem), sys_sem_count_get(&sys_sem)); sys_sem_init(&sys_sem, 2, 2);"
        "printk(' %u', sys_sem_count_get(&sys_sem));",
        "1 2 0 -116 -116 0 1 2",
    ),
]

MUTEXES = [
    Row(
        "2 k_mutex_lock: 0, same owner lock_count+1; k_mutex_unlock: 0, count>1 decrement only, -EINVAL not locked",
        "printk('%d ', k_mutex_init(&mutex)); printk('%d ', k_mutex_unlock(&mutex));"
        "printk('%d ', k_mutex_lock(&mutex, K_FOREVER)); printk('%d ', k_mutex_lock(&mutex, K_NO_WAIT));"
        "printk('%u%d ', mutex.lock_count, mutex.owner == k_current_get()); printk('%d ', k_mutex_unlock(&mutex));"
        "printk('%u%d ', mutex.lock_count, mutex.owner == k_current_get());"
        "printk('%d ', k_mutex_unlock(&mutex)); printk('%u%d %d', mutex.lock_count, mutex.owner == NULL, k_mutex_unlock(&mutex));",
        "0 -22 0 0 21 0 11 0 01 -22",
    ),
    Row(
        "2 k_mutex_lock: -EBUSY, -EAGAIN; k_mutex_unlock: -EPERM not owner; 4 +1 rule",
        "k_mutex_init(&mutex); spawn(0, holds, -1); printk('%d ', k_mutex_lock(&mutex, K_NO_WAIT));"
        "int64_t start = k_uptime_ticks(); printk('%d ', k_mutex_lock(&mutex, K_MSEC(1)));"
        "printk('%d %d', (int)(k_uptime_ticks() - start), k_mutex_unlock(&mutex));",
        "-16 -11 11 -1",
    ),
    Row(
        "2 Mutex inheritance: contention raises the owner; unlock makes the best waiter owner at once and restores",
        "k_thread_priority_set(k_current_get(), 9); k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER);"
        "spawn(0, locks, 5); printk('%d ', priority()); spawn(1, locks, 4);"
        "printk('%d %d ', priority(), mutex.owner_orig_prio); k_mutex_unlock(&mutex); printk('%d', priority());",
        "5 4 9 b0 a0 9",
    ),
    Row(
        "2 Mutex inheritance: a less urgent waiter changes nothing; final unlock hands over (count 1)",
        "k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER); k_tid_t a = spawn(0, locks, 5); k_msleep(1);"
        "printk('%d ', priority()); k_mutex_unlock(&mutex); printk('%u%d %d ', mutex.lock_count, mutex.owner == a,"
        "mutex.owner_orig_prio); k_msleep(1);",
        "0 11 5 a0 ",
    ),
    Row(
        "0 wake order of mutex waiters",
        "k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER); spawn(0, locks, 3); k_msleep(1); spawn(1, locks, 2); spawn(2, locks, 2);"
        "k_msleep(1); k_mutex_unlock(&mutex); k_msleep(1);",
        "b0 c0 a0 ",
    ),
    Row(
        "2 Mutex inheritance: the unlocker re-locking blocks",
        "k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER); spawn(0, locks, 5); k_msleep(1); k_mutex_unlock(&mutex);"
        "printk('main '); k_mutex_lock(&mutex, K_FOREVER); printk('again');",
        "main a0 again",
    ),
    Row(
        "2 Mutex inheritance: waiter timeout: recomputed after the waiter runs, to the original",
        "k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER); spawn(0, locks_briefly, -2); k_busy_wait(2000);"
        "printk('%d ', priority()); k_yield(); printk('%d', priority());",
        "-2 a-11 0",
    ),
    Row(
        "2 Mutex inheritance: waiter timeout: recomputed to the best remaining waiter",
        "k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER); spawn(0, locks, -1); k_yield();"
        "spawn(1, locks_briefly, -3); k_yield(); printk('%d ', priority()); k_msleep(2); printk('%d ', priority());"
        "k_mutex_unlock(&mutex); printk('%d', priority());",
        "-3 b-11 -1 a0 0",
    ),
    Row(
        "2 Mutex inheritance: the recomputing waiter's time is over, but the mutex is free by then",
        "k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER); spawn(0, locks_briefly, -2); k_busy_wait(2000);"
        "printk('%d ', k_mutex_unlock(&mutex)); printk('%d %u', priority(), mutex.lock_count);",
        "a-11 0 0 0",
    ),
    Row(
        "2 Mutex inheritance: k_thread_priority_set while boosted is overwritten",
        "k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER); spawn(0, locks, -2);"
        "k_thread_priority_set(k_current_get(), 3); printk('%d ', priority()); k_mutex_unlock(&mutex); printk('%d', priority());",
        "3 a0 0",
    ),
    Row(
        "2 Mutex inheritance: saved at first lock, so that non-nested release may leave a wrong priority",
        "k_mutex_init(&mutex); k_mutex_init(&other); k_mutex_lock(&mutex, K_FOREVER); spawn(0, locks, -2);"
        "k_mutex_lock(&other, K_FOREVER); k_mutex_unlock(&mutex); printk('%d ', priority());"
        "k_mutex_unlock(&other); printk('%d', priority()); k_thread_priority_set(k_current_get(), 0);",
        "a0 0 -2",
    ),
    Row(
        "2 Mutex inheritance: aborted owner = locked forever",
        "k_mutex_init(&mutex); spawn(0, locks_and_ends, -1); printk('%d ', k_mutex_lock(&mutex, K_NO_WAIT));"
        "printk('%d %d', k_mutex_lock(&mutex, K_MSEC(1)), k_mutex_unlock(&mutex));",
        "-16 -11 -1",
    ),
    Row(
        "1 k_thread_priority_set: re-queued behind equals; so is an owner whose priority is restored",
        "k_mutex_init(&mutex); k_mutex_lock(&mutex, K_FOREVER); spawn(0, says, 0); spawn(1, locks, -2);"
        "k_mutex_unlock(&mutex); printk('main');",
        "b0 a main",
    ),
    Row(
        "2 Mutex inheritance: what was not raised is not restored: the owner stays before its equals",
        "k_mutex_init(&mutex); spawn(0, says, 0); k_mutex_lock(&mutex, K_FOREVER); k_mutex_unlock(&mutex); printk('main '); k_yield();",
        "main a ",
    ),
    Row(
        "2 K_MUTEX_DEFINE; sys_mutex falls back to k_mutex",
        "printk('%d%d ', k_mutex_lock(&defined_mutex, K_NO_WAIT), k_mutex_unlock(&defined_mutex));"
        "printk('%d ', sys_mutex_unlock(&sys_mutex)); printk('%d ', sys_mutex_lock(&sys_mutex, K_FOREVER));"
        "printk('%d ', sys_mutex_unlock(&sys_mutex)); sys_mutex_init(&sys_mutex); printk('%u', sys_mutex.kernel_mutex.lock_count);",
        "00 -22 0 0 0",
    ),
]

CONDVARS = [
    Row(
        "2 k_condvar_signal/broadcast without waiters: 0, nothing remembered; k_condvar_wait: -EAGAIN, re-locked; 4 +1 rule",
        "k_mutex_init(&mutex); printk('%d ', k_condvar_init(&condvar)); printk('%d ', k_condvar_signal(&condvar));"
        "printk('%d ', k_condvar_broadcast(&condvar)); k_mutex_lock(&mutex, K_FOREVER); int64_t start = k_uptime_ticks();"
        "printk('%d ', k_condvar_wait(&condvar, &mutex, K_MSEC(1))); printk('%d ', (int)(k_uptime_ticks() - start));"
        "printk('%d', mutex.owner == k_current_get());",
        "0 0 0 -11 11 1",
    ),
    Row(
        "2 k_condvar_wait: NW also pends, to the next tick",
        "k_mutex_init(&mutex); k_condvar_init(&condvar); k_mutex_lock(&mutex, K_FOREVER); spawn(0, locks, 5);"
        "int64_t start = k_uptime_ticks(); printk('%d ', k_condvar_wait(&condvar, &mutex, K_NO_WAIT));"
        "printk('%d', (int)(k_uptime_ticks() - start));",
        "a0 -11 1",
    ),
    Row(
        "2 k_condvar_signal: 0, wakes one; 0 wake order",
        "k_mutex_init(&mutex); k_condvar_init(&condvar); spawn(0, awaits, 3); k_msleep(1); spawn(1, awaits, 2); spawn(2, awaits, 2); k_msleep(1);"
        "for (int i = 0; i < 3; i++) { printk('%d ', k_condvar_signal(&condvar)); k_msleep(1); }",
        "0 b0 0 c0 0 a0 ",
    ),
    Row(
        "2 k_condvar_broadcast: number woken; pt",
        "k_mutex_init(&mutex); k_condvar_init(&condvar); spawn(0, awaits, -2); spawn(1, awaits, -3); spawn(2, awaits, 5); k_msleep(1);"
        "printk('%d ', k_condvar_broadcast(&condvar)); k_msleep(1);",
        "b0 a0 3 c0 ",
    ),
    Row(
        "2 k_condvar_wait unlocks once",
        "k_mutex_init(&mutex); k_condvar_init(&condvar); k_mutex_lock(&mutex, K_FOREVER); k_mutex_lock(&mutex, K_FOREVER);"
        "spawn(0, locks_briefly, 5); printk('%d ', k_condvar_wait(&condvar, &mutex, K_MSEC(3))); printk('%u', mutex.lock_count);",
        "a-11 -11 2",
    ),
    Row(
        "0 Direct hand-over: not so condvar (re-lock): the signaler may lock again before the woken thread runs",
        "k_mutex_init(&mutex); k_condvar_init(&condvar); spawn(0, awaits, 5); k_msleep(1); k_mutex_lock(&mutex, K_FOREVER);"
        "k_condvar_signal(&condvar); k_mutex_unlock(&mutex); printk('%d ', k_mutex_lock(&mutex, K_NO_WAIT));"
        "k_mutex_unlock(&mutex); k_msleep(1);",
        "0 a0 ",
    ),
    Row(
        "2 k_condvar_wait re-locks with FV always: -EAGAIN comes when the mutex is free; 4 +1 rule",
        "k_mutex_init(&mutex); k_condvar_init(&condvar); spawn(0, awaits_briefly, -2); k_mutex_lock(&mutex, K_FOREVER);"
        "k_msleep(3); printk('%d ', priority()); k_mutex_unlock(&mutex); printk('%d', priority());",
        "-2 a-11 after 31 0",
    ),
    Row(
        "2 k_condvar_wait: 0 although the re-lock had to wait; Mutex inheritance by the re-lock",
        "k_mutex_init(&mutex); k_condvar_init(&condvar); spawn(0, awaits, -2); k_mutex_lock(&mutex, K_FOREVER);"
        "k_condvar_signal(&condvar); printk('%d ', priority()); k_mutex_unlock(&mutex); printk('%d', priority());",
        "-2 a0 0",
    ),
    Row(
        "2 K_CONDVAR_DEFINE",
        "printk('%d', k_condvar_broadcast(&defined_condvar));",
        "0",
    ),
]

EVENTS = [
    Row(
        "2 k_event_post, set, set_masked, clear return the previous value of the affected bits (set: all); k_event_test",
        "k_event_init(&event); printk('%x ', k_event_post(&event, 5)); printk('%x ', k_event_post(&event, 6));"
        "printk('%x ', event.events); printk('%x ', k_event_set(&event, 0xf0)); printk('%x ', k_event_set_masked(&event, 0xff, 0x3c));"
        "printk('%x ', event.events); printk('%x ', k_event_clear(&event, 0x15)); printk('%x ', event.events);"
        "printk('%x', k_event_test(&event, 0x6f));",
        "0 4 7 7 30 fc 14 e8 68",
    ),
    Row(
        "2 k_event_wait, wait_all: matched bits of one snapshot, or 0; mask 0 -> 0; bits not cleared; 0 NW: 0 event",
        "k_event_init(&event); k_event_post(&event, 6); printk('%x ', k_event_wait(&event, 3, false, K_NO_WAIT));"
        "printk('%x ', k_event_wait(&event, 1, false, K_NO_WAIT)); printk('%x ', k_event_wait(&event, 0, true, K_FOREVER));"
        "printk('%x ', k_event_wait_all(&event, 6, false, K_FOREVER)); printk('%x ', k_event_wait_all(&event, 7, false, K_NO_WAIT));"
        "printk('%x', event.events);",
        "2 0 0 6 0 6",
    ),
    Row(
        "2 k_event_wait: reset clears all bits first",
        "k_event_init(&event); k_event_post(&event, 0x106); printk('%x ', k_event_wait(&event, 2, true, K_NO_WAIT));"
        "printk('%x', event.events);",
        "0 0",
    ),
    Row(
        "0 TO: 0 event; 4 +1 rule",
        "k_event_init(&event); int64_t start = k_uptime_ticks(); printk('%x ', k_event_wait(&event, 2, false, K_MSEC(1)));"
        "printk('%x ', k_event_wait_all_safe(&event, 2, true, K_MSEC(1))); printk('%d', (int)(k_uptime_ticks() - start));",
        "0 0 22",
    ),
    Row(
        "2 Events: one post releases all matching waiters together; order = wait queue",
        "k_event_init(&event); spawn(0, awaits_any, 3); k_msleep(1); spawn(1, awaits_any, 2); spawn(2, awaits_any, 2); spawn(3, awaits_all, 1);"
        "k_msleep(1); k_event_post(&event, 1); k_msleep(1); printk('then '); k_event_post(&event, 2); k_msleep(1);",
        "b1 c1 a1 then d3 ",
    ),
    Row(
        "2 k_event_wait_all: one snapshot, so that bits that were replaced do not count",
        "k_event_init(&event); spawn(0, awaits_all, -1); k_event_set(&event, 1); k_event_set(&event, 2); printk('main ');"
        "k_event_post(&event, 0x11);",
        "main a3 ",
    ),
    Row(
        "2 _safe twins clear the returned bits atomically",
        "k_event_init(&event); k_event_post(&event, 7); printk('%x ', k_event_wait_safe(&event, 0x13, false, K_FOREVER));"
        "printk('%x ', event.events); printk('%x ', k_event_wait_all_safe(&event, 5, false, K_NO_WAIT));"
        "printk('%x ', k_event_wait_all_safe(&event, 4, false, K_NO_WAIT)); printk('%x', event.events);",
        "3 4 0 4 0",
    ),
    Row(
        "2 _safe twins: one post releases all matching waiters together, and clears what the safe ones got",
        "k_event_init(&event); spawn(0, awaits_any_safe, -3); spawn(1, awaits_any_safe, -2); spawn(2, awaits_any, -1);"
        "spawn(3, awaits_all_safe, -1); k_event_post(&event, 9); printk('%x ', event.events); k_event_post(&event, 3);"
        "printk('%x', event.events);",
        "a1 b1 c1 8 d3 8",
    ),
    Row(
        "5 ISR yes: event post, wait NW; 0 from ISR the switch is on interrupt exit",
        "k_event_init(&event); spawn(0, awaits_all, -1); isr(isr_post, 0); isr(isr_event_wait, 0);",
        "0 isr a3 3 ",
    ),
    Row(
        "2 K_EVENT_DEFINE",
        "printk('%x %x', k_event_post(&defined_event, 1), defined_event.events);",
        "0 1",
    ),
]

POLLS = [
    Row(
        "2 k_poll_signal: init, raise 0, check, sticky until reset",
        "unsigned int is; int result; k_poll_signal_init(&signal); k_poll_signal_check(&signal, &is, &result); printk('%u ', is);"
        "printk('%d ', k_poll_signal_raise(&signal, -7)); k_poll_signal_check(&signal, &is, &result); printk('%u%d ', is, result);"
        "EVENTS(events, K_POLL_TYPE_SIGNAL, &signal, K_POLL_TYPE_IGNORE, NULL); say_result(events, ' ', k_poll(events, 2, K_FOREVER));"
        "events[0].state = K_POLL_STATE_NOT_READY; say_result(events, ' ', k_poll(events, 2, K_FOREVER));"
        "k_poll_signal_reset(&signal); printk('%u %d', signal.signaled, signal.result);",
        "0 0 1-7  0:1:0  0:1:0 0 -7",
    ),
    Row(
        "0 NW: -EAGAIN poll; TO -EAGAIN; 4 +1 rule",
        "k_sem_init(&sem, 0, 1); EVENTS(events, K_POLL_TYPE_SEM_AVAILABLE, &sem, K_POLL_TYPE_IGNORE, NULL);"
        "printk('%d ', k_poll(events, 2, K_NO_WAIT)); printk('%d ', ticks_of_poll(events, 2)); printk('%d ', events[0].state);"
        "printk('%d', ticks_of_poll(events, 0));",
        "-11 -11 11 0 -11 11",
    ),
    Row(
        "2 Poll: all events tested in order on entry, each ready one marked; objects are not taken",
        "k_sem_init(&sem, 2, 2); k_poll_signal_init(&signal); k_poll_signal_raise(&signal, 0);"
        "EVENTS(events, K_POLL_TYPE_SEM_AVAILABLE, &sem, K_POLL_TYPE_SIGNAL, &signal);"
        "say_result(events, ' ', k_poll(events, 2, K_FOREVER)); printk('%u', sem.count);",
        " 0:2:1 2",
    ),
    Row(
        "2 Poll: while waiting only the one that fires; the caller resets state itself",
        "k_sem_init(&sem, 0, 2); k_poll_signal_init(&signal); spawn(0, polls, -1); k_poll_signal_raise(&signal, 0);"
        "EVENTS(events, K_POLL_TYPE_SEM_AVAILABLE, &sem, K_POLL_TYPE_SIGNAL, &signal);"
        "say_result(events, ' ', k_poll(events, 2, K_FOREVER)); k_poll_signal_reset(&signal);"
        "say_result(events, ' ', k_poll(events, 2, K_NO_WAIT));",
        "a0:0:1  0:0:1  -11:0:1 ",
    ),
    Row(
        "2 Poll: takers are served before pollers",
        "k_sem_init(&sem, 0, 2); k_poll_signal_init(&signal); spawn(0, polls, -1); spawn(1, takes, 5); k_msleep(1);"
        "k_sem_give(&sem); k_msleep(1); printk('%u ', sem.count); k_sem_give(&sem); printk('%u', sem.count);",
        "b0 0 a0:2:0 1",
    ),
    Row(
        "2 Poll: each give wakes one poller (best priority, FIFO)",
        "k_sem_init(&sem, 0, 9); k_poll_signal_init(&signal); spawn(0, polls, 3); k_msleep(1); spawn(1, polls, 2); spawn(2, polls, 2); k_msleep(1);"
        "for (int i = 0; i < 3; i++) { k_sem_give(&sem); printk('%d ', i); k_msleep(1); }",
        "0 b0:2:0 1 c0:2:0 2 a0:2:0 ",
    ),
    Row(
        "2 Poll: best priority, FIFO: who polls again stands behind who polled meanwhile",
        "k_sem_init(&sem, 0, 9); k_poll_signal_init(&signal); spawn(0, polls_twice, 5); spawn(1, polls, 5); k_msleep(1);"
        "k_poll_signal_raise(&signal, 0); k_msleep(1); k_sem_give(&sem); k_msleep(1); k_sem_give(&sem); k_msleep(1);",
        "a0:0:1 b0:2:0 a0:2:0 ",
    ),
    Row(
        "5 ISR yes: sem give, poll signals; 0 from ISR the switch is on interrupt exit",
        "k_sem_init(&sem, 0, 9); k_poll_signal_init(&signal); spawn(0, polls, -1); isr(isr_raise, 0); k_poll_signal_reset(&signal);"
        "spawn(1, polls, -1); spawn(2, polls, -1); isr(isr_give_all, 0); printk('%u', sem.count);",
        "0 isr a0:0:1 b0:2:0 c0:2:0 3",
    ),
    Row(
        "notes: what fires before the woken thread runs is marked too, and wakes nobody else",
        "k_sem_init(&sem, 0, 9); k_poll_signal_init(&signal); spawn(0, polls, 5); spawn(1, polls, 6); k_msleep(1);"
        "k_sem_give(&sem); k_poll_signal_raise(&signal, 0); k_msleep(1); printk('main '); k_poll_signal_raise(&signal, 0); k_msleep(1);",
        "a0:2:1 main b0:0:1 ",
    ),
    Row(
        "notes: a poller that was aborted takes no give; k_sem_reset wakes no poller",
        "k_sem_init(&sem, 0, 9); k_poll_signal_init(&signal); k_tid_t a = spawn(0, polls, 5); spawn(1, polls, 6); k_msleep(1);"
        "k_sem_reset(&sem); k_msleep(1); k_thread_abort(a); spawn(2, polls, 7); k_msleep(1); k_mutex_init(&mutex);"
        "spawn(0, holds, 5); k_msleep(1); k_sem_give(&sem); k_msleep(1); k_sem_give(&sem); k_msleep(1);",
        "b0:2:0 c0:2:0 ",
    ),
    Row(
        "notes: the same where a thread is made of the memory of the one that was aborted",
        "k_sem_init(&sem, 0, 9); k_poll_signal_init(&signal); k_tid_t a = spawn(0, polls, 5); spawn(1, polls, 6); k_msleep(1);"
        "k_thread_abort(a); k_mutex_init(&mutex); spawn(0, holds, 5); k_msleep(1); k_sem_give(&sem); k_msleep(1);",
        "b0:2:0 ",
    ),
    Row(
        "0 TO: -EAGAIN poll, also where something comes between its end and the turn of the thread; notes: which is marked",
        "k_sem_init(&sem, 0, 9); spawn(0, polls_briefly, 5); k_msleep(1); k_busy_wait(2000); k_sem_give(&sem); k_msleep(1);",
        "a-11:2 ",
    ),
    Row(
        "2 K_POLL_EVENT_STATIC_INITIALIZER, K_POLL_SIGNAL_INITIALIZER; k_poll_event_init leaves the tag",
        "printk('%d %d %d %d ', defined_poll.tag, defined_poll.type, defined_poll.mode, defined_poll.state);"
        "printk('%d ', k_poll(&defined_poll, 1, K_FOREVER)); printk('%d ', defined_poll.state);"
        "k_poll_event_init(&defined_poll, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &defined_signal);"
        "printk('%d %d %d ', defined_poll.tag, defined_poll.type, defined_poll.state);"
        "k_poll_signal_raise(&defined_signal, 1); printk('%d', k_poll(&defined_poll, 1, K_NO_WAIT));",
        "77 2 0 0 0 2 77 1 0 0",
    ),
]

ROWS = [*SEMAPHORES, *MUTEXES, *CONDVARS, *EVENTS, *POLLS]

FAULTS = [
    Row(
        "0 Blocking in ISR",
        "k_sem_init(&sem, 0, 1); isr(isr_take_waiting, 0);",
        "k_sem_take would wait in an interrupt handler",
    ),
    Row("2 k_mutex_lock in ISR", "isr(isr_lock, 0);", "mutexes cannot be used inside ISRs"),
    Row("2 k_mutex_unlock in ISR", "isr(isr_unlock, 0);", "mutexes cannot be used inside ISRs"),
    Row("5 ISR no: condvar", "isr(isr_condvar_wait, 0);", "mutexes cannot be used inside ISRs"),
    Row(
        "0 Blocking in ISR",
        "k_event_init(&event); isr(isr_event_wait_waiting, 0);",
        "k_event_wait would wait in an interrupt handler",
    ),
    Row("2 Poll: not in ISR", "isr(isr_poll, 0);", "k_poll cannot be used in an interrupt handler"),
    Row("notes: NULL events", "k_poll(NULL, 1, K_FOREVER);", "NULL events"),
    Row("notes: negative number", "k_poll(&defined_poll, -1, K_FOREVER);", "<0 events"),
    Row("notes: no type", "defined_poll.type = 33; k_poll(&defined_poll, 1, K_FOREVER);", r"invalid event type \(0x21\)"),
    Row("notes: no mode", "k_poll_event_init(&defined_poll, 1, 1, &signal);", "only NOTIFY_ONLY mode is supported"),
    Row("notes: no type", "k_poll_event_init(&defined_poll, 64, 0, &signal);", "invalid type"),
    Row("notes: no object", "k_poll_event_init(&defined_poll, 1, 0, NULL);", "must provide an object"),
]
