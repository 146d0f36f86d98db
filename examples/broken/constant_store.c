/* A store to a constant
 *
 * A cast took the const away; the memory rights have not heard of it.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static const char greeting[] = "hello";

int go(void)
{
	char *text = (char *)greeting;

	((volatile char *)text)[0] = 'J';
	return 0;
}
EXPORT_SYMBOL(go);
