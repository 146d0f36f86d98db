/* k_panic
 *
 * The extension gives up by itself.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static void give_up(void)
{
	k_panic();
}

int go(void)
{
	give_up();
	return 0;
}
EXPORT_SYMBOL(go);
