/* Runs programs of a few threads, which a test writes into memory; each operation's result goes to the test. */
#include <zephyr/irq_offload.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#define THREADS 6
#define LENGTH 12
#define STACK 512
#define IN_ISR 128

/* In the order of the test's CODES. */
enum {
	END, TAKE, GIVE, RESET, SLEEP, YIELD, PRIORITY, SUSPEND, RESUME, WAKEUP, LOCK, UNLOCK, ABORT, JOIN,
	MUTEX_LOCK, MUTEX_UNLOCK, MSGQ_PUT, MSGQ_PUT_FRONT, MSGQ_GET, MSGQ_PEEK, MSGQ_PURGE,
	EVENT_POST, EVENT_SET, EVENT_CLEAR, EVENT_WAIT, EVENT_WAIT_ALL,
	QUEUE_APPEND, QUEUE_PREPEND, QUEUE_GET, QUEUE_CANCEL, STACK_PUSH, STACK_POP, SLAB_ALLOC, SLAB_FREE,
	CONDVAR_WAIT, CONDVAR_SIGNAL, CONDVAR_BROADCAST, TIMER_START, TIMER_STOP, TIMER_STATUS, TIMER_SYNC,
	POLL, SIGNAL_RAISE, SIGNAL_RESET, PIPE_WRITE, PIPE_READ, PIPE_RESET,
	WORK_SUBMIT, WORK_SCHEDULE, WORK_RESCHEDULE, WORK_CANCEL,
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

struct operation program[THREADS][LENGTH];
int8_t priorities[THREADS];
EXPORT_SYMBOL(program);
EXPORT_SYMBOL(priorities);

static struct k_sem sems[3];
static struct k_mutex mutexes[2];
static struct k_condvar condvar;
static struct k_event event;
static struct k_msgq msgqs[2];
static int messages[2][2];
static struct k_queue queues[2];
static struct item items[THREADS][LENGTH];
static struct k_stack stack;
static stack_data_t slots[2];
static struct k_mem_slab slab;
static void *blocks[2];
static void *held[2];
static int holds;
static struct k_timer timers[2];
static struct k_poll_signal sig;
static struct k_pipe pipe;
static uint8_t bytes[4];
static struct k_work_delayable works[2];
static struct k_thread threads[THREADS];
K_THREAD_STACK_ARRAY_DEFINE(stacks, THREADS, STACK);

/* A time: for ever below 0, else ticks. */
static k_timeout_t timeout(int ticks)
{
	return ticks < 0 ? K_FOREVER : K_TICKS(ticks);
}

static void expires(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	k_sem_give(&sems[0]);
}

static void works_off(struct k_work *work)
{
	const int number = (int)(k_work_delayable_from_work(work) - works);

	note(-2 - number, 0, 0);
	k_sem_give(&sems[number]);
}

static int on_threads(const struct operation *op, k_timeout_t time)
{
	struct k_thread *other = &threads[op->object % THREADS];
	struct k_sem *sem = &sems[op->object % 3];

	switch (op->code % IN_ISR) {
	case TAKE: return k_sem_take(sem, time);
	case GIVE: k_sem_give(sem); return 0;
	case RESET: k_sem_reset(sem); return 0;
	case SLEEP: k_sleep(time); return 0;
	case YIELD: k_yield(); return 0;
	case PRIORITY: k_thread_priority_set(other, op->argument); return 0;
	case SUSPEND: k_thread_suspend(other); return 0;
	case RESUME: k_thread_resume(other); return 0;
	case WAKEUP: k_wakeup(other); return 0;
	case LOCK: k_sched_lock(); return 0;
	case UNLOCK: k_sched_unlock(); return 0;
	case ABORT: k_thread_abort(other); return 0;
	default: return k_thread_join(other, time);
	}
}

static int polls(const struct operation *op, k_timeout_t time)
{
	static const uint32_t types[] = {K_POLL_TYPE_SIGNAL, K_POLL_TYPE_MSGQ_DATA_AVAILABLE, K_POLL_TYPE_FIFO_DATA_AVAILABLE,
					 K_POLL_TYPE_PIPE_DATA_AVAILABLE};
	void *const objects[] = {&sig, &msgqs[0], &queues[0], &pipe};
	const int which = op->value % 4;
	struct k_poll_event events[2];
	int result;

	k_poll_event_init(&events[0], K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sems[op->object % 3]);
	k_poll_event_init(&events[1], types[which], K_POLL_MODE_NOTIFY_ONLY, objects[which]);
	result = k_poll(events, 2, time);
	return result != 0 ? result : (int)(events[0].state | events[1].state);
}

static int on_sync(const struct operation *op, k_timeout_t time)
{
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
	case EVENT_CLEAR: return (int)k_event_clear(&event, bits);
	case EVENT_WAIT: return (int)(safe ? k_event_wait_safe : k_event_wait)(&event, bits, reset, time);
	case EVENT_WAIT_ALL: return (int)(safe ? k_event_wait_all_safe : k_event_wait_all)(&event, bits, reset, time);
	case TIMER_START: k_timer_start(timer, time, K_TICKS(op->value % 4 * 2)); return 0;
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

static int on_data(const struct call *call, k_timeout_t time)
{
	const struct operation *op = call->op;
	const int number = call->thread * 16 + call->index + 1;
	struct k_msgq *msgq = &msgqs[op->object % 2];
	struct k_queue *queue = &queues[op->object % 2];
	struct item *item = &items[call->thread][call->index];
	stack_data_t popped = 0;
	int message = number;
	int result;

	item->number = number;
	switch (op->code % IN_ISR) {
	case MSGQ_PUT: return k_msgq_put(msgq, &message, time);
	case MSGQ_PUT_FRONT: return k_msgq_put_front(msgq, &message);
	case MSGQ_GET: result = k_msgq_get(msgq, &message, time); return result != 0 ? result : message;
	case MSGQ_PEEK: result = k_msgq_peek(msgq, &message); return result != 0 ? result : message;
	case MSGQ_PURGE: k_msgq_purge(msgq); return 0;
	case QUEUE_APPEND: k_queue_append(queue, item); return 0;
	case QUEUE_PREPEND: k_queue_prepend(queue, item); return 0;
	case QUEUE_GET: item = k_queue_get(queue, time); return item != NULL ? item->number : 0;
	case QUEUE_CANCEL: k_queue_cancel_wait(queue); return 0;
	case STACK_PUSH: return k_stack_push(&stack, (stack_data_t)number);
	default: result = k_stack_pop(&stack, &popped, time); return result != 0 ? result : (int)popped;
	}
}

static int on_pipes(const struct operation *op, k_timeout_t time)
{
	const size_t size = op->value % 6 + 1;
	uint8_t buffer[6] = {0};
	int result;

	switch (op->code % IN_ISR) {
	case PIPE_WRITE:
		for (size_t i = 0; i < size; i++) {
			buffer[i] = (uint8_t)(op->value + i);
		}
		return k_pipe_write(&pipe, buffer, size, time);
	case PIPE_READ:
		result = k_pipe_read(&pipe, buffer, size, time);
		return result < 0 ? result : result * 256 + buffer[0];
	default: k_pipe_reset(&pipe); return 0;
	}
}

static int on_work(const struct operation *op, k_timeout_t time)
{
	struct k_work_delayable *work = &works[op->object % 2];

	switch (op->code % IN_ISR) {
	case WORK_SUBMIT: return k_work_submit(&work->work);
	case WORK_SCHEDULE: return k_work_schedule(work, time);
	case WORK_RESCHEDULE: return k_work_reschedule(work, time);
	default: return k_work_cancel_delayable(work);
	}
}

static void operate(const void *argument)
{
	struct call *call = (struct call *)argument;
	const int code = call->op->code % IN_ISR;
	const k_timeout_t time = timeout(call->op->argument);

	if (code <= JOIN) {
		call->result = on_threads(call->op, time);
	} else if (code == SLAB_ALLOC || code == SLAB_FREE) {
		call->result = on_blocks(call->op, time);
	} else if ((code >= MSGQ_PUT && code <= MSGQ_PURGE) || (code >= QUEUE_APPEND && code <= STACK_POP)) {
		call->result = on_data(call, time);
	} else if (code >= WORK_SUBMIT) {
		call->result = on_work(call->op, time);
	} else if (code >= PIPE_WRITE) {
		call->result = on_pipes(call->op, time);
	} else {
		call->result = on_sync(call->op, time);
	}
}

static void runs(void *number, void *p2, void *p3)
{
	const int thread = (int)(intptr_t)number;

	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	for (int index = 0; index < LENGTH && program[thread][index].code != END; index++) {
		struct call call = {&program[thread][index], thread, index, 0};

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
		k_timer_init(&timers[i], i == 1 ? expires : NULL, NULL);
		k_work_init_delayable(&works[i], works_off);
	}
	k_condvar_init(&condvar);
	k_event_init(&event);
	k_stack_init(&stack, slots, 2);
	k_mem_slab_init(&slab, blocks, sizeof(blocks[0]), 2);
	holds = 0;
	k_poll_signal_init(&sig);
	k_pipe_init(&pipe, bytes, sizeof(bytes));
}

/* Starts all threads at once and gives them some time; those that are left then are ended. */
void run(int count, int ticks)
{
	begins();
	k_sched_lock();
	for (int i = 0; i < count; i++) {
		k_thread_create(&threads[i], stacks[i], K_THREAD_STACK_SIZEOF(stacks[i]), runs, (void *)(intptr_t)i, NULL, NULL,
				priorities[i], 0, K_NO_WAIT);
	}
	k_sched_unlock();
	k_sleep(K_TICKS(ticks));
	k_sched_lock();
	for (int i = 0; i < count; i++) {
		k_thread_abort(&threads[i]);
	}
	for (int i = 0; i < 2; i++) {
		k_timer_stop(&timers[i]);
		k_work_cancel_delayable(&works[i]);
	}
	k_sched_unlock();
}
EXPORT_SYMBOL(run);
