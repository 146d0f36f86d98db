/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_THREAD_H_
#define ZEPHYR_INCLUDE_KERNEL_THREAD_H_

#include <zephyr/kernel/objects.h>
#include <zephyr/kernel/thread_stack.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef CONFIG_NUM_COOP_PRIORITIES
#define CONFIG_NUM_COOP_PRIORITIES 16
#endif
#ifndef CONFIG_NUM_PREEMPT_PRIORITIES
#define CONFIG_NUM_PREEMPT_PRIORITIES 15
#endif

#define K_PRIO_COOP(x) (-(CONFIG_NUM_COOP_PRIORITIES - (x)))
#define K_PRIO_PREEMPT(x) (x)
#define K_HIGHEST_THREAD_PRIO (-CONFIG_NUM_COOP_PRIORITIES)
#define K_HIGHEST_APPLICATION_THREAD_PRIO K_HIGHEST_THREAD_PRIO
#define K_LOWEST_THREAD_PRIO CONFIG_NUM_PREEMPT_PRIORITIES
#define K_IDLE_PRIO K_LOWEST_THREAD_PRIO
#define K_LOWEST_APPLICATION_THREAD_PRIO (K_LOWEST_THREAD_PRIO - 1)

#define K_ESSENTIAL BIT(0)
#define K_FP_REGS BIT(1)
#define K_USER BIT(2)
#define K_INHERIT_PERMS BIT(3)
#define K_CALLBACK_STATE BIT(4)

struct k_thread {
	struct {
		sys_dnode_t qnode_dlist;
		_wait_q_t *pended_on;
		uint8_t user_options;
		uint8_t thread_state;
		int8_t prio;
		uint8_t sched_locked;
		void *swap_data;
		struct _timeout timeout;
	} base;
	struct {
		uint32_t words[14];
	} callee_saved;
	void *init_data;
	_wait_q_t join_queue;
	struct k_thread *next_thread;
	char name[32];
	void *custom_data;
	int errno_var;
	struct {
		uintptr_t start;
		size_t size;
		size_t delta;
	} stack_info;
	struct k_heap *resource_pool;
	uintptr_t tls;
	struct {
		uint32_t words[6];
	} arch;
};

typedef struct k_thread *k_tid_t;
typedef void (*k_thread_entry_t)(void *p1, void *p2, void *p3);
typedef void (*k_thread_user_cb_t)(const struct k_thread *thread, void *user_data);
typedef void (*k_thread_timeslice_fn_t)(struct k_thread *thread, void *data);

typedef struct k_thread_runtime_stats {
	uint64_t execution_cycles;
	uint64_t total_cycles;
	uint64_t idle_cycles;
} k_thread_runtime_stats_t;

k_tid_t k_thread_create(struct k_thread *new_thread, k_thread_stack_t *stack, size_t stack_size, k_thread_entry_t entry,
			void *p1, void *p2, void *p3, int prio, uint32_t options, k_timeout_t delay)
	Z_SYSCALL(k_thread_create);
void k_thread_start(k_tid_t thread) Z_SYSCALL(k_thread_start);
void k_thread_abort(k_tid_t thread) Z_SYSCALL(k_thread_abort);
int k_thread_join(struct k_thread *thread, k_timeout_t timeout) Z_SYSCALL(k_thread_join);
void k_thread_suspend(k_tid_t thread) Z_SYSCALL(k_thread_suspend);
void k_thread_resume(k_tid_t thread) Z_SYSCALL(k_thread_resume);
int32_t k_sleep(k_timeout_t timeout) Z_SYSCALL(k_sleep);
int32_t k_usleep(int32_t us) Z_SYSCALL(k_usleep);
void k_wakeup(k_tid_t thread) Z_SYSCALL(k_wakeup);
void k_yield(void) Z_SYSCALL(k_yield);
void k_thread_priority_set(k_tid_t thread, int prio) Z_SYSCALL(k_thread_priority_set);
int k_thread_priority_get(k_tid_t thread) Z_SYSCALL(k_thread_priority_get);
void k_sched_lock(void);
void k_sched_unlock(void);
k_tid_t k_sched_current_thread_query(void) Z_SYSCALL(k_sched_current_thread_query);
int k_is_preempt_thread(void) Z_SYSCALL(k_is_preempt_thread);
int k_thread_name_set(k_tid_t thread, const char *str) Z_SYSCALL(k_thread_name_set);
int k_thread_stack_space_get(const struct k_thread *thread, size_t *unused_ptr) Z_SYSCALL(k_thread_stack_space_get);

const char *k_thread_name_get(k_tid_t thread);
int k_thread_name_copy(k_tid_t thread, char *buf, size_t size) Z_SYSCALL(k_thread_name_copy);
const char *k_thread_state_str(k_tid_t thread_id, char *buf, size_t buf_size);
void k_thread_custom_data_set(void *value) Z_SYSCALL(k_thread_custom_data_set);
void *k_thread_custom_data_get(void) Z_SYSCALL(k_thread_custom_data_get);
int k_thread_runtime_stats_get(k_tid_t thread, k_thread_runtime_stats_t *stats);
void k_thread_foreach(k_thread_user_cb_t user_cb, void *user_data);
void k_thread_foreach_unlocked(k_thread_user_cb_t user_cb, void *user_data);
void k_thread_deadline_set(k_tid_t thread, int deadline) Z_SYSCALL(k_thread_deadline_set);
void k_thread_absolute_deadline_set(k_tid_t thread, int deadline) Z_SYSCALL(k_thread_absolute_deadline_set);
void k_reschedule(void) Z_SYSCALL(k_reschedule);
void k_sched_time_slice_set(int32_t slice, int prio);
void k_thread_time_slice_set(struct k_thread *th, int32_t slice_ticks, k_thread_timeslice_fn_t expired, void *data);
bool k_is_pre_kernel(void);
bool k_can_yield(void);
k_thread_stack_t *k_thread_stack_alloc(size_t size, int flags) Z_SYSCALL(k_thread_stack_alloc);
int k_thread_stack_free(k_thread_stack_t *stack) Z_SYSCALL(k_thread_stack_free);

/* For k_thread_foreach: the thread that was created before this one, and the newest one for NULL. */
k_tid_t z_thread_before(k_tid_t thread);

static inline k_tid_t k_current_get(void)
{
	return k_sched_current_thread_query();
}

static inline int32_t k_msleep(int32_t ms)
{
	return k_sleep(K_MSEC(ms));
}

/* A thread that is made without k_thread_create. */
struct _static_thread_data {
	struct k_thread *init_thread;
	k_thread_stack_t *init_stack;
	unsigned int init_stack_size;
	k_thread_entry_t init_entry;
	void *init_p1;
	void *init_p2;
	void *init_p3;
	int init_prio;
	uint32_t init_options;
	const char *init_name;
	int32_t init_delay_ms;
};

/* It has its name before it runs. */
static inline void z_static_thread_create(const struct _static_thread_data *data)
{
	const k_timeout_t delay = data->init_delay_ms > 0 ? K_MSEC(data->init_delay_ms) : K_FOREVER;

	(void)k_thread_create(data->init_thread, data->init_stack, data->init_stack_size, data->init_entry, data->init_p1,
			      data->init_p2, data->init_p3, data->init_prio, data->init_options, delay);
	(void)k_thread_name_set(data->init_thread, data->init_name);
	if (data->init_delay_ms == 0) {
		k_thread_start(data->init_thread);
	}
}

/*
 * An extension makes its threads itself, when it is brought up, behind constructors and level APPLICATION, and 'llext build'
 * sorts them by name; applications have a table of them, from which the kernel makes them before main runs.
 */
#ifdef LL_EXTENSION_BUILD
#define Z_STATIC_THREAD(name) static const struct _static_thread_data _k_thread_data_##name
#define Z_STATIC_THREAD_MADE(name)                                                                                     \
	static void _k_thread_make_##name(void);                                                                       \
	static void (*const _k_thread_entry_##name)(void)                                                              \
		__attribute__((__section__(".init_array.thr_" #name), __used__)) = _k_thread_make_##name;              \
	static void _k_thread_make_##name(void)                                                                        \
	{                                                                                                              \
		z_static_thread_create(&_k_thread_data_##name);                                                        \
	}                                                                                                              \
	__maybe_unused const k_tid_t name = &_k_thread_obj_##name
#else
#define Z_STATIC_THREAD(name)                                                                                          \
	struct _static_thread_data __used                                                                              \
		__attribute__((__section__("._static_thread_data.static._k_thread_data_" #name "_")))                  \
		_k_thread_data_##name
#define Z_STATIC_THREAD_MADE(name) __maybe_unused const k_tid_t name = &_k_thread_obj_##name
#endif

#define K_THREAD_DEFINE(name, stack_size, entry, p1, p2, p3, prio, options, delay)                                     \
	K_THREAD_STACK_DEFINE(_k_thread_stack_##name, stack_size);                                                     \
	Z_THREAD_DEFINE(name, stack_size, entry, p1, p2, p3, prio, options, delay)
#define K_KERNEL_THREAD_DEFINE(name, stack_size, entry, p1, p2, p3, prio, options, delay)                              \
	K_KERNEL_STACK_DEFINE(_k_thread_stack_##name, stack_size);                                                     \
	Z_THREAD_DEFINE(name, stack_size, entry, p1, p2, p3, prio, options, delay)

#define Z_THREAD_DEFINE(name, stack_size, entry, p1, p2, p3, prio, options, delay)                                     \
	struct k_thread _k_thread_obj_##name;                                                                          \
	Z_STATIC_THREAD(name) = {&_k_thread_obj_##name, _k_thread_stack_##name, stack_size, entry, (void *)(p1),       \
				 (void *)(p2), (void *)(p3), prio, options, #name, delay};                             \
	Z_STATIC_THREAD_MADE(name)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_THREAD_H_ */
