/* A call of a Thumb function without its bit 0
 *
 * Bit 0 of a code address says Thumb, the only state of a Cortex-M. Tables made by hand like to lose it.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int answer(void)
{
	return 42;
}

int go(void)
{
	int (*volatile function)(void) = (int (*)(void))((unsigned long)answer & ~1ul);

	return function() + 1;
}
EXPORT_SYMBOL(go);
