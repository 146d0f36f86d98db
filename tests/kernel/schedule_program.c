/* Runs programs of a few threads, which a test writes into memory; each operation's result goes to the test. */
#include <zephyr/irq_offload.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#define THREADS 6
#define LENGTH 13
#define STACK 512
#define IN_ISR 128
enum { TIMER_PLACE = 7, WORK_PLACE = 9, WORKER_PLACE = 13, OWN_WORKER_PLACE = 14 }; /* on the grid, behind threads' */
#define DELAYABLE 4 /* of the works; the others are plain ones */
#define BLOCK 56 /* of a heap: 64 bytes of it */
#define HEAP_OF(n) (56 + 64 * (n)) /* for n of them, or one of n * 64 - 8 bytes */

/* In the order of the test's CODES. */
enum {
	END, TAKE, GIVE, RESET, SLEEP, YIELD, PRIORITY, SUSPEND, RESUME, WAKEUP, LOCK, UNLOCK, ABORT, JOIN, START, CREATE, DEADLINE, BUSY,
	MUTEX_LOCK, MUTEX_UNLOCK, MSGQ_PUT, MSGQ_PUT_FRONT, MSGQ_GET, MSGQ_PEEK, MSGQ_PURGE,
	EVENT_POST, EVENT_SET, EVENT_SET_MASKED, EVENT_CLEAR, EVENT_WAIT, EVENT_WAIT_ALL,
	QUEUE_APPEND, QUEUE_PREPEND, QUEUE_LIST, QUEUE_GET, QUEUE_CANCEL, STACK_PUSH, STACK_POP,
	SLAB_ALLOC, SLAB_FREE, HEAP_ALLOC, HEAP_FREE, LOOK,
	CONDVAR_WAIT, CONDVAR_SIGNAL, CONDVAR_BROADCAST, TIMER_START, TIMER_STOP, TIMER_STATUS, TIMER_SYNC,
	POLL, SIGNAL_RAISE, SIGNAL_RESET, PIPE_WRITE, PIPE_READ, PIPE_RESET, PIPE_CLOSE,
	WORK_SUBMIT, WORK_SCHEDULE, WORK_RESCHEDULE, WORK_CANCEL, WORK_CANCEL_SYNC, WORK_FLUSH,
	WORK_DRAIN, WORK_UNPLUG,
};

struct operation {
	uint8_t code;
	uint8_t object;
	int8_t argument;
	uint8_t value;
};

struct call {
	const struct operation *op;
	int thread;
	int index;
	int result;
};

struct item {
	void *link;
	int number;
};

extern void note(int thread, int index, int result);

struct start {
	int8_t priority;
	int8_t delay; /* in ticks; below 0 the thread is not started */
	uint8_t slice; /* of its own, in ticks */
	uint8_t unused;
};

struct operation program[THREADS][LENGTH];
struct start starts[THREADS];
int8_t slices_ms, worker_priority;
int32_t grid;
EXPORT_SYMBOL(program);
EXPORT_SYMBOL(starts);
EXPORT_SYMBOL(slices_ms);
EXPORT_SYMBOL(worker_priority);
EXPORT_SYMBOL(grid);

static struct k_sem sems[3];
static struct k_mutex mutexes[2];
static struct k_condvar condvar;
static struct k_event event;
static struct k_msgq msgqs[2];
static int messages[2][2];
static struct k_queue queues[2];
static struct item items[THREADS][LENGTH][2];
static struct k_stack stack;
static stack_data_t slots[2];
static struct k_mem_slab slab;
static void *blocks[2];
static void *held[2];
static int holds;
static struct k_heap heaps[2];
static char heap_bytes[2][HEAP_OF(3)] __aligned(8);
static void *blocks_held[2][3];
static int blocks_held_count[2];
static struct k_timer timers[2];
static struct call expiring;
static struct k_poll_signal sig;
static struct k_pipe pipes[2];
static uint8_t bytes[2][4];
static struct k_work_delayable works[6];
static struct k_work_sync syncs[THREADS];
static struct k_work_q own_queue;
static bool again, over;
K_THREAD_STACK_DEFINE(own_queue_stack, 1024);
static struct k_thread threads[THREADS];
static int thread_count, next[THREADS], locks[THREADS];
K_THREAD_STACK_ARRAY_DEFINE(stacks, THREADS, STACK);

static int64_t begun;

/* So many lines of the grid from the last one, and then the place of who waits: nobody else has anything to do then. */
static int64_t moment(int lines, int place)
{
	return begun + ((k_uptime_ticks() - begun) / grid + lines) * grid + 10 * place;
}

/* A time: for ever below 0, else ticks or lines of the grid. */
static k_timeout_t timeout(int ticks, int place)
{
	if (ticks > 0 && grid != 0) {
		return K_TIMEOUT_ABS_TICKS(moment(ticks, place));
	}
	return ticks < 0 ? K_FOREVER : K_TICKS(ticks);
}

static void operate(const void *argument);

/* Does the operation that follows the timer's start, if that is one for an interrupt handler. */
static void expires(struct k_timer *timer)
{
	struct call call = expiring;

	ARG_UNUSED(timer);
	if (call.op->code < IN_ISR) {
		k_sem_give(&sems[0]);
		return;
	}
	operate(&call);
	note(-10, call.thread * 16 + call.index, call.result);
}

static void stops(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	if (!over) {
		note(-11, 0, 0);
		k_sem_give(&sems[1]);
	}
}

/* Four handlers: at once, with a sleep, with itself submitted again, and with a wait for somebody. */
static void works_off(struct k_work *work)
{
	const int number = (int)(k_work_delayable_from_work(work) - works);
	const int place = k_current_get() == k_work_queue_thread_get(&own_queue) ? OWN_WORKER_PLACE : WORKER_PLACE;
	int result = 0;

	if (over) {
		return;
	}
	note(-2 - number, 0, 0);
	if (number % 4 == 1) {
		k_sleep(timeout(2, place));
	} else if (number == 2 && again) {
		again = false;
		result = k_work_submit(work);
	} else if (number == 3) {
		result = k_sem_take(&sems[0], timeout(4, place));
	}
	if (!over) {
		note(-2 - number, 1, result);
		k_sem_give(&sems[number % 3]);
	}
}

static void computes(const struct call *call)
{
	int us = call->op->value * 20;

	if (grid != 0) {
		us = k_is_in_isr() ? 0 : (int)(moment(1 + call->op->value % 3, call->thread + 1) - k_uptime_ticks()) * 100;
	}
	k_busy_wait((uint32_t)us);
}

static void runs(void *number, void *p2, void *p3);

static void creates(int number, int priority, k_timeout_t delay)
{
	locks[number] = 0;
	k_thread_create(&threads[number], stacks[number], K_THREAD_STACK_SIZEOF(stacks[number]), runs, (void *)(intptr_t)number,
			NULL, NULL, priority, 0, delay);
}

/* A thread that has ended goes on with what it had not begun. */
static int creates_again(int number, int priority)
{
	if (number >= thread_count || k_thread_join(&threads[number], K_NO_WAIT) != 0) {
		return 1;
	}
	creates(number, priority, K_NO_WAIT);
	return 0;
}

static int on_threads(const struct call *call, k_timeout_t time)
{
	const struct operation *op = call->op;
	struct k_thread *other = &threads[op->object % THREADS];
	struct k_sem *sem = &sems[op->object % 3];
	int result;

	switch (op->code % IN_ISR) {
	case TAKE: return k_sem_take(sem, time);
	case GIVE: k_sem_give(sem); return 0;
	case RESET: k_sem_reset(sem); return 0;
	case SLEEP: result = k_sleep(time); return grid != 0 ? 0 : result;
	case YIELD: k_yield(); return 0;
	case PRIORITY: k_thread_priority_set(other, op->argument); return 0;
	case SUSPEND: k_thread_suspend(other); return 0;
	case RESUME: k_thread_resume(other); return 0;
	case WAKEUP: k_wakeup(other); return 0;
	case LOCK:
		locks[call->thread]++;
		k_sched_lock();
		return 0;
	case UNLOCK:
		if (locks[call->thread] > 0) { /* it may have been aborted in between, and created anew */
			locks[call->thread]--;
			k_sched_unlock();
		}
		return 0;
	case ABORT: k_thread_abort(other); return 0;
	case START: k_thread_start(other); return 0;
	case CREATE: return creates_again(op->object % THREADS, op->argument);
	case DEADLINE:
		if (grid == 0) {
			k_thread_deadline_set(other, op->argument * 10000000);
		}
		return 0;
	case BUSY: computes(call); return 0;
	default: return k_thread_join(other, time);
	}
}

static int polls(const struct operation *op, k_timeout_t time)
{
	static const uint32_t types[] = {K_POLL_TYPE_SIGNAL, K_POLL_TYPE_MSGQ_DATA_AVAILABLE, K_POLL_TYPE_FIFO_DATA_AVAILABLE,
					 K_POLL_TYPE_PIPE_DATA_AVAILABLE};
	void *const objects[] = {&sig, &msgqs[0], &queues[0], &pipes[0]};
	const int count = 1 + op->value / 16 % 3;
	struct k_poll_event events[3];
	int states = 0;
	int result;

	k_poll_event_init(&events[0], K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sems[op->object % 3]);
	for (int i = 1; i < 3; i++) {
		const int which = op->value / (i == 1 ? 1 : 4) % 4;

		k_poll_event_init(&events[i], types[which], K_POLL_MODE_NOTIFY_ONLY, objects[which]);
	}
	result = k_poll(events, count, time);
	for (int i = 0; i < count; i++) {
		states |= (int)events[i].state << 8 * i;
	}
	return result != 0 ? result : states;
}

static int starts_timer(const struct call *call, struct k_timer *timer, k_timeout_t time)
{
	if (timer == &timers[1] && call->op->argument >= 0) {
		expiring = (struct call){&program[call->thread][call->index + 1], call->thread, call->index + 1, 0};
	}
	k_timer_start(timer, time, grid != 0 ? K_NO_WAIT : K_TICKS(call->op->value % 4 * 2));
	return 0;
}

static int on_sync(const struct call *call, k_timeout_t time)
{
	const struct operation *op = call->op;
	struct k_mutex *mutex = &mutexes[op->object % 2];
	struct k_timer *timer = &timers[op->object % 2];
	const uint32_t bits = op->value % 8;
	const bool reset = op->value / 8 % 2;
	const bool safe = op->value / 16 % 2;

	switch (op->code % IN_ISR) {
	case MUTEX_LOCK: return k_mutex_lock(mutex, time);
	case MUTEX_UNLOCK: return k_mutex_unlock(mutex);
	case CONDVAR_WAIT: return k_condvar_wait(&condvar, mutex, time);
	case CONDVAR_SIGNAL: return k_condvar_signal(&condvar);
	case CONDVAR_BROADCAST: return k_condvar_broadcast(&condvar);
	case EVENT_POST: return (int)k_event_post(&event, bits);
	case EVENT_SET: return (int)k_event_set(&event, bits);
	case EVENT_SET_MASKED: return (int)k_event_set_masked(&event, bits, op->value / 8);
	case EVENT_CLEAR: return (int)k_event_clear(&event, bits);
	case EVENT_WAIT: return (int)(safe ? k_event_wait_safe : k_event_wait)(&event, bits, reset, time);
	case EVENT_WAIT_ALL: return (int)(safe ? k_event_wait_all_safe : k_event_wait_all)(&event, bits, reset, time);
	case TIMER_START: return starts_timer(call, timer, time);
	case TIMER_STOP: k_timer_stop(timer); return 0;
	case TIMER_STATUS: return (int)k_timer_status_get(timer);
	case TIMER_SYNC: return (int)k_timer_status_sync(timer);
	case SIGNAL_RAISE: return k_poll_signal_raise(&sig, 0);
	case SIGNAL_RESET: k_poll_signal_reset(&sig); return 0;
	default: return polls(op, time);
	}
}

static int on_blocks(const struct operation *op, k_timeout_t time)
{
	void *block;
	int result;

	if (op->code % IN_ISR == SLAB_FREE) {
		if (holds == 0) {
			return 1;
		}
		k_mem_slab_free(&slab, held[--holds]);
		return 0;
	}
	result = k_mem_slab_alloc(&slab, &block, time);
	if (result != 0) {
		return result;
	}
	held[holds++] = block;
	return (int)((void **)block - blocks);
}

/* A block, or all that there is. */
static int on_heaps(const struct operation *op, k_timeout_t time)
{
	const int which = op->object % 2;
	const int capacity = which + 2;
	const size_t size = op->value % 2 ? (size_t)capacity * 64 - 8 : BLOCK;
	void **mine = blocks_held[which];
	int *count = &blocks_held_count[which];
	void *block;

	if (op->code % IN_ISR == HEAP_FREE) {
		const int at = op->value % 2 ? *count - 1 : 0;

		if (*count == 0) {
			return 1;
		}
		block = mine[at];
		mine[at] = mine[--*count];
		k_heap_free(&heaps[which], block);
		return 0;
	}
	block = op->value / 2 % 2 ? k_heap_alloc(&heaps[which], size, time) : k_heap_aligned_alloc(&heaps[which], 8, size, time);
	if (block == NULL) {
		return 0;
	}
	mine[(*count)++] = block;
	return 1;
}

static int looks(const struct operation *op)
{
	unsigned int signaled;
	int result;

	switch (op->value % 8) {
	case 0: return (int)k_sem_count_get(&sems[op->object % 3]);
	case 1: return (int)k_event_test(&event, op->value / 8);
	case 2: return k_is_in_isr() ? 0 : k_thread_priority_get(k_current_get());
	case 3: return (int)(k_msgq_num_used_get(&msgqs[op->object % 2]) + 4 * k_msgq_num_free_get(&msgqs[op->object % 2]));
	case 4: return k_work_busy_get(&works[op->object % 6].work) % 16;
	case 5: return k_queue_is_empty(&queues[op->object % 2]);
	case 6: return (int)(k_mem_slab_num_used_get(&slab) + 4 * k_mem_slab_num_free_get(&slab));
	default: k_poll_signal_check(&sig, &signaled, &result); return (int)signaled;
	}
}

static int on_data(const struct call *call, k_timeout_t time)
{
	const struct operation *op = call->op;
	const int number = call->thread * 16 + call->index + 1;
	struct k_msgq *msgq = &msgqs[op->object % 2];
	struct k_queue *queue = &queues[op->object % 2];
	struct item *item = items[call->thread][call->index];
	stack_data_t popped = 0;
	int message = number;
	int result;

	item->number = number;
	item[1].number = number + 100;
	switch (op->code % IN_ISR) {
	case MSGQ_PUT: return k_msgq_put(msgq, &message, time);
	case MSGQ_PUT_FRONT: return k_msgq_put_front(msgq, &message);
	case MSGQ_GET: result = k_msgq_get(msgq, &message, time); return result != 0 ? result : message;
	case MSGQ_PEEK: result = k_msgq_peek(msgq, &message); return result != 0 ? result : message;
	case MSGQ_PURGE: k_msgq_purge(msgq); return 0;
	case QUEUE_APPEND: k_queue_append(queue, item); return 0;
	case QUEUE_PREPEND: k_queue_prepend(queue, item); return 0;
	case QUEUE_LIST:
		item->link = &item[1];
		item[1].link = NULL;
		return k_queue_append_list(queue, item, &item[1]);
	case QUEUE_GET: item = k_queue_get(queue, time); return item != NULL ? item->number : 0;
	case QUEUE_CANCEL: k_queue_cancel_wait(queue); return 0;
	case STACK_PUSH: return k_stack_push(&stack, (stack_data_t)number);
	default: result = k_stack_pop(&stack, &popped, time); return result != 0 ? result : (int)popped;
	}
}

static int on_pipes(const struct operation *op, k_timeout_t time)
{
	struct k_pipe *pipe = &pipes[op->object % 2];
	const size_t size = op->value % 6 + 1;
	uint8_t buffer[6] = {0};
	int result;

	switch (op->code % IN_ISR) {
	case PIPE_WRITE:
		for (size_t i = 0; i < size; i++) {
			buffer[i] = (uint8_t)(op->value + i);
		}
		return k_pipe_write(pipe, buffer, size, time);
	case PIPE_READ:
		result = k_pipe_read(pipe, buffer, size, time);
		return result < 0 ? result : result * 256 + buffer[0];
	case PIPE_RESET: k_pipe_reset(pipe); return 0;
	default: k_pipe_close(pipe); return 0;
	}
}

static int on_work(const struct call *call, k_timeout_t time)
{
	const struct operation *op = call->op;
	struct k_work_delayable *later = &works[op->object % DELAYABLE];
	struct k_work_delayable *either = &works[op->object % 6];
	struct k_work *work = &either->work;
	struct k_work_sync *sync = &syncs[call->thread];
	struct k_work_q *queue = op->value % 2 ? &own_queue : &k_sys_work_q;
	const bool plain = op->object % 6 >= DELAYABLE;

	switch (op->code % IN_ISR) {
	case WORK_SUBMIT: again = op->value / 2 % 2; return k_work_submit_to_queue(queue, work);
	case WORK_SCHEDULE: return k_work_schedule_for_queue(queue, later, time);
	case WORK_RESCHEDULE: return k_work_reschedule_for_queue(queue, later, time);
	case WORK_CANCEL: return plain ? k_work_cancel(work) : k_work_cancel_delayable(either);
	case WORK_CANCEL_SYNC: return plain ? k_work_cancel_sync(work, sync) : k_work_cancel_delayable_sync(either, sync);
	case WORK_FLUSH: return plain ? k_work_flush(work, sync) : k_work_flush_delayable(either, sync);
	case WORK_DRAIN: return k_work_queue_drain(queue, op->value / 2 % 4 == 0);
	default: return k_work_queue_unplug(queue);
	}
}

static int place_of(const struct call *call)
{
	switch (call->op->code % IN_ISR) {
	case TIMER_START: return TIMER_PLACE + call->op->object % 2;
	case WORK_SCHEDULE:
	case WORK_RESCHEDULE: return WORK_PLACE + call->op->object % DELAYABLE;
	default: return call->thread + 1;
	}
}

static void operate(const void *argument)
{
	struct call *call = (struct call *)argument;
	const int code = call->op->code % IN_ISR;
	const bool to_next_tick = call->op->argument == 0 && (code == TIMER_START || code == CONDVAR_WAIT);
	const k_timeout_t time = timeout(to_next_tick && grid != 0 ? 1 : call->op->argument, place_of(call));

	if (code <= BUSY) {
		call->result = on_threads(call, time);
	} else if (code == SLAB_ALLOC || code == SLAB_FREE) {
		call->result = on_blocks(call->op, time);
	} else if (code == HEAP_ALLOC || code == HEAP_FREE) {
		call->result = on_heaps(call->op, time);
	} else if (code == LOOK) {
		call->result = looks(call->op);
	} else if ((code >= MSGQ_PUT && code <= MSGQ_PURGE) || (code >= QUEUE_APPEND && code <= STACK_POP)) {
		call->result = on_data(call, time);
	} else if (code >= WORK_SUBMIT) {
		call->result = on_work(call, time);
	} else if (code >= PIPE_WRITE) {
		call->result = on_pipes(call->op, time);
	} else {
		call->result = on_sync(call, time);
	}
}

static void runs(void *number, void *p2, void *p3)
{
	const int thread = (int)(intptr_t)number;

	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	for (int index = next[thread]; index < LENGTH && program[thread][index].code != END; index++) {
		struct call call = {&program[thread][index], thread, index, 0};
		const int64_t line = begun + (index * THREADS + thread + 1) * grid;

		if (grid != 0 && k_uptime_ticks() < line) {
			k_sleep(K_TIMEOUT_ABS_TICKS(line));
		}
		next[thread] = index + 1;
		if (call.op->code >= IN_ISR) {
			irq_offload(operate, &call);
		} else {
			operate(&call);
		}
		note(thread, index, call.result);
	}
	note(thread, -1, 0);
}

static void begins(void)
{
	for (int i = 0; i < 3; i++) {
		k_sem_init(&sems[i], 0, 3);
	}
	for (int i = 0; i < 2; i++) {
		k_mutex_init(&mutexes[i]);
		k_msgq_init(&msgqs[i], (char *)messages[i], sizeof(int), 2);
		k_queue_init(&queues[i]);
		k_timer_init(&timers[i], i == 1 ? expires : NULL, i == 0 ? stops : NULL);
		k_pipe_init(&pipes[i], bytes[i], sizeof(bytes[i]));
		k_heap_init(&heaps[i], heap_bytes[i], HEAP_OF(i + 2));
		blocks_held_count[i] = 0;
	}
	for (int i = 0; i < 6; i++) {
		k_work_init_delayable(&works[i], works_off);
	}
	k_work_init(&works[4].work, works_off);
	k_work_init(&works[5].work, works_off);
	k_condvar_init(&condvar);
	k_event_init(&event);
	k_stack_init(&stack, slots, 2);
	k_mem_slab_init(&slab, blocks, sizeof(blocks[0]), 2);
	holds = 0;
	k_poll_signal_init(&sig);
	again = over = false;
	k_thread_priority_set(k_work_queue_thread_get(&own_queue), worker_priority);
	k_sched_time_slice_set(slices_ms, 0);
}

/* All handlers have returned behind this, and both queues take work again. */
static void ends(void)
{
	over = true;
	for (int i = 0; i < 2; i++) {
		k_timer_stop(&timers[i]);
	}
	for (int i = 0; i < 6; i++) {
		if (i < DELAYABLE) {
			k_work_cancel_delayable(&works[i]);
		} else {
			k_work_cancel(&works[i].work);
		}
	}
	k_sched_unlock();
	k_work_queue_drain(&own_queue, false);
	k_work_queue_drain(&k_sys_work_q, false);
	k_work_queue_unplug(&own_queue);
	k_work_queue_unplug(&k_sys_work_q);
}

void prepare(void)
{
	k_work_queue_init(&own_queue);
	k_work_queue_start(&own_queue, own_queue_stack, K_THREAD_STACK_SIZEOF(own_queue_stack), 0, NULL);
}
EXPORT_SYMBOL(prepare);

/* Starts all threads at once and gives them some time; those that are left then are ended. */
void run(int count, int ticks)
{
	k_sleep(K_TICKS(1));
	begins();
	begun = grid != 0 ? k_uptime_ticks() : 0; /* a look at the clock takes time */
	k_sched_lock();
	note(-1, 0, 0);
	thread_count = count;
	for (int i = 0; i < count; i++) {
		next[i] = 0;
		creates(i, starts[i].priority, timeout(starts[i].delay, i + 1));
		k_thread_time_slice_set(&threads[i], starts[i].slice, NULL, NULL);
	}
	k_sched_unlock();
	k_sleep(timeout(ticks, 0));
	k_sched_lock();
	for (int i = 0; i < count; i++) {
		k_thread_abort(&threads[i]);
	}
	ends();
}
EXPORT_SYMBOL(run);
