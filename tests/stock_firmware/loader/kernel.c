/* Calls that want a running kernel: each of them waits for ever, so that a test which runs one does not end. */
#include "stand_in.h"

#define HANGS                                                                                                                  \
	{                                                                                                                      \
		for (;;) {                                                                                                     \
			__asm__ volatile("" ::: "memory");                                                                     \
		}                                                                                                              \
	}

int z_impl_k_mutex_lock(void *mutex, uint32_t ticks_low, uint32_t ticks_high) HANGS
int z_impl_k_mutex_unlock(void *mutex) HANGS
int z_unpend_all(void *queue) HANGS
void z_reschedule(void *lock, uint32_t key) HANGS
void z_impl_z_log_msg_static_create(const void *source, uint32_t level, const uint8_t *package, const void *data) HANGS
void z_log_minimal_printk(const char *format, ...) HANGS
void printk(const char *format, ...) HANGS
void log_flush(void) HANGS
int sys_cache_data_flush_range(void *at, size_t size) HANGS
int sys_cache_instr_invd_range(void *at, size_t size) HANGS

void *memcpy(void *to, const void *from, size_t size)
{
	for (size_t at = 0; at < size; at++) {
		((volatile uint8_t *)to)[at] = ((const uint8_t *)from)[at];
	}
	return to;
}

void memset(void *to, int byte, size_t size)
{
	for (size_t at = 0; at < size; at++) {
		((volatile uint8_t *)to)[at] = (uint8_t)byte;
	}
}

int compare(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++, other++;
	}
	return *one - *other;
}

/* Exports. */
int twice(int number) { return 2 * number; }
static volatile uint32_t *const uart = (uint32_t *)0x40004000;
void blink(int on) { *uart = (uint32_t)on; }

static const char name_printk[] = "printk", name_twice[] = "twice", name_blink[] = "blink", name_gone[] = "gone";
__attribute__((used, section("llext_const_symbol_area"))) static const struct llext_const_symbol exports[] = {
	{name_printk, printk}, {name_twice, twice}, {name_blink, blink}, {name_gone, NULL},
};

__attribute__((used)) static const char banner[] = "*** Booting Zephyr OS build v" VERSION " ***\n";

#define HEAP_MEMORY __attribute__((section("noinit.kheap"), aligned(8)))
HEAP_MEMORY uint8_t kheap_llext_heap[HEAP_BYTES];
__attribute__((section("k_heap_area"))) struct k_heap llext_heap = {{NULL, kheap_llext_heap, HEAP_BYTES}, NULL, NULL};
static volatile int counter = 7;
int counted(void) { return counter++; }
