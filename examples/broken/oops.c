/* k_oops
 *
 * The same for one thread.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

int go(void)
{
	k_oops();
	return 0;
}
EXPORT_SYMBOL(go);
