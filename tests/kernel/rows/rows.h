/* What rows share: a log of letters, threads that write it, and checks that return the line that failed. */
#include <string.h>
#include <zephyr/irq_offload.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

/* A row begins without threads, and with an empty log. */
#define ROW(name)                                                                                                      \
	static int row_##name(void);                                                                                   \
	int name(void);                                                                                                \
	EXPORT_SYMBOL(name);                                                                                           \
	int name(void)                                                                                                 \
	{                                                                                                              \
		end_all();                                                                                             \
		memset(told, 0, sizeof(told));                                                                         \
		length = 0;                                                                                            \
		return row_##name();                                                                                   \
	}                                                                                                              \
	static int row_##name(void)
#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			return __LINE__;                                                                               \
		}                                                                                                      \
	} while (0)
/* The log since the last time. */
#define SAID(text) CHECK(said(text))

#ifndef THREADS
#define THREADS 4
#endif
#define STACK_SIZE 1024

K_THREAD_STACK_ARRAY_DEFINE(stacks, THREADS, STACK_SIZE);
static __unused struct k_thread threads[THREADS];
static char told[64];
static unsigned int length;

static __unused void say(char letter)
{
	if (length < sizeof(told) - 1) {
		told[length++] = letter;
	}
}

static __unused bool said(const char *text)
{
	const bool same = strcmp(told, text) == 0;

	if (!same) {
		printk("said \"%s\", not \"%s\"\n", told, text);
	}
	memset(told, 0, sizeof(told));
	length = 0;
	return same;
}

#define P(x) ((void *)(uintptr_t)(x))
#define N(p) ((int)(uintptr_t)(p))

static inline k_tid_t start(int index, k_thread_entry_t entry, int p1, int priority)
{
	return k_thread_create(&threads[index], stacks[index], STACK_SIZE, entry, P(p1), P(index), NULL, priority, 0, K_NO_WAIT);
}

static inline k_tid_t later(int index, k_thread_entry_t entry, int p1, int priority, k_timeout_t delay)
{
	return k_thread_create(&threads[index], stacks[index], STACK_SIZE, entry, P(p1), P(index), NULL, priority, 0, delay);
}

/* Every thread must have been made once. */
static inline void join_all(void)
{
	for (int i = 0; i < THREADS; i++) {
		(void)k_thread_join(&threads[i], K_FOREVER);
	}
}

static inline void end_all(void)
{
	for (int i = 0; i < THREADS; i++) {
		k_thread_abort(&threads[i]);
	}
}
