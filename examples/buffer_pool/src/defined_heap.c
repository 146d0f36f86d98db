/* SPDX-License-Identifier: Apache-2.0
 *
 * The same pool by K_HEAP_DEFINE. The macro puts the heap's memory into a NOBITS section of its own, beside .bss with "taken".
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

K_HEAP_DEFINE(pool, 1024);
static unsigned int taken;

void begin(void)
{
	/* Firmware's own heaps are made ready at boot; nobody does that for an extension's. */
	k_heap_init(&pool, pool.heap.init_mem, pool.heap.init_bytes);
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
