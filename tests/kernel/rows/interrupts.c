#define THREADS 1 /* the smallest board has no room for more */
#include "rows.h"
#include <zephyr/irq.h>

extern void raise_line(int number);

static struct k_sem sem;

static void isr(const void *parameter)
{
	say((char)(uintptr_t)parameter);
	if (!k_is_in_isr()) {
		say('!');
	}
}

static void connect(unsigned int number, unsigned int priority, char letter)
{
	(void)irq_connect_dynamic(number, priority, isr, P(letter), 0);
	irq_enable(number);
}

/* 5 irq_connect_dynamic, irq_enable, irq_is_enabled. */
ROW(a_connected_line_runs_its_handler)
{
	CHECK(irq_is_enabled(3) == 0);
	CHECK(irq_connect_dynamic(3, 1, isr, P('a'), 0) == 3);
	irq_enable(3);
	CHECK(irq_is_enabled(3) == 1);
	raise_line(3);
	SAID("a");
	irq_disable(3);
	CHECK(irq_is_enabled(3) == 0);
	return 0;
}

/* 5: a line that is off waits until it is on; raised twice, it comes once. */
ROW(a_line_that_is_off_waits)
{
	(void)irq_connect_dynamic(4, 1, isr, P('a'), 0);
	raise_line(4);
	raise_line(4);
	SAID("");
	irq_enable(4);
	SAID("a");
	raise_line(4);
	SAID("a");
	irq_disable(4);
	return 0;
}

/* 5 IRQ_CONNECT, IRQ_DIRECT_CONNECT, ISR_DIRECT_DECLARE. */
ISR_DIRECT_DECLARE(direct)
{
	say(k_is_in_isr() ? 'd' : '!');
	ISR_DIRECT_PM();
	return 1;
}

ROW(lines_are_connected_by_macros)
{
	IRQ_CONNECT(5, 2, isr, P('c'), 0);
	irq_enable(5);
	IRQ_DIRECT_CONNECT(6, 2, direct, 0);
	irq_enable(6);
	raise_line(5);
	raise_line(6);
	SAID("cd");
	irq_disable(5);
	irq_disable(6);
	return 0;
}

/* 5 irq_lock: nests by key; irq_unlock is no reschedule point, what waited comes at the next service. */
ROW(locked_interrupts_wait)
{
	connect(3, 1, 'a');
	const unsigned int outer = irq_lock();
	const unsigned int inner = irq_lock();

	CHECK(arch_irq_unlocked(outer) && !arch_irq_unlocked(inner));
	raise_line(3);
	k_sem_init(&sem, 0, 1);
	SAID("");
	irq_unlock(inner);
	k_sem_give(&sem);
	SAID("");
	irq_unlock(outer);
	k_sem_give(&sem);
	SAID("a");
	irq_disable(3);
	return 0;
}

/* 0: who is woken under a lock waits, however urgent; 5: irq_unlock is no reschedule point, what comes behind it is. */
static void takes(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	for (;;) {
		(void)k_sem_take(&sem, K_FOREVER);
		say((char)N(p1));
	}
}

ROW(who_is_woken_under_a_lock_runs_behind_it)
{
	k_sem_init(&sem, 0, 1);
	start(0, takes, 'a', -1);
	const unsigned int key = irq_lock();

	k_sem_give(&sem);
	k_wakeup(&threads[0]);
	SAID("");
	irq_unlock(key);
	SAID("");
	k_wakeup(&threads[0]);
	SAID("a");
	(void)irq_lock();
	k_sem_give(&sem);
	SAID("");
	k_yield(); /* the lock is the caller's: who runs meanwhile has none */
	SAID("a");
	irq_unlock(key);
	return 0;
}

/* 5 IRQ_ZERO_LATENCY: irq_lock does not keep it; the thread that it interrupted goes on. */
ROW(a_line_without_latency_comes_through_a_lock)
{
#ifdef IRQ_ZERO_LATENCY
	k_sem_init(&sem, 0, 1);
	start(0, takes, 't', -1);
	connect(3, 1, 'a');
	(void)irq_connect_dynamic(4, 3, isr, P('z'), IRQ_ZERO_LATENCY);
	irq_enable(4);
	const unsigned int key = irq_lock();

	raise_line(3);
	k_sem_give(&sem);
	SAID("");
	raise_line(4);
	SAID("z");
	irq_unlock(key);
	(void)k_is_in_isr();
	SAID("at");
	irq_disable(3);
	irq_disable(4);
#endif
	return 0;
}

/* 5: the more urgent line first, smaller numbers are more urgent; equals as they were raised. */
ROW(the_more_urgent_line_comes_first)
{
	connect(3, 2, 'a');
	connect(4, 1, 'b');
	connect(5, 2, 'c');
	const unsigned int key = irq_lock();

	raise_line(5);
	raise_line(3);
	raise_line(4);
	irq_unlock(key);
	k_yield();
	SAID("bca");
	irq_disable(3);
	irq_disable(4);
	irq_disable(5);
	return 0;
}

ROW(a_line_that_is_switched_off_in_time_does_not_come)
{
	connect(3, 2, 'a');
	const unsigned int key = irq_lock();

	raise_line(3);
	irq_disable(3);
	irq_unlock(key);
	k_yield();
	SAID("");
	irq_enable(3);
	SAID("a");
	irq_disable(3);
	return 0;
}

/* 0: blocking under irq_lock: the lock is the thread's, others run without. */
static void letter(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	say((char)N(p1));
	raise_line(3);
}

ROW(a_thread_that_blocks_keeps_its_lock_for_itself)
{
	connect(3, 2, 'i');
	start(0, letter, 'a', 3);
	const unsigned int key = irq_lock();

	k_sleep(K_MSEC(1));
	SAID("ai");
	CHECK(!arch_irq_unlocked(irq_lock()));
	raise_line(3);
	SAID("");
	irq_unlock(key);
	(void)k_is_in_isr();
	SAID("i");
	irq_disable(3);
	return 0;
}

/* 0: from an interrupt the switch is at its exit; 5: give, wakeup, name and the like are for interrupts. */
static void waits(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	k_sem_take(&sem, K_FOREVER);
	say((char)N(p1));
}

static void gives(const void *unused)
{
	(void)unused;
	k_sem_give(&sem);
	say('i');
	say(k_sem_take(&sem, K_NO_WAIT) == -EBUSY ? 'b' : '!');
}

ROW(a_thread_that_an_interrupt_wakes_runs_at_its_exit)
{
	k_sem_init(&sem, 0, 1);
	start(0, waits, 'w', -1);
	(void)irq_connect_dynamic(3, 0, gives, NULL, 0);
	irq_enable(3);
	raise_line(3);
	SAID("ibw");
	irq_disable(3);
	return 0;
}

/* 5 k_cpu_idle, k_cpu_atomic_idle: wait for an interrupt, and unlock. */
static void nap(void *p1, void *p2, void *p3)
{
	(void)p2;
	(void)p3;
	k_sleep(K_MSEC(3));
	say((char)N(p1));
}

ROW(the_cpu_waits_for_an_interrupt)
{
	const int64_t begin = k_uptime_ticks();

	start(0, nap, 'a', -1);
	k_cpu_idle();
	SAID("a");
	CHECK(k_uptime_ticks() - begin >= 30);
	start(0, nap, 'b', -1);
	const unsigned int key = irq_lock();

	k_cpu_atomic_idle(key);
	SAID("b");
	connect(3, 1, 'i');
	(void)irq_lock();
	raise_line(3);
	SAID("");
	k_cpu_idle();
	SAID("i");
	CHECK(arch_irq_unlocked(irq_lock()));
	irq_unlock(Z_IRQ_UNLOCKED);
	irq_disable(3);
	return 0;
}
