/* A call through a pointer that was overwritten
 *
 * Somebody wrote text over a function pointer. The address is in no memory.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static char name[4] = "abc";
static int (*volatile handler)(void) = (int (*)(void))0x64636261;

int go(void)
{
	return handler() + name[0];
}
EXPORT_SYMBOL(go);
