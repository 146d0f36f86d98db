/* A free of what was never allocated
 *
 * The heap of the firmware looks before it frees.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int table[4];

int go(void)
{
	k_free(&table[2]);
	return 0;
}
EXPORT_SYMBOL(go);
