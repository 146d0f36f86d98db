/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool of buffers inside an extension: its memory is a static array, so it comes and goes with the extension.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static uint8_t memory[1024] __aligned(8);
static struct k_heap pool;
static unsigned int taken;

void begin(void)
{
	k_heap_init(&pool, memory, sizeof(memory));
}
EXPORT_SYMBOL(begin);

void *take(size_t bytes)
{
	void *buffer = k_heap_alloc(&pool, bytes, K_NO_WAIT);

	taken += buffer != NULL;
	return buffer;
}
EXPORT_SYMBOL(take);

void give(void *buffer)
{
	k_heap_free(&pool, buffer);
	taken--;
}
EXPORT_SYMBOL(give);

unsigned int in_use(void)
{
	return taken;
}
EXPORT_SYMBOL(in_use);
