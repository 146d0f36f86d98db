/* A loop that does not end
 *
 * After the time-out the report says where it was.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static volatile int ready;

int go(void)
{
	while (!ready) {
	}
	return 0;
}
EXPORT_SYMBOL(go);
