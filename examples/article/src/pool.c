/* SPDX-License-Identifier: Apache-2.0
 *
 * A heap inside an extension: its memory is the extension's own.
 */
#include <zephyr/llext/symbol.h>
#include <zephyr/kernel.h>

static uint8_t ext_heap_buf[1024];
static struct k_heap ext_heap;

void use_pool(void)
{
	k_heap_init(&ext_heap, ext_heap_buf, 1024);

	int *ptr2 = k_heap_alloc(&ext_heap, 128, K_NO_WAIT);

	printk("128 bytes %s the extension's own heap\n",
	       (uint8_t *)ptr2 > ext_heap_buf && (uint8_t *)ptr2 < ext_heap_buf + 1024 ? "from" : "not from");
	k_heap_free(&ext_heap, ptr2);
}
EXPORT_SYMBOL(use_pool);
