#include "rows.h"

static void letter(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	say((char)N(p1));
}

static void sleeper(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	say((char)N(p1));
	k_sleep(K_FOREVER);
	say((char)(N(p1) - 'a' + 'A'));
}

/* 1: the numbers of priorities. */
ROW(priorities_are_zephyrs)
{
	CHECK(K_HIGHEST_THREAD_PRIO == -16 && K_HIGHEST_APPLICATION_THREAD_PRIO == -16);
	CHECK(K_LOWEST_THREAD_PRIO == 15 && K_LOWEST_APPLICATION_THREAD_PRIO == 14 && K_IDLE_PRIO == 15);
	CHECK(K_PRIO_COOP(1) == -15 && K_PRIO_PREEMPT(3) == 3);
	CHECK(k_thread_priority_get(k_current_get()) == 0);
	return 0;
}

/* 1 k_thread_create: K_NO_WAIT makes it ready now, and that is a reschedule point. */
ROW(a_more_urgent_thread_runs_inside_its_creation)
{
	start(0, letter, 'a', -1);
	SAID("a");
	start(1, letter, 'b', 0);
	start(2, letter, 'c', 1);
	SAID("");
	k_yield();
	SAID("b");
	k_sleep(K_MSEC(1));
	SAID("c");
	return 0;
}

/* 1 k_thread_create: K_FOREVER needs k_thread_start, which is no-op if started, and a reschedule point. */
ROW(a_thread_can_be_started_later)
{
	const k_tid_t thread = later(0, sleeper, 'a', -1, K_FOREVER);

	CHECK(thread == &threads[0]);
	k_sleep(K_MSEC(5));
	SAID("");
	k_thread_start(thread);
	SAID("a");
	k_thread_start(thread);
	SAID("");
	k_thread_abort(thread);
	return 0;
}

/* 1 k_thread_create: a delay; 4: it ends at the tick behind the last one. */
ROW(a_thread_can_be_delayed)
{
	const int64_t begin = k_uptime_ticks();

	later(0, letter, 'a', -1, K_MSEC(2));
	CHECK(k_thread_join(&threads[0], K_FOREVER) == 0);
	SAID("a");
	CHECK(k_uptime_ticks() - begin >= 20 && k_uptime_ticks() - begin <= 21);
	return 0;
}

/* 1 k_thread_start: of a delayed thread ends the delay. */
ROW(starting_a_delayed_thread_ends_its_delay)
{
	later(0, letter, 'a', -1, K_SECONDS(100));
	k_thread_start(&threads[0]);
	SAID("a");
	return 0;
}

static void three(void *p1, void *p2, void *p3)
{
	say((char)N(p1));
	say((char)N(p2));
	say((char)N(p3));
}

/* 1: three parameters arrive. */
ROW(an_entry_gets_three_parameters)
{
	k_thread_create(&threads[0], stacks[0], STACK_SIZE, three, P('x'), P('y'), P('z'), -1, 0, K_NO_WAIT);
	SAID("xyz");
	return 0;
}

/* 1 entry returns = k_thread_abort(self); k_thread_join: 0 if dead, -EBUSY tested first, -EDEADLK, -EAGAIN. */
static int joined;
static void joins_main(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	joined = k_thread_join((k_tid_t)p1, K_FOREVER);
}

ROW(join_answers_as_zephyr_does)
{
	later(0, letter, 'a', 5, K_FOREVER);
	CHECK(k_thread_join(&threads[0], K_NO_WAIT) == -EBUSY);
	CHECK(k_thread_join(&threads[0], K_MSEC(1)) == -EAGAIN);
	CHECK(k_thread_join(k_current_get(), K_FOREVER) == -EDEADLK);
	CHECK(k_thread_join(k_current_get(), K_NO_WAIT) == -EBUSY);
	k_thread_start(&threads[0]);
	CHECK(k_thread_join(&threads[0], K_FOREVER) == 0);
	SAID("a");
	CHECK(k_thread_join(&threads[0], K_NO_WAIT) == 0);
	CHECK(k_thread_join(&threads[0], K_FOREVER) == 0);
	return 0;
}

ROW(joining_who_joins_oneself_is_a_deadlock)
{
	k_thread_create(&threads[0], stacks[0], STACK_SIZE, joins_main, k_current_get(), NULL, NULL, -1, 0, K_NO_WAIT);
	joined = 1;
	CHECK(k_thread_join(&threads[0], K_FOREVER) == -EDEADLK);
	CHECK(joined == 1);
	k_thread_abort(&threads[0]);
	return 0;
}

/* 1 k_thread_abort: joiners wake with 0, by priority and then in order; dead is no-op. */
static void joiner(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	say(k_thread_join(&threads[0], K_FOREVER) == 0 ? (char)N(p1) : '!');
}

ROW(abort_wakes_joiners_in_order)
{
	later(0, letter, '-', 5, K_FOREVER);
	start(1, joiner, 'c', 3);
	start(2, joiner, 'a', 2);
	start(3, joiner, 'd', 3);
	k_sleep(K_MSEC(1));
	k_thread_abort(&threads[0]);
	k_thread_abort(&threads[0]);
	SAID("");
	join_all();
	SAID("acd");
	return 0;
}

/* 1 k_thread_abort: self does not return. */
static void aborts_itself(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	say('a');
	k_thread_abort(k_current_get());
	say('b');
}

ROW(a_thread_that_aborts_itself_does_not_go_on)
{
	start(0, aborts_itself, 0, 3);
	k_sleep(K_MSEC(1));
	SAID("a");
	return 0;
}

/* 1 k_thread_abort: leaves all queues. */
static struct k_sem sem;
static void taker(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	if (k_sem_take(&sem, K_FOREVER) == 0) {
		say((char)N(p1));
	}
}

ROW(an_aborted_thread_leaves_its_wait_queue)
{
	k_sem_init(&sem, 0, 9);
	start(0, taker, 'a', -2);
	start(1, taker, 'b', -1);
	k_thread_abort(&threads[0]);
	k_sem_give(&sem);
	SAID("b");
	k_sem_give(&sem);
	CHECK(k_sem_count_get(&sem) == 1);
	return 0;
}

/* 1 k_thread_abort, 5: an interrupt handler may abort; the interrupted thread ends when it is over. */
static void abort_isr(const void *thread)
{
	k_thread_abort((k_tid_t)thread);
	say('i');
}

static void aborted_by_isr(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	say('a');
	irq_offload(abort_isr, k_current_get());
	say('b');
}

ROW(an_interrupt_may_abort_the_thread_that_it_interrupted)
{
	start(0, aborted_by_isr, 0, -1);
	SAID("ai");
	CHECK(k_thread_join(&threads[0], K_NO_WAIT) == 0);
	return 0;
}

/* 1 k_thread_suspend, k_thread_resume: not counted; resume of a thread that is not suspended is nothing. */
ROW(suspend_does_not_count)
{
	start(0, letter, 'a', 3);
	k_thread_suspend(&threads[0]);
	k_thread_suspend(&threads[0]);
	k_sleep(K_MSEC(1));
	SAID("");
	k_thread_resume(&threads[0]);
	k_sleep(K_MSEC(1));
	SAID("a");
	k_thread_resume(&threads[0]);
	k_thread_resume(k_current_get());
	return 0;
}

/* 1 k_thread_resume: a reschedule point. */
ROW(resume_switches_to_a_more_urgent_thread)
{
	later(0, letter, 'a', -1, K_FOREVER);
	k_thread_suspend(&threads[0]);
	k_thread_start(&threads[0]);
	SAID("");
	k_thread_resume(&threads[0]);
	SAID("a");
	return 0;
}

/* 1 k_thread_suspend: a pended thread stays in its wait queue and needs both grant and resume. */
ROW(a_suspended_waiter_needs_grant_and_resume)
{
	k_sem_init(&sem, 0, 9);
	start(0, taker, 'a', -1);
	k_thread_suspend(&threads[0]);
	k_sem_give(&sem);
	CHECK(k_sem_count_get(&sem) == 0);
	SAID("");
	k_thread_resume(&threads[0]);
	SAID("a");
	start(0, taker, 'b', -1);
	k_thread_suspend(&threads[0]);
	k_thread_resume(&threads[0]);
	SAID("");
	k_sem_give(&sem);
	SAID("b");
	return 0;
}

/* 1 k_thread_suspend, 4.1+: the timeout goes on, sleep and suspend are independent. */
static void naps(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	k_sleep(K_MSEC(2));
	say((char)N(p1));
}

ROW(sleep_and_suspend_are_independent)
{
	start(0, naps, 'a', -1);
	k_thread_suspend(&threads[0]);
	k_sleep(K_MSEC(5));
	SAID("");
	k_thread_resume(&threads[0]);
	SAID("a");
	start(0, naps, 'b', -1);
	k_thread_suspend(&threads[0]);
	k_thread_resume(&threads[0]);
	SAID("");
	k_sleep(K_MSEC(5));
	SAID("b");
	return 0;
}

static void suspends_itself(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	say('a');
	k_thread_suspend(k_current_get());
	say('b');
}

/* 1 k_thread_suspend: of oneself; 5: resume from an interrupt. */
static void resume_isr(const void *thread)
{
	k_thread_resume((k_tid_t)thread);
	say('i');
}

ROW(an_interrupt_resumes_a_thread)
{
	start(0, suspends_itself, 0, -1);
	SAID("a");
	irq_offload(resume_isr, &threads[0]);
	SAID("ib");
	return 0;
}

/* 1 k_sleep: 0, or what was left in ms, rounded up, if k_wakeup came; K_FOREVER until then, and returns -1. */
static int32_t left;
static void sleeps(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	left = 77;
	left = N(p1) < 0 ? k_sleep(K_FOREVER) : k_sleep(K_TICKS(N(p1)));
	say('w');
}

ROW(sleep_returns_what_was_left)
{
	CHECK(k_sleep(K_MSEC(1)) == 0);
	CHECK(k_msleep(1) == 0 && k_usleep(100) == 0);
	start(0, sleeps, 1000, -1);
	k_sleep(K_TICKS(10));
	k_wakeup(&threads[0]);
	SAID("w");
	CHECK(left == 99);
	start(0, sleeps, -1, -1);
	k_wakeup(&threads[0]);
	SAID("w");
	CHECK(left == -1);
	return 0;
}

/* 1 k_sleep: an int32_t of milliseconds holds no more than INT_MAX. */
static void sleeps_for_long(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	left = k_sleep(K_SECONDS(5000000));
}

ROW(a_sleep_with_more_left_than_can_be_told_says_the_most)
{
	start(0, sleeps_for_long, 0, -1);
	k_wakeup(&threads[0]);
	CHECK(left == INT_MAX);
	return 0;
}

static void usleeps(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	left = k_usleep(N(p1));
}

ROW(usleep_returns_microseconds)
{
	start(0, usleeps, 5000, -1);
	k_sleep(K_TICKS(9));
	k_wakeup(&threads[0]);
	CHECK(left == 4000);
	start(0, usleeps, 5000, -1);
	k_wakeup(&threads[0]);
	CHECK(left == 5000);
	return 0;
}

/* 4: N ticks from somewhere within a tick end behind the N-th edge that follows; a loop of k_msleep(10) takes 10.1 ms. */
ROW(a_sleep_lasts_one_tick_more)
{
	k_sleep(K_TICKS(1));
	const int64_t begin = k_uptime_ticks();

	for (int i = 0; i < 10; i++) {
		k_msleep(10);
	}
	CHECK(k_uptime_ticks() - begin == 1010);
	return 0;
}

/* 1 k_sleep: 0 ticks is k_yield. */
ROW(sleeping_for_nothing_is_yielding)
{
	start(0, letter, 'a', 0);
	start(1, letter, 'b', 1);
	CHECK(k_sleep(K_NO_WAIT) == 0);
	SAID("a");
	CHECK(k_msleep(0) == 0 && k_msleep(-5) == 0 && k_usleep(0) == 0);
	SAID("");
	join_all();
	SAID("b");
	return 0;
}

/* 1 k_wakeup: ends a sleep only; ISR ok; reschedule point. */
static void wake_isr(const void *thread)
{
	k_wakeup((k_tid_t)thread);
	say('i');
}

ROW(wakeup_ends_a_sleep_and_nothing_else)
{
	k_sem_init(&sem, 0, 1);
	start(0, taker, 'a', -1);
	k_wakeup(&threads[0]);
	SAID("");
	k_sem_give(&sem);
	SAID("a");
	later(1, letter, 'b', -1, K_FOREVER);
	k_wakeup(&threads[1]);
	SAID("");
	k_thread_abort(&threads[1]);
	start(2, sleeper, 'c', -1);
	k_thread_suspend(&threads[2]);
	k_wakeup(&threads[2]);
	SAID("c");
	k_thread_resume(&threads[2]);
	SAID("C");
	start(2, sleeper, 'd', -1);
	irq_offload(wake_isr, &threads[2]);
	SAID("diD");
	k_wakeup(k_current_get());
	return 0;
}

/* 1 k_yield: to the end of one's own priority; less urgent threads never run by it. */
static void yields(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	for (int i = 0; i < 3; i++) {
		say((char)N(p1));
		k_yield();
	}
}

ROW(equals_take_turns_by_yielding)
{
	start(0, yields, 'a', 3);
	start(1, yields, 'b', 3);
	start(2, yields, 'z', 4);
	start(3, yields, 'c', 3);
	join_all();
	SAID("abcabcabczzz");
	start(0, yields, 'a', -3);
	SAID("aaa");
	return 0;
}

/* 0: a preempted thread stays first of its priority; a woken one goes behind all ready equals. */
static void preempted(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	say('a');
	k_sem_give(&sem);
	say('b');
}

ROW(a_preempted_thread_stays_first_of_its_priority)
{
	k_sem_init(&sem, 0, 1);
	start(0, taker, 'U', 2);
	k_sleep(K_MSEC(1));
	start(1, preempted, 0, 3);
	start(2, letter, 'c', 3);
	join_all();
	SAID("aUbc");
	return 0;
}

/* 0: cooperative threads go on until they block or yield. */
static void coop(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	start(1, letter, 'u', -5);
	say('a');
	k_yield();
	say('b');
}

ROW(a_cooperative_thread_goes_on_until_it_yields)
{
	start(0, coop, 0, -2);
	SAID("aub");
	return 0;
}

/* 1 k_thread_priority_set: ready: behind equals even if unchanged; pended: sorted anew; reschedule point. */
ROW(setting_a_priority_puts_a_thread_behind_its_equals)
{
	start(0, letter, 'a', 3);
	start(1, letter, 'b', 3);
	start(2, letter, 'c', 4);
	k_thread_priority_set(&threads[0], 3);
	join_all();
	SAID("bac");
	start(0, letter, 'a', 3);
	start(1, letter, 'b', 3);
	k_thread_priority_set(&threads[1], 2);
	CHECK(k_thread_priority_get(&threads[1]) == 2 && threads[1].base.prio == 2);
	join_all();
	SAID("ba");
	start(0, letter, 'a', 3);
	k_thread_priority_set(&threads[0], -1);
	SAID("a");
	return 0;
}

ROW(a_waiter_whose_priority_changes_is_sorted_anew)
{
	k_sem_init(&sem, 0, 9);
	start(0, taker, 'a', 3);
	start(1, taker, 'b', 4);
	start(2, taker, 'c', 3);
	k_sleep(K_MSEC(1));
	k_thread_priority_set(&threads[1], 2);
	k_thread_priority_set(&threads[0], 3);
	for (int i = 0; i < 3; i++) {
		k_sem_give(&sem);
		k_sleep(K_MSEC(1));
	}
	SAID("bca");
	return 0;
}

static void lowers_itself(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	start(1, letter, 'u', -5);
	say('a');
	k_thread_priority_set(k_current_get(), -2);
	say('b');
}

/* 1 k_thread_priority_set: a cooperative thread that lowers itself may be switched out. */
ROW(a_cooperative_thread_that_lowers_itself_is_switched_out)
{
	start(0, lowers_itself, 0, -6);
	SAID("aub");
	return 0;
}

/* 1 k_sched_lock: nests; per thread, others run if the holder blocks; the last unlock is a reschedule point. */
ROW(a_locked_scheduler_keeps_others_out)
{
	k_sched_lock();
	CHECK(k_is_preempt_thread() == 0);
	start(0, letter, 'a', -1);
	k_sched_lock();
	k_sched_unlock();
	SAID("");
	k_sched_unlock();
	SAID("a");
	CHECK(k_is_preempt_thread() == 1);
	k_sched_lock();
	start(0, letter, 'a', 3);
	k_sleep(K_MSEC(1));
	SAID("a");
	CHECK(k_is_preempt_thread() == 0);
	k_sched_unlock();
	return 0;
}

static void poller(void *p1, void *p2, void *p3)
{
	struct k_poll_event event = K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem);

	(void)p2;
	(void)p3;
	k_poll(&event, 1, K_FOREVER);
	k_sem_take(&sem, K_NO_WAIT);
	say((char)N(p1));
}

/* 1 k_thread_deadline_set: among equals the earlier deadline comes first; it is no reschedule point. */
ROW(the_earlier_deadline_comes_first_among_equals)
{
	start(0, letter, 'a', 3);
	start(1, letter, 'b', 3);
	start(2, letter, 'u', 2);
	k_thread_deadline_set(&threads[0], 2000000);
	k_thread_deadline_set(&threads[1], 1000000);
	k_thread_deadline_set(&threads[2], 9000000);
	join_all();
	SAID("uba");
	k_sem_init(&sem, 0, 9);
	start(0, taker, 'a', 3);
	start(1, taker, 'b', 3);
	k_sleep(K_MSEC(1));
	k_thread_deadline_set(&threads[0], 2000000);
	k_thread_deadline_set(&threads[1], 1000000);
	k_sem_give(&sem);
	k_sem_give(&sem);
	join_all();
	SAID("ba");
	start(0, poller, 'a', 3);
	k_thread_deadline_set(&threads[0], 9000000);
	k_sleep(K_MSEC(1));
	start(1, poller, 'b', 3);
	k_thread_deadline_set(&threads[1], 1000000);
	k_sleep(K_MSEC(1));
	k_sem_give(&sem);
	k_sleep(K_MSEC(1));
	SAID("b");
	k_sem_give(&sem);
	join_all();
	SAID("a");
	start(0, letter, 'a', 0);
	k_thread_deadline_set(k_current_get(), 1000000);
	SAID("");
	k_reschedule();
	SAID("a");
	k_thread_absolute_deadline_set(k_current_get(), 0);
	return 0;
}

static void sleeps_two(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	k_sleep(K_TICKS(2));
	say((char)N(p1));
}

/* 0: a cooperative thread goes on until it blocks; once it has, the most urgent of those who wake at the same tick runs. */
ROW(who_ran_last_does_not_go_on_before_others_that_wake_with_it)
{
	k_sched_lock();
	start(0, sleeps_two, 'a', -4);
	start(1, sleeps_two, 'b', -1);
	k_sleep(K_TICKS(10));
	k_sched_unlock();
	SAID("ab");
	return 0;
}

static void spins(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	k_busy_wait(N(p1) == 'a' ? 2000 : 500);
	say((char)N(p1));
}

static void looks_at_the_clock(void *p1, void *p2, void *p3)
{
	const int64_t end = k_uptime_ticks() + (N(p1) == 'a' ? 20 : 5);

	(void)p2;
	(void)p3;
	while (k_uptime_ticks() < end) {
	}
	say((char)N(p1));
}

/* 1 slicing: at expiry current goes to the end of its priority. */
ROW(equals_take_turns_while_they_spin)
{
	k_sched_time_slice_set(1, 0);
	start(0, spins, 'a', 3);
	start(1, spins, 'b', 3);
	k_sleep(K_MSEC(10));
	SAID("ba");
	start(0, looks_at_the_clock, 'a', 3);
	start(1, looks_at_the_clock, 'b', 3);
	k_sleep(K_MSEC(10));
	SAID("ba");
	start(0, spins, 'a', -1);
	start(1, spins, 'b', -1);
	k_sleep(K_MSEC(10));
	SAID("ab");
	k_sched_time_slice_set(20, 0);
	return 0;
}

/* 1 names: 0, cut to 31 bytes, "" without one. */
ROW(threads_have_names)
{
	char copy[40];

	later(0, letter, 'a', 3, K_FOREVER);
	CHECK(strcmp(k_thread_name_get(&threads[0]), "") == 0);
	CHECK(k_thread_name_set(&threads[0], "0123456789012345678901234567890123456789") == 0);
	CHECK(strcmp(k_thread_name_get(&threads[0]), "0123456789012345678901234567890") == 0);
	CHECK(strcmp(threads[0].name, "0123456789012345678901234567890") == 0);
	CHECK(k_thread_name_set(&threads[0], "worker") == 0);
	CHECK(k_thread_name_copy(&threads[0], copy, sizeof(copy)) == 0 && strcmp(copy, "worker") == 0);
	memset(copy, '#', sizeof(copy));
	CHECK(k_thread_name_copy(&threads[0], copy, 3) == 0 && memcmp(copy, "wor#", 4) == 0);
	CHECK(strcmp(k_thread_name_get(k_current_get()), "main") == 0);
	CHECK(k_thread_name_set(NULL, "me") == 0 && strcmp(k_thread_name_get(k_current_get()), "me") == 0);
	k_thread_name_set(NULL, "main");
	k_thread_abort(&threads[0]);
	return 0;
}

/* 1 k_thread_state_str, state bits. */
ROW(states_have_words)
{
	char text[32];

	CHECK(strcmp(k_thread_state_str(k_current_get(), text, sizeof(text)), "queued") == 0);
	later(0, sleeper, 'a', -1, K_FOREVER);
	CHECK(threads[0].base.thread_state == 4);
	CHECK(strcmp(k_thread_state_str(&threads[0], text, sizeof(text)), "sleeping") == 0);
	k_thread_suspend(&threads[0]);
	CHECK(threads[0].base.thread_state == 0x14);
	CHECK(strcmp(k_thread_state_str(&threads[0], text, sizeof(text)), "sleeping+suspended") == 0);
	CHECK(strcmp(k_thread_state_str(&threads[0], text, 12), "sleeping+su") == 0);
	CHECK(strcmp(k_thread_state_str(&threads[0], text, 0), "") == 0);
	CHECK(strcmp(k_thread_state_str(&threads[0], NULL, 9), "") == 0);
	k_thread_abort(&threads[0]);
	CHECK(strcmp(k_thread_state_str(&threads[0], text, sizeof(text)), "dead") == 0);
	k_sem_init(&sem, 0, 1);
	start(1, taker, 'a', -1);
	CHECK(strcmp(k_thread_state_str(&threads[1], text, sizeof(text)), "pending") == 0);
	k_thread_abort(&threads[1]);
	start(1, letter, 'a', 5);
	CHECK(strcmp(k_thread_state_str(&threads[1], text, sizeof(text)), "queued") == 0 && threads[1].base.thread_state == 0x80);
	k_thread_abort(&threads[1]);
	return 0;
}

/* 1 k_is_in_isr, k_is_preempt_thread, k_is_pre_kernel, k_can_yield. */
static int answers;
static void asks_isr(const void *unused)
{
	(void)unused;
	answers = k_is_in_isr() * 8 + k_is_preempt_thread() * 4 + k_is_pre_kernel() * 2 + k_can_yield();
}

static void asks(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	answers = k_is_in_isr() * 8 + k_is_preempt_thread() * 4 + k_is_pre_kernel() * 2 + k_can_yield();
}

ROW(code_can_ask_where_it_runs)
{
	asks(NULL, NULL, NULL);
	CHECK(answers == 5);
	start(0, asks, 0, -1);
	CHECK(answers == 1);
	irq_offload(asks_isr, NULL);
	CHECK(answers == 8);
	return 0;
}

/* 1 k_thread_stack_space_get: bytes from the low end that are untouched. */
static void digs(void *p1, void *p2, void *p3)
{
	volatile char room[400];

	(void)p2;
	(void)p3;
	for (int i = 0; i < N(p1); i++) {
		room[sizeof(room) - 1 - i] = 1;
	}
	k_sleep(K_FOREVER);
}

ROW(the_untouched_part_of_a_stack_is_known)
{
	size_t before, after;

	start(0, sleeper, 'a', -1);
	CHECK(k_thread_stack_space_get(&threads[0], &before) == 0);
	CHECK(before > 512 && before < STACK_SIZE);
	k_thread_abort(&threads[0]);
	start(0, digs, 400, -1);
	CHECK(k_thread_stack_space_get(&threads[0], &after) == 0);
	CHECK(after + 300 < before);
	CHECK(threads[0].stack_info.size == STACK_SIZE);
	k_thread_abort(&threads[0]);
	SAID("a");
	return 0;
}

ROW(the_untouched_part_of_a_stack_is_known_of_main_and_of_who_ended)
{
	const k_tid_t main_thread = k_current_get();
	size_t alive, ended, mine;

	start(0, digs, 400, -1);
	CHECK(k_thread_stack_space_get(&threads[0], &alive) == 0);
	k_thread_abort(&threads[0]);
	CHECK(k_thread_stack_space_get(&threads[0], &ended) == 0);
	CHECK(ended == alive && ended < STACK_SIZE - 300);
	CHECK(k_thread_stack_space_get(main_thread, &mine) == 0);
	CHECK(mine > 0 && mine < main_thread->stack_info.size);
	return 0;
}

/* 1 k_thread_join: 0 dead. What was never created is not dead: -EBUSY, -EAGAIN. */
ROW(a_thread_that_was_never_created_is_not_dead)
{
	static struct k_thread never;

	CHECK(k_thread_join(&never, K_NO_WAIT) == -EBUSY);
	CHECK(k_thread_join(&never, K_MSEC(1)) == -EAGAIN);
	return 0;
}

/* 1 k_thread_foreach: newest first. */
static void each(const struct k_thread *thread, void *data)
{
	(*(int *)data)++;
	for (int i = 0; i < THREADS; i++) {
		if (thread == &threads[i]) {
			say((char)('0' + i));
		}
	}
	if (thread == k_current_get()) {
		say('m');
	}
}

static void each_ends(const struct k_thread *thread, void *data)
{
	(void)data;
	if (thread != k_current_get()) {
		k_thread_abort((k_tid_t)thread);
		say('x');
	}
}

ROW(all_threads_are_visited_the_newest_first)
{
	int count = 0;

	later(1, letter, 'a', 3, K_FOREVER);
	later(0, letter, 'a', 3, K_FOREVER);
	later(2, letter, 'a', 3, K_FOREVER);
	k_thread_foreach(each, &count);
	SAID("201m");
	CHECK(count == 4);
	k_thread_abort(&threads[0]);
	k_thread_foreach_unlocked(each, &count);
	SAID("21m");
	k_thread_foreach(each_ends, NULL);
	SAID("xx");
	return 0;
}

/* 1 k_thread_runtime_stats_get: 0, -EINVAL for NULL; execution_cycles. */
static void computes(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	k_busy_wait((uint32_t)N(p1));
	k_sleep(K_MSEC(50));
	k_busy_wait((uint32_t)N(p1));
	k_sleep(K_FOREVER);
}

ROW(the_time_that_a_thread_runs_is_counted)
{
	k_thread_runtime_stats_t stats;
	const uint32_t begin = k_cycle_get_32();

	k_busy_wait(6000);
	const uint32_t cycles = k_cycle_get_32() - begin;

	CHECK(k_thread_runtime_stats_get(NULL, &stats) == -EINVAL);
	CHECK(k_thread_runtime_stats_get(k_current_get(), NULL) == -EINVAL);
	start(0, computes, 3000, -1);
	k_busy_wait(700);
	k_sleep(K_MSEC(100));
	CHECK(k_thread_runtime_stats_get(&threads[0], &stats) == 0);
	CHECK(stats.execution_cycles >= cycles - cycles / 100 && stats.execution_cycles < cycles + cycles / 100);
	k_thread_abort(&threads[0]);
	return 0;
}

/* 1 k_thread_stack_alloc, k_thread_stack_free: -EBUSY in use, -EINVAL. */
ROW(stacks_come_from_the_heap)
{
	k_thread_stack_t *stack = k_thread_stack_alloc(STACK_SIZE, 0);

	CHECK(stack != NULL);
	CHECK(k_thread_stack_alloc(0x7fffffff, 0) == NULL);
	k_thread_create(&threads[0], stack, STACK_SIZE, sleeper, P('a'), NULL, NULL, -1, 0, K_NO_WAIT);
	SAID("a");
	CHECK(k_thread_stack_free(stack) == -EBUSY);
	CHECK(k_thread_stack_free(stack + 1) == -EINVAL);
	k_thread_abort(&threads[0]);
	CHECK(k_thread_stack_free(stack) == 0);
	CHECK(k_thread_stack_free(stack) == -EINVAL);
	return 0;
}

/* 11 custom_data: a word of each thread, 0 at first. */
static void customs(void *p1, void *p2, void *p3)
{
	(void)p1;
	(void)p2;
	(void)p3;
	say(k_thread_custom_data_get() == NULL ? 'n' : '!');
	k_thread_custom_data_set(P(5));
}

ROW(custom_data_belongs_to_the_thread)
{
	k_thread_custom_data_set(P(3));
	start(0, customs, 0, -1);
	SAID("n");
	CHECK(threads[0].custom_data == P(5));
	start(0, customs, 0, -1);
	SAID("n");
	CHECK(k_thread_custom_data_get() == P(3));
	k_thread_custom_data_set(NULL);
	return 0;
}

/* 1 errno: per thread; a struct that is used again begins at 0. */
static void fails(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	say(errno == 0 ? '0' : '!');
	errno = N(p1);
	k_sleep(K_MSEC(1));
	say(errno == N(p1) ? 'k' : '!');
}

ROW(errno_belongs_to_the_thread)
{
	errno = 9;
	start(0, fails, 3, -1);
	start(1, fails, 4, -1);
	CHECK(errno == 9);
	join_all();
	SAID("00kk");
	start(0, fails, 5, -1);
	join_all();
	SAID("0k");
	CHECK(errno == 9);
	errno = 0;
	return 0;
}

static __thread int own = 7;
static __thread int other;
static void own_isr(const void *unused)
{
	(void)unused;
	say((char)('0' + own));
}

static void owns(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	say((char)('0' + own));
	say((char)('0' + other));
	own = N(p1);
	other = N(p1) + 1;
	k_sleep(K_MSEC(1));
	say((char)('0' + own));
	say((char)('0' + other));
	irq_offload(own_isr, NULL);
}

/* 1: __thread per thread, initial values in each; a struct that is used again does not see the old ones. */
ROW(thread_local_variables_belong_to_the_thread)
{
	own = 1;
	start(0, owns, 3, -1);
	start(1, owns, 5, -1);
	join_all();
	SAID("7070343565");
	start(0, owns, 2, -1);
	join_all();
	SAID("70232");
	CHECK(own == 1 && other == 0);
	return 0;
}
