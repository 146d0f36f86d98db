/* A store through NULL
 *
 * The pointer was never set. The zero page belongs to nobody.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static volatile int *settings;

int go(void)
{
	*settings = 1;
	return 0;
}
EXPORT_SYMBOL(go);
