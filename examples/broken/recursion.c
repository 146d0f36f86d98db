/* Recursion without end
 *
 * The stack overflows; the report folds the calls that are the same.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int depth;

int go(void)
{
	volatile int room[8];

	depth++;
	room[depth & 7] = depth;
	return go() + room[0];
}
EXPORT_SYMBOL(go);
