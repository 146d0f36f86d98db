/* An assertion that does not hold
 *
 * Assertions are compiled in where CONFIG_ASSERT is 1.
 */
#define CONFIG_ASSERT 1
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int slots;

int go(void)
{
	__ASSERT(slots > 0, "no slot left of %d", 4);
	return slots;
}
EXPORT_SYMBOL(go);
