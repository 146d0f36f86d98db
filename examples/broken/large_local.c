/* A local array larger than the stack
 *
 * The first touch lies far below the stack, where a guard of one granule would not be.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

int go(void)
{
	volatile char scratch[40 * 1024];

	scratch[0] = 1;
	return scratch[0];
}
EXPORT_SYMBOL(go);
