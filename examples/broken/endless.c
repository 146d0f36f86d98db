/* A loop that does not end
 *
 * After the time-out the report says where it was.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static void wait_for_it(void)
{
	for (;;) {
	}
}

int go(void)
{
	wait_for_it();
	return 0;
}
EXPORT_SYMBOL(go);
